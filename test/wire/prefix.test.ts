import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../../src/errors.ts';
import {
  type AddressPrefix,
  decodePrefix,
  decodePrefixSpecial,
  encodePrefix,
  formatIpv4Prefix,
  formatPrefix,
  maskedAddress,
  parsePrefix,
  prefixAddressOctets,
  prefixOctets,
} from '../../src/wire/prefix.ts';

const viewOf = (octets: Uint8Array): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

/** Any prefix whose octets behind the last 32-bit word are zero, as on the wire. */
const prefix: fc.Arbitrary<AddressPrefix> = fc
  .record({
    prefixLength: fc.integer({ min: 0, max: 128 }),
    prefixOptions: fc.integer({ min: 0, max: 255 }),
    address: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  })
  .map((p) => ({ ...p, address: p.address.fill(0, prefixAddressOctets(p.prefixLength)) }));

describe('Address prefixes (RFC 5340 A.4.1)', () => {
  test.each([
    ['::/0', 0, 0xa5a5, '0000a5a5'],
    ['2001:db8::/32', 0x02, 10, '2002000a20010db8'],
    ['2001:db8:e5::/48', 0, 0, '3000000020010db800e50000'],
    ['2001:db8:ff::1/128', 0, 10, '8000000a20010db800ff00000000000000000001'],
  ])('%s stands on the wire', (text, prefixOptions, special, hex) => {
    const value = parsePrefix(text, prefixOptions);
    const octets = new Uint8Array(hex.length / 2).fill(0xa5);
    expect(encodePrefix(value, special, viewOf(octets), 0)).toBe(octets.length);
    expect(Buffer.from(octets).toString('hex')).toBe(hex);
    const decoded = decodePrefix(viewOf(octets), 0, octets.length);
    expect(decoded).toEqual(value);
    expect(decodePrefixSpecial(viewOf(octets), 0)).toBe(special);
    expect(formatPrefix(decoded)).toBe(text);
  });

  test('takes as many 32-bit words as its length needs', () => {
    const octets = [0, 1, 32, 33, 64, 65, 96, 97, 128].map(prefixAddressOctets);
    expect(octets).toEqual([0, 4, 4, 8, 8, 12, 12, 16, 16]);
  });

  test('survives the wire, and every truncation of it is Short', () => {
    fc.assert(
      fc.property(prefix, fc.integer({ min: 0, max: 0xffff }), (value, special) => {
        const octets = new Uint8Array(prefixOctets(value.prefixLength)).fill(0xa5);
        encodePrefix(value, special, viewOf(octets), 0);
        const end = octets.length;
        expect(decodePrefix(viewOf(octets), 0, end)).toEqual(value);
        expect(decodePrefixSpecial(viewOf(octets), 0)).toBe(special);
        for (let cut = 0; cut < end; cut++) {
          expect(() => decodePrefix(viewOf(octets), 0, cut)).toThrow(DecodeError);
        }
      }),
    );
  });

  test.each([129, 160, 255])(
    'a length of %d bits is refused before any size is computed',
    (bits) => {
      const octets = new Uint8Array(64);
      octets[0] = bits;
      const refused = expect.objectContaining({ code: 'PrefixLength', at: 0 });
      expect(() => decodePrefix(viewOf(octets), 0, 64)).toThrow(refused);
      const value = { prefixLength: bits, prefixOptions: 0, address: new Uint8Array(16) };
      expect(() => encodePrefix(value, 0, viewOf(octets), 0)).toThrow(RangeError);
    },
  );
});

describe('The text of prefixes', () => {
  test('is equal for equal prefixes, whatever stands behind their length', () => {
    fc.assert(
      fc.property(prefix, ({ prefixLength, address }) => {
        const masked = maskedAddress(address, prefixLength);
        expect(formatPrefix({ prefixLength, address })).toBe(
          formatPrefix({ prefixLength, address: masked }),
        );
        expect(parsePrefix(formatPrefix({ prefixLength, address })).address).toEqual(masked);
      }),
    );
  });

  test.each(['', '2001:db8::', '2001:db8::/129', '2001:db8::/-1', '2001:db8::/x', '10.0.0.0/8'])(
    '%p is none',
    (text) => {
      expect(() => parsePrefix(text)).toThrow(RangeError);
    },
  );

  test('of an IPv4 prefix comes from the first 32 bits (RFC 5838 2.3)', () => {
    const address = new Uint8Array(16);
    address.set([198, 51, 100, 77]);
    expect(formatIpv4Prefix({ prefixLength: 24, address })).toBe('198.51.100.0/24');
    expect(formatIpv4Prefix({ prefixLength: 32, address })).toBe('198.51.100.77/32');
    expect(() => formatIpv4Prefix({ prefixLength: 33, address })).toThrow(RangeError);
  });
});
