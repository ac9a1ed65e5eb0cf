import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodePacket } from '../../src/packet/encode.ts';
import type { Hello } from '../../src/packet/packet.ts';
import {
  type Address,
  ALL_D_ROUTERS,
  ALL_SPF_ROUTERS,
  parseAddress,
} from '../../src/wire/address.ts';
import { CAPTURES, datagramsOf } from '../fixtures/captures.ts';
import { HELLO, hear, heard, type Journey, listener, SOURCE } from './listener.ts';
import { contentsOf, id, pair } from './network.ts';

/** What is counted when the Hello comes like this. */
function dropOf(
  more: Partial<Hello>,
  { spoil, ...journey }: Journey & { readonly spoil?: number } = {},
): string | undefined {
  const { source = SOURCE, destination = ALL_SPF_ROUTERS } = journey;
  const octets = encodePacket({ ...HELLO, ...more }, source, destination);
  if (spoil !== undefined) octets[spoil]! ^= 0x40;
  const node = hear(listener(), octets, journey);
  const [reason, count] = [...node.instance.drops][0] ?? [];
  if (reason !== undefined) {
    expect(count).toBe(1);
    expect(node.instance.neighbors()).toEqual([]);
    expect(node.events('datagramDropped')).toMatchObject([{ reason, interfaceId: 1 }]);
  }
  return reason;
}

describe('receiving protocol packets (RFC 5340 4.2.2, RFC 2328 10.5)', () => {
  test('a Hello with our parameters makes a neighbor', () => {
    expect(dropOf({})).toBeUndefined();
  });

  test.each<[string, string, () => string | undefined]>([
    ['the Area ID is another', 'AreaMismatch', () => dropOf({ areaId: 1 })],
    ['the Instance ID is another', 'InstanceIdMismatch', () => dropOf({ instanceId: 1 })],
    ['the Router ID is 0', 'RouterIdZero', () => dropOf({ routerId: 0 })],
    ['the Router ID is ours', 'DuplicateRouterId', () => dropOf({ routerId: id('10.0.0.1') })],
    ['HelloInterval is another', 'HelloIntervalMismatch', () => dropOf({ helloIntervalS: 2 })],
    [
      'RouterDeadInterval is another',
      'RouterDeadIntervalMismatch',
      () => dropOf({ routerDeadIntervalS: 5 }),
    ],
    ['the E-bit is another', 'OptionsMismatch', () => dropOf({ options: 0x11 })],
    ['the N-bit is another', 'OptionsMismatch', () => dropOf({ options: 0x1b })],
    ['the checksum is wrong', 'PacketChecksum', () => dropOf({}, { spoil: 20 })],
    ['the version is not 3', 'Version', () => dropOf({}, { spoil: 0 })],
    ['the length passes the datagram', 'Length', () => dropOf({}, { spoil: 2 })],
    [
      'the source is no link-local address',
      'SourceNotLinkLocal',
      () => dropOf({}, { source: parseAddress('2001:db8::2') }),
    ],
    [
      'it goes to AllDRouters and we are neither designated nor backup',
      'DestinationForeign',
      () => dropOf({}, { destination: ALL_D_ROUTERS }),
    ],
    [
      'it goes to somebody else',
      'DestinationForeign',
      () => dropOf({}, { destination: parseAddress('fe80::77') }),
    ],
  ])('dropped when %s: %s', (_when, reason, drop) => {
    expect(drop()).toBe(reason);
  });

  test('our own copy that comes back is dropped', () => {
    const node = listener();
    heard(HELLO, { source: node.address() }, node);
    expect([...node.instance.drops]).toEqual([['OwnDatagram', 1]]);
  });

  test('anything but a Hello from a router not heard before is dropped', () => {
    const header = { routerId: id('10.0.0.2'), areaId: 0, instanceId: 0 };
    const node = heard({ kind: 'LinkStateRequest', ...header, requests: [] });
    expect([...node.instance.drops]).toEqual([['NeighborUnknown', 1]]);
  });

  test('of more routers than a link may have, the first are neighbors and the rest is counted', () => {
    const node = listener();
    const first = id('11.0.0.0');
    for (let at = 0; at < 5000; at++) heard({ ...HELLO, routerId: first + at }, {}, node);
    node.network.run(1500);
    expect(node.instance.neighbors()).toHaveLength(4096);
    expect([...node.instance.drops]).toEqual([['NeighborTooMany', 5000 - 4096]]);
    // When the first are dead there is room again.
    node.network.run(6000);
    heard(HELLO, {}, node);
    expect(node.instance.neighbors().map(({ routerId }) => routerId)).toEqual([HELLO.routerId]);
  });

  test('on an interface that is down or unknown everything is dropped', () => {
    const node = heard(HELLO, { interfaceId: 9 });
    node.down();
    heard(HELLO, {}, node);
    expect([...node.instance.drops]).toEqual([['InterfaceUnknown', 2]]);
  });
});

describe('whatever octets come', () => {
  test('property: random octets with a right checksum change no database and never throw', () => {
    const { network, a, b } = pair();
    network.run(2000);
    const before = contentsOf(a.lsdb());
    const destination = a.address();
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.uint8Array({ minLength: 0, maxLength: 120 }),
        (type, rest) => {
          const octets = new Uint8Array(16 + rest.length);
          octets.set([3, type, 0, octets.length, 10, 0, 0, 2]);
          octets.set(rest, 16);
          checksum(octets, b.address(), destination);
          const source = b.address();
          a.handle({ kind: 'datagram', interfaceId: 1, source, destination, octets });
        },
      ),
      { numRuns: 500 },
    );
    expect(contentsOf(a.lsdb()).filter((lsa) => before.includes(lsa))).toEqual(before);
  });

  test('property: captured packets with octets changed at random never throw, nor do they stop a router', () => {
    const captured = CAPTURES.flatMap((capture) => datagramsOf(capture)).slice(0, 1500);
    const { network, a, b } = pair();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: captured.length - 1 }),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
        (which, changes) => {
          const octets = captured[which]!.octets.slice();
          octets.set([10, 0, 0, 2, 0, 0, 0, 0], 4);
          for (const [at, value] of changes) octets[16 + (at % (octets.length - 16))] = value;
          const destination = a.address();
          const source = b.address();
          checksum(octets, source, destination);
          a.handle({ kind: 'datagram', interfaceId: 1, source, destination, octets });
        },
      ),
      { numRuns: 1000 },
    );
    network.run(30_000);
    expect([a.stateOf(b), b.stateOf(a)]).toEqual(['Full', 'Full']);
  });
});

/** Puts the right checksum into a packet made by hand (RFC 8200 8.1). */
function checksum(octets: Uint8Array, source: Address, destination: Address): void {
  const view = new DataView(octets.buffer);
  if (octets.length < 16) return;
  view.setUint16(12, 0);
  let sum = octets.length + 89;
  const add = (from: Uint8Array): void => {
    for (let at = 0; at < from.length; at += 2) sum += (from[at]! << 8) | (from[at + 1] ?? 0);
  };
  for (const part of [source, destination, octets]) add(part);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(12, ~sum & 0xffff);
}
