import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAddress } from '../../src/wire/address.ts';
import {
  internetChecksum,
  lsaChecksum,
  lsaChecksumValid,
  octetsChecksum,
} from '../../src/wire/checksum.ts';
import { viewOf } from '../../src/wire/view.ts';

/** A Router-LSA of Cisco's, whose checksum is 0x37a5. */
const ROUTER_LSA = new Uint8Array(
  Buffer.from(
    '0001200100000000020202028000000337a5002801000033' + '0200000a000000050000000501010101',
    'hex',
  ),
);

/** Straight from the definition: two sums modulo 255, octet by octet (RFC 905 annex B). */
function slowSums(octets: Uint8Array): [number, number] {
  let c0 = 0;
  let c1 = 0;
  for (const octet of octets) {
    c0 = (c0 + octet) % 255;
    c1 = (c1 + c0) % 255;
  }
  return [c0, c1];
}

/** Finds the two octets by trying all, which the definition allows and nobody does. */
function slowLsaChecksum(lsa: Uint8Array): number[] {
  const tried = lsa.slice();
  const found: number[] = [];
  for (let x = 1; x < 256; x++) {
    for (let y = 1; y < 256; y++) {
      tried[16] = x;
      tried[17] = y;
      const [c0, c1] = slowSums(tried.subarray(2));
      if (c0 === 0 && c1 === 0) found.push((x << 8) | y);
    }
  }
  return found;
}

const lsa = fc.uint8Array({ minLength: 20, maxLength: 300 });

describe("The LSA's checksum (RFC 2328 12.1.7)", () => {
  test('of an LSA that Cisco sent is the one Cisco computed', () => {
    expect(lsaChecksum(viewOf(ROUTER_LSA))).toBe(0x37a5);
    expect(lsaChecksumValid(viewOf(ROUTER_LSA))).toBe(true);
  });

  test('is the only one that the definition allows', () => {
    fc.assert(
      fc.property(lsa, (octets) => {
        expect(slowLsaChecksum(octets)).toEqual([lsaChecksum(viewOf(octets))]);
      }),
      { numRuns: 10 },
    );
  });

  test('once written is valid, for LSAs of every size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 70_000, size: 'max' }), (octets) => {
        new DataView(octets.buffer, octets.byteOffset).setUint16(16, lsaChecksum(viewOf(octets)));
        expect(lsaChecksumValid(viewOf(octets))).toBe(true);
        expect(slowSums(octets.subarray(2))).toEqual([0, 0]);
      }),
      { numRuns: 30 },
    );
  });

  test('is that of the LSA alone when other octets lie around it', () => {
    fc.assert(
      fc.property(lsa, fc.nat(20), fc.nat(20), (octets, before, behind) => {
        const around = new Uint8Array(before + octets.length + behind).fill(0xa5);
        around.set(octets, before);
        const end = before + octets.length;
        const checksum = lsaChecksum(viewOf(octets));
        expect(lsaChecksum(viewOf(around), before, end)).toBe(checksum);
        new DataView(around.buffer).setUint16(before + 16, checksum);
        expect(lsaChecksumValid(viewOf(around), before, end)).toBe(true);
        around[end - 1]! ^= 1;
        expect(lsaChecksumValid(viewOf(around), before, end)).toBe(false);
      }),
    );
  });

  test('is right at the largest LSA full of ones, where sums could overflow', () => {
    const octets = new Uint8Array(65_535).fill(0xff);
    new DataView(octets.buffer).setUint16(16, lsaChecksum(viewOf(octets)));
    expect(lsaChecksumValid(viewOf(octets))).toBe(true);
    octets[40_000] = 0xfe;
    expect(lsaChecksumValid(viewOf(octets))).toBe(false);
  });

  test('leaves the age out, for it changes on the way', () => {
    const older = ROUTER_LSA.slice();
    older[0] = 0x0e;
    older[1] = 0x10;
    expect(lsaChecksumValid(viewOf(older))).toBe(true);
  });

  test('finds every change of one octet (but 0 for 255, which Fletcher cannot tell)', () => {
    for (let at = 2; at < ROUTER_LSA.length; at++) {
      for (const octet of [0, 1, 0x7f, 0x80, 0xff]) {
        if (octet % 255 === ROUTER_LSA[at]! % 255) continue;
        const changed = ROUTER_LSA.slice();
        changed[at] = octet;
        expect({ at, octet, valid: lsaChecksumValid(viewOf(changed)) }).toEqual({
          at,
          octet,
          valid: false,
        });
      }
    }
  });

  test('of zero means "not computed" and is refused', () => {
    const zeros = new Uint8Array(20);
    expect(slowSums(zeros.subarray(2))).toEqual([0, 0]);
    expect(lsaChecksumValid(viewOf(zeros))).toBe(false);
  });
});

/** The Internet checksum straight from RFC 1071: ones' complement of the ones' complement sum. */
function slowInternetChecksum(octets: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) {
    sum += octets[i]! * 256 + (octets[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

describe('The Internet checksum (RFC 1071, RFC 8200 8.1)', () => {
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 });

  test('of a Hello that Cisco sent is right', () => {
    const hello = new Uint8Array(
      Buffer.from(
        '030100240101010100000001fb8600000000000501000013000a00280000000000000000',
        'hex',
      ),
    );
    const [source, group] = [parseAddress('fe80::1'), parseAddress('ff02::5')];
    expect(internetChecksum(source, group, viewOf(hello), 89)).toBe(0);
    hello.fill(0, 12, 14);
    expect(internetChecksum(source, group, viewOf(hello), 89)).toBe(0xfb86);
  });

  test('covers the pseudo-header of IPv6', () => {
    fc.assert(
      fc.property(
        address,
        address,
        fc.uint8Array({ maxLength: 2000 }),
        (source, destination, p) => {
          const length = [0, 0, p.length >> 8, p.length & 255];
          const octets = [...source, ...destination, ...length, 0, 0, 0, 89, ...p];
          expect(internetChecksum(source, destination, viewOf(p), 89)).toBe(
            slowInternetChecksum(octets),
          );
        },
      ),
    );
  });

  test('of octets alone is theirs alone, an odd last one padded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), (octets) => {
        expect(octetsChecksum(viewOf(octets))).toBe(slowInternetChecksum([...octets]));
      }),
    );
  });
});
