import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type ShownDatagram, showDatagram } from '../../src/cli/packet-json.ts';
import { hmacDigest } from '../../src/host/digest.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import type { AuthenticationAlgorithm } from '../../src/packet/key.ts';
import { parseAddress, UNSPECIFIED } from '../../src/wire/address.ts';

/** A packet of another implementation with its fields as a third party decoded them. */
interface Vector {
  readonly name?: string;
  readonly frame?: number;
  readonly ipv6Source?: string;
  readonly ipv6Destination?: string;
  readonly hex: string;
  readonly authentication?: { keyId: number; algorithm: string; keyAscii: string };
  readonly expected?: Record<string, unknown>;
  readonly expectedError?: string;
}

const read = (file: string): { packets: Vector[]; vectors: Vector[] } =>
  JSON.parse(readFileSync(`test/fixtures/${file}`, 'utf8'));
const octetsOf = (vector: Vector): Uint8Array => new Uint8Array(Buffer.from(vector.hex, 'hex'));
const address = (text: string | undefined) => (text ? parseAddress(text) : UNSPECIFIED);

function show(vector: Vector): ShownDatagram {
  const keys = vector.authentication
    ? [
        {
          securityAssociationId: vector.authentication.keyId,
          algorithm: vector.authentication.algorithm.replace(
            /SHA-?/,
            'SHA-',
          ) as AuthenticationAlgorithm,
          secret: new TextEncoder().encode(vector.authentication.keyAscii),
        },
      ]
    : [];
  return showDatagram(
    {
      source: address(vector.ipv6Source),
      destination: address(vector.ipv6Destination),
      octets: octetsOf(vector),
    },
    { keys, digest: hmacDigest },
  );
}

for (const name of ['OSPFv3_broadcast_adjacency', 'OSPFv3_NBMA_adjacencies']) {
  const packets = read(`cisco/${name}.pcap.vectors.json`).packets;
  describe(`Cisco's ${name}`, () => {
    test.each(packets)('frame $frame decodes to the fields expected', (vector) => {
      const { json, problems } = show(vector);
      expect(json).toEqual(vector.expected);
      expect(problems).toEqual([]);
    });

    test.each(packets)('frame $frame encodes to the same octets again', (vector) => {
      const packet = decodePacket(octetsOf(vector));
      const again = encodePacket(
        packet,
        address(vector.ipv6Source),
        address(vector.ipv6Destination),
      );
      expect(Buffer.from(again).toString('hex')).toBe(vector.hex);
      for (const { octets, header, body } of packet.kind === 'LinkStateUpdate' ? packet.lsas : []) {
        const lsa = Lsa.originate(header, header.sequenceNumber, body, header.ageS);
        expect(Buffer.from(lsa.octets)).toEqual(Buffer.from(octets));
      }
    });
  });
}

describe("holo's packets", () => {
  const vectors = read('holo/packet-vectors.json').vectors;

  test.each(vectors.filter((v) => v.expected))('$name decodes to the fields expected', (vector) => {
    const { json } = show(vector);
    // Its packets have no addresses, so no checksum, and digests are checked by their data.
    const { checksumValid: _, ...fields } = json;
    expect(fields).toMatchObject(vector.expected!);
    expect(Object.keys(fields).sort()).toEqual(Object.keys(vector.expected!).sort());
    if (vector.authentication) {
      expect(fields).toMatchObject({ authenticationTrailer: { digestValid: true } });
    }
  });

  test.each(vectors.filter((v) => v.expectedError))('$name is refused', (vector) => {
    expect(show(vector).json).toMatchObject({ trailerError: { code: 'Length', at: 42 } });
  });
});
