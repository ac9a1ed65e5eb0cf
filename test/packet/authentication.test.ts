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
const hello = (options: number = Option.V6): Hello => ({
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
    const algorithm = how!.algorithm.replace(/SHA-?/, 'SHA-');
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

describe('A sealed packet (RFC 7166 4)', () => {
  const sender = (): Authentication => authentication();

  test('is its packet with the AT-bit, no checksum, and a trailer behind', () => {
    const sealed = sender().seal(helloOctets(), SOURCE, 0)!;
    expect(decodePacket(sealed)).toEqual(hello(Option.V6 | Option.AT));
    expect(sealed.subarray(12, 14)).toEqual(new Uint8Array(2));
    expect(sealed).toHaveLength(helloOctets().length + sender().trailerOctets(0));
    expect(decodeTrailer(sealed)).toMatchObject({
      at: helloOctets().length,
      authenticationType: 1,
      authDataLength: 16 + 32,
      securityAssociationId: 7,
      sequenceNumberHigh: 1,
      sequenceNumberLow: 1,
    });
  });

  test('is authentic to who has the key, for every algorithm', () => {
    for (const algorithm of [
      'HMAC-SHA-1',
      'HMAC-SHA-256',
      'HMAC-SHA-384',
      'HMAC-SHA-512',
    ] as const) {
      const keys = [key({ algorithm })];
      const sealed = authentication({ keys }).seal(helloOctets(), SOURCE, 0)!;
      expect(authentication({ keys }).verify(sealed, SOURCE, 0)).toBeUndefined();
    }
  });

  test('carries its link-local signalling block between packet and trailer (RFC 5613)', () => {
    const packet = encodePacket(hello(Option.V6 | Option.L), SOURCE, ALL_SPF_ROUTERS);
    const block = encodeLinkLocalSignaling([{ type: 1, value: Uint8Array.of(0, 0, 0, 1) }], true);
    const sealed = sender().seal(Uint8Array.from([...packet, ...block]), SOURCE, 0)!;
    expect(decodeTrailer(sealed)?.at).toBe(packet.length + block.length);
    expect(authentication().verify(sealed, SOURCE, 0)).toBeUndefined();
    sealed[packet.length + 11]! ^= 1;
    expect(authentication().verify(sealed, SOURCE, 0)).toBe('AuthenticationDigest');
  });

  test('has a sequence number above all before, also after a restart', () => {
    const keys = [key()];
    const receiver = authentication({ keys });
    const before = authentication({ keys, bootCount: 4 });
    for (let i = 0; i < 3; i++) {
      expect(receiver.verify(before.seal(helloOctets(), SOURCE, 0)!, SOURCE, 0)).toBeUndefined();
    }
    const restarted = authentication({ keys, bootCount: 5 }).seal(helloOctets(), SOURCE, 0)!;
    expect(receiver.verify(restarted, SOURCE, 0)).toBeUndefined();
  });
});

describe('A packet is refused (RFC 7166 4.6)', () => {
  const sealed = (): Uint8Array => authentication().seal(helloOctets(), SOURCE, 0)!;

  test('without a trailer, unless the link is being moved to authentication', () => {
    expect(authentication().verify(helloOctets(), SOURCE, 0)).toBe('AuthenticationMissing');
    const lenient = authentication({ acceptUnauthenticated: true });
    expect(lenient.verify(helloOctets(), SOURCE, 0)).toBeUndefined();
    expect(lenient.verify(sealed(), SOURCE, 0)).toBeUndefined();
  });

  test('with a key that is unknown, other or of another algorithm', () => {
    const verify = (changes: Partial<AuthenticationKey>): unknown =>
      authentication({ keys: [key(changes)] }).verify(sealed(), SOURCE, 0);
    expect(verify({ securityAssociationId: 8 })).toBe('AuthenticationKey');
    expect(verify({ secret: text('ebb') })).toBe('AuthenticationDigest');
    expect(verify({ algorithm: 'HMAC-SHA-512' })).toBe('AuthenticationTrailer');
    expect(verify({ protocolIdOrder: 'little-endian' })).toBe('AuthenticationDigest');
  });

  test('from another source than it was sealed for', () => {
    const verify = authentication().verify(sealed(), parseAddress('fe80::2'), 0);
    expect(verify).toBe('AuthenticationDigest');
  });

  test.each([
    ['of another type', 1, 2],
    ['shorter than its head', 3, 15],
    ['longer than the datagram', 3, 49],
  ])('with a trailer %s', (_, at, value) => {
    const datagram = sealed();
    datagram[helloOctets().length + at] = value;
    expect(authentication().verify(datagram, SOURCE, 0)).toBe('AuthenticationTrailer');
  });

  test('cut off anywhere behind the packet', () => {
    const datagram = sealed();
    for (let length = helloOctets().length; length < datagram.length; length++) {
      const fault = authentication().verify(datagram.slice(0, length), SOURCE, 0);
      const isPacketAlone = length === helloOctets().length;
      expect(fault).toBe(isPacketAlone ? 'AuthenticationMissing' : 'AuthenticationTrailer');
    }
  });
});

describe('Replay protection (RFC 7166 4.6)', () => {
  const acknowledgment = (): Uint8Array =>
    encodePacket(
      {
        kind: 'LinkStateAcknowledgment',
        routerId: 1,
        areaId: 0,
        instanceId: 0,
        lsaHeaders: [],
      },
      SOURCE,
      ALL_SPF_ROUTERS,
    );

  test('refuses a sequence number that is not above the last, per packet type and neighbor', () => {
    const [sender, receiver] = [authentication(), authentication()];
    const first = sender.seal(helloOctets(), SOURCE, 0)!;
    const second = sender.seal(helloOctets(), SOURCE, 0)!;
    const third = sender.seal(acknowledgment(), SOURCE, 0)!;
    expect(receiver.verify(second, SOURCE, 0)).toBeUndefined();
    expect(receiver.verify(second, SOURCE, 0)).toBe('AuthenticationReplay');
    expect(receiver.verify(first, SOURCE, 0)).toBe('AuthenticationReplay');
    expect(receiver.verify(third, SOURCE, 0)).toBeUndefined();
    // A Hello sent before the acknowledgment may arrive after it, on its own count.
    const other = parseAddress('fe80::2');
    const elsewhere = authentication().seal(helloOctets(), other, 0)!;
    expect(receiver.verify(elsewhere, other, 0)).toBeUndefined();
  });

  test('is not moved by a packet whose digest is wrong', () => {
    const [sender, receiver] = [authentication(), authentication()];
    const good = sender.seal(helloOctets(), SOURCE, 0)!;
    const forged = sender.seal(helloOctets(), SOURCE, 0)!;
    forged[forged.length - 1]! ^= 1;
    expect(receiver.verify(forged, SOURCE, 0)).toBe('AuthenticationDigest');
    expect(receiver.verify(good, SOURCE, 0)).toBeUndefined();
  });

  test('starts anew for a neighbor that was gone', () => {
    const receiver = authentication();
    const late = authentication({ bootCount: 9 }).seal(helloOctets(), SOURCE, 0)!;
    const early = authentication({ bootCount: 2 }).seal(helloOctets(), SOURCE, 0)!;
    expect(receiver.verify(late, SOURCE, 0)).toBeUndefined();
    expect(receiver.verify(early, SOURCE, 0)).toBe('AuthenticationReplay');
    receiver.forget(SOURCE);
    expect(receiver.verify(early, SOURCE, 0)).toBeUndefined();
  });
});

describe('Lifetimes of keys (RFC 7166 3)', () => {
  const old = key({ securityAssociationId: 1, sendUntilMs: 1000, acceptUntilMs: 2000 });
  const next = key({
    securityAssociationId: 2,
    sendFromMs: 900,
    acceptFromMs: 0,
    sendUntilMs: 5000,
    acceptUntilMs: 6000,
  });
  const sent = (nowMs: number): number | undefined =>
    sendKey([old, next], nowMs)?.securityAssociationId;
  const accepts = (id: number, nowMs: number): boolean =>
    acceptKey([old, next], id, nowMs) !== undefined;

  test('the key whose lifetime for sending began last is sent with', () => {
    expect([0, 899, 900, 1000, 4999].map(sent)).toEqual([1, 1, 2, 2, 2]);
  });

  test('both are accepted while both lifetimes hold, the old one not afterwards', () => {
    expect([accepts(1, 0), accepts(2, 0)]).toEqual([true, true]);
    expect([accepts(1, 2000), accepts(2, 2000)]).toEqual([false, true]);
    expect(accepts(3, 0)).toBe(false);
  });

  test('the last key goes on when all have expired, rather than nothing', () => {
    expect(sent(9000)).toBe(2);
    expect([accepts(1, 9000), accepts(2, 9000)]).toEqual([false, true]);
  });

  test('nothing is sent before the first lifetime begins', () => {
    const keys = [key({ sendFromMs: 100 })];
    expect(authentication({ keys }).seal(helloOctets(), SOURCE, 99)).toBeUndefined();
    expect(authentication({ keys }).trailerOctets(99)).toBe(0);
    expect(authentication({ keys }).seal(helloOctets(), SOURCE, 100)).toBeDefined();
  });

  test('without any key there is no authentication to speak of', () => {
    expect(() => authentication({ keys: [] })).toThrow(RangeError);
  });
});
