import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../../src/errors.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { decodePacket, packetChecksumValid } from '../../src/packet/decode.ts';
import { encodePacket, packetOctets } from '../../src/packet/encode.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';
import { anyAddress, anyTypedBody, anyU8, anyU16, anyU24, anyU32 } from '../lsa/arbitrary.ts';

const SOURCE = parseAddress('fe80::1');
const octetsOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

const header = { routerId: anyU32, areaId: anyU32, instanceId: anyU8 };
const anySequence = fc.integer({ min: -0x7fffffff, max: 0x7fffffff });
const anyIdentity = { lsType: anyU16, linkStateId: anyU32, advertisingRouter: anyU32 };
const anyLsaHeaders = fc.array(
  fc.record({
    ageS: anyU16,
    ...anyIdentity,
    sequenceNumber: anySequence,
    checksum: anyU16,
    length: anyU16,
  }),
  { maxLength: 5 },
);
const anyLsa = fc
  .tuple(anyTypedBody, anyU32, anyU32, anySequence)
  .map(([[lsType, body], linkStateId, advertisingRouter, sequence]) =>
    Lsa.originate({ lsType, linkStateId, advertisingRouter }, sequence, body),
  );

const ANY_PACKET: Readonly<Record<Packet['kind'], fc.Arbitrary<Packet>>> = {
  Hello: fc.record({
    kind: fc.constant('Hello'),
    ...header,
    interfaceId: anyU32,
    routerPriority: anyU8,
    options: anyU24,
    helloIntervalS: anyU16,
    routerDeadIntervalS: anyU16,
    designatedRouter: anyU32,
    backupDesignatedRouter: anyU32,
    neighbors: fc.array(anyU32, { maxLength: 6 }),
  }),
  DatabaseDescription: fc.record({
    kind: fc.constant('DatabaseDescription'),
    ...header,
    options: anyU24,
    interfaceMtu: anyU16,
    flags: anyU8,
    ddSequenceNumber: anyU32,
    lsaHeaders: anyLsaHeaders,
  }),
  LinkStateRequest: fc.record({
    kind: fc.constant('LinkStateRequest'),
    ...header,
    requests: fc.array(fc.record(anyIdentity), { maxLength: 6 }),
  }),
  LinkStateUpdate: fc.record({
    kind: fc.constant('LinkStateUpdate'),
    ...header,
    lsas: fc.array(anyLsa, { maxLength: 4 }),
  }),
  LinkStateAcknowledgment: fc.record({
    kind: fc.constant('LinkStateAcknowledgment'),
    ...header,
    lsaHeaders: anyLsaHeaders,
  }),
};
const anyPacket = fc.oneof(...Object.values(ANY_PACKET));
const kinds = Object.keys(ANY_PACKET) as Packet['kind'][];

describe.each(kinds)('A %s packet (RFC 5340 A.3)', (kind) => {
  test('survives the wire, its checksum right', () => {
    fc.assert(
      fc.property(ANY_PACKET[kind], anyAddress, anyAddress, (packet, source, destination) => {
        const octets = encodePacket(packet, source, destination);
        expect(octets).toHaveLength(packetOctets(packet));
        expect(packetChecksumValid(octets, source, destination)).toBe(true);
        const decoded = decodePacket(octets);
        expect(encodePacket(decoded, source, destination)).toEqual(octets);
        if (packet.kind === 'LinkStateUpdate' && decoded.kind === 'LinkStateUpdate') {
          expect(decoded.lsas.map((lsa) => lsa.header)).toEqual(packet.lsas.map((l) => l.header));
        } else {
          expect(decoded).toEqual(packet);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('cut off anywhere is refused', () => {
    fc.assert(
      fc.property(ANY_PACKET[kind], (packet) => {
        const octets = encodePacket(packet, SOURCE, ALL_SPF_ROUTERS);
        for (let length = 0; length < octets.length; length++) {
          // As the link would cut it, and as a peer that believes the shorter length would.
          expect(() => decodePacket(octets.slice(0, length))).toThrow(DecodeError);
        }
      }),
      { numRuns: 10 },
    );
  });

  test('whose length field is cut is refused, or read as the shorter packet it has become', () => {
    fc.assert(
      fc.property(ANY_PACKET[kind], fc.nat(), (packet, n) => {
        const octets = encodePacket(packet, SOURCE, ALL_SPF_ROUTERS);
        const length = n % octets.length;
        new DataView(octets.buffer).setUint16(2, length);
        try {
          expect(packetOctets(decodePacket(octets))).toBe(length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('may be followed by other octets, which are left alone', () => {
    fc.assert(
      fc.property(ANY_PACKET[kind], fc.uint8Array({ maxLength: 50 }), (packet, behind) => {
        const octets = encodePacket(packet, SOURCE, ALL_SPF_ROUTERS);
        const datagram = Uint8Array.from([...octets, ...behind]);
        expect(encodePacket(decodePacket(datagram), SOURCE, ALL_SPF_ROUTERS)).toEqual(octets);
        expect(packetChecksumValid(datagram, SOURCE, ALL_SPF_ROUTERS)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('Packets that break the format', () => {
  const HELLO =
    '03010024010101010000000100000000' +
    '0000000501000013000a0028'.slice(0, 24) +
    '0000000000000000';
  const LSU = '0304001401010101000000010000000000000000'.slice(0, 40);
  const DD = '0302001c01010101000000010000000000000013' + '05dc000700001d46';
  test.each([
    ['nothing', '', 'Short', 0],
    ['half a header', '0301002401010101', 'Short', 0],
    ['version 2', `02${HELLO.slice(2)}`, 'Version', 0],
    ['packet type 0', `0300${HELLO.slice(4)}`, 'PacketType', 1],
    ['packet type 6', `0306${HELLO.slice(4)}`, 'PacketType', 1],
    ['a length below the header', `0301000f${HELLO.slice(8)}`, 'Length', 2],
    ['a length past the datagram', `03010025${HELLO.slice(8)}`, 'Length', 2],
    ['a Hello without its fields', `03010010${HELLO.slice(8, 32)}`, 'Short', 16],
    ['a Hello with half a neighbor', `03010026${HELLO.slice(8)}0202`, 'Length', 36],
    ['a description with half an LSA header', `0302001e${DD.slice(8)}0005`, 'Length', 28],
    [
      'a request with half an identity',
      '0303001201010101000000010000000000000000'.slice(0, 36),
      'Length',
      16,
    ],
    ['an update without a count', '03040010010101010000000100000000', 'Short', 16],
    ['an update of one LSA without it', `${LSU.slice(0, 32)}00000001`, 'Count', 16],
    ['an update of 2^32-1 LSAs', `${LSU.slice(0, 32)}ffffffff`, 'Count', 16],
    [
      'an update with an LSA uncounted',
      `03040028${LSU.slice(8, 32)}00000000${'00'.repeat(20)}`,
      'Count',
      20,
    ],
    [
      'an update with an LSA of length 0',
      `03040028${LSU.slice(8, 32)}00000001${'00'.repeat(20)}`,
      'Length',
      38,
    ],
    [
      'an acknowledgment of half a header',
      '0305001201010101000000010000000000000000'.slice(0, 36),
      'Length',
      16,
    ],
  ])('%s', (_, hex, code, at) => {
    expect(() => decodePacket(octetsOf(hex))).toThrow(expect.objectContaining({ code, at }));
  });

  test('random octets are refused or read, and never anything else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 4, 5),
        fc.uint8Array({ maxLength: 200 }),
        (type, rest) => {
          const octets = Uint8Array.from([3, type, 0, 0, ...rest]);
          new DataView(octets.buffer).setUint16(2, octets.length);
          try {
            decodePacket(octets);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        },
      ),
    );
  });

  test('a changed octet makes the checksum wrong', () => {
    fc.assert(
      fc.property(anyPacket, fc.nat(), fc.integer({ min: 1, max: 255 }), (packet, n, change) => {
        const octets = encodePacket(packet, SOURCE, ALL_SPF_ROUTERS);
        const at = n % octets.length;
        fc.pre(at !== 0 && at !== 2 && at !== 3); // version and length are judged before
        octets[at]! ^= change;
        expect(packetChecksumValid(octets, SOURCE, ALL_SPF_ROUTERS)).toBe(false);
      }),
    );
  });
});

describe('Encoding', () => {
  test.each([
    ['routerPriority', 256],
    ['helloIntervalS', 65536],
    ['options', 0x1000000],
    ['interfaceId', -1],
    ['instanceId', 256],
    ['routerId', Number.NaN],
  ])('refuses a Hello whose %s is %d', (field, value) => {
    const [hello] = fc.sample(ANY_PACKET.Hello, { numRuns: 1, seed: 1 });
    const packet = { ...hello, [field]: value } as Packet;
    expect(() => encodePacket(packet, SOURCE, ALL_SPF_ROUTERS)).toThrow(`${field} cannot hold`);
  });
});
