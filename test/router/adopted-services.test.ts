/**
 * A router starts again over the forwarding of the run before: flows keep their servers until the
 * databases have settled, and no server that is lost is held for it.
 */
import { describe, expect, test } from '@jest/globals';
import {
  AdoptedServices,
  type AdoptionTimes,
  adoptionTimes,
} from '../../src/router/adopted-services.ts';
import type { RouterOutput } from '../../src/router/router.ts';
import { nextHopKey } from '../../src/router/service-members.ts';
import { ServiceSpreads } from '../../src/router/service-spreads.ts';
import { PERFECT, type SegmentFaults } from '../../src/sim/segment.ts';
import { SPF_DELAY_DEFAULTS } from '../../src/spf/delay.ts';
import type { Route } from '../../src/spf/route.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { farm, HOSTS, LOOPBACK, SERVICE } from './host-farm.ts';

const [FIRST, SECOND] = HOSTS;
const TIMES: AdoptionTimes = {
  discoveryMs: 4000,
  describedMs: 6000,
  calmMs: 1000,
  deadlineMs: 23_000,
};

/** A route of the service to these hosts, by number; each is its own originator. */
function route(...hosts: readonly number[]): Route {
  const candidates = hosts.map((originator) => {
    const address = parseAddress(`fe80::${originator}`);
    return { originator, distance: 20, nextHops: [{ interfaceId: 1, address }] };
  });
  const nextHops = candidates.flatMap((one) => one.nextHops);
  const prefix = parsePrefix(SERVICE);
  return { key: SERVICE, prefix, distance: 20, nextHops, candidates } as unknown as Route;
}

/** Services of which both hosts were adopted at 0 ms, and what is said of them. */
function adopted() {
  const services = new AdoptedServices(TIMES);
  services.adopt(new Map([[SERVICE, HOSTS.map((key) => [key])]]), 0);
  const said = (): string[] => {
    const all: string[] = [];
    for (let out = services.poll(); out !== undefined; out = services.poll()) {
      all.push(`${out.change}: ${out.nextHops.join()} (${out.reason})`);
    }
    return all;
  };
  return { services, said };
}

describe('what was adopted goes on until the databases have settled', () => {
  test('with a route to every next hop, and calm for MinLSArrival', () => {
    const { services, said } = adopted();
    services.route(SERVICE, route(1));
    services.settle(true, 4500);
    expect(services.deadlineMs()).toBe(5500);
    services.route(SERVICE, route(1, 2));
    services.settle(false, 5000);
    services.settle(true, 5200);
    expect(services.deadlineMs()).toBe(6200);
    services.settle(true, 6199);
    expect(said()).toEqual([]);
    services.settle(true, 6200);
    expect(said()).toEqual([`released: ${HOSTS.join()} (all next hops are known)`]);
    expect(services.deadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('a route that changes begins the calm anew', () => {
    const { services, said } = adopted();
    services.adjacent(SECOND, { routerId: 2, host: true }, 4400);
    services.route(SERVICE, route(1, 2));
    services.settle(true, 4500);
    services.route(SERVICE, route(2));
    services.settle(true, 5400);
    services.settle(true, 6400);
    services.route(SERVICE, route(1, 2));
    services.settle(true, 6500);
    services.settle(true, 7400);
    expect(said()).toEqual([]);
    services.settle(true, 7500);
    expect(said()).toHaveLength(1);
  });

  test('without a route to some, when neighbors could be heard and could describe the adjacency', () => {
    const { services, said } = adopted();
    services.adjacent(FIRST, { routerId: 1, host: true }, 4100);
    services.announcedBy(SERVICE, new Set([1]));
    services.route(SERVICE, route(1));
    services.settle(true, 4500);
    services.settle(true, 10_099);
    expect(said()).toEqual([]);
    expect(services.deadlineMs()).toBe(10_100);
    services.settle(true, 10_100);
    expect(said()).toEqual([`released: ${HOSTS.join()} (the others had their time)`]);
  });

  test('for the deadline at most, whatever the databases do', () => {
    const { services, said } = adopted();
    services.route(SERVICE, route(1));
    services.settle(false, 22_999);
    expect(said()).toEqual([]);
    services.settle(false, 23_000);
    expect(said()).toEqual([`released: ${HOSTS.join()} (time is up)`]);
  });

  test('for the deadline when nobody announces the service: all its servers may be starting', () => {
    const { services, said } = adopted();
    for (let atMs = 0; atMs < 23_000; atMs += 500) services.settle(true, atMs);
    expect(said()).toEqual([]);
    services.settle(true, 23_000);
    expect(said()).toHaveLength(1);
  });

  test('the times follow from RouterDeadInterval, MinLSInterval and MinLSArrival', () => {
    const one = { routerDeadIntervalS: 4 };
    const config = { interfaces: [one, { routerDeadIntervalS: 40 }] };
    expect(adoptionTimes(config as never)).toEqual({
      discoveryMs: 40_000,
      describedMs: 6000,
      calmMs: 1000,
      deadlineMs: 95_000,
    });
  });
});

describe('a next hop that is positively lost is not held', () => {
  test('its neighbor entry failed or its neighbor is down: at once, in every service', () => {
    const { services, said } = adopted();
    services.lost(FIRST, 'its neighbor entry failed');
    expect(said()).toEqual([`reduced: ${SECOND} (its neighbor entry failed)`]);
    // What is left is enough for the release.
    services.route(SERVICE, route(2));
    services.settle(true, 4500);
    services.settle(true, 5500);
    expect(said()).toEqual([`released: ${SECOND} (all next hops are known)`]);
  });

  test('its server flushes the service', () => {
    const { services, said } = adopted();
    services.route(SERVICE, route(1, 2));
    services.announcedBy(SERVICE, new Set([1, 2]));
    services.announcedBy(SERVICE, new Set([2]));
    expect(said()).toEqual([`reduced: ${SECOND} (withdrawn)`]);
  });

  test('its server flushed the service while no router ran', () => {
    const { services, said } = adopted();
    services.adjacent(FIRST, { routerId: 1, host: true }, 4100);
    services.announcedBy(SERVICE, new Set([2]));
    expect(said()).toEqual([`reduced: ${SECOND} (withdrawn)`]);
  });

  test('but a server that only has no route yet is held, as is a router with others behind it', () => {
    const { services, said } = adopted();
    services.adjacent(FIRST, { routerId: 1, host: true }, 4100);
    services.adjacent(SECOND, { routerId: 7, host: false }, 4100);
    services.route(SERVICE, undefined);
    services.announcedBy(SERVICE, new Set([1, 8]));
    expect(said()).toEqual([]);
    // One of two servers behind a router withdraws: the other is still there.
    const behind = (originator: number) => ({
      originator,
      distance: 20,
      nextHops: [{ interfaceId: 1, address: parseAddress('fe80::2') }],
    });
    services.route(SERVICE, { ...route(1), candidates: [behind(8), behind(9)] } as never);
    services.announcedBy(SERVICE, new Set([1, 8, 9]));
    services.announcedBy(SERVICE, new Set([1, 9]));
    expect(said()).toEqual([]);
    services.announcedBy(SERVICE, new Set([1]));
    expect(said()).toEqual([`reduced: ${FIRST} (withdrawn)`]);
  });

  test('whose address is not known for sure: when all it may be are lost, or the one it is', () => {
    const others = [`1 fe80::a`, `1 fe80::b`];
    const either = [
      [FIRST, others[0]!],
      [SECOND, others[1]!],
    ];
    const services = new AdoptedServices(TIMES);
    services.adopt(new Map([[SERVICE, either]]), 0);
    services.lost(others[0]!, 'its neighbor entry failed');
    expect(services.poll()).toBeUndefined();
    services.lost(FIRST, 'its neighbor entry failed');
    expect(services.poll()).toMatchObject({ change: 'reduced', nextHops: either[1] });
    services.adjacent(SECOND, { routerId: 2, host: true }, 4100);
    services.lost(SECOND, 'its neighbor is down');
    services.settle(false, 5000);
    expect(services.poll()).toMatchObject({ change: 'released', nextHops: [] });
  });

  test('when all are lost, what is known takes over at once', () => {
    const { services, said } = adopted();
    services.lost(FIRST, 'its neighbor entry failed');
    services.lost(SECOND, 'its neighbor is down');
    services.settle(false, 100);
    expect(said().slice(1)).toEqual(['released:  (every next hop is lost)']);
  });
});

test('a server that was in use before the start is not eased in when its route comes second', () => {
  const load = { weight: 100, rampWindowS: 30 };
  const shares = (established: boolean): number[] => {
    const spreads = new ServiceSpreads({}, new Map(), () => established);
    for (const routerId of [1, 2]) spreads.report(SERVICE, routerId, load as never);
    spreads.route({ change: 'added', route: route(1) }, 5000);
    spreads.route({ change: 'changed', route: route(1, 2) }, 10_000);
    return spreads.summaries()[0]!.shares.map(({ wantedRatio }) => wantedRatio);
  };
  expect(shares(true)).toEqual([0.5, 0.5]);
  expect(shares(false)[1]).toBeLessThan(0.2);
});

/** The next hops that forwarding has after each output that changes them. */
function forwardingOf(found: readonly string[], said: readonly RouterOutput[]): string[][] {
  const all: string[][] = [[...found]];
  let held = true;
  let calculated: readonly string[] = [];
  for (const output of said) {
    if (output.kind === 'route' && output.route.key === SERVICE) {
      calculated = output.change === 'removed' ? [] : output.route.nextHops.map(nextHopKey);
    }
    if (output.kind === 'spread' && output.change.shares.length > 0) {
      calculated = output.change.shares.map(({ key }) => key);
    }
    if (output.kind === 'adopted' && output.change === 'released') held = false;
    if (output.kind === 'adopted' && output.change === 'reduced') all.push([...output.nextHops]);
    else if (!held) all.push([...calculated]);
  }
  return all;
}

/** Two servers are not heard at the very same moment. */
const LINK: SegmentFaults = { ...PERFECT, jitterMs: 5 };

test('a router that stops leaves its routes as they are while its farewell is flooded', () => {
  const { world, router, hosts, said } = farm();
  hosts[0]!.halt(); // it does not acknowledge the flush, which is waited for
  const before = said.length;
  router.input((nowMs) => ({ kind: 'stop', nowMs }));
  world.run(world.nowMs + 10_000);
  const kinds = said.slice(before).map((output) => output.kind);
  expect(kinds.filter((kind) => kind === 'route' || kind === 'run')).toEqual([]);
  expect(said.some((out) => out.kind === 'event' && out.event.name === 'stopped')).toBe(true);
});

describe('a router that is killed and started again', () => {
  /** Kills it so long after its last start. */
  const killedAfter = (ms: number) => {
    const made = farm({}, LINK);
    made.restart(HOSTS);
    made.world.run(made.world.nowMs + ms);
    made.restart(HOSTS);
    return made;
  };
  const moments = Array.from({ length: 29 }, (_, i) => i * 500);

  test.each(moments)(
    '%i ms after a start: moves no flow, and is settled before its deadline',
    (ms) => {
      const { world, said } = killedAfter(ms);
      world.run(world.nowMs + 22_900);
      const reasons = said.flatMap((output) => (output.kind === 'adopted' ? [output.reason] : []));
      expect(reasons).toEqual(['all next hops are known']);
      world.run(world.nowMs + 60_000);
      const forwarding = forwardingOf(HOSTS, said).map((hops) => [...hops].sort());
      for (const hops of forwarding) expect(hops).toEqual(HOSTS);
    },
  );

  test('would move flows in many of these moments, if it followed what it calculates at first', () => {
    const partial = moments.filter((ms) => {
      const { world, said } = killedAfter(ms);
      world.run(world.nowMs + 30_000);
      const first = said.find((output) => output.kind === 'route' && output.route.key === SERVICE);
      return first?.kind === 'route' && first.route.nextHops.length < HOSTS.length;
    });
    expect(partial.length).toBeGreaterThan(5);
  });

  test('lets go of a server that died meanwhile when it had its time', () => {
    const { world, hosts, restart, said } = farm({}, LINK);
    hosts[0]!.halt();
    restart(HOSTS);
    const startedMs = world.nowMs;
    while (!said.some(({ kind }) => kind === 'adopted')) world.run(world.nowMs + 10);
    expect(said.findLast(({ kind }) => kind === 'adopted')).toMatchObject({
      change: 'released',
      reason: 'the others had their time',
    });
    // RouterDeadInterval 4 s, and what the last neighbor needs to describe its adjacency.
    expect(world.nowMs - startedMs).toBeLessThan(12_000);
    expect(forwardingOf(HOSTS, said).at(-1)).toEqual([SECOND]);
  });

  test('lets go of a server that withdrew while no router ran, when it is Full', () => {
    const { world, router, hosts, restart, said } = farm({}, LINK);
    router.halt();
    hosts[0]!.input((nowMs) => ({ kind: 'interface', nowMs, interfaceId: LOOPBACK, up: false }));
    world.run(world.nowMs + 1000);
    restart(HOSTS);
    const full = (output: RouterOutput): boolean =>
      output.kind === 'event' &&
      output.event.name === 'neighborState' &&
      output.event.to === 'Full';
    while (said.filter(full).length < HOSTS.length) world.run(world.nowMs + 1);
    expect(said.filter(({ kind }) => kind === 'adopted')).toMatchObject([
      { change: 'reduced', nextHops: [SECOND], reason: 'withdrawn' },
    ]);
  });

  test('lets go of a server whose neighbor entry fails, at once', () => {
    const { world, restart, said } = farm({}, LINK);
    const router = restart(HOSTS);
    world.run(world.nowMs + 500);
    router.input((nowMs) => ({ kind: 'nextHopUsable', nowMs, key: FIRST, usable: false }));
    expect(forwardingOf(HOSTS, said).at(-1)).toEqual([SECOND]);
  });

  test.each([
    ['withdraws, at once', 'stop', 20, 'withdrawn'],
    ['dies, within RouterDeadInterval', 'halt', 4000, 'its neighbor is down'],
  ] as const)('lets go of a server that %s', (_, end, withinMs, reason) => {
    // A run that is waited for holds the release back.
    const delay = { ...SPF_DELAY_DEFAULTS, longSpfDelayMs: 5000 };
    const { world, hosts, restart, said } = farm({ delay }, LINK);
    restart(HOSTS);
    world.run(world.nowMs + 6500); // more than MinLSArrival after the servers' last LSAs
    expect(said.some(({ kind }) => kind === 'adopted')).toBe(false);
    if (end === 'halt') hosts[0]!.halt();
    else hosts[0]!.input((nowMs) => ({ kind: 'stop', nowMs }));
    world.run(world.nowMs + withinMs);
    expect(said.filter(({ kind }) => kind === 'adopted')).toMatchObject([
      { change: 'reduced', nextHops: [SECOND], reason },
    ]);
  });
});
