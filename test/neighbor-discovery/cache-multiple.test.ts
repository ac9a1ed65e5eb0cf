import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { ROUTER, SERVICE } from './farm.ts';
import { Router, sourceOf } from './router.ts';

describe('rule 15: several link-layer addresses per entry', () => {
  test('every server that advertises is kept, and queries are spread over all', () => {
    const router = new Router().track();
    for (const index of [1, 2, 3]) router.hear(index);
    expect(router.hops).toEqual([1, 2, 3]);
    for (const share of Object.values(router.shares)) expect(share).toBeCloseTo(1 / 3);
  });

  test('answers to one solicitation are all recorded, Override clear as they are', () => {
    const router = new Router().track();
    for (const index of [1, 2, 3]) router.hear(index, { solicited: true });
    expect(router.hops).toEqual([1, 2, 3]);
    expect(router.state).toBe('Reachable');
  });

  test('each is shown with age, source, weight, share and the reason for it', () => {
    const router = new Router().track();
    router.hear(1, { load: { weight: 30 } });
    router.run(500);
    router.hear(2, { load: { weight: 10, utilizationRatio: 0.4 } });
    expect(router.cache.entries()).toEqual([
      {
        target: '2001:db8:5::53',
        state: 'Delay',
        addresses: [
          expect.objectContaining({
            linkLayerAddress: '02:00:00:00:00:01',
            source: 'fe80::1',
            ageMs: 500,
            weight: 30,
            share: 0.75,
            reason: 'weighted',
          }),
          expect.objectContaining({ source: 'fe80::2', ageMs: 0, utilizationRatio: 0.4 }),
        ],
      },
    ]);
  });

  test('rule 5 holds for the first one: with acceptIncomplete off it is discarded', () => {
    const router = new Router({ acceptIncomplete: false }).track();
    router.hear(1);
    expect(router.drops('entryIncomplete')).toBe(1);
    router.hear(1, { solicited: true });
    router.hear(2); // the entry is complete now
    expect(router.hops).toEqual([1, 2]);
  });

  test('an advertisement again is no discard and no news: the table stays as it is', () => {
    const router = new Router().track();
    router.hear(1);
    router.hear(2);
    const before = router.announcements;
    for (let i = 0; i < 20; i++) router.hear(1);
    expect(router.announcements).toBe(before);
    expect(router.drops('sameLinkLayerAddress')).toBe(0);
  });

  test('a server that has another interface now replaces its own address', () => {
    const router = new Router().track();
    router.hear(1);
    router.hear(2);
    router.hear(1, { mac: 9 });
    expect(router.hops).toEqual([2, 9]);
  });

  test('a server that leaves says so, and gets nothing from then on', () => {
    const router = new Router().track();
    router.hear(1);
    router.hear(2);
    router.hear(1, { named: false, override: false, load: { state: 'leaving' } });
    expect(router.hops).toEqual([2]);
  });

  test('a draining server gets nothing new; when all drain, they serve on', () => {
    const router = new Router().track();
    router.hear(1);
    router.hear(2);
    router.hear(1, { named: false, override: false, load: { state: 'draining' } });
    expect(router.hops).toEqual([2]);
    router.hear(2, { named: false, override: false, load: { state: 'draining' } });
    expect(router.hops).toEqual([1, 2]);
  });

  test('the last one leaves: the router asks who else serves', () => {
    const router = new Router().track();
    router.hear(1);
    router.sent.length = 0;
    router.hear(1, { named: false, override: false, load: { state: 'leaving' } });
    expect(router.hops).toEqual([]);
    expect(router.state).toBe('Incomplete');
    expect(router.sent).toHaveLength(1);
  });
});

describe('expiry: silent servers are probed by unicast solicitation', () => {
  test('one that answers stays', () => {
    const router = new Router().track();
    router.hear(1);
    router.run(3_001);
    const probe = router.sent.at(-1)!;
    expect(probe).toMatchObject({ destination: 'fe80::1', message: { target: SERVICE } });
    router.hear(1, { solicited: true });
    expect(router.hops).toEqual([1]);
    expect(router.state).toBe('Reachable');
  });

  test('one that does not is out after silence and three probes, the others stay', () => {
    const router = new Router({ retransTimerMs: 250 }).track();
    router.hear(1);
    router.hear(2);
    for (let second = 0; second < 3; second++) {
      router.run(1_000);
      router.hear(2);
    }
    router.run(740);
    expect(router.hops).toEqual([1, 2]); // 3000 + 3 x 250 ms are not over
    router.run(20);
    expect(router.hops).toEqual([2]);
    expect(router.events).toContainEqual(
      expect.objectContaining({
        name: 'neighborCacheAddress',
        change: 'removed',
        why: 'unreachable',
      }),
    );
  });

  test('a server that only advertises, but never answers a probe, is not believed for long', () => {
    const router = new Router({ retransTimerMs: 250, delayFirstProbeTimeMs: 1_000 }).track();
    router.hear(1);
    router.run(1_800);
    expect(router.hops).toEqual([]);
  });

  test('the link goes down and comes back: nothing is kept, everything is asked again', () => {
    const router = new Router().track();
    router.hear(1);
    router.input({ kind: 'interface', up: false });
    expect(router.hops).toEqual([]);
    expect(router.cache.deadlineMs()).toBe(Number.POSITIVE_INFINITY);
    router.sent.length = 0;
    router.input({ kind: 'interface', up: true });
    expect(router.sent).toHaveLength(1);
  });
});

describe('rules 16 and 17: load information', () => {
  test('by the option of the advertisement', () => {
    const router = new Router().track();
    router.hear(1, { load: { weight: 3 } });
    router.hear(2, { load: { weight: 1 } });
    expect(router.shares).toEqual({ '02:00:00:00:00:01': 0.75, '02:00:00:00:00:02': 0.25 });
  });

  test('of the only server of a link, too: it has all of the link, but not of other links', () => {
    const router = new Router().track();
    router.hear(1, { load: { weight: 100 } });
    router.hear(1, { load: { weight: 10 } });
    expect(router.nextHops).toMatchObject([{ weight: 10, share: 1 }]);
    const { announcements } = router;
    router.hear(1, { load: { weight: 10 } });
    expect(router.announcements).toBe(announcements);
  });

  test('by a separate protocol', () => {
    const router = new Router().track();
    router.hear(1);
    router.hear(2);
    router.input({ kind: 'load', target: SERVICE, source: sourceOf(1), weight: 3 });
    expect(router.shares).toEqual({ '02:00:00:00:00:01': 0.75, '02:00:00:00:00:02': 0.25 });
    router.input({ kind: 'load', target: SERVICE, source: sourceOf(1), weight: 3, draining: true });
    expect(router.hops).toEqual([2]);
  });

  test('what the separate protocol said holds against advertisements, but not for ever', () => {
    const router = new Router({ loadHoldsMs: 60_000, forgetMs: 600_000 }).track();
    const hear = (): void => {
      for (const index of [1, 2]) router.hear(index, { solicited: true, load: { weight: 1 } });
    };
    hear();
    router.input({ kind: 'load', target: SERVICE, source: sourceOf(1), weight: 3 });
    hear();
    expect(router.shares['02:00:00:00:00:01']).toBe(0.75);
    for (let second = 0; second < 60; second++) {
      router.run(1_000);
      hear();
    }
    expect(router.shares['02:00:00:00:00:01']).toBe(0.5);
  });
});

describe('the ways of delivery', () => {
  const filled = (options: ConstructorParameters<typeof Router>[0]): Router => {
    const router = new Router(options).track();
    router.hear(1, { load: { weight: 2, utilizationRatio: 0.5 } });
    router.hear(2, { load: { weight: 1, utilizationRatio: 0.3 } });
    router.hear(3, { load: { weight: 1, utilizationRatio: 0.8 } });
    return router;
  };
  const picks = (router: Router, count: number): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const hash = Math.imul(i + 1, 0x9e3779b1) >>> 0;
      const last = router.cache.pick(SERVICE, hash)!.address[15]!;
      counts[last] = (counts[last] ?? 0) + 1;
    }
    return counts;
  };

  test('roundRobin: one after the other', () => {
    expect(picks(filled({ delivery: 'roundRobin' }), 9)).toEqual({ 1: 3, 2: 3, 3: 3 });
  });

  test('weighted: 20,000 flows by weight within 5 %', () => {
    const counts = picks(filled({ delivery: 'weighted' }), 20_000);
    expect(Math.abs(counts[1]! / 10_000 - 1)).toBeLessThan(0.05);
    expect(Math.abs(counts[2]! / 5_000 - 1)).toBeLessThan(0.05);
  });

  test('hash: equal shares, and a flow stays with its server when another one leaves', () => {
    const router = filled({ delivery: 'hash' });
    const before = Array.from({ length: 500 }, (_, i) => router.cache.pick(SERVICE, i * 7919)!);
    router.hear(3, { named: false, override: false, load: { state: 'leaving' } });
    before.forEach(({ address }, i) => {
      if (address[15] === 3) return;
      expect(router.cache.pick(SERVICE, i * 7919)!.address[15]).toBe(address[15]);
    });
  });

  test('leastLoad: all to the least utilized, until another one is clearly less', () => {
    const router = filled({ delivery: 'leastLoad' });
    expect(router.hops).toEqual([2]);
    router.hear(1, { load: { utilizationRatio: 0.25 } });
    expect(router.hops).toEqual([2]);
    router.hear(1, { load: { utilizationRatio: 0.15 } });
    expect(router.hops).toEqual([1]);
  });

  test('leastLoad without load information falls back to equal shares', () => {
    const router = new Router({ delivery: 'leastLoad' }).track();
    router.hear(1);
    router.hear(2, { load: { utilizationRatio: 0.1 } });
    expect(router.hops).toEqual([1, 2]);
  });
});

describe('duplicate and hostile advertisers are bounded and shown', () => {
  test('only allowed sources are heard', () => {
    const router = new Router({ allowSources: [parsePrefix('fe80::1/128')] }).track();
    router.hear(1);
    router.hear(2);
    expect(router.hops).toEqual([1]);
    expect(router.cache.refusals()).toEqual([
      { source: 'fe80::2', count: 1, lastReason: 'sourceNotAllowed', lastAtMs: 1_000 },
    ]);
  });

  test('only allowed link-layer addresses are taken', () => {
    const router = new Router({ allowLinkLayerAddresses: ['02:00:00:00:00:01'] }).track();
    router.hear(1);
    router.hear(1, { mac: 66 });
    expect(router.hops).toEqual([1]);
    expect(router.drops('linkLayerAddressNotAllowed')).toBe(1);
  });

  test('a source that floods is heard at a bounded rate, the others as before', () => {
    const router = new Router({ advertisementsPerSecond: 10, advertisementBurst: 20 }).track();
    for (let i = 0; i < 1_000; i++) router.hear(66);
    expect(router.drops('rateLimited')).toBe(980);
    router.hear(1);
    expect(router.hops).toContain(1);
  });

  test('a changed configuration lets no source start anew, nor is forgotten who was refused', () => {
    const router = new Router({ advertisementsPerSecond: 10, advertisementBurst: 20 }).track();
    for (let i = 0; i < 30; i++) router.hear(66);
    router.cache.reconfigure({ delivery: 'hash' }, router.nowMs);
    for (let i = 0; i < 30; i++) router.hear(66);
    expect(router.drops('rateLimited')).toBe(40);
    expect(router.cache.refusals()).toEqual([expect.objectContaining({ count: 40 })]);
  });

  test('a changed rate counts from its change on, and a smaller burst bounds what was saved', () => {
    const router = new Router({ advertisementsPerSecond: 1, advertisementBurst: 20 }).track();
    for (let i = 0; i < 20; i++) router.hear(66);
    router.hear(1);
    router.nowMs += 2_000;
    router.cache.reconfigure({ advertisementsPerSecond: 10, advertisementBurst: 5 }, router.nowMs);
    for (let i = 0; i < 10; i++) router.hear(66);
    expect(router.drops('rateLimited')).toBe(10 - 2);
    for (let i = 0; i < 10; i++) router.hear(1);
    expect(router.drops('rateLimited')).toBe(8 + 5);
  });

  test('an entry holds no more addresses than it may', () => {
    const router = new Router({ maxAddresses: 8 }).track();
    for (let index = 1; index <= 20; index++) router.hear(index);
    expect(router.hops).toHaveLength(8);
    expect(router.drops('tooManyAddresses')).toBe(12);
  });

  test('entries that nobody configured are bounded as well', () => {
    const router = new Router({ acceptUntracked: true, maxEntries: 4 });
    for (let i = 0; i < 10; i++) {
      const target = SERVICE.slice();
      target[15] = i;
      router.hear(1, { target });
    }
    expect(router.cache.entries()).toHaveLength(4);
    expect(router.drops('tooManyEntries')).toBeGreaterThanOrEqual(6);
  });

  test('an invalid message is counted by the rule it breaks, with who sent it', () => {
    const router = new Router().track();
    const octets = Uint8Array.of(136, 0, 0, 0, 0, 0, 0, 0);
    router.input({
      kind: 'datagram',
      source: sourceOf(66),
      destination: ROUTER,
      hopLimit: 255,
      octets,
    });
    expect(router.drops('length')).toBe(1);
    expect(router.cache.refusals()).toEqual([
      expect.objectContaining({ source: 'fe80::42', lastReason: 'length' }),
    ]);
  });
});

describe('switching at run time leaves no gap', () => {
  test('multiple to single keeps the best server, single to multiple keeps what is known', () => {
    const router = new Router().track();
    router.hear(1, { load: { weight: 1 } });
    router.hear(2, { load: { weight: 5 } });
    router.cache.reconfigure({ mode: 'single' }, router.nowMs);
    router.drain();
    expect(router.hops).toEqual([2]);
    router.hear(1);
    expect(router.hops).toEqual([1]);
    router.cache.reconfigure({ mode: 'multiple' }, router.nowMs);
    router.drain();
    expect(router.hops).toEqual([1, 2]);
  });
});

describe('whatever is heard', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('hear' as const),
      index: fc.integer({ min: 1, max: 5 }),
      mac: fc.integer({ min: 1, max: 6 }),
      solicited: fc.boolean(),
      override: fc.boolean(),
      named: fc.boolean(),
      state: fc.constantFrom('up', 'leaving', 'standby', 'draining', 'joining', 'congested'),
      weight: fc.integer({ min: 1, max: 255 }),
    }),
    fc.record({ do: fc.constant('run' as const), ms: fc.integer({ min: 1, max: 8_000 }) }),
    fc.record({ do: fc.constant('mode' as const), mode: fc.constantFrom('single', 'multiple') }),
    fc.record({ do: fc.constant('link' as const), up: fc.boolean() }),
  );

  test('shares add up to 1 or nobody has one, and time always goes on', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const router = new Router().track();
        for (const next of steps) {
          if (next.do === 'hear') {
            const load = { state: next.state as 'up', weight: next.weight };
            router.hear(next.index, { ...next, load });
          } else if (next.do === 'run') router.run(next.ms);
          else if (next.do === 'link') router.input({ kind: 'interface', up: next.up });
          else {
            router.cache.reconfigure({ mode: next.mode as 'single' }, router.nowMs);
            router.drain();
          }
          const total = router.nextHops.reduce((sum, hop) => sum + hop.share, 0);
          if (router.nextHops.length > 0) expect(total).toBeCloseTo(1);
          expect(router.cache.deadlineMs()).toBeGreaterThan(router.nowMs);
        }
      }),
      { numRuns: 200 },
    );
  });
});
