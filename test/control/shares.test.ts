import { describe, expect, test } from '@jest/globals';
import { countedPackets, spreadShares } from '../../src/control/shares.ts';

const interfaceName = (interfaceId: number): string => `eth${interfaceId}`;
const share = (key: string, weight: number) => ({
  key,
  weight,
  wantedRatio: weight / 100,
  buckets: weight,
  bucketRatio: weight / 100,
});
const SERVICES = [
  {
    service: '2001:db8:53::53/128',
    shares: [share('3 fe80::1', 75), share('3 fe80::2', 25)],
  },
];
const counted = (nextHop: string, packets: number) => ({
  address: '2001:db8:53::53',
  nextHop,
  packets,
  octets: 100 * packets,
});

describe('shares of next hops', () => {
  test('a next hop is named by its interface and its link-local address', () => {
    expect(spreadShares(SERVICES, [], interfaceName).map(({ nextHop }) => nextHop)).toEqual([
      'eth3 fe80::1',
      'eth3 fe80::2',
    ]);
  });

  test('measured is the part of the packets of the service', () => {
    const measured = [counted('3 fe80::1', 30), counted('3 fe80::2', 10)];
    expect(spreadShares(SERVICES, measured, interfaceName)).toMatchObject([
      { measuredRatio: 0.75, packets: 30, octets: 3000 },
      { measuredRatio: 0.25, packets: 10, octets: 1000 },
    ]);
  });

  test('packets are counted under the names that the shares have, so that both can be joined', () => {
    const [wanted] = spreadShares(SERVICES, [], interfaceName);
    const [packets] = countedPackets([counted('3 fe80::1', 30)], interfaceName);
    expect(packets).toEqual({ service: wanted!.service, nextHop: wanted!.nextHop, packets: 30 });
  });

  test('a next hop that is known by its link-layer address alone keeps it', () => {
    const [packets] = countedPackets([counted('02:00:5e:10:00:01', 1)], interfaceName);
    expect(packets?.nextHop).toBe('02:00:5e:10:00:01');
  });
});
