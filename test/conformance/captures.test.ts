import { describe, expect, test } from '@jest/globals';
import { hmacDigest } from '../../src/host/digest.ts';
import { readCapture } from '../../src/host/pcap.ts';
import { captureItems } from '../../src/host/pcap-datagrams.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { lsaFault } from '../../src/lsa/validate.ts';
import { decodePacket, packetChecksumValid } from '../../src/packet/decode.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import { PacketHead } from '../../src/packet/header.ts';
import { decodeTrailer, trailerDigest } from '../../src/packet/trailer.ts';
import { CAPTURES, datagramsOf, framesOf, labKeys } from '../fixtures/captures.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

/** OSPF packets per capture, as tshark counts them (`-Y ospf`). */
const PACKETS: Readonly<Record<string, number>> = {
  OSPFv3_NBMA_adjacencies: 86,
  OSPFv3_broadcast_adjacency: 38,
  'a-bcast-frr-3': 123,
  'b-bcast-bird-3': 107,
  'c-bcast-mixed-4': 177,
  'd-p2p-frr-frr-bird-bird': 129,
  'e-multiarea-bird': 360,
  'e-multiarea-frr': 409,
  'f-cost-bird': 215,
  'f-cost-frr': 243,
  'f-cost-frr-router-bird-servers': 247,
  'g-kill9-frr': 180,
  'g-stop-bird': 146,
  'g-stop-frr': 172,
  'g-withdraw-bird': 155,
  'g-withdraw-frr': 187,
  'h-auth-bird': 208,
  'h-auth-frr': 238,
  'i-gr-frr': 158,
  'j-af-ipv4-bird': 172,
};

describe.each(CAPTURES)('$name', (capture) => {
  const datagrams = datagramsOf(capture);

  test('every OSPF packet is found, and nothing else', () => {
    expect(datagrams.length).toBe(PACKETS[capture.name] ?? datagrams.length);
    expect(datagrams.length).toBeGreaterThan(0);
    expect([...captureItems(framesOf(capture))].filter((item) => item.kind === 'fault')).toEqual(
      [],
    );
  });

  test('every checksum is right', () => {
    for (const { octets, source, destination, frame } of datagrams) {
      if (decodeTrailer(octets)) continue; // then there is none (RFC 7166 4.2)
      const valid = packetChecksumValid(octets, source, destination);
      expect({ frame: frame.number, valid }).toEqual({ frame: frame.number, valid: true });
    }
  });

  test('every packet encodes to the same octets again', () => {
    for (const { octets, source, destination } of datagrams) {
      const again = encodePacket(decodePacket(octets), source, destination);
      // The checksum of an authenticated packet is not computed; ours is.
      if (decodeTrailer(octets)) again.fill(0, 12, 14);
      const { packetLength } = PacketHead.decode(new DataView(octets.buffer, octets.byteOffset), 0);
      expect(hex(again)).toBe(hex(octets.subarray(0, packetLength)));
    }
  });

  test('every LSA is without fault and encodes to the same octets again', () => {
    for (const { octets } of datagrams) {
      const packet = decodePacket(octets);
      for (const lsa of packet.kind === 'LinkStateUpdate' ? packet.lsas : []) {
        expect(lsaFault(lsa)).toBeUndefined();
        expect(lsa.body.kind).not.toBe('Unknown');
        const { header, body } = lsa;
        const again = Lsa.originate(header, header.sequenceNumber, body, header.ageS);
        expect(hex(again.octets)).toBe(hex(lsa.octets));
      }
    }
  });
});

describe('Authentication trailers in captures (RFC 7166 4.5)', () => {
  test.each([
    ['h-auth-bird', 'network', [11, 12, 13, 14, 15]],
    // FRR 8.4 of Debian authenticates with SHA-256 alone, with the protocol id turned round.
    ['h-auth-frr', 'little-endian', [12, 15]],
  ] as const)('%s: every digest is that of the key configured', (name, protocolIdOrder, ids) => {
    const capture = CAPTURES.find((c) => c.name === name)!;
    const seen = new Set<number>();
    for (const { octets, source } of datagramsOf(capture)) {
      const trailer = decodeTrailer(octets);
      if (!trailer) continue;
      const { securityAssociationId, at, authenticationData } = trailer;
      seen.add(securityAssociationId);
      // On the fifth link the second router was given a wrong key: its digests are of that key.
      const isWrong = securityAssociationId === 15 && source[15] === 2;
      const key = {
        ...labKeys(protocolIdOrder)[securityAssociationId - 11]!,
        ...(isWrong && { secret: new TextEncoder().encode('wrong-key') }),
      };
      expect(hex(trailerDigest(octets, at, source, key, hmacDigest))).toBe(hex(authenticationData));
      const other = { ...key, secret: new TextEncoder().encode('another') };
      expect(hex(trailerDigest(octets, at, source, other, hmacDigest))).not.toBe(
        hex(authenticationData),
      );
    }
    expect([...seen].sort()).toEqual(ids);
  });
});

test('a damaged capture gives its frames up to the damage, then says where it is', () => {
  for (const capture of CAPTURES) {
    const whole = [...framesOf(capture)];
    const last = whole.at(-1)!.octets;
    const file = new Uint8Array(last.buffer, 0, last.byteOffset + 4);
    const frames = readCapture(file);
    for (let i = 1; i < whole.length; i++) expect(frames.next().value).toBeDefined();
    expect(() => frames.next()).toThrow(/octet/);
  }
});
