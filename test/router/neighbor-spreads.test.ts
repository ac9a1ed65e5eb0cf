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
    const share = spreads.summaries()[0]!.shares.find(({ key }) => key === '1 fe80::1')!;
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

describe('how a service of Neighbor Discovery is spread', () => {
  const owners = (spreads: NeighborSpreads): (string | undefined)[] => {
    const service = spreads.service(KEY)!;
    return Array.from({ length: service.bucketCount }, (_, bucket) => service.ownerOf(bucket));
  };

  test('placement agreed: routers with another history place every flow alike', () => {
    const configs = new Map([[KEY, { placement: 'agreed', bucketCount: 256 } as const]]);
    const [old, fresh] = [new NeighborSpreads(configs), new NeighborSpreads(configs)];
    old.learn(TARGET, 1, hops([3, 1]), 0);
    old.learn(TARGET, 1, hops([1, 1], [2, 1], [3, 1]), 0);
    old.learn(TARGET, 1, hops([1, 2], [2, 1]), 0);
    fresh.learn(TARGET, 1, hops([1, 2], [2, 1]), 0);
    expect(owners(old)).toHaveLength(256);
    expect(owners(old)).toEqual(owners(fresh));
  });

  test('a next hop whose neighbor entry failed is not used until it is valid again', () => {
    const spreads = new NeighborSpreads();
    spreads.learn(TARGET, 1, hops([1, 1], [2, 1]), 0);
    expect(spreads.usable('1 fe80::1', false, 10)).toEqual([KEY]);
    expect(shown(spreads)).toEqual({ '1 fe80::2': 1 });
    expect(new Set(owners(spreads))).toEqual(new Set(['1 fe80::2']));
    // What the cache says next does not bring it back; a valid entry does.
    spreads.learn(TARGET, 1, hops([1, 2], [2, 1]), 20);
    expect(shown(spreads)).toEqual({ '1 fe80::2': 1 });
    expect(spreads.usable('1 fe80::1', true, 30)).toEqual([KEY]);
    expect(shown(spreads)).toEqual({ '1 fe80::1': 2, '1 fe80::2': 1 });
    expect(spreads.usable('1 fe80::9', false, 40)).toEqual([]);
  });

  test('a next hop that failed before it was told of is not used when it is', () => {
    const spreads = new NeighborSpreads();
    spreads.usable('1 fe80::1', false, 0);
    spreads.learn(TARGET, 1, hops([1, 1], [2, 1]), 10);
    expect(shown(spreads)).toEqual({ '1 fe80::2': 1 });
  });

  test('load is bounded when the service asks for it: the busiest buckets move', () => {
    const bounded = { placement: 'agreed', bucketCount: 64, boundedLoadEpsilon: 0.1 } as const;
    const spreads = new NeighborSpreads(new Map([[KEY, bounded]]));
    spreads.learn(TARGET, 1, hops([1, 1], [2, 1]), 0);
    const before = owners(spreads);
    const load = before.map((owner): number => (owner === '1 fe80::1' ? 9 : 1));
    expect(spreads.load(KEY, load, 10)).toBe(true);
    const has = owners(spreads).reduce((sum, owner, bucket) => {
      return owner === '1 fe80::1' ? sum + load[bucket]! : sum;
    }, 0);
    expect(has).toBeLessThanOrEqual(0.55 * load.reduce((a, b) => a + b));
    expect(spreads.load('2001:db8::1/128', [], 10)).toBe(false);
  });

  test('buckets that changed hands are counted, needless ones apart', () => {
    const spreads = new NeighborSpreads();
    spreads.learn(TARGET, 1, hops([1, 1], [2, 1]), 0);
    spreads.learn(TARGET, 1, hops([1, 1]), 10);
    const [service] = spreads.summaries();
    expect(service).toMatchObject({
      service: KEY,
      counts: { changes: 2, moves: 1024 + 512, needlessMoves: 0 },
    });
    expect(service!.shares.map(({ key }) => key)).toEqual(['1 fe80::1']);
    spreads.ospfRoute(KEY, true, 20);
    expect(spreads.summaries()).toEqual([]); // spread by what OSPFv3 says
  });

  test('two link-layer addresses of one next hop are one next hop', () => {
    const spreads = new NeighborSpreads();
    const [first, second] = hops([1, 1], [2, 2]);
    spreads.learn(TARGET, 1, [first!, { ...second!, address: first!.address }], 0);
    expect(shown(spreads)).toEqual({ '1 fe80::1': 3 });
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
