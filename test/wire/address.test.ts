import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Address6 } from 'ip-address';
import {
  addressKey,
  decodeAddress,
  decodeAddressWords,
  formatAddress,
  formatDottedQuad,
  isLinkLocal,
  isMulticast,
  parseAddress,
  parseDottedQuad,
  sameAddress,
} from '../../src/wire/address.ts';

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('Addresses', () => {
  test.each([
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['fe80::ff:fe01:2', 'fe80000000000000000000fffe010002'],
    ['2001:db8:0:3::', '20010db8000000030000000000000000'],
    ['ff02::5', 'ff020000000000000000000000000005'],
    ['::1:0:0:1:0:0', '00000000000100000000000100000000'],
    ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
    ['1:2:3:4:5:6:7:0', '00010002000300040005000600070000'],
  ])('%s is %s', (text, hex) => {
    expect(Buffer.from(parseAddress(text)).toString('hex')).toBe(hex);
    expect(formatAddress(new Uint8Array(Buffer.from(hex, 'hex')))).toBe(text);
  });

  test('have the text that ip-address gives them, wherever their zeros are (RFC 5952 4)', () => {
    const group = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const octets = Uint8Array.from(groups.flatMap((one) => [one >> 8, one & 0xff]));
        expect(formatAddress(octets)).toBe(Address6.fromByteArray([...octets]).correctForm());
      }),
      { numRuns: 2000 },
    );
  });

  test('survive their text form (RFC 5952)', () => {
    fc.assert(
      fc.property(address, (octets) => {
        expect(parseAddress(formatAddress(octets))).toEqual(octets);
      }),
    );
  });

  test('have the same text however many others were named since', () => {
    const numbered = (n: number) => Uint8Array.of(0xfe, 0x80, ...Array(11).fill(0), 1, n >> 8, n);
    for (let n = 0; n < 5000; n++) {
      expect(formatAddress(numbered(n))).toBe(`fe80::1:${(n & 0xffff).toString(16)}`);
    }
    expect(formatAddress(numbered(7))).toBe('fe80::1:7');
  });

  test.each(['', '1.2.3.4', 'fe80::1%eth0', '2001:db8::/32', 'fe80:::1', 'hello'])(
    '%p is none',
    (text) => {
      expect(() => parseAddress(text)).toThrow(RangeError);
    },
  );

  test('are read from the wire as they stand there, however often and in whatever order', () => {
    // Few values for each octet, so that the same addresses and similar ones come again.
    const similar = fc.array(fc.constantFrom(0, 1, 0x80, 0xff), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(fc.array(fc.oneof(address, similar), { maxLength: 40 }), (addresses) => {
        const view = new DataView(new ArrayBuffer(17));
        for (const octets of [...addresses, ...addresses]) {
          octets.forEach((octet, i) => {
            view.setUint8(1 + i, octet);
          });
          expect(decodeAddress(view, 1)).toEqual(Uint8Array.from(octets));
        }
      }),
    );
  });

  test.each([0, 4, 8, 12, 16])('read from %i octets are zero behind them', (octets) => {
    const view = new DataView(new Uint8Array(octets).fill(0xa5).buffer);
    const expected = new Uint8Array(16).fill(0xa5, 0, octets);
    expect(decodeAddressWords(view, 0, octets)).toEqual(expected);
  });

  test('more than any table holds are read as they stand', () => {
    const view = new DataView(new ArrayBuffer(16));
    for (let i = 0; i < 20_000; i++) {
      view.setUint32(12, i);
      view.setUint32(4, i % 7);
      const read = decodeAddress(view, 0);
      expect(read.every((octet, at) => octet === view.getUint8(at))).toBe(true);
    }
  });

  test('have equal keys exactly when they are equal', () => {
    fc.assert(
      fc.property(address, address, fc.boolean(), (a, b, equal) => {
        const other = equal ? a.slice() : b;
        expect(addressKey(a) === addressKey(other)).toBe(sameAddress(a, other));
        expect(sameAddress(a, other)).toBe(Buffer.from(a).equals(other));
      }),
    );
  });

  test.each([
    ['fe80::1', true, false],
    ['febf::1', true, false],
    ['fec0::1', false, false],
    ['ff02::5', false, true],
    ['2001:db8::1', false, false],
  ])('%s: link-local %p, multicast %p (RFC 4291 2.4)', (text, linkLocal, multicast) => {
    expect(isLinkLocal(parseAddress(text))).toBe(linkLocal);
    expect(isMulticast(parseAddress(text))).toBe(multicast);
  });
});

describe('Dotted quads', () => {
  test.each([
    ['0.0.0.0', 0],
    ['0.0.0.5', 5],
    ['10.255.0.1', 0x0aff0001],
    ['255.255.255.255', 0xffffffff],
  ])('%s is %d', (text, id) => {
    expect(parseDottedQuad(text)).toBe(id);
    expect(formatDottedQuad(id)).toBe(text);
  });

  test.each(['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.4 '])(
    '%p is none',
    (text) => {
      expect(() => parseDottedQuad(text)).toThrow(RangeError);
    },
  );
});
