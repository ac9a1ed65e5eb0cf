import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Prng } from '../../src/prng.ts';
import { Calculation } from '../../src/spf/calculation.ts';
import type { Route } from '../../src/spf/route.ts';
import { formatAddress } from '../../src/wire/address.ts';
import { naiveRoutes, type PlainRoute, type ScopedLsa } from './naive-routes.ts';
import { RandomNetwork } from './random-network.ts';

const MAXIMUM_PATHS = 64;
const CHANGES = 20;

const hop = ({ interfaceId, address }: { interfaceId: number; address: Uint8Array | undefined }) =>
  `${interfaceId} ${address ? formatAddress(address) : '-'}`;

function plain({ pathType, distance, type2Metric, nextHops, candidates }: Route): PlainRoute {
  return {
    pathType,
    distance,
    type2Metric,
    nextHops: nextHops
      .map((to) => `${hop(to)} by ${to.originators.join(' ')}`)
      .sort()
      .join('; '),
    candidates: candidates
      .map((to) => `${to.originator} ${to.distance} ${to.nextHops.map(hop).sort()}`)
      .sort()
      .join('; '),
  };
}

function routesOf({ routes }: Calculation): Record<string, PlainRoute> {
  const all: Record<string, PlainRoute> = {};
  for (const prefix of routes.prefixes()) {
    const route = routes.route(prefix, routes.chosen(prefix)!, MAXIMUM_PATHS);
    all[route.key] = plain(route);
  }
  return all;
}

/** Tells a calculation what is different between two databases. */
function feed(
  calculation: Calculation,
  before: ReadonlyMap<string, ScopedLsa>,
  after: ReadonlyMap<string, ScopedLsa>,
): void {
  for (const [key, { scope, lsa }] of before) {
    if (!after.has(key)) calculation.change(scope, lsa, false);
  }
  for (const [key, { scope, lsa }] of after) {
    const last = before.get(key)?.lsa.octets;
    if (last === undefined || Buffer.compare(last, lsa.octets) !== 0) {
      calculation.change(scope, lsa, true);
    }
  }
}

function full(database: ReadonlyMap<string, ScopedLsa>): Calculation {
  const calculation = new Calculation(1);
  feed(calculation, new Map(), database);
  calculation.runFull();
  return calculation;
}

const seeds = (count: number, from: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

describe('the calculation beside its naive twin (RFC 5340 4.8, Bellman–Ford)', () => {
  test.each(seeds(20, 1))('full run, random network %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 2 + prng.below(9));
    for (let i = 0; i < 4; i++) {
      const database = network.lsas();
      const expected = Object.fromEntries(naiveRoutes(1, [...database.values()]));
      expect(routesOf(full(database))).toEqual(expected);
      network.mutate();
    }
  });

  test.each(seeds(8, 500))('full run with links of no cost, random network %i', (seed) => {
    const prng = new Prng(seed);
    const database = new RandomNetwork(prng, 2 + prng.below(9), 0).lsas();
    const expected = Object.fromEntries(naiveRoutes(1, [...database.values()]));
    expect(routesOf(full(database))).toEqual(expected);
  });
});

describe('a router with more ways off it than a word has bits', () => {
  test.each(seeds(6, 600))('full run, random network %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 4 + prng.below(9));
    network.widen(60);
    for (let i = 0; i < 3; i++) {
      const database = network.lsas();
      const expected = Object.fromEntries(naiveRoutes(1, [...database.values()]));
      expect(routesOf(full(database))).toEqual(expected);
      network.mutate();
    }
  });
});

describe('with virtual links and transit areas (RFC 2328 16.3)', () => {
  test.each(seeds(16, 700))('full run, random network %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 4 + prng.below(7));
    network.addVirtualLinks(1 + prng.below(3));
    for (let i = 0; i < 4; i++) {
      const database = network.lsas();
      const expected = Object.fromEntries(naiveRoutes(1, [...database.values()]));
      expect(routesOf(full(database))).toEqual(expected);
      network.mutate();
    }
  });

  test.each(seeds(12, 1700))('an incremental run gives what a full run gives, %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 4 + prng.below(20));
    network.addVirtualLinks(1 + prng.below(4));
    let database = network.lsas();
    const kept = full(database);
    for (let i = 0; i < CHANGES; i++) {
      if (prng.below(4) === 0) network.toggleVirtualEnd();
      else network.mutate();
      const next = network.lsas();
      feed(kept, database, next);
      database = next;
      kept.runIncremental();
      expect(routesOf(kept)).toEqual(routesOf(full(database)));
    }
  });
});

/** A database without networks, all of whose links cost the same but for those of one router. */
function evened(
  database: ReadonlyMap<string, ScopedLsa>,
  dearRouter: number,
): Map<string, ScopedLsa> {
  const even = new Map<string, ScopedLsa>();
  for (const [key, { scope, lsa }] of database) {
    const { header, body } = lsa;
    if (header.lsType === LsType.Network) continue;
    if (body.kind !== 'Router') {
      even.set(key, { scope, lsa });
      continue;
    }
    const metric = header.advertisingRouter === dearRouter ? 11 : 10;
    const links = body.links.map((link) => ({ ...link, metric }));
    const { sequenceNumber } = header;
    even.set(key, { scope, lsa: Lsa.originate(header, sequenceNumber, { ...body, links }) });
  }
  return even;
}

describe('where all links cost the same, and where one router differs for a while', () => {
  test.each(seeds(16, 4000))('full runs on a graph that is kept, random network %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 3 + prng.below(12));
    if (seed % 4 === 0) network.widen(60);
    let database = evened(network.lsas(), 0);
    const kept = full(database);
    const evenness = new Set<boolean>();
    for (let i = 0; i < CHANGES; i++) {
      network.mutate();
      const next = evened(network.lsas(), prng.below(2) * (1 + prng.below(3)));
      feed(kept, database, next);
      database = next;
      if (prng.below(4) === 0) kept.runIncremental();
      kept.runFull();
      evenness.add(kept.graph.even);
      const expected = Object.fromEntries(naiveRoutes(1, [...database.values()]));
      expect(routesOf(kept)).toEqual(expected);
    }
    expect(evenness).toEqual(new Set([true, false]));
  });
});

test('a large random network has a route to every prefix that the twin has one to', () => {
  const database = new RandomNetwork(new Prng(77), 40).lsas();
  const expected = Object.fromEntries(naiveRoutes(1, [...database.values()]));
  expect(Object.keys(expected).length).toBeGreaterThan(30);
  expect(routesOf(full(database))).toEqual(expected);
});

describe('after any sequence of changes', () => {
  test.each(seeds(16, 1000))('an incremental run gives what a full run gives, %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 4 + prng.below(30));
    let database = network.lsas();
    const kept = full(database);
    const kinds = new Set<string>();
    for (let i = 0; i < CHANGES; i++) {
      for (let n = 0; n < 1 + prng.below(3); n++) network.mutate();
      const next = network.lsas();
      feed(kept, database, next);
      database = next;
      kinds.add(kept.runIncremental().kind);
      expect(routesOf(kept)).toEqual(routesOf(full(database)));
    }
    expect(kinds).toContain('incremental');
  });

  test.each(seeds(24, 1500))(
    'a full run repeated gives what the first on a new graph gives, %i',
    (seed) => {
      const prng = new Prng(seed);
      const network = new RandomNetwork(prng, 4 + prng.below(20));
      if (seed % 2 === 0) network.widen(40);
      if (seed % 4 < 2) network.addVirtualLinks(1 + prng.below(3));
      let database = network.lsas();
      const kept = full(database);
      for (let i = 0; i < CHANGES; i++) {
        network.mutate();
        const next = network.lsas();
        feed(kept, database, next);
        database = next;
        // What runs of the other kinds have changed since, a full run must not take for its own.
        if (prng.below(3) === 0) kept.runIncremental();
        if (prng.below(3) === 0) kept.runPrefixes();
        kept.runFull();
        expect(routesOf(kept)).toEqual(routesOf(full(database)));
      }
    },
  );

  test.each(seeds(6, 2000))('a run over prefixes alone gives what a full run gives, %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 4 + prng.below(20));
    let database = network.lsas();
    const kept = full(database);
    for (let i = 0; i < CHANGES; i++) {
      network.mutatePrefix();
      const next = network.lsas();
      feed(kept, database, next);
      database = next;
      kept.runPrefixes();
      expect(routesOf(kept)).toEqual(routesOf(full(database)));
    }
  });

  test.each(seeds(6, 3000))('the changes reported lead from one table to the next, %i', (seed) => {
    const prng = new Prng(seed);
    const network = new RandomNetwork(prng, 4 + prng.below(20));
    let database = network.lsas();
    const kept = full(database);
    const followed = new Map<string, PlainRoute>();
    for (let i = 0; i < CHANGES; i++) {
      for (const { prefix, before } of kept.routes.takeChanges()) {
        const key = kept.routes.key(prefix);
        const was = before && plain(kept.routes.route(prefix, before, MAXIMUM_PATHS));
        expect(followed.get(key)).toEqual(was);
        const chosen = kept.routes.chosen(prefix);
        if (chosen === undefined) followed.delete(key);
        else followed.set(key, plain(kept.routes.route(prefix, chosen, MAXIMUM_PATHS)));
      }
      expect(Object.fromEntries(followed)).toEqual(routesOf(kept));
      network.mutate();
      const next = network.lsas();
      feed(kept, database, next);
      database = next;
      kept.runIncremental();
    }
  });
});
