import { describe, expect, test } from '@jest/globals';
import type { NeighborCacheOptions } from '../../src/neighbor-discovery/cache-config.ts';
import { solicitedNodeAddress } from '../../src/neighbor-discovery/constants.ts';
import { formatAddress, parseAddress } from '../../src/wire/address.ts';
import { SERVICE } from './farm.ts';
import { type AdvertisementShape, Router, sourceOf } from './router.ts';

/** As a plain router is: packets are told of, nothing is assumed. */
const PLAIN: Partial<NeighborCacheOptions> = { mode: 'single', assumeUsed: false };

/** A router whose entry is in the state, with server 1's address where there is one. */
function routerIn(state: string, options: Partial<NeighborCacheOptions> = {}): Router {
  const router = new Router({ ...PLAIN, ...options });
  if (state === 'none') return router;
  router.track();
  if (state === 'Incomplete') return router;
  if (state === 'Failed') {
    router.run(3_000);
    return router;
  }
  router.hear(1, { solicited: true });
  if (state === 'Reachable') return router;
  router.run(50_000);
  if (state === 'Stale') return router;
  router.input({ kind: 'used', target: SERVICE });
  if (state === 'Delay') return router;
  router.run(5_000);
  return router;
}

const KNOWN = ['Reachable', 'Stale', 'Delay', 'Probe'];
const UNSOLICITED: AdvertisementShape = { solicited: false, override: true };

describe('RFC 4861 7.2.2, 7.3.3 and Appendix C: the states of an entry with one address', () => {
  test('the states are reached as the section says', () => {
    for (const state of ['Incomplete', 'Failed', ...KNOWN]) {
      expect(routerIn(state).state).toBe(state);
    }
  });

  test('resolution: solicitations to the solicited-node group, RetransTimer apart, three', () => {
    const router = new Router(PLAIN).track();
    router.run(3_500);
    expect(router.sent.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 3_000]);
    for (const { destination, message } of router.sent) {
      expect(destination).toBe(formatAddress(solicitedNodeAddress(SERVICE)));
      expect(message.options).toEqual([{ type: 1, value: expect.any(Uint8Array) }]);
    }
    expect(router.state).toBe('Failed');
  });

  test('a failed resolution is tried again, for the service is configured', () => {
    const router = routerIn('Failed');
    const before = router.sent.length;
    router.run(5_001);
    expect(router.sent.length).toBe(before + 1);
    expect(router.state).toBe('Incomplete');
  });

  test.each([
    [{ solicited: true }, 'Reachable'],
    [{ solicited: true, override: true }, 'Reachable'],
    [{ solicited: false, override: false }, 'Stale'],
    [{ solicited: false, override: true }, 'Stale'],
  ])('Incomplete, advertisement %p: recorded, %s', (shape, state) => {
    const router = routerIn('Incomplete');
    router.hear(1, shape);
    expect(router.state).toBe(state);
    expect(router.hops).toEqual([1]);
  });

  test('Incomplete, advertisement without a link-layer address: nothing (7.2.5)', () => {
    const router = routerIn('Incomplete');
    router.hear(1, { solicited: true, named: false });
    expect(router.state).toBe('Incomplete');
    expect(router.drops('noLinkLayerAddress')).toBe(1);
  });

  test.each(KNOWN)('%s, S=1 O=0, same address: Reachable', (state) => {
    const router = routerIn(state);
    router.hear(1, { solicited: true });
    expect(router.state).toBe('Reachable');
  });

  test.each(KNOWN)('%s, S=1 without a link-layer address: Reachable (7.2.5)', (state) => {
    const router = routerIn(state);
    router.hear(1, { solicited: true, named: false });
    expect(router.state).toBe('Reachable');
  });

  test.each([true, false])('Reachable, O=0, another address, S=%p: kept, Stale', (solicited) => {
    const router = routerIn('Reachable');
    router.hear(2, { solicited, override: false });
    expect(router.state).toBe('Stale');
    expect(router.hops).toEqual([1]);
    expect(router.drops('overrideClear')).toBe(1);
  });

  test.each(['Stale', 'Delay', 'Probe'])('%s, O=0, another address: unchanged', (state) => {
    const router = routerIn(state);
    router.hear(2, { override: false });
    expect(router.state).toBe(state);
    expect(router.hops).toEqual([1]);
  });

  test.each(KNOWN)('%s, S=1 O=1, another address: replaced, Reachable', (state) => {
    const router = routerIn(state);
    router.hear(2, { solicited: true, override: true });
    expect(router.state).toBe('Reachable');
    expect(router.hops).toEqual([2]);
  });

  test.each(KNOWN)('rules 3 and 4: %s, S=0 O=1, another address: replaced, Stale', (state) => {
    const router = routerIn(state);
    router.hear(2, UNSOLICITED);
    expect(router.state).toBe('Stale');
    expect(router.hops).toEqual([2]);
  });

  test('7.2.5: the IsRouter flag follows every advertisement, discarded ones too', () => {
    const router = routerIn('Reachable');
    router.hear(1, { router: true });
    expect(router.cache.entries()[0]!.addresses[0]!.router).toBe(true);
  });

  test('7.3.1: an upper layer that saw an answer makes any state Reachable', () => {
    for (const state of KNOWN) {
      const router = routerIn(state);
      router.input({ kind: 'confirmed', target: SERVICE, source: sourceOf(1) });
      expect(router.state).toBe('Reachable');
    }
  });

  test('6.3.2: ReachableTime is 0.5 to 1.5 times its base', () => {
    const router = routerIn('Reachable');
    router.run(14_999);
    expect(router.state).toBe('Reachable');
    router.run(30_002);
    expect(router.state).toBe('Stale');
  });

  test('Delay: DELAY_FIRST_PROBE_TIME, then unicast probes with the service as target', () => {
    const router = routerIn('Delay');
    router.sent.length = 0;
    router.run(4_999);
    expect(router.sent).toHaveLength(0);
    router.run(2_002);
    expect(router.sent).toHaveLength(3);
    for (const { destination, message } of router.sent) {
      expect(destination).toBe('fe80::1');
      expect(message.target).toEqual(SERVICE);
    }
  });

  test('Probe: after three unanswered the address is given up and resolution begins', () => {
    const router = routerIn('Probe');
    router.run(3_000);
    expect(router.state).toBe('Incomplete');
    expect(router.hops).toEqual([]);
  });
});

describe('rule 5: what the router discards', () => {
  test('no entry for the target', () => {
    const router = routerIn('none');
    router.hear(1);
    expect(router.drops('noEntry')).toBe(1);
    expect(router.cache.entries()).toHaveLength(0);
  });

  test('an entry that is incomplete, when the rule is followed to the letter', () => {
    const router = routerIn('Incomplete', { acceptIncomplete: false });
    router.hear(1);
    expect(router.drops('entryIncomplete')).toBe(1);
    expect(router.state).toBe('Incomplete');
    router.hear(1, { solicited: true }); // what was asked for is taken
    expect(router.state).toBe('Reachable');
  });

  test('an entry whose resolution failed counts as none then', () => {
    const router = routerIn('Failed', { acceptIncomplete: false });
    router.hear(1);
    expect(router.drops('noEntry')).toBe(1);
  });

  test('the switch: RFC 4861 Appendix C takes it while incomplete (the default)', () => {
    const router = routerIn('Incomplete');
    router.hear(1);
    expect(router.state).toBe('Stale');
  });

  test('the switch: RFC 9131 makes an entry of it when nobody asked', () => {
    const router = routerIn('none', { acceptUntracked: true });
    router.hear(1);
    expect(router.state).toBe('Stale');
    expect(router.hops).toEqual([1]);
  });

  test.each(KNOWN)('%s: the advertised link-layer address is the current one', (state) => {
    const router = routerIn(state);
    router.hear(1);
    expect(router.drops('sameLinkLayerAddress')).toBe(1);
    expect(router.state).toBe(state);
  });

  test('every advertisement for the service is recorded with what became of it', () => {
    const router = routerIn('Reachable');
    router.hear(1);
    router.hear(2);
    router.hear(3, { override: false });
    router.hear(4, { target: parseAddress('2001:db8:5::54') });
    expect(router.cache.advertisements().map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'sameLinkLayerAddress',
      'accepted',
      'overrideClear',
    ]);
    expect(router.drops('noEntry')).toBe(1);
  });
});
