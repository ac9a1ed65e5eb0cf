/** A lost next hop is replaced before the routes are computed again. */
import { describe, expect, test } from '@jest/globals';
import { FARM, farm } from './host-farm.ts';

describe('a next hop that is lost is replaced before SPF runs', () => {
  test('its neighbor entry fails: at once, and routes are not computed at all', () => {
    const { world, router, since } = farm();
    const key = `${FARM} fe80::1`;
    router.input((nowMs) => ({ kind: 'nextHopUsable', nowMs, key, usable: false }));
    expect(since()).toEqual(['usable: 1 fe80::2']);
    world.run(world.nowMs + 500);
    expect(since()).toEqual(['usable: 1 fe80::2']);
  });

  test('its neighbor is dead: buckets have moved when the next run begins', () => {
    const { world, hosts, since } = farm();
    hosts[0]!.halt();
    world.run(world.nowMs + 6_000);
    const [first, ...more] = since();
    expect(first).toBe('usable: 1 fe80::2');
    expect(more.some((one) => one.endsWith(' run'))).toBe(true);
  });
});
