import { describe, expect, test } from '@jest/globals';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { Farm } from './farm.ts';

describe('turns: a router with one address per neighbour is shared by weight (rule 6)', () => {
  test.each([
    ['equal weights', [1, 1, 1]],
    ['one server twice as strong', [2, 1, 1]],
    ['very unequal weights', [100, 20, 5]],
  ])('%s: each holds the entry within a tenth of its share', (_, weights) => {
    const farm = new Farm();
    const servers = weights.map((_, index) => farm.server(index + 1));
    servers.forEach((server, index) => {
      server.start(weights[index]);
    });
    farm.run(2_000);
    farm.shares();
    farm.run(60_000);
    const shares = farm.shares();
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    servers.forEach((server, index) => {
      const wanted = weights[index]! / total;
      expect(Math.abs(shares.get(server.mac)! - wanted)).toBeLessThan(0.1 * wanted);
    });
  });

  test('the shares hold when one advertisement in ten is lost', () => {
    const farm = new Farm();
    farm.segment.faults = { delayMs: 0.2, jitterMs: 2, lossRatio: 0.1, duplicateRatio: 0.05 };
    const strong = farm.server(1);
    const weak = farm.server(2);
    strong.start(2);
    weak.start(1);
    farm.run(2_000);
    farm.shares();
    farm.run(120_000);
    const share = farm.shares().get(strong.mac)!;
    expect(share).toBeGreaterThan((0.9 * 2) / 3);
    expect(share).toBeLessThan((1.1 * 2) / 3);
  });

  test('a change of weight takes effect within a cycle', () => {
    const farm = new Farm();
    const [first, second] = [farm.server(1), farm.server(2)];
    first.start(1);
    second.start(1);
    farm.run(5_000);
    first.input({ kind: 'load', weight: 3 });
    farm.run(1_500);
    farm.shares();
    farm.run(30_000);
    expect(farm.shares().get(first.mac)).toBeCloseTo(0.75, 1);
  });

  test('the holder is killed: the next one takes over after two missed refreshes', () => {
    const farm = new Farm();
    const servers = [1, 2, 3].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    while (farm.entry?.mac !== servers[1]!.mac) farm.run(1);
    const killedAtMs = farm.world.nowMs;
    servers[1]!.kill();
    while (farm.entry?.mac === servers[1]!.mac) farm.run(1);
    expect(farm.world.nowMs - killedAtMs).toBeLessThan(410);
    expect(farm.entry?.mac).toBe(servers[2]!.mac); // the next in the order of addresses
    farm.run(2_000);
    farm.shares();
    farm.run(10_000);
    const shares = farm.shares();
    expect(shares.get(servers[1]!.mac)).toBeUndefined();
    expect(shares.get(servers[0]!.mac)).toBeCloseTo(0.5, 1);
  });

  test('one that is not the holder is killed: its turn is skipped after the take-over delay', () => {
    const farm = new Farm();
    const servers = [1, 2, 3].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    while (farm.entry?.mac !== servers[0]!.mac) farm.run(1);
    servers[1]!.kill();
    while (farm.entry?.mac === servers[0]!.mac) farm.run(1);
    expect(farm.entry?.mac).toBe(servers[2]!.mac);
    farm.run(5_000);
    expect(servers[0]!.advertiser.peers()).toHaveLength(1);
    expect(servers[0]!.events).toContainEqual(
      expect.objectContaining({ name: 'peer', change: 'silent', source: servers[1]!.source }),
    );
  });

  test('all but one are killed: the last one holds the entry without an end', () => {
    const farm = new Farm();
    const servers = [1, 2, 3].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(3_000);
    servers[0]!.kill();
    servers[2]!.kill();
    farm.run(5_000);
    farm.shares();
    farm.run(60_000);
    expect(farm.shares()).toEqual(new Map([[servers[1]!.mac, 1]]));
    const lately = farm.advertisementsOf(servers[1]!, farm.world.nowMs - 59_000);
    expect(lately.length).toBeLessThanOrEqual(3); // refreshes of a lone server, not of a turn
    expect(lately.length).toBeGreaterThan(0);
  });

  test('a newcomer waits for its turn instead of taking it', () => {
    const farm = new Farm();
    const [first, second, late] = [farm.server(1), farm.server(2), farm.server(3)];
    first.start();
    second.start();
    farm.run(5_000);
    const startedAtMs = farm.world.nowMs;
    late.start();
    farm.run(2);
    const notice = farm.heard.findLast(({ source }) => source === late.source);
    expect(notice?.message.override).toBe(false);
    expect(notice?.linkLayerAddress).toBeUndefined();
    farm.run(1_500);
    const own = farm.advertisementsOf(late, startedAtMs);
    expect(own[0]!.atMs).toBeGreaterThan(startedAtMs + 2);
    farm.shares();
    farm.run(30_000);
    expect(farm.shares().get(late.mac)).toBeCloseTo(1 / 3, 1);
  });

  test('a newcomer to a lone server does not wait for that one to end its endless turn', () => {
    const farm = new Farm();
    const [lone, late] = [farm.server(1), farm.server(2)];
    lone.start();
    farm.run(20_000);
    late.start();
    farm.run(1_500);
    expect(farm.advertisementsOf(late).length).toBeGreaterThan(0);
    farm.run(1_500);
    farm.shares();
    farm.run(30_000);
    expect(farm.shares().get(late.mac)).toBeCloseTo(0.5, 1);
  });

  test('two halves of a link that join again agree on whose turn it is', () => {
    const farm = new Farm();
    const [first, second] = [farm.server(1), farm.server(2)];
    first.start();
    second.start();
    farm.run(3_000);
    farm.segment.separate(second.source, true);
    farm.run(10_000);
    expect(farm.entry?.mac).toBe(first.mac);
    farm.segment.separate(second.source, false);
    farm.run(40_000);
    farm.shares();
    farm.run(30_000);
    expect(farm.shares().get(second.mac)).toBeCloseTo(0.5, 1);
  });

  test('a server that says nothing of its weight or turn counts as weight 1', () => {
    const farm = new Farm();
    const ours = farm.server(1);
    ours.start(1);
    farm.run(1_000);
    farm.foreignAdvertisement(9);
    farm.run(600);
    expect(ours.advertiser.peers()).toEqual([expect.objectContaining({ weight: 1 })]);
    expect(farm.entry?.mac).toBe(ours.mac); // took its turn back after half a cycle
  });

  test('only allowed servers are heard: a stranger neither takes a turn nor delays one', () => {
    const farm = new Farm();
    const allowSources = [parsePrefix('fe80::1/128'), parsePrefix('fe80::2/128')];
    const servers = [1, 2].map((index) => farm.server(index, { allowSources }));
    for (const server of servers) server.start();
    const stranger = farm.server(9);
    stranger.start(255);
    farm.run(20_000);
    for (const server of servers) {
      expect(server.advertiser.peers()).toHaveLength(1);
      expect(server.advertiser.drops.get('sourceNotAllowed')).toBeGreaterThan(0);
      expect(farm.advertisementsOf(server).length).toBeGreaterThan(50);
    }
  });

  test('a turn that is announced for an hour holds for a minute at most', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(2_000);
    farm.foreignAdvertisement(9, { turnMs: 3_600_000, refreshMs: 0 });
    farm.run(1_000);
    expect(server.advertiser.state).toBe('Yielding');
    farm.run(60_000);
    expect(server.advertiser.state).toBe('Holding');
  });
});
