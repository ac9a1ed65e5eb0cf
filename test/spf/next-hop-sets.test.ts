import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Prng } from '../../src/prng.ts';
import { RouteTable } from '../../src/spf/route-table.ts';
import { formatAddress, parseAddress } from '../../src/wire/address.ts';
import type { ScopedLsa } from './naive-routes.ts';
import { RandomNetwork } from './random-network.ts';
import { area, SmallArea } from './small-area.ts';

const P = '2001:db8:53::53/128';
const BACKBONE = area(0);

/** Tells a table what is different between two databases; everything that comes out is taken. */
function feed(
  table: RouteTable,
  nowMs: number,
  before: ReadonlyMap<string, ScopedLsa>,
  after: ReadonlyMap<string, ScopedLsa>,
): void {
  const tell = (change: 'installed' | 'removed', { scope, lsa }: ScopedLsa): void => {
    table.handle({ kind: 'lsa', nowMs, scope, change, lsa, contentsChanged: true });
    while (table.poll() !== undefined);
  };
  for (const [key, gone] of before) if (!after.has(key)) tell('removed', gone);
  for (const [key, said] of after) {
    const last = before.get(key)?.lsa.octets;
    if (last === undefined || Buffer.compare(last, said.lsa.octets) !== 0) tell('installed', said);
  }
}

describe('sets of next hops that nobody uses any more', () => {
  test('are forgotten when a neighbor changes its address again and again', () => {
    const net = new SmallArea(1);
    net.router(BACKBONE, 1, [{ to: 2, cost: 10 }]);
    net.router(BACKBONE, 2, [{ to: 1, cost: 10 }]);
    net.prefix(BACKBONE, 2, P, 5);
    let most = 0;
    for (let i = 1; i <= 3000; i++) {
      net.install({ kind: 'link', interfaceId: 2 }, LsType.Link, 1, 2, {
        kind: 'Link',
        routerPriority: 1,
        options: 0,
        linkLocalAddress: parseAddress(`fe80::${i.toString(16)}`),
        prefixes: [],
      });
      net.settle();
      while (net.table.poll() !== undefined);
      most = Math.max(most, net.table.calculation.sets.size);
      const [hop] = net.table.route(P)!.nextHops;
      expect(formatAddress(hop!.address!)).toBe(`fe80::${i.toString(16)}`);
    }
    expect(most).toBeLessThan(1100);
  });

  test('leave the routes as they are, however often others take their numbers', () => {
    const prng = new Prng(4242);
    const network = new RandomNetwork(prng, 12);
    network.widen(40);
    const table = new RouteTable({ routerId: 1 });
    let database = network.lsas();
    let nowMs = 0;
    feed(table, nowMs, new Map(), database);
    let forgotten = 0;
    for (let i = 0; i < 200; i++) {
      network.mutate();
      const next = network.lsas();
      nowMs += 20_000;
      feed(table, nowMs, database, next);
      database = next;
      nowMs += 20_000;
      table.handle({ kind: 'deadline', nowMs });
      while (table.poll() !== undefined);
      const before = table.calculation.sets.size;
      table.calculation.forgetUnused();
      if (table.calculation.sets.size < before) forgotten++;
      if (i % 10 !== 0) continue;
      const fresh = new RouteTable({ routerId: 1 });
      feed(fresh, 0, new Map(), database);
      fresh.handle({ kind: 'deadline', nowMs: 20_000 });
      const byKey = (table: RouteTable) => new Map([...table.routes()].map((r) => [r.key, r]));
      expect(byKey(table)).toEqual(byKey(fresh));
    }
    expect(forgotten).toBeGreaterThan(20);
  });
});
