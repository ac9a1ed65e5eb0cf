import { describe, expect, test } from '@jest/globals';
import { foundNextHops, heldBuckets } from '../../src/host/adopted-forwarding.ts';
import { RouteInstaller } from '../../src/host/route-installer.ts';
import type { NextHopSet, RouteChange, RouteTable } from '../../src/host/route-table.ts';

const KEY = '2001:db8:53::53/128';
const hop = (number: number, interfaceName = 'east') => {
  return { interfaceName, address: `fe80::${number}` };
};
const lladdr = (number: number) => `02:00:00:00:00:0${number}`;
const set = (...numbers: number[]): NextHopSet => ({
  nextHops: numbers.map((number) => ({ ...hop(number), weight: 1 })),
  bucketCount: 1024,
  idleTimerS: 1,
  unbalancedTimerS: 2,
});
/** The third server is known by two addresses, the ninth by none. */
const neighborsAt = (text: string) => {
  const number = Number(text.at(-1));
  if (number === 3) return [hop(3), hop(33)];
  return number < 8 ? [hop(number)] : [];
};

describe('the next hops that an earlier run left', () => {
  test('are those of host routes, by groups and by buckets', () => {
    const routes = new Map([
      [KEY, set(1, 2)],
      ['2001:db8:1::/48', set(3)],
    ]);
    const buckets = new Map([['2001:db8:53::54', [lladdr(1), lladdr(3), lladdr(1), lladdr(3)]]]);
    const found = foundNextHops(routes, buckets, neighborsAt);
    expect([...found.keys()]).toEqual([KEY, '2001:db8:53::54/128']);
    expect(found.get(KEY)).toEqual([[hop(1)], [hop(2)]]);
    expect(found.get('2001:db8:53::54/128')).toEqual([[hop(1)], [hop(3), hop(33)]]);
  });

  test('are not told of buckets whose neighbor entry failed: they must not be held', () => {
    const buckets = new Map([['2001:db8:53::54', [lladdr(1), lladdr(9)]]]);
    expect(foundNextHops(new Map(), buckets, neighborsAt)).toEqual(new Map());
  });
});

describe('buckets that are held', () => {
  const linkLayerOf = ({ address }: { address: string }) => lladdr(Number(address.at(-1)));
  const named = [1, 2].map((number) => ({ key: `3 fe80::${number}`, ...hop(number) }));

  test('name the next hops at each link-layer address', () => {
    const buckets = [lladdr(2), lladdr(1), lladdr(2)];
    const more = [...named, { key: '3 fe80::12', ...hop(12) }];
    expect(heldBuckets(buckets, more, linkLayerOf)).toEqual({
      interfaceName: 'east',
      buckets,
      keys: new Map([
        [lladdr(1), ['3 fe80::1']],
        [lladdr(2), ['3 fe80::2', '3 fe80::12']],
      ]),
    });
  });

  test('are none when an owner is unknown, or when they are on several links', () => {
    expect(heldBuckets([lladdr(2), lladdr(4)], named, linkLayerOf)).toBeUndefined();
    const two = [named[0]!, { key: '4 fe80::2', ...hop(2, 'west') }];
    expect(heldBuckets([lladdr(2), lladdr(1)], two, linkLayerOf)).toBeUndefined();
  });
});

describe('a prefix that is held in the route table', () => {
  /** An installer whose table writes down what it is told. */
  function installer() {
    const told: RouteChange[] = [];
    const apply = async (changes: readonly RouteChange[]) => {
      told.push(...changes);
      return { operations: changes.length, failures: [] };
    };
    const made = new RouteInstaller({
      table: { apply } as unknown as RouteTable,
      interfaceName: () => 'east',
      onFailure: (message) => {
        throw new Error(message);
      },
      kernelService: () => ({ ...set(), by: 'groups', flowSeed: 0, bounded: false }),
      otherwise: () => [{ ...hop(1), weight: 1 }],
    });
    made.hold(KEY, set(1, 2));
    return { made, told };
  }

  test('stays at what was found, whatever is said, until it is released', async () => {
    const { made, told } = installer();
    made.route(KEY, undefined);
    await made.settled();
    expect(told).toEqual([{ prefix: KEY, set: set(1, 2) }]);
    made.release(KEY);
    await made.settled();
    expect(told[1]?.set?.nextHops).toEqual([{ ...hop(1), weight: 1 }]);
  });

  test('goes on without a next hop that is lost', async () => {
    const { made, told } = installer();
    made.reduce(KEY, ({ address }) => address !== 'fe80::1');
    await made.settled();
    expect(told).toEqual([{ prefix: KEY, set: set(2) }]);
  });
});
