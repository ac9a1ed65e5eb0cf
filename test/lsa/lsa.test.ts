import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DecodeError } from '../../src/errors.ts';
import { INITIAL_SEQUENCE_NUMBER, MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { type LsaFault, lsaFault, unreadOf } from '../../src/lsa/validate.ts';
import { lsaChecksum } from '../../src/wire/checksum.ts';
import { anyTypedBody, anyU32 } from './arbitrary.ts';

/** A Router-LSA of Cisco's. */
const HEX =
  '00012001000000000202020280000003' + '37a5002801000033' + '0200000a000000050000000501010101';
const octetsOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const router = (): Lsa => Lsa.decode(octetsOf(HEX));

/** The LSA with some octets of its own, the checksum right again unless told otherwise. */
function altered(at: number, octets: readonly number[], fixChecksum = true): Lsa {
  const altered = octetsOf(HEX);
  altered.set(octets, at);
  if (fixChecksum)
    new DataView(altered.buffer).setUint16(16, lsaChecksum(new DataView(altered.buffer)));
  return Lsa.decode(altered);
}

describe('An LSA', () => {
  test('has the header that Cisco gave it (RFC 5340 A.4.2)', () => {
    expect(router().header).toEqual({
      ageS: 1,
      lsType: LsType.Router,
      linkStateId: 0,
      advertisingRouter: 0x02020202,
      sequenceNumber: INITIAL_SEQUENCE_NUMBER + 2,
      checksum: 0x37a5,
      length: 40,
    });
  });

  test('is a copy of the packet it came in, a Node Buffer included', () => {
    for (const packet of [octetsOf(HEX), Buffer.from(HEX, 'hex')]) {
      const lsa = Lsa.decode(packet);
      packet.fill(0);
      expect(Buffer.from(lsa.octets).toString('hex')).toBe(HEX);
      expect(lsa.body).toMatchObject({ kind: 'Router', links: [{ metric: 10 }] });
    }
  });

  test.each([
    ['0', 0],
    ['less than a header', 19],
    ['more than is left', 41],
    ['65535', 65535],
  ])('whose length is %s is refused', (_, length) => {
    const octets = octetsOf(HEX);
    new DataView(octets.buffer).setUint16(18, length);
    expect(() => Lsa.decode(octets)).toThrow(expect.objectContaining({ code: 'Length' }));
  });

  test('originated again from what it says has the same octets', () => {
    const { header, body, octets } = router();
    expect(Lsa.originate(header, header.sequenceNumber, body, header.ageS).octets).toEqual(octets);
  });

  test('of every kind survives origination and receipt', () => {
    fc.assert(
      fc.property(anyTypedBody, anyU32, anyU32, ([lsType, body], linkStateId, router) => {
        const identity = { lsType, linkStateId, advertisingRouter: router };
        const lsa = Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
        expect(lsa.header).toMatchObject({ ...identity, ageS: 0, length: lsa.octets.length });
        const received = Lsa.decode(lsa.octets);
        expect(received.header).toEqual(lsa.header);
        expect(lsaFault(received)).toBeUndefined();
        expect(received.body).toEqual(body);
      }),
    );
  });

  test('ends where its length says, whatever lies behind it', () => {
    const truth = (octets: Uint8Array): unknown => {
      const lsa = Lsa.decode(octets);
      try {
        return [lsa.octets, lsa.checksumValid, lsa.body];
      } catch (error) {
        const { code, at } = error as DecodeError;
        return { code, at };
      }
    };
    fc.assert(
      fc.property(
        anyTypedBody,
        fc.nat(60),
        fc.constantFrom(0, 1, 4, 0xff),
        ([lsType, body], less, filling) => {
          const identity = { lsType, linkStateId: 1, advertisingRouter: 2 };
          const { octets } = Lsa.originate(identity, 1, body);
          const length = Math.max(20, octets.length - less);
          const alone = octets.slice(0, length);
          new DataView(alone.buffer).setUint16(18, length);
          const behind = new Uint8Array(length + 64).fill(filling);
          behind.set(alone);
          expect(truth(behind)).toEqual(truth(alone));
        },
      ),
    );
  });

  test('tells where its body is at fault, counted from its first octet', () => {
    const octets = octetsOf(HEX);
    octets[3] = 4;
    for (let i = 0; i < 3; i++) {
      expect(() => Lsa.decode(octets).body).toThrow(
        expect.objectContaining({ code: 'Length', at: 20 }),
      );
    }
  });

  test('of another age has that age in its octets, and the one it is made of has its own', () => {
    const first = router();
    const aged = first.withAge(0x0102);
    expect(Buffer.from(aged.octets).toString('hex')).toBe(`0102${HEX.slice(4)}`);
    expect(Buffer.from(first.octets).toString('hex')).toBe(HEX);
    const target = new Uint8Array(44).fill(0xa5);
    expect(aged.withAge(3).encode(new DataView(target.buffer), 2)).toBe(42);
    expect(Buffer.from(target).toString('hex')).toBe(`a5a50003${HEX.slice(4)}a5a5`);
    expect(aged.body).toEqual(first.body);
  });

  test('of another age is the same instance: the checksum still holds (RFC 2328 12.1.7)', () => {
    const flushed = router().withAge(MAX_AGE_S);
    expect(flushed.header).toEqual({ ...router().header, ageS: MAX_AGE_S });
    expect(lsaFault(flushed)).toBeUndefined();
    expect(Lsa.decode(flushed.octets).header.ageS).toBe(MAX_AGE_S);
  });
});

describe('The fault of an LSA in a good packet (RFC 2328 13 steps 1 to 3)', () => {
  test('is none in one that Cisco sent', () => {
    expect(lsaFault(router())).toBeUndefined();
  });

  test.each<[string, LsaFault, () => Lsa]>([
    ['a wrong checksum', 'LsaChecksum', () => altered(39, [0xff], false)],
    ['a checksum of 0', 'LsaChecksum', () => altered(16, [0, 0], false)],
    ['the reserved scope', 'LsaReservedScope', () => altered(2, [0x60])],
    ['the reserved scope with the U-bit', 'LsaReservedScope', () => altered(2, [0xe0])],
    ['an age above MaxAge', 'LsaAge', () => altered(0, [0x0e, 0x11])],
    ['an age with the DoNotAge bit', 'LsaAge', () => altered(0, [0x80, 0x01])],
    ['sequence number 0x80000000', 'LsaSequenceNumber', () => altered(12, [0x80, 0, 0, 0])],
    ['a body of another length', 'LsaBodyLength', () => altered(2, [0x20, 0x04])],
    [
      'a prefix of 255 bits',
      'LsaBodyPrefixLength',
      () =>
        altered(
          2,
          [0x20, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 1, 0, 0, 0, 40, 0, 0, 0, 1, 255],
        ),
    ],
    ['a count that lies', 'LsaBodyCount', () => altered(2, [0x20, 0x09])],
  ])('%s is %s', (_, fault, lsa) => {
    expect(lsaFault(lsa())).toBe(fault);
  });

  test('of a Router Information LSA does not keep it from being taken in unread', () => {
    const information = altered(2, [0x80, 0x0c]);
    expect(lsaFault(information)).toBe('LsaBodyLength');
    const unread = unreadOf(information, 'LsaBodyLength')!;
    expect(unread.body.kind).toBe('Unknown');
    expect(unread.octets).toEqual(information.octets);
    expect(lsaFault(unread)).toBeUndefined();
    expect(unreadOf(information, 'LsaChecksum')).toBeUndefined();
    expect(unreadOf(altered(2, [0x20, 0x04]), 'LsaBodyLength')).toBeUndefined();
  });

  test('an age of MaxAge is none', () => {
    expect(lsaFault(altered(0, [0x0e, 0x10]))).toBeUndefined();
  });

  test('an unknown type is none, whatever its scope and U-bit (RFC 5340 4.5.2)', () => {
    for (const type of [0x00ff, 0x20ff, 0x40ff, 0x80ff, 0xa0ff, 0xc0ff]) {
      expect(lsaFault(altered(2, [type >> 8, type & 255]))).toBeUndefined();
    }
  });
});
