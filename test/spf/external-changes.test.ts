import { describe, expect, test } from '@jest/globals';
import type { LsaBody } from '../../src/lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER, LS_INFINITY } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterLinkType } from '../../src/lsa/router-lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { Prng } from '../../src/prng.ts';
import { Calculation } from '../../src/spf/calculation.ts';
import type { Route } from '../../src/spf/route.ts';
import type { Run } from '../../src/spf/route-table.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { area, B, E, SmallArea } from './small-area.ts';

const BACKBONE = area(0);
const NEIGHBORS = [2, 3, 4, 5];

/** Router 1 beside four boundary routers, each with a prefix; every one has said something outside. */
function star(): SmallArea {
  const net = new SmallArea(1);
  net.router(
    BACKBONE,
    1,
    NEIGHBORS.map((to) => ({ to, cost: 10 })),
  );
  for (const id of NEIGHBORS) {
    net.router(BACKBONE, id, [{ to: 1, cost: 10 }], E);
    net.neighbor(id);
    net.prefix(BACKBONE, id, `2001:db8:${id}::/48`, 1);
  }
  net.settle();
  for (const id of NEIGHBORS) net.external(id, `2001:db8:e:${id}::/64`, 5);
  runsOf(net);
  return net;
}

function runsOf(net: SmallArea): Run[] {
  const runs: Run[] = [];
  for (let out = net.table.poll(); out !== undefined; out = net.table.poll()) {
    if (out.kind === 'run') runs.push(out.run);
  }
  return runs;
}

describe('an external prefix changes (RFC 2328 16.4)', () => {
  test('of boundary routers that are known none is looked at', () => {
    const net = star();
    net.external(2, '2001:db8:e:2::/64', 6);
    expect(net.route('2001:db8:e:2::/64')).toBe('external-1 16 via fe80::2');
    expect(runsOf(net)).toMatchObject([{ kind: 'partial', vertices: 0, prefixes: 1, changes: 1 }]);
  });

  test('a boundary router is looked at when LSAs tell of it', () => {
    const net = star();
    net.external(9, '2001:db8:e:9::/64', 5);
    net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], B | E);
    net.settle();
    expect(net.route('2001:db8:e:9::/64')).toBeUndefined();
    runsOf(net);
    net.boundary(BACKBONE, 2, 9, 7);
    expect(net.route('2001:db8:e:9::/64')).toBe('external-1 22 via fe80::2');
    net.boundary(BACKBONE, 2, 9, LS_INFINITY);
    expect(net.route('2001:db8:e:9::/64')).toBeUndefined();
    expect(runsOf(net)).toMatchObject([{ vertices: 1 }, { vertices: 1 }]);
  });

  test('of forwarding addresses those alone are looked up that are new or that a change is around', () => {
    const net = star();
    for (const id of NEIGHBORS) {
      net.external(2, `2001:db8:f:${id}::/64`, 5, { forwarding: `2001:db8:${id}::1`, id });
    }
    expect(runsOf(net).map(({ vertices }) => vertices)).toEqual([1, 1, 1, 1]);
    net.external(2, '2001:db8:f:3::/64', 6, { forwarding: '2001:db8:3::1', id: 3 });
    net.prefix(BACKBONE, 3, '2001:db8:3::/48', 2);
    expect(runsOf(net).map(({ vertices }) => vertices)).toEqual([0, 1]);
    expect(net.route('2001:db8:f:3::/64')).toBe('external-1 18 via fe80::3');
    // Every address lies in it.
    net.prefix(BACKBONE, 5, '::/0', 1, 0, 1);
    expect(runsOf(net).map(({ vertices }) => vertices)).toEqual([4]);
  });
});

/** LSAs of routers 1..5 that come, change and go at random, with forwarding addresses. */
class RandomOutside {
  readonly #prng: Prng;
  readonly lsas = new Map<string, { readonly scope: LsdbScope; readonly lsa: Lsa }>();

  constructor(seed: number) {
    this.#prng = new Prng(seed);
    this.#router(1, [2, 3, 4]);
    for (const id of [2, 3, 4]) this.#router(id, [1, 5]);
    this.#router(5, [2, 3, 4]);
    for (const id of [2, 3, 4]) {
      this.#put({ kind: 'link', interfaceId: id }, LsType.Link, 1, id, {
        kind: 'Link',
        routerPriority: 1,
        options: 0,
        linkLocalAddress: parseAddress(`fe80::${id}`),
        prefixes: [],
      });
    }
    for (let i = 0; i < 40; i++) this.changePrefix();
  }

  /** A router's costs or what it is, of 2..5. */
  changeRouter(): void {
    const id = 2 + this.#prng.below(4);
    this.#router(id, id === 5 ? [2, 3, 4] : [1, 5]);
  }

  changePrefix(): void {
    const prng = this.#prng;
    const by = 2 + prng.below(4);
    const linkStateId = 1 + prng.below(4);
    const prefix = parsePrefix(this.#around());
    const metric = 1 + prng.below(4);
    switch (prng.below(8)) {
      case 0:
      case 1:
      case 2:
        this.#put(BACKBONE, LsType.IntraAreaPrefix, linkStateId, by, {
          kind: 'IntraAreaPrefix',
          referencedLsType: LsType.Router,
          referencedLinkStateId: 0,
          referencedAdvertisingRouter: by,
          prefixes: [{ ...prefix, metric }],
        });
        return;
      case 3:
        this.#put(BACKBONE, LsType.InterAreaPrefix, linkStateId, by, {
          kind: 'InterAreaPrefix',
          metric,
          prefix,
        });
        return;
      case 4:
        this.#put(BACKBONE, LsType.InterAreaRouter, linkStateId, by, {
          kind: 'InterAreaRouter',
          options: 0,
          metric,
          destinationRouterId: 5 + linkStateId,
        });
        return;
      case 5: {
        const gone = [...this.lsas].filter(([, { lsa }]) => lsa.header.lsType > LsType.Network);
        const outside = gone.filter(([, { scope }]) => scope.kind !== 'link');
        const one = outside[prng.below(Math.max(1, outside.length))];
        if (one !== undefined) this.lsas.delete(one[0]);
        return;
      }
      default: {
        const forwards = prng.below(3) > 0;
        const host = parseAddress(this.#around().replace(/\/.*/, '7'));
        this.#put({ kind: 'as' }, LsType.AsExternal, linkStateId, 2 + prng.below(7), {
          kind: 'AsExternal',
          flags: 0,
          metric,
          prefix: parsePrefix(`2001:db8:e:${prng.below(6)}::/64`),
          referencedLsType: 0,
          ...(forwards && { forwardingAddress: host }),
        });
      }
    }
  }

  /** One of a few prefixes that lie in each other, and some that the externals have, too. */
  #around(): string {
    const one = this.#prng.below(3);
    const prefixes = ['::/0', '2001:db8::/32', `2001:db8:${one}::/48`, `2001:db8:${one}:1::/64`];
    return [...prefixes, `2001:db8:e:${one}::/64`][this.#prng.below(5)]!;
  }

  #router(by: number, to: readonly number[]): void {
    const link = (other: number) => ({
      type: RouterLinkType.PointToPoint,
      metric: 1 + this.#prng.below(4),
      interfaceId: other,
      neighborInterfaceId: by,
      neighborRouterId: other,
    });
    const flags = (this.#prng.below(2) && B) | (this.#prng.below(2) && E);
    const options = Option.V6 | Option.R;
    this.#put(BACKBONE, LsType.Router, 0, by, {
      kind: 'Router',
      flags,
      options,
      links: to.map(link),
    });
  }

  #put(scope: LsdbScope, lsType: number, linkStateId: number, by: number, body: LsaBody): void {
    const identity = { lsType, linkStateId, advertisingRouter: by };
    const lsa = Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
    this.lsas.set(`${lsType} ${linkStateId} ${by}`, { scope, lsa });
  }
}

function routesOf({ routes }: Calculation): Record<string, Route> {
  const all: Record<string, Route> = {};
  for (const prefix of routes.prefixes()) {
    const route = routes.route(prefix, routes.chosen(prefix)!, 64);
    all[route.key] = { ...route, candidates: [] };
  }
  return all;
}

test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
  'runs over prefixes with forwarding addresses give what a full run gives, %i',
  (seed) => {
    const outside = new RandomOutside(seed);
    const kept = new Calculation(1);
    let before = new Map(outside.lsas);
    const feed = (): void => {
      for (const [key, { scope, lsa }] of before) {
        if (!outside.lsas.has(key)) kept.change(scope, lsa, false);
      }
      for (const [key, one] of outside.lsas) {
        if (before.get(key) !== one) kept.change(one.scope, one.lsa, true);
      }
      before = new Map(outside.lsas);
    };
    for (const { scope, lsa } of before.values()) kept.change(scope, lsa, true);
    kept.runFull();
    const types = new Set<string>();
    for (let i = 0; i < 60; i++) {
      kept.routes.takeChanges();
      if (i % 5 === 4) {
        outside.changeRouter();
        feed();
        kept.runIncremental();
      } else {
        outside.changePrefix();
        feed();
        kept.runPrefixes();
      }
      const anew = new Calculation(1);
      for (const { scope, lsa } of outside.lsas.values()) anew.change(scope, lsa, true);
      anew.runFull();
      const routes = routesOf(kept);
      expect(routes).toEqual(routesOf(anew));
      for (const { pathType } of Object.values(routes)) types.add(pathType);
    }
    expect([...types].sort()).toEqual(expect.arrayContaining(['external-1', 'intra-area']));
  },
);
