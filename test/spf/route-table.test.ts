import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import type { RouteOutput } from '../../src/spf/route.ts';
import type { Run } from '../../src/spf/route-table.ts';
import { routerPaths } from '../../src/spf/router-paths.ts';
import { formatAddress, parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { area, B, SmallArea } from './small-area.ts';

const P = '2001:db8:53::53/128';
const BACKBONE = area(0);

function pair(stopwatch?: () => number): SmallArea {
  const net = new SmallArea(1, stopwatch ? { stopwatch } : {});
  net.router(BACKBONE, 1, [{ to: 2, cost: 10 }]);
  net.router(BACKBONE, 2, [{ to: 1, cost: 10 }]);
  net.neighbor(2);
  return net;
}

/** Everything that comes out now. */
function drained(net: SmallArea): { routes: string[]; runs: Run[] } {
  const routes: string[] = [];
  const runs: Run[] = [];
  for (let out = net.table.poll(); out !== undefined; out = net.table.poll()) {
    if (out.kind === 'run') runs.push(out.run);
    else routes.push(told(out));
  }
  return { routes, runs };
}

const told = ({ change, route, previous }: RouteOutput): string =>
  `${change} ${route.key} ${previous ? `${previous.distance} -> ` : ''}${route.distance}`;

describe('when routes come out', () => {
  test('a change of the topology waits for the delay of RFC 8405', () => {
    const net = pair();
    net.prefix(BACKBONE, 2, P, 5);
    expect(drained(net).routes).toEqual([]);
    expect(net.table.deadlineMs()).toBe(50);
    net.table.handle({ kind: 'deadline', nowMs: 50 });
    expect(drained(net).routes).toEqual([`added ${P} 15`]);
  });

  test('a change of a prefix alone comes out in the same handle', () => {
    const net = pair();
    net.settle();
    net.prefix(BACKBONE, 2, P, 5);
    expect(drained(net).routes).toEqual([`added ${P} 15`]);
    net.prefix(BACKBONE, 2, P, 6);
    const { routes, runs } = drained(net);
    expect(routes).toEqual([`changed ${P} 15 -> 16`]);
    expect(runs).toMatchObject([{ kind: 'partial', vertices: 0, prefixes: 1, changes: 1 }]);
  });

  test('a prefix that is gone, by MaxAge or by removal, is gone at once', () => {
    const net = pair();
    net.settle();
    net.prefix(BACKBONE, 2, P, 5);
    drained(net);
    const identity = { lsType: LsType.IntraAreaPrefix, linkStateId: 0, advertisingRouter: 2 };
    const body = {
      kind: 'IntraAreaPrefix',
      referencedLsType: LsType.Router,
      referencedLinkStateId: 0,
      referencedAdvertisingRouter: 2,
      prefixes: [{ ...parsePrefix(P), metric: 5 }],
    } as const;
    const lsa = Lsa.originate(identity, 2, body, 3600);
    net.tell(BACKBONE, lsa, 'installed');
    expect(drained(net).routes).toEqual([`removed ${P} 15`]);
    net.tell(BACKBONE, lsa, 'removed');
    expect(drained(net).routes).toEqual([]);
  });

  test('a change of a costlier originator is told too, for policies that use it', () => {
    const net = pair();
    net.router(BACKBONE, 1, [
      { to: 2, cost: 10 },
      { to: 3, cost: 20 },
    ]);
    net.router(BACKBONE, 3, [{ to: 1, cost: 20 }]);
    net.neighbor(3);
    net.prefix(BACKBONE, 2, P, 5);
    net.prefix(BACKBONE, 3, P, 5);
    net.settle();
    drained(net);
    net.prefix(BACKBONE, 3, P, 6);
    expect(drained(net).routes).toEqual([`changed ${P} 15 -> 15`]);
  });

  test('a neighbor with another address is another next hop', () => {
    const net = pair();
    net.prefix(BACKBONE, 2, P, 5);
    net.settle();
    net.install({ kind: 'link', interfaceId: 2 }, LsType.Link, 1, 2, {
      kind: 'Link',
      routerPriority: 1,
      options: 0,
      linkLocalAddress: parseAddress('fe80::bad:cafe'),
      prefixes: [],
    });
    net.settle();
    const [hop] = net.table.route(P)!.nextHops;
    expect(formatAddress(hop!.address!)).toBe('fe80::bad:cafe');
  });

  test('several runs before anything is taken out tell each route once', () => {
    const net = pair();
    net.settle();
    net.prefix(BACKBONE, 2, P, 5);
    drained(net);
    net.prefix(BACKBONE, 2, P, 6);
    net.prefix(BACKBONE, 2, P, 7);
    expect(drained(net).routes).toEqual([`changed ${P} 15 -> 17`]);
  });

  test('the same said again changes nothing', () => {
    const net = pair();
    net.prefix(BACKBONE, 2, P, 5);
    net.settle();
    drained(net);
    net.prefix(BACKBONE, 2, P, 5);
    expect(drained(net).routes).toEqual([]);
  });
});

describe('the log of runs', () => {
  test('says what made a run necessary, of which kind it was, and keeps the last 32', () => {
    const net = pair();
    net.settle();
    expect(net.table.runs()).toMatchObject([{ kind: 'full', triggerCount: 3 }]);
    expect(net.table.runs()[0]?.triggers.map(({ lsType }) => lsType)).toEqual([
      LsType.Router,
      LsType.Router,
      LsType.Link,
    ]);
    net.router(BACKBONE, 2, [{ to: 1, cost: 11 }]);
    net.settle();
    expect(net.table.runs().at(-1)).toMatchObject({ kind: 'incremental', triggerCount: 1 });
    for (let i = 0; i < 40; i++) net.prefix(BACKBONE, 2, P, i);
    expect(net.table.runs()).toHaveLength(32);
  });

  test('says why a run is a full one', () => {
    const net = pair();
    net.settle();
    net.router(BACKBONE, 2, [{ to: 1, cost: 11 }]);
    net.settle();
    net.prefix(BACKBONE, 2, P, 5);
    net.router(BACKBONE, 2, [{ to: 1, cost: 0 }]);
    net.settle();
    net.router(BACKBONE, 2, [{ to: 1, cost: 1 }]);
    net.router(area(7), 1, [{ to: 3, cost: 1 }]);
    net.settle();
    for (let id = 10; id < 110; id++) {
      net.router(BACKBONE, id, [{ to: id + 1, cost: 1 }]);
      net.router(BACKBONE, id + 1, [{ to: id, cost: 1 }]);
    }
    net.settle();
    expect(net.table.runs().map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
      'full: first',
      'incremental: topology',
      'partial: prefixes',
      'full: linksOfNoCost',
      'full: ownPlace',
      'full: manyChanges',
    ]);
  });

  test('says how long runs took by the stopwatch given, and nothing without one', () => {
    const without = pair();
    without.settle();
    expect(without.table.runs()[0]?.durationMs).toBeUndefined();
    let readMs = 100;
    const net = pair(() => {
      readMs += 7;
      return readMs;
    });
    net.settle();
    expect(net.table.runs()[0]?.durationMs).toBe(7);
  });
});

test('routers that were mentioned since the last run are not reached yet', () => {
  const net = pair();
  net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], B);
  net.settle();
  const before = routerPaths(net.table.calculation);
  expect(before.map(({ routerId, distance }) => `${routerId} ${distance}`)).toEqual(['2 10']);
  for (let id = 3; id < 200; id++) net.router(BACKBONE, id, [{ to: 2, cost: 1 }], B);
  expect(routerPaths(net.table.calculation)).toEqual(before);
});
