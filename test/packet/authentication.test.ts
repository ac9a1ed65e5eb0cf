import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hmacDigest } from '../../src/host/digest.ts';
import { Option } from '../../src/lsa/options.ts';
import { Authentication, type AuthenticationConfig } from '../../src/packet/authentication.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import {
  type AuthenticationAlgorithm,
  type AuthenticationKey,
  acceptKey,
  sendKey,
} from '../../src/packet/key.ts';
import { encodeLinkLocalSignaling } from '../../src/packet/link-local-signaling.ts';
import type { Hello } from '../../src/packet/packet.ts';
import { decodeTrailer } from '../../src/packet/trailer.ts';
import { ALL_SPF_ROUTERS, parseAddress, UNSPECIFIED } from '../../src/wire/address.ts';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly authentication?: { keyId: number; algorithm: string; keyAscii: string };
}
const { vectors } = JSON.parse(readFileSync('test/fixtures/holo/packet-vectors.json', 'utf8')) as {
  vectors: Vector[];
};

const SOURCE = parseAddress('fe80::1');
const text = (secret: string): Uint8Array => new TextEncoder().encode(secret);
const key = (changes: Partial<AuthenticationKey> = {}): AuthenticationKey => ({
  securityAssociationId: 7,
  algorithm: 'HMAC-SHA-256',
  secret: text('tide'),
  ...changes,
});
const authentication = (changes: Partial<AuthenticationConfig> = {}): Authentication =>
  new Authentication({ keys: [key()], digest: hmacDigest, bootCount: 1, ...changes });
const hello = (options = Option.V6): Hello => ({
  kind: 'Hello',
  routerId: 0x01010101,
  areaId: 0,
  instanceId: 0,
  interfaceId: 4,
  routerPriority: 1,
  options,
  helloIntervalS: 10,
  routerDeadIntervalS: 40,
  designatedRouter: 0,
  backupDesignatedRouter: 0,
  neighbors: [],
});
const helloOctets = (): Uint8Array => encodePacket(hello(), SOURCE, ALL_SPF_ROUTERS);

describe('Trailers that other implementations made are authentic (RFC 7166 4.5)', () => {
  for (const { name, hex, authentication: how } of vectors.filter((v) => v.authentication)) {
    const securityAssociationId = how!.keyId;
    const secret = text(how!.keyAscii);
    const algorithm = how!.algorithm.replace('HMAC-SHA', 'HMAC-SHA-').replace('--', '-');
    const keys = [
      { securityAssociationId, secret, algorithm: algorithm as AuthenticationAlgorithm },
    ];
    test(name, () => {
      const datagram = new Uint8Array(Buffer.from(hex, 'hex'));
      expect(authentication({ keys }).verify(datagram, UNSPECIFIED, 0)).toBeUndefined();
      for (let at = 0; at < datagram.length; at++) {
        const forged = datagram.slice();
        forged[at]! ^= 0x40;
        const isChecksum = at === 12 || at === 13; // counts as zero in the digest
        if (isChecksum) continue;
        const verify = (): unknown => authentication({ keys }).verify(forged, UNSPECIFIED, 0);
        expect({ at, fault: verify() }).not.toEqual({ at, fault: undefined });
      }
    });
  }
  test('there are eight of them', () => {
    expect(vectors.filter((v) => v.authentication)).toHaveLength(8);
  });
});
