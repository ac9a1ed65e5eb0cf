/**
 * The two checksums of OSPFv3: Fletcher's over an LSA (RFC 2328 12.1.7, RFC 905 annex B) and the
 * Internet checksum over a packet with its IPv6 pseudo-header (RFC 5340 A.3.1, RFC 8200 8.1).
 * @module
 */
import type { Address } from './address.ts';

/** Octets that may be summed before 32-bit sums of octets could overflow. */
const FLETCHER_BLOCK_OCTETS = 4102;

function fletcherSums(octets: Uint8Array, from: number, end: number): readonly [number, number] {
  let c0 = 0;
  let c1 = 0;
  for (let at = from; at < end; ) {
    const stop = Math.min(end, at + FLETCHER_BLOCK_OCTETS);
    for (; at < stop; at++) {
      c0 += octets[at]!;
      c1 += c0;
    }
    c0 %= 255;
    c1 %= 255;
  }
  return [c0, c1];
}

/** Octets of an LSA before the checksum starts: the age is left out (RFC 2328 12.1.7). */
const AGE_OCTETS = 2;
/** Offset of the checksum within the summed octets. */
const LSA_CHECKSUM_AT = 16;

/**
 * The LS checksum that an LSA should carry, whatever it carries now.
 * @param lsa - the whole LSA, header included.
 * @returns 16 bits; never 0 (RFC 2328 12.1.7).
 */
export function lsaChecksum(lsa: Uint8Array): number {
  const saved0 = lsa[LSA_CHECKSUM_AT]!;
  const saved1 = lsa[LSA_CHECKSUM_AT + 1]!;
  const length = lsa.length - AGE_OCTETS;
  // The sums with the checksum's own octets as zero, taken out again instead of written.
  const [c0, c1] = fletcherSums(lsa, AGE_OCTETS, lsa.length);
  const behind = lsa.length - LSA_CHECKSUM_AT;
  const sum0 = mod255(c0 - saved0 - saved1);
  const sum1 = mod255(c1 - behind * saved0 - (behind - 1) * saved1);
  const position = LSA_CHECKSUM_AT - AGE_OCTETS;
  let x = mod255((length - position - 1) * sum0 - sum1);
  if (x === 0) x = 255;
  let y = mod255(-sum0 - x);
  if (y === 0) y = 255;
  return (x << 8) | y;
}

const mod255 = (x: number): number => ((x % 255) + 255) % 255;

/** Whether the LSA's checksum is right; 0 means "not computed" and is refused. */
export function lsaChecksumValid(lsa: Uint8Array): boolean {
  if ((lsa[LSA_CHECKSUM_AT]! | lsa[LSA_CHECKSUM_AT + 1]!) === 0) return false;
  const [c0, c1] = fletcherSums(lsa, AGE_OCTETS, lsa.length);
  return c0 === 0 && c1 === 0;
}

function sumWords(octets: Uint8Array, from: number): number {
  let sum = from;
  const even = octets.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (octets[i]! << 8) | octets[i + 1]!;
  if (even < octets.length) sum += octets[even]! << 8;
  return sum;
}

/** Protocol number of OSPF (IANA). */
export const IP_PROTOCOL_OSPF = 89;

/**
 * The Internet checksum over a payload and its IPv6 pseudo-header.
 * @param payload - the upper-layer packet; its own checksum field counts as it stands.
 * @returns the complemented sum, 16 bits: 0 when the field inside already was right.
 */
export function internetChecksum(
  source: Address,
  destination: Address,
  payload: Uint8Array,
  nextHeader: number,
): number {
  let sum = sumWords(source, payload.length + nextHeader);
  sum = sumWords(destination, sum);
  return complement(sumWords(payload, sum));
}

/** The Internet checksum over octets alone; 0 when the field inside already was right. */
export const octetsChecksum = (octets: Uint8Array): number => complement(sumWords(octets, 0));

function complement(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}
