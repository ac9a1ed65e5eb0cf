import { describe, expect, test } from '@jest/globals';
import { ADVERTISER_DEFAULTS } from '../../src/neighbor-discovery/advertiser-config.ts';
import { ALL_NODES } from '../../src/neighbor-discovery/constants.ts';
import { loadOf } from '../../src/neighbor-discovery/load-option.ts';
import { sameAddress } from '../../src/wire/address.ts';
import { Farm } from './farm.ts';

describe('rule 1 and 4: a server that can serve advertises', () => {
  test('to all nodes, unsolicited, Override set, with the service and its own address', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(100);
    const [first] = farm.advertisementsOf(server);
    expect(first).toMatchObject({
      destination: ALL_NODES,
      linkLayerAddress: '02:00:00:00:00:01',
      message: { override: true, solicited: false, router: false },
    });
  });

  test.each([true, false])('the Router flag is the role of the host: %s', (router) => {
    const farm = new Farm();
    farm.server(1, {}, router).start();
    farm.run(100);
    farm.solicit();
    farm.run(1_100);
    expect(farm.heard.length).toBeGreaterThan(2);
    for (const { message } of farm.heard) expect(message.router).toBe(router);
  });

  test('a burst opens the turn, so that one lost advertisement costs nothing', () => {
    const farm = new Farm();
    const server = farm.server(1, { burst: 3, burstSpacingMs: 10, jitterMs: 0 });
    server.start();
    farm.run(500);
    const times = farm.advertisementsOf(server).map(({ atMs }) => Math.floor(atMs));
    expect(times).toEqual([0, 10, 20]);
  });

  test('farms are switched on together: the first turns come at different times', () => {
    const farm = new Farm();
    const servers = [1, 2, 3, 4].map((index) => farm.server(index, { jitterMs: 1_000 }));
    for (const server of servers) server.start();
    farm.run(1_000);
    const movedBy = new Set(farm.heard.filter((h) => h.message.override).map((h) => h.source[15]));
    expect(movedBy.size).toBeLessThan(4);
  });

  test('rule 4 against RFC 4861 7.2.7: unsolicitedOverride clear fills entries, moves none', () => {
    const farm = new Farm();
    const servers = [1, 2].map((index) => farm.server(index, { unsolicitedOverride: 'clear' }));
    for (const server of servers) server.start();
    farm.run(5_000);
    const held = farm.entry?.mac;
    farm.run(10_000);
    expect(farm.entry?.mac).toBe(held);
    expect(farm.heard.some(({ message }) => message.override)).toBe(false);
  });

  test('RFC 4861 7.2.6 as a switch: never two of its advertisements within RetransTimer', () => {
    const farm = new Farm();
    const servers = [1, 2].map((index) => farm.server(index, { spacing: 'rfc4861' }));
    for (const server of servers) server.start();
    farm.run(60_000);
    for (const server of servers) {
      const times = farm.advertisementsOf(server).map(({ atMs }) => atMs);
      expect(times.length).toBeGreaterThan(10);
      for (let i = 1; i < times.length; i++) {
        expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(1_000);
      }
    }
    expect(farm.shares().get(servers[0]!.mac)).toBeCloseTo(0.5, 1);
  });
});

describe('rule 2: advertising is switched on by a solicitation', () => {
  test('activate solicited: silent until the router asks, then advertising', () => {
    const farm = new Farm();
    const server = farm.server(1, { activate: 'solicited' });
    server.start();
    farm.run(10_000);
    expect(farm.heard).toHaveLength(0);
    expect(server.advertiser.state).toBe('Waiting');
    farm.solicit();
    farm.run(100);
    expect(farm.advertisementsOf(server).length).toBeGreaterThan(0);
    expect(server.advertiser.state).toBe('Holding');
  });

  test('the service ends before anyone asked: a solicitation then gets no answer', () => {
    const farm = new Farm();
    const server = farm.server(1, { activate: 'solicited' });
    server.start();
    server.input({ kind: 'service', serving: false });
    farm.solicit();
    farm.run(5_000);
    expect(farm.heard).toHaveLength(0);
  });
});

describe('rules 7 and 8: standby and return', () => {
  const idle = { idleMs: 20_000 };

  test('no queries for the set time: it stops advertising, and the others get its turns', () => {
    const farm = new Farm();
    const [busy, unasked] = [farm.server(1, idle), farm.server(2, idle)];
    busy.start();
    unasked.start();
    farm.world.every(1_000, () => busy.input({ kind: 'queries', count: 10 }));
    farm.run(19_900);
    expect(unasked.advertiser.state).not.toBe('Standby');
    farm.run(1_000);
    expect(unasked.advertiser.state).toBe('Standby');
    const sinceMs = farm.world.nowMs;
    farm.run(30_000);
    expect(farm.advertisementsOf(unasked, sinceMs)).toHaveLength(0);
    expect(busy.advertiser.state).toBe('Holding');
    expect(busy.advertiser.peers()).toHaveLength(0);
  });

  test('a count of zero queries is no query', () => {
    const farm = new Farm();
    const server = farm.server(1, idle);
    server.start();
    farm.world.every(1_000, () => server.input({ kind: 'queries', count: 0 }));
    farm.run(20_100);
    expect(server.advertiser.state).toBe('Standby');
  });

  test('a solicitation brings a server in standby back', () => {
    const farm = new Farm();
    const server = farm.server(1, idle);
    server.start();
    farm.run(30_000);
    expect(server.advertiser.state).toBe('Standby');
    const sinceMs = farm.world.nowMs;
    farm.solicit();
    farm.run(100);
    expect(server.advertiser.state).toBe('Holding');
    expect(farm.advertisementsOf(server, sinceMs).length).toBeGreaterThan(0);
    farm.run(1_000);
    expect(farm.heard.some(({ atMs, message }) => atMs >= sinceMs && message.solicited)).toBe(true);
  });

  test('the service is not needed: standby until a solicitation, or until it is needed', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(1_000);
    server.input({ kind: 'load', weight: 1, state: 'standby' });
    expect(server.advertiser.state).toBe('Standby');
    farm.solicit();
    farm.run(100);
    expect(server.advertiser.state).toBe('Holding');
    server.input({ kind: 'load', weight: 2, state: 'standby' }); // said before: no news
    expect(server.advertiser.state).toBe('Holding');
    server.input({ kind: 'load', weight: 2, state: 'up' });
    server.input({ kind: 'load', weight: 2, state: 'standby' });
    expect(server.advertiser.state).toBe('Standby');
    server.input({ kind: 'load', weight: 2, state: 'up' });
    farm.run(100);
    expect(server.advertiser.state).toBe('Holding');
  });

  test('idleMs below two cycles is refused: between its turns a server gets no queries', () => {
    expect(() => new Farm().server(1, { idleMs: 5_000 })).toThrow(RangeError);
    expect(ADVERTISER_DEFAULTS.idleMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('rules 6 and 9: the service process is watched', () => {
  test('the service ends: not one more advertisement, from that very tick on', () => {
    const farm = new Farm();
    const servers = [1, 2].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    while (farm.entry?.mac !== servers[0]!.mac) farm.run(1);
    const endedAtMs = farm.world.nowMs;
    servers[0]!.input({ kind: 'service', serving: false });
    farm.solicit();
    farm.run(30_000);
    const after = farm.heard.filter(
      ({ atMs, source, linkLayerAddress }) =>
        atMs > endedAtMs && sameAddress(source, servers[0]!.source) && linkLayerAddress,
    );
    expect(after).toHaveLength(0);
  });

  test('the others take over at once: within a millisecond, not at the end of the turn', () => {
    const farm = new Farm();
    const servers = [1, 2, 3].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    while (farm.entry?.mac !== servers[0]!.mac) farm.run(1);
    servers[0]!.input({ kind: 'service', serving: false });
    farm.run(1);
    expect(farm.entry?.mac).toBe(servers[1]!.mac);
  });

  test('the word to the peers moves no router: Override clear and no link-layer address', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(1_000);
    farm.heard.length = 0;
    server.input({ kind: 'stop' });
    farm.run(1_000);
    expect(farm.heard).toHaveLength(1);
    const [notice] = farm.heard;
    expect(notice).toMatchObject({ linkLayerAddress: undefined, message: { override: false } });
    expect(loadOf(notice!.message.options)?.state).toBe('leaving');
  });

  test('the service comes back: it advertises again', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(1_000);
    server.input({ kind: 'service', serving: false });
    farm.run(1_000);
    const sinceMs = farm.world.nowMs;
    server.input({ kind: 'service', serving: true });
    farm.run(100);
    expect(farm.advertisementsOf(server, sinceMs).length).toBeGreaterThan(0);
  });

  test('the link comes back: it advertises again, unasked', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(1_000);
    server.input({ kind: 'interface', up: false });
    expect(server.advertiser.state).toBe('Stopped');
    farm.run(5_000);
    const sinceMs = farm.world.nowMs;
    server.input({ kind: 'interface', up: true });
    farm.run(100);
    expect(farm.advertisementsOf(server, sinceMs).length).toBeGreaterThan(0);
  });
});

describe('draining', () => {
  test('no turns, no answers to all, but routers that still hold it are answered', () => {
    const farm = new Farm();
    const servers = [1, 2].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    servers[0]!.input({ kind: 'load', weight: 1, state: 'draining' });
    const sinceMs = farm.world.nowMs;
    farm.run(10_000);
    expect(farm.advertisementsOf(servers[0]!, sinceMs)).toHaveLength(0);
    farm.heard.length = 0;
    farm.solicit(servers[0]);
    farm.run(1_100);
    const answers = farm.heard.filter(({ message }) => message.solicited);
    expect(answers).toHaveLength(1);
    // A router of ours that probes it goes on sparing it.
    expect(loadOf(answers[0]!.message.options)).toMatchObject({ state: 'draining' });
    servers[0]!.input({ kind: 'load', weight: 1, state: 'up' });
    farm.run(2_000);
    expect(farm.advertisementsOf(servers[0]!, sinceMs).length).toBeGreaterThan(0);
  });
});

describe('draining, and nobody else is left', () => {
  test('a solicitation to all is answered: the last resort', () => {
    const farm = new Farm();
    const [staying, other] = [farm.server(1), farm.server(2)];
    for (const server of [staying, other]) server.start();
    farm.run(5_000);
    staying.input({ kind: 'load', weight: 1, state: 'draining' });
    farm.run(1_000);
    const answersTo = (): number => {
      farm.heard.length = 0;
      farm.solicit();
      farm.run(1_100);
      return farm.heard.filter(({ message, source }) => {
        return message.solicited && sameAddress(source, staying.source);
      }).length;
    };
    expect(answersTo()).toBe(0);
    other.input({ kind: 'service', serving: false });
    expect(answersTo()).toBe(1);
  });
});

describe('rules 16 and 21: load information in the advertisement', () => {
  test('weight, utilization, capacity and congestion travel with it', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    server.input({
      kind: 'load',
      weight: 42,
      utilizationRatio: 0.9,
      capacityQueriesPerSecond: 30_000,
      state: 'congested',
    });
    farm.run(200);
    expect(loadOf(farm.advertisementsOf(server)[0]!.message.options)).toMatchObject({
      state: 'congested',
      weight: 42,
      utilizationRatio: 0.9,
      capacityQueriesPerSecond: 30_000,
    });
  });

  test('a weight outside 1..255 is refused and changes nothing', () => {
    const server = new Farm().server(1);
    expect(() => server.input({ kind: 'load', weight: 0 })).toThrow(RangeError);
  });
});

describe('the contract of a machine', () => {
  test('an event that no row lists for the state changes nothing and is counted', () => {
    const farm = new Farm();
    const server = farm.server(1);
    farm.solicit();
    farm.run(10);
    expect(server.advertiser.state).toBe('Stopped');
    expect(server.advertiser.ignored).toEqual(new Map([['Stopped solicitation', 1]]));
  });

  test('late and spurious deadlines are harmless', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(500);
    const before = farm.heard.length;
    for (let i = 0; i < 10; i++) server.input({ kind: 'deadline' });
    expect(farm.heard).toHaveLength(before);
  });

  test.each([
    ['cycleMs', 1],
    ['burst', 0],
    ['anycastDelayMs', 1_001],
    ['refreshMs', 70_000],
  ])('%s %i is out of range', (name, value) => {
    expect(() => new Farm().server(1, { [name]: value })).toThrow(name);
  });
});
