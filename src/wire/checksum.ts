/**
 * The two checksums of OSPFv3: Fletcher's over an LSA (RFC 2328 12.1.7, RFC 905 annex B) and the
 * Internet checksum over a packet with its IPv6 pseudo-header (RFC 5340 A.3.1, RFC 8200 8.1).
 * @module
 */
import { ADDRESS_OCTETS, type Address } from './address.ts';

/** Octets that may be summed before the sums pass 2^31; a multiple of the 16 taken at a time. */
const BLOCK_OCTETS = 4096;

/** The lower octet of each half of a word. */
const OCTET_OF_HALF = 0x00ff00ff;

/**
 * Both sums modulo 255 in one number, the second one times 256. A word is read at once and taken
 * as two halves that are added side by side: `high` has its first and third octet, `low` the second
 * and fourth. Of octets o1 to o4, the second sum has 4 o1 + 3 o2 + 2 o3 + o4, which is
 * 2 (o1 + o2) + (o1 + o3) + (o1 + o2) + (o3 + o4). Sixteen octets are taken at a time, then four,
 * so that the second sum waits for the first once and not sixteen times (measured: two to four
 * times faster than octet by octet, `npm run bench -- codec`).
 */
function fletcherSums(view: DataView, from: number, end: number): number {
  let c0 = 0;
  let c1 = 0;
  for (let at = from; at < end; ) {
    const stop = Math.min(end, at + BLOCK_OCTETS);
    for (const last = stop - 15; at < last; at += 16) {
      const a = view.getInt32(at);
      const b = view.getInt32(at + 4);
      const c = view.getInt32(at + 8);
      const d = view.getInt32(at + 12);
      const aHigh = (a >>> 8) & OCTET_OF_HALF;
      const bHigh = (b >>> 8) & OCTET_OF_HALF;
      const cHigh = (c >>> 8) & OCTET_OF_HALF;
      const dHigh = (d >>> 8) & OCTET_OF_HALF;
      const aBoth = aHigh + (a & OCTET_OF_HALF);
      const bBoth = bHigh + (b & OCTET_OF_HALF);
      const cBoth = cHigh + (c & OCTET_OF_HALF);
      const all = aBoth + bBoth + cBoth + dHigh + (d & OCTET_OF_HALF);
      // What an octet counts within its word, and what a word counts for those behind it.
      const within = aHigh + bHigh + cHigh + dHigh + all;
      const between = 3 * aBoth + 2 * bBoth + cBoth;
      c1 = (c1 + (c0 << 4) + (sumOfHalves(between) << 2)) | 0;
      c1 = (c1 + ((all >>> 16) << 1) + sumOfHalves(within)) | 0;
      c0 = (c0 + sumOfHalves(all)) | 0;
    }
    for (const last = stop - 3; at < last; at += 4) {
      const word = view.getInt32(at);
      const high = (word >>> 8) & OCTET_OF_HALF;
      const both = high + (word & OCTET_OF_HALF);
      c1 = (c1 + (c0 << 2) + ((both >>> 16) << 1) + sumOfHalves(high + both)) | 0;
      c0 = (c0 + sumOfHalves(both)) | 0;
    }
    for (; at < stop; at++) {
      c0 = (c0 + view.getUint8(at)) | 0;
      c1 = (c1 + c0) | 0;
    }
    c0 %= 255;
    c1 %= 255;
  }
  return (c1 << 8) | c0;
}

const sumOfHalves = (word: number): number => (word >>> 16) + (word & 0xffff);

/** Octets of an LSA before the checksum starts: the age is left out (RFC 2328 12.1.7). */
const AGE_OCTETS = 2;
/** Offset of the checksum within the LSA. */
const LSA_CHECKSUM_AT = 16;

/**
 * The LS checksum that an LSA should carry, whatever it carries now.
 * @param view - what the LSA lies in: all of it, or what is between `from` and `end`.
 * @returns 16 bits; never 0 (RFC 2328 12.1.7).
 */
export function lsaChecksum(view: DataView, from = 0, end = view.byteLength): number {
  const checksumAt = from + LSA_CHECKSUM_AT;
  const saved0 = view.getUint8(checksumAt);
  const saved1 = view.getUint8(checksumAt + 1);
  // The sums with the checksum's own octets as zero, taken out again instead of written.
  const sums = fletcherSums(view, from + AGE_OCTETS, end);
  const behind = end - checksumAt;
  const sum0 = mod255((sums & 0xff) - saved0 - saved1);
  const sum1 = mod255((sums >>> 8) - behind * saved0 - (behind - 1) * saved1);
  let x = mod255((behind - 1) * sum0 - sum1);
  if (x === 0) x = 255;
  let y = mod255(-sum0 - x);
  if (y === 0) y = 255;
  return (x << 8) | y;
}

const mod255 = (x: number): number => ((x % 255) + 255) % 255;

/**
 * Whether the LSA's checksum is right; 0 means "not computed" and is refused.
 * @param view - as for {@link lsaChecksum}.
 */
export function lsaChecksumValid(view: DataView, from = 0, end = view.byteLength): boolean {
  if (view.getUint16(from + LSA_CHECKSUM_AT) === 0) return false;
  return fletcherSums(view, from + AGE_OCTETS, end) === 0;
}

/**
 * Adds 16-bit words to a sum; an odd last octet counts as a word's high half.
 * @returns the sum with what passed 16 bits brought back in (RFC 1071), 16 bits and a carry.
 */
function sumWords(view: DataView, from: number, end: number, initial: number): number {
  let sum = initial;
  for (let at = from; at < end; ) {
    const stop = Math.min(end, at + BLOCK_OCTETS);
    for (const last = stop - 15; at < last; at += 16) {
      const ab = sumOfHalves(view.getInt32(at)) + sumOfHalves(view.getInt32(at + 4));
      const cd = sumOfHalves(view.getInt32(at + 8)) + sumOfHalves(view.getInt32(at + 12));
      sum = (sum + ab + cd) | 0;
    }
    for (const last = stop - 3; at < last; at += 4) sum += sumOfHalves(view.getInt32(at));
    if (at + 1 < stop) {
      sum += view.getUint16(at);
      at += 2;
    }
    if (at < stop) sum += view.getUint8(at++) << 8;
    sum = sumOfHalves(sum);
  }
  return sum;
}

function sumAddress(address: Address, initial: number): number {
  let sum = initial;
  for (let at = 0; at < ADDRESS_OCTETS; at += 2) sum += (address[at]! << 8) | address[at + 1]!;
  return sum;
}

/** Protocol number of OSPF (IANA). */
export const IP_PROTOCOL_OSPF = 89;

/**
 * The Internet checksum over a payload and its IPv6 pseudo-header.
 * @param payload - the upper-layer packet; its own checksum field counts as it stands.
 * @param from - where in it what counts begins, and `end` where that ends.
 * @returns the complemented sum, 16 bits: 0 when the field inside already was right.
 */
export function internetChecksum(
  source: Address,
  destination: Address,
  payload: DataView,
  nextHeader: number,
  from = 0,
  end = payload.byteLength,
): number {
  const sum = sumAddress(source, sumAddress(destination, end - from + nextHeader));
  return complement(sumWords(payload, from, end, sum));
}

/** The Internet checksum over octets alone; 0 when the field inside already was right. */
export const octetsChecksum = (octets: DataView): number =>
  complement(sumWords(octets, 0, octets.byteLength, 0));

function complement(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = sumOfHalves(folded);
  return ~folded & 0xffff;
}
