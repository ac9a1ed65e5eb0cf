import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../../src/errors.ts';
import {
  BFD_STATES,
  type BfdPacket,
  decodeBfdPacket,
  encodeBfdPacket,
} from '../../src/neighbor/bfd-packet.ts';
import { BfdSession } from '../../src/neighbor/bfd-session.ts';
import { Prng } from '../../src/prng.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { HELLO, heard } from './listener.ts';
import { Network, pair } from './network.ts';

const BFD = { desiredMinTxIntervalMs: 50, requiredMinRxIntervalMs: 50, detectMultiplier: 3 };

describe('BFD with every neighbor (RFC 5880, RFC 5881, RFC 5882)', () => {
  test('the session comes up and then sends every 37.5 to 50 ms', () => {
    const { network, a, b } = pair({ bfd: BFD });
    network.run(5000);
    expect(a.instance.neighbors()[0]?.bfd).toBe('Up');
    expect(b.instance.neighbors()[0]?.bfd).toBe('Up');
    const before = network.bfdPackets;
    network.run(10_000);
    // Two sides, 10 s: between 200 and 267 packets each.
    expect(network.bfdPackets - before).toBeGreaterThanOrEqual(400);
    expect(network.bfdPackets - before).toBeLessThanOrEqual(540);
  });

  test('hosts on a link, which are not adjacent, have no sessions with each other', () => {
    const network = new Network();
    const link = network.link();
    const router = network.node('10.0.0.9', [link], { priority: 9, bfd: BFD });
    const hosts = ['10.0.0.1', '10.0.0.2'].map((name) =>
      network.node(name, [link], { priority: 0, bfd: BFD }),
    );
    for (const node of [router, ...hosts]) node.up();
    network.run(10_000);
    const sessions = hosts[0]!.instance.neighbors().map(({ routerId, bfd }) => [routerId, bfd]);
    expect(sessions).toContainEqual([router.routerId, 'Up']);
    expect(sessions).toContainEqual([hosts[1]!.routerId, undefined]);
  });

  test('a dead neighbor is gone within 150 ms and not after RouterDeadInterval', () => {
    const { network, a, b } = pair({ bfd: BFD });
    network.run(5000);
    b.dead = true;
    const tookMs = network.runUntil(() => a.stateOf(b) === undefined, 1000, 1);
    expect(tookMs).toBeLessThanOrEqual(151);
    expect(a.events('neighborState').at(-1)).toMatchObject({ to: 'Down', because: 'LLDown' });
  });

  test('it comes back by itself when the neighbor does', () => {
    const { network, a, b } = pair({ bfd: BFD });
    network.run(5000);
    b.dead = true;
    network.run(10_000);
    b.dead = false;
    network.run(15_000);
    expect(a.stateOf(b)).toBe('Full');
    expect(a.instance.neighbors()[0]?.bfd).toBe('Up');
  });

  test('a neighbor whose address changes has a session at the new one at once', () => {
    const { network, a, b } = pair({ bfd: BFD });
    network.run(5000);
    const [{ designatedRouter = 0, backupDesignatedRouter = 0 } = {}] = a.instance.interfaces();
    const known = { routerId: b.routerId, neighbors: [a.routerId] };
    const elected = { designatedRouter, backupDesignatedRouter };
    heard({ ...HELLO, ...known, ...elected }, { source: parseAddress('fe80::beef') }, a);
    expect(a.instance.neighbors()[0]).toMatchObject({ state: 'Full', bfd: 'Down' });
  });

  test('against a neighbor without BFD the adjacency forms all the same', () => {
    const { network, a, b } = pair();
    expect(a.instance.neighbors()[0]?.bfd).toBeUndefined();
    network.run(100);
    expect(a.stateOf(b)).toBe('Full');
  });

  test('a packet whose hop limit is not 255 has crossed a router and is refused (RFC 5881 5)', () => {
    const { a, b } = pair({ bfd: BFD });
    const octets = new Uint8Array(24);
    const source = b.address();
    a.handle({ kind: 'bfdDatagram', interfaceId: 1, source, hopLimit: 254, octets });
    expect(a.instance.drops.get('BfdHopLimit')).toBe(1);
    a.handle({ kind: 'bfdDatagram', interfaceId: 1, source, hopLimit: 255, octets });
    expect(a.instance.drops.get('BfdPacket')).toBe(1);
  });
});

describe('when packets are sent (RFC 5880 6.8.7)', () => {
  /** A session at time 0 that has sent its first packet, in state Down, and what it sends from then on. */
  function session() {
    const sent: BfdPacket[] = [];
    const listener = {
      send: (octets: Uint8Array) => void sent.push(decodeBfdPacket(octets)),
      changed: () => undefined,
    };
    const made = new BfdSession(BFD, 7, new Prng(1), listener, 0);
    made.wake(0);
    sent.length = 0;
    return { made, sent };
  }
  const heard = (state: BfdPacket['state'], requiredMinRxIntervalUs = 50_000): BfdPacket => ({
    ...{ diagnostic: 0, poll: false, final: false, detectMultiplier: 3 },
    ...{ state, requiredMinRxIntervalUs, desiredMinTxIntervalUs: 50_000 },
    ...{ myDiscriminator: 9, yourDiscriminator: 7 },
  });

  test('a new state is told at once, not up to a second later', () => {
    const { made, sent } = session();
    made.receive(heard('Down'), 100);
    expect(made.deadlineMs()).toBe(100);
    made.wake(100);
    expect(sent).toMatchObject([{ state: 'Init' }]);
    made.receive(heard('Init'), 200);
    made.wake(200);
    expect(sent.slice(1)).toMatchObject([{ state: 'Up', poll: true }]);
  });

  test('what says the same waits for its time', () => {
    const { made } = session();
    made.receive(heard('Up'), 100);
    expect(made.deadlineMs()).toBeGreaterThan(100);
  });

  test('silence is told as soon as it is noticed', () => {
    const { made, sent } = session();
    made.receive(heard('Init'), 100);
    made.wake(100);
    made.wake(240); // the next is due from 277.5 on
    sent.length = 0;
    made.wake(250);
    expect(sent).toMatchObject([{ state: 'Down', diagnostic: 1 }]);
  });

  test('who asks for no packets gets none', () => {
    const { made, sent } = session();
    made.receive(heard('Down', 0), 100);
    expect(made.state).toBe('Init');
    made.wake(100);
    expect(sent).toEqual([]);
  });
});

describe('the control packet (RFC 5880 4.1)', () => {
  // RFC 5880 4.1's field order, laid out by hand: version 1, diagnostic 1, state Up with Poll.
  const octets = Uint8Array.from([
    0x21, 0xe0, 3, 24, 0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0xc3, 0x50, 0, 1, 0x86, 0xa0, 0, 0, 0, 0,
  ]);

  test('is read as the RFC draws it', () => {
    expect(decodeBfdPacket(octets)).toEqual({
      diagnostic: 1,
      state: 'Up',
      poll: true,
      final: false,
      detectMultiplier: 3,
      myDiscriminator: 7,
      yourDiscriminator: 9,
      desiredMinTxIntervalUs: 50_000,
      requiredMinRxIntervalUs: 100_000,
    });
    expect(encodeBfdPacket(decodeBfdPacket(octets))).toEqual(octets);
  });

  test.each([
    ['another version', 0, 0x41],
    ['Detect Mult 0', 2, 0],
    ['a length below 24', 3, 23],
    ['a length above the payload', 3, 25],
    ['the Multipoint bit', 1, 0xe1],
    ['authentication', 1, 0xe4],
    ['My Discriminator 0', 7, 0],
    ['Your Discriminator 0 in state Up', 11, 0],
  ])('%s is refused (6.8.6)', (_name, at, value) => {
    const wrong = octets.slice();
    wrong[at] = value;
    expect(() => decodeBfdPacket(wrong)).toThrow(DecodeError);
  });

  test('property: what is encoded is decoded again', () => {
    const u32 = fc.integer({ min: 1, max: 0xffffffff });
    fc.assert(
      fc.property(
        fc.record({
          diagnostic: fc.integer({ min: 0, max: 31 }),
          state: fc.constantFrom(...BFD_STATES),
          poll: fc.boolean(),
          final: fc.boolean(),
          detectMultiplier: fc.integer({ min: 1, max: 255 }),
          myDiscriminator: u32,
          yourDiscriminator: u32,
          desiredMinTxIntervalUs: u32,
          requiredMinRxIntervalUs: u32,
        }),
        (packet) => {
          expect(decodeBfdPacket(encodeBfdPacket(packet))).toEqual(packet);
        },
      ),
    );
  });
});
