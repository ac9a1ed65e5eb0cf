/** What a router can be told of its routing calculation. */
import { expect, test } from '@jest/globals';
import { SPF_DELAY_DEFAULTS } from '../../src/spf/delay.ts';
import { formatAddress } from '../../src/wire/address.ts';
import { farm, SERVICE } from './host-farm.ts';

const nextHopsOf = (maximumPaths?: number): string[] => {
  const { routes } = farm(maximumPaths === undefined ? {} : { maximumPaths });
  const [last] = routes()
    .filter(({ key }) => key === SERVICE)
    .slice(-1);
  return last!.nextHops.map(({ address }) => formatAddress(address!));
};

test('a route has every next hop, or the first ones when the most that it may have is less', () => {
  expect(nextHopsOf()).toEqual(['fe80::1', 'fe80::2']);
  expect(nextHopsOf(1)).toEqual(['fe80::1']);
});

test('a lost neighbor waits for the INITIAL_SPF_DELAY that is configured (RFC 8405 6)', () => {
  const runAtMs = (initialSpfDelayMs: number): number => {
    const { world, hosts, runsSince } = farm({
      delay: { ...SPF_DELAY_DEFAULTS, initialSpfDelayMs },
    });
    hosts[0]!.halt();
    world.run(world.nowMs + 12_000);
    return runsSince().find(({ reason }) => reason !== 'prefixes')!.atMs;
  };
  expect(runAtMs(3000) - runAtMs(50)).toBeCloseTo(2950, 6);
});
