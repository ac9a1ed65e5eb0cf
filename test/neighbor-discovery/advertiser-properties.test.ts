import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NeighborAdvertiser } from '../../src/neighbor-discovery/advertiser.ts';
import type { AdvertiserInput } from '../../src/neighbor-discovery/advertiser-io.ts';
import { ADVERTISER_TABLE } from '../../src/neighbor-discovery/advertiser-table.ts';
import { ALL_NODES, solicitedNodeAddress } from '../../src/neighbor-discovery/constants.ts';
import { loadOption } from '../../src/neighbor-discovery/load-option.ts';
import { decodeMessage, encodeMessage } from '../../src/neighbor-discovery/message.ts';
import { Prng } from '../../src/prng.ts';
import { Farm, macOf, ROUTER, SERVICE } from './farm.ts';
import { sourceOf } from './router.ts';

describe('whatever the farm looks like', () => {
  test('each server holds the entry within a tenth of its share of half a minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 5 }),
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 6, maxLength: 6 }),
        fc.double({ min: 0.05, max: 5, noNaN: true }),
        (weights, startsAtMs, delayMs) => {
          const farm = new Farm();
          farm.segment.faults = { delayMs, jitterMs: delayMs, lossRatio: 0, duplicateRatio: 0 };
          const servers = weights.map((_, index) => farm.server(index + 1));
          servers.forEach((server, index) => {
            farm.world.at(startsAtMs[index]!, () => server.start(weights[index]));
          });
          farm.run(15_000);
          farm.shares();
          farm.run(30_000);
          const shares = farm.shares();
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          servers.forEach((server, index) => {
            const wanted = weights[index]! / total;
            expect(Math.abs((shares.get(server.mac) ?? 0) / wanted - 1)).toBeLessThan(0.1);
          });
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test('twenty servers that start at once are sorted out within two cycles', () => {
    const farm = new Farm();
    const servers = Array.from({ length: 20 }, (_, index) => farm.server(index + 1));
    for (const server of servers) server.start();
    farm.run(2_000);
    farm.shares();
    farm.run(60_000);
    for (const share of farm.shares().values())
      expect(Math.abs(share / 0.05 - 1)).toBeLessThan(0.1);
    expect(servers.every(({ advertiser }) => advertiser.peers().length === 19)).toBe(true);
  });
});

const SERVER = sourceOf(1);
const nearby = fc.integer({ min: 2, max: 5 });

const step: fc.Arbitrary<(nowMs: number) => AdvertiserInput> = fc.oneof(
  fc.boolean().map((serving) => (nowMs: number) => ({ kind: 'service' as const, nowMs, serving })),
  fc.boolean().map((up) => (nowMs: number) => ({ kind: 'interface' as const, nowMs, up })),
  fc.nat(3).map((count) => (nowMs: number) => ({ kind: 'queries' as const, nowMs, count })),
  fc
    .record({
      weight: fc.integer({ min: 1, max: 255 }),
      state: fc.constantFrom(
        'up' as const,
        'congested' as const,
        'draining' as const,
        'standby' as const,
      ),
    })
    .map((load) => (nowMs: number) => ({ kind: 'load' as const, nowMs, ...load })),
  fc.boolean().map((multicast) => (nowMs: number) => {
    const destination = multicast ? solicitedNodeAddress(SERVICE) : SERVER;
    const message = { kind: 'NeighborSolicitation', target: SERVICE, options: [] } as const;
    const octets = encodeMessage(message, ROUTER, destination);
    return { kind: 'datagram' as const, nowMs, source: ROUTER, destination, hopLimit: 255, octets };
  }),
  fc
    .record({
      index: nearby,
      named: fc.boolean(),
      override: fc.boolean(),
      state: fc.constantFrom('up' as const, 'joining' as const, 'leaving' as const),
      turnMs: fc.nat(100_000),
      refreshMs: fc.nat(1_000),
    })
    .map(({ index, named, override, ...load }) => (nowMs: number) => {
      const source = sourceOf(index);
      const said = loadOption({
        weight: 1,
        utilizationRatio: 0,
        capacityQueriesPerSecond: 0,
        ...load,
      });
      const octets = encodeMessage(
        {
          kind: 'NeighborAdvertisement',
          router: false,
          solicited: false,
          override,
          target: SERVICE,
          options: named ? [{ type: 2, value: macOf(index) }, said] : [said],
        },
        source,
        ALL_NODES,
      );
      return {
        kind: 'datagram' as const,
        nowMs,
        source,
        destination: ALL_NODES,
        hopLimit: 255,
        octets,
      };
    }),
  fc.uint8Array({ maxLength: 64 }).map((octets) => (nowMs: number) => {
    const destination = ALL_NODES;
    return { kind: 'datagram' as const, nowMs, source: ROUTER, destination, hopLimit: 255, octets };
  }),
);

describe('whatever happens to one server', () => {
  test('it is silent while it cannot serve, its messages are valid, and time goes on', () => {
    const steps = fc.array(fc.tuple(fc.nat(3_000), step), { maxLength: 80 });
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom('immediate' as const, 'solicited' as const),
        (all, activate) => {
          const advertiser = new NeighborAdvertiser(
            { target: SERVICE, source: SERVER, linkLayerAddress: macOf(1), router: false },
            { activate, idleMs: 20_000 },
            new Prng(1),
          );
          let [nowMs, serving, up] = [0, false, true];
          const drain = (): void => {
            for (let out = advertiser.poll(); out; out = advertiser.poll()) {
              if (out.kind !== 'transmit') continue;
              const message = decodeMessage({ ...out, hopLimit: 255 });
              if (typeof message === 'string') throw new Error(message);
              // With a link-layer address it moves entries: only one that serves may say that.
              const named = message.options.some(({ type }) => type === 2);
              expect(named && !(serving && up)).toBe(false);
            }
          };
          for (const [waitMs, make] of all) {
            const untilMs = nowMs + waitMs;
            for (let due = advertiser.deadlineMs(); due <= untilMs; due = advertiser.deadlineMs()) {
              expect(due).toBeGreaterThan(nowMs - 1e-6);
              nowMs = Math.max(nowMs, due);
              advertiser.handle({ kind: 'deadline', nowMs });
              drain();
              expect(advertiser.deadlineMs()).toBeGreaterThan(nowMs);
            }
            nowMs = untilMs;
            const input = make(nowMs);
            if (input.kind === 'service') serving = input.serving;
            if (input.kind === 'interface') up = input.up;
            advertiser.handle(input);
            drain();
            expect(advertiser.state === 'Stopped').toBe(!(serving && up));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no state and event have two rows that fit at once', () => {
    for (const row of ADVERTISER_TABLE) {
      const rivals = ADVERTISER_TABLE.filter(
        (other) =>
          other.on === row.on &&
          other.from.some((state) => row.from.includes(state)) &&
          (other.when === row.when || other.when === undefined),
      );
      expect(rivals).toEqual([row]);
    }
  });
});

describe('a server that was frozen', () => {
  test('others take over meanwhile; when it goes on it takes its turns as before', () => {
    const farm = new Farm();
    const servers = [1, 2].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    farm.segment.separate(servers[0]!.source, true);
    farm.run(10_000);
    expect(farm.entry?.mac).toBe(servers[1]!.mac);
    farm.segment.separate(servers[0]!.source, false);
    farm.run(35_000);
    farm.shares();
    farm.run(20_000);
    expect(farm.shares().get(servers[0]!.mac)).toBeCloseTo(0.5, 1);
  });
});
