import { describe, expect, test } from '@jest/globals';
import { ALL_NODES } from '../../src/neighbor-discovery/constants.ts';
import { UNSPECIFIED } from '../../src/wire/address.ts';
import { Farm, ROUTER } from './farm.ts';

describe('RFC 4861 7.2.4, 7.2.7: answers to solicitations', () => {
  const answersIn = (farm: Farm) => farm.heard.filter(({ message }) => message.solicited);

  test('Solicited set, Override clear, with the link-layer address, to the solicitor', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(1_000);
    farm.solicit();
    farm.run(1_000);
    expect(answersIn(farm)).toEqual([
      expect.objectContaining({
        destination: ROUTER,
        linkLayerAddress: server.mac,
        message: expect.objectContaining({ override: false, solicited: true }),
      }),
    ]);
  });

  test('whose turn it is answers at once, the others within the anycast delay', () => {
    const farm = new Farm();
    const servers = [1, 2, 3].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    farm.run(20);
    const holder = farm.entry?.mac;
    const askedAtMs = farm.world.nowMs;
    farm.solicit();
    farm.run(1_100);
    const answers = answersIn(farm);
    expect(answers).toHaveLength(3);
    expect(answers[0]!.linkLayerAddress).toBe(holder);
    expect(answers[0]!.atMs - askedAtMs).toBeLessThan(1);
    for (const { atMs } of answers) expect(atMs - askedAtMs).toBeLessThanOrEqual(1_001);
  });

  test('answerOrder random: the holder is delayed as all others (7.2.7)', () => {
    const farm = new Farm();
    const server = farm.server(1, { answerOrder: 'random' });
    server.start();
    farm.run(1_000);
    let delayed = 0;
    for (let round = 0; round < 20; round++) {
      const askedAtMs = farm.world.nowMs;
      farm.solicit();
      farm.run(1_500);
      const delayMs = answersIn(farm).at(-1)!.atMs - askedAtMs;
      expect(delayMs).toBeLessThanOrEqual(1_001);
      if (delayMs > 50) delayed++;
    }
    expect(delayed).toBeGreaterThan(10);
  });

  test('a unicast solicitation, as a probe is, is answered at once by the one who got it', () => {
    const farm = new Farm();
    const servers = [1, 2].map((index) => farm.server(index));
    for (const server of servers) server.start();
    farm.run(5_000);
    for (const server of servers) {
      farm.solicit(server);
      farm.run(1);
      expect(answersIn(farm).at(-1)).toMatchObject({ linkLayerAddress: server.mac });
    }
    expect(answersIn(farm)).toHaveLength(2);
  });

  test('delayUnicastAnswers: the letter of 7.2.7 for unicast solicitations as well', () => {
    const farm = new Farm();
    const server = farm.server(1, { delayUnicastAnswers: true, answerOrder: 'random' });
    server.start();
    farm.run(1_000);
    farm.solicit(server);
    farm.run(1);
    expect(answersIn(farm)).toHaveLength(0);
    farm.run(1_000);
    expect(answersIn(farm)).toHaveLength(1);
  });

  test('a solicitor that repeats itself is answered once', () => {
    const farm = new Farm();
    const server = farm.server(1, { answerOrder: 'random' });
    server.start();
    farm.run(1_000);
    farm.solicit();
    farm.solicit();
    farm.run(1_100);
    expect(answersIn(farm)).toHaveLength(1);
    expect(server.advertiser.drops.get('answerPending')).toBe(1);
  });

  test('a flood of solicitations is answered at a bounded rate', () => {
    const farm = new Farm();
    const server = farm.server(1, { answersPerSecond: 10 });
    server.start();
    farm.run(1_000);
    for (let i = 0; i < 200; i++) {
      farm.solicit(server);
      farm.run(5);
    }
    expect(answersIn(farm).length).toBeLessThanOrEqual(21);
    expect(server.advertiser.drops.get('answerRate')).toBeGreaterThan(170);
  });

  test('duplicate address detection of the service address is not answered by default', () => {
    const farm = new Farm();
    const quiet = farm.server(1);
    quiet.start();
    farm.run(1_000);
    farm.heard.length = 0;
    farm.solicit(undefined, UNSPECIFIED);
    farm.run(1_100);
    expect(farm.heard).toHaveLength(0);
    expect(quiet.advertiser.drops.get('duplicateAddressDetection')).toBe(1);
  });

  test('when it is to be answered: to all nodes, Solicited clear (RFC 4861 7.2.4)', () => {
    const farm = new Farm();
    const server = farm.server(1, { answerDuplicateAddressDetection: true });
    server.start();
    farm.run(1_000);
    farm.heard.length = 0;
    farm.solicit(undefined, UNSPECIFIED);
    farm.run(1_100);
    expect(farm.heard).toEqual([
      expect.objectContaining({
        destination: ALL_NODES,
        message: expect.objectContaining({ solicited: false, override: false }),
      }),
    ]);
  });

  test('an invalid solicitation is counted under its name and not answered', () => {
    const farm = new Farm();
    const server = farm.server(1);
    server.start();
    farm.run(1_000);
    const octets = Uint8Array.of(135, 0, 0, 0);
    server.input({
      kind: 'datagram',
      source: ROUTER,
      destination: server.source,
      hopLimit: 64,
      octets,
    });
    farm.run(1_000);
    expect(answersIn(farm)).toHaveLength(0);
    expect(server.advertiser.drops).toEqual(new Map([['hopLimit', 1]]));
  });
});
