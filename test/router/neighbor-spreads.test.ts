import { describe, expect, test } from '@jest/globals';
import type { NeighborNextHop } from '../../src/neighbor-discovery/cache-io.ts';
import { NeighborSpreads } from '../../src/router/neighbor-spreads.ts';
import { formatAddress, parseAddress } from '../../src/wire/address.ts';

const TARGET = parseAddress('2001:db8:5::53');
const KEY = '2001:db8:5::53/128';

const hops = (...weights: [server: number, weight: number][]): NeighborNextHop[] => {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return weights.map(([server, weight]) => ({
    linkLayerAddress: Uint8Array.of(2, 0, 0, 0, 0, server),
    address: parseAddress(`fe80::${server}`),
    weight,
    share: weight / total,
  }));
};

const shown = (spreads: NeighborSpreads): Record<string, number> =>
  Object.fromEntries(
    (spreads.nextHops(KEY) ?? []).map((hop) => [
      `${hop.interfaceId} ${formatAddress(hop.address!)}`,
      hop.weight,
    ]),
  );

describe('services known by Neighbor Discovery', () => {
  test('the servers of a link are the next hops, by the shares the cache gives', () => {
    const spreads = new NeighborSpreads();
    spreads.learn(TARGET, 1, hops([1, 3], [2, 1]), 0);
    expect(shown(spreads)).toEqual({ '1 fe80::1': 3, '1 fe80::2': 1 });
    const share = spreads.shares(KEY).find(({ key }) => key === '1 fe80::1')!;
    expect(share.bucketRatio).toBeCloseTo(0.75);
  });

  test('servers on two links are spread over together', () => {
    const spreads = new NeighborSpreads();
    spreads.learn(TARGET, 1, hops([1, 2]), 0);
    spreads.learn(TARGET, 2, hops([7, 1], [8, 1]), 0);
    expect(shown(spreads)).toEqual({ '1 fe80::1': 2, '2 fe80::7': 1, '2 fe80::8': 1 });
    spreads.learn(TARGET, 2, [], 0);
    expect(shown(spreads)).toEqual({ '1 fe80::1': 2 });
  });

  test('a flow stays with its server when another one comes', () => {
    const spreads = new NeighborSpreads();
    spreads.learn(TARGET, 1, hops([1, 1], [2, 1]), 0);
    const flows = Array.from({ length: 300 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
    const before = flows.map((flow) => spreads.pick(KEY, flow)!.address![15]);
    spreads.learn(TARGET, 1, hops([1, 1], [2, 1], [3, 1]), 0);
    const moved = flows.filter((flow, i) => {
      const now = spreads.pick(KEY, flow)!.address![15];
      return now !== before[i] && now !== 3;
    });
    expect(moved).toHaveLength(0);
  });
});

describe('one service, two ways of advertising', () => {
  test('OSPFv3 is used while it has a route; when it goes, the other way is ready', () => {
    const spreads = new NeighborSpreads();
    spreads.learn(TARGET, 1, hops([1, 1]), 0);
    spreads.ospfRoute(KEY, true, 100);
    expect(spreads.nextHops(KEY)).toBeUndefined();
    spreads.ospfRoute(KEY, false, 200);
    expect(shown(spreads)).toEqual({ '1 fe80::1': 1 });
  });

  test('both for longer than a switch takes is a conflict that is told; before, it is not', () => {
    const spreads = new NeighborSpreads();
    spreads.ospfRoute(KEY, true, 0);
    spreads.learn(TARGET, 1, hops([1, 1]), 1_000);
    expect(spreads.conflicts(10_999)).toEqual([]);
    expect(spreads.conflicts(11_000)).toEqual([{ service: KEY, sinceMs: 1_000 }]);
    spreads.learn(TARGET, 1, [], 12_000);
    expect(spreads.conflicts(60_000)).toEqual([]);
  });
});
