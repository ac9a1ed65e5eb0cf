/**
 * Mutations of OSPF packets that know where lengths, counts and types stand, so that what comes out
 * passes the first checks often enough to reach the later ones.
 */
import { LSA_HEADER_OCTETS } from '../../src/lsa/header.ts';
import type { Prng } from '../../src/prng.ts';
import type { Address } from '../../src/wire/address.ts';
import { IP_PROTOCOL_OSPF, internetChecksum, lsaChecksum } from '../../src/wire/checksum.ts';

const INTERESTING = [0, 1, 2, 3, 4, 5, 16, 19, 20, 127, 128, 129, 254, 255] as const;
const INTERESTING_16 = [0, 1, 15, 16, 19, 20, 36, 1500, 3599, 3600, 3601, 0x7fff, 0x8000, 0xffff];
const PACKET_HEADER_OCTETS = 16;
const UPDATE_HEAD_OCTETS = 20;
const OCTETS_MAX = 4096;

const pick = <T>(prng: Prng, list: readonly T[]): T => list[prng.below(list.length)]!;
const viewOf = (octets: Uint8Array): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

/** Where the LSAs of an update start, as far as their lengths can be believed. */
export function lsaOffsets(octets: Uint8Array): number[] {
  const offsets: number[] = [];
  if (octets[1] !== 4) return offsets;
  const view = viewOf(octets);
  let at = UPDATE_HEAD_OCTETS;
  while (at + LSA_HEADER_OCTETS <= octets.length && offsets.length < 200) {
    offsets.push(at);
    const length = view.getUint16(at + 18);
    if (length < LSA_HEADER_OCTETS) break;
    at += length;
  }
  return offsets;
}

type Mutation = (octets: Uint8Array, prng: Prng, others: readonly Uint8Array[]) => Uint8Array;

const set16 = (octets: Uint8Array, at: number, value: number): Uint8Array => {
  if (at + 2 <= octets.length) viewOf(octets).setUint16(at, value);
  return octets;
};

const MUTATIONS: readonly Mutation[] = [
  // a bit, an octet, a 16-bit field
  (octets, prng) => {
    octets[prng.below(octets.length)]! ^= 1 << prng.below(8);
    return octets;
  },
  (octets, prng) => {
    octets[prng.below(octets.length)] = pick(prng, INTERESTING);
    return octets;
  },
  (octets, prng) => set16(octets, 2 * prng.below(octets.length >> 1), pick(prng, INTERESTING_16)),
  (octets, prng) => set16(octets, 2 * prng.below(octets.length >> 1), prng.below(0x10000)),
  // shorter, longer, a piece out, a piece twice, the tail of another
  (octets, prng) => octets.slice(0, prng.below(octets.length + 1)),
  (octets, prng) => {
    const tail = Uint8Array.from({ length: prng.below(64) }, () => prng.below(256));
    return Uint8Array.from([...octets, ...tail]);
  },
  (octets, prng) => {
    const from = prng.below(octets.length);
    const until = from + prng.below(32);
    return Uint8Array.from([...octets.subarray(0, from), ...octets.subarray(until)]);
  },
  (octets, prng) => {
    const from = prng.below(octets.length);
    const until = Math.min(octets.length, from + prng.below(64));
    const piece = octets.subarray(from, until);
    return Uint8Array.from([...octets.subarray(0, until), ...piece, ...octets.subarray(until)]);
  },
  (octets, prng, others) => {
    const other = pick(prng, others);
    const [head, tail] = [prng.below(octets.length + 1), prng.below(other.length + 1)];
    return Uint8Array.from([...octets.subarray(0, head), ...other.subarray(tail)]);
  },
  // the packet's own length, its type, an update's count
  (octets, prng) => set16(octets, 2, pick(prng, INTERESTING_16)),
  (octets, prng) => {
    octets[1] = prng.below(7);
    return octets;
  },
  (octets, prng) => {
    if (octets.length >= UPDATE_HEAD_OCTETS) viewOf(octets).setUint32(16, prng.below(8));
    return octets;
  },
  // of an LSA: length, type, age, sequence number, a place in the body
  (octets, prng) => inLsa(octets, prng, 18, () => pick(prng, INTERESTING_16)),
  (octets, prng) => inLsa(octets, prng, 18, (length) => length + prng.below(9) - 4),
  (octets, prng) =>
    inLsa(octets, prng, 2, () => pick(prng, [0, 0x2000, 0x4000, 0x6000, 0x8000]) | prng.below(48)),
  (octets, prng) => inLsa(octets, prng, 0, () => pick(prng, INTERESTING_16)),
  (octets, prng) => inLsa(octets, prng, 12, () => pick(prng, INTERESTING_16)),
  (octets, prng) => inLsa(octets, prng, 20 + 2 * prng.below(16), () => pick(prng, INTERESTING_16)),
];

function inLsa(
  octets: Uint8Array,
  prng: Prng,
  at: number,
  value: (before: number) => number,
): Uint8Array {
  const offsets = lsaOffsets(octets);
  if (offsets.length === 0) return octets;
  const field = pick(prng, offsets) + at;
  if (field + 2 > octets.length) return octets;
  return set16(octets, field, value(viewOf(octets).getUint16(field)) & 0xffff);
}

/**
 * Makes lengths and checksums right again, so that the mutation inside is what is met.
 * @param tailOctets - what followed the packet before it was mutated: link-local signalling and
 *   an authentication trailer, which the packet length does not count.
 */
export function repair(
  octets: Uint8Array,
  source: Address,
  destination: Address,
  prng: Prng,
  tailOctets = 0,
): Uint8Array {
  if (octets.length < PACKET_HEADER_OCTETS) return octets;
  const view = viewOf(octets);
  if (prng.below(8) > 0) view.setUint16(2, Math.max(0, octets.length - tailOctets));
  if (prng.below(8) > 0) octets[0] = 3;
  const offsets = lsaOffsets(octets);
  if (offsets.length > 0 && prng.below(8) > 0) view.setUint32(16, offsets.length);
  for (const at of offsets) {
    const length = view.getUint16(at + 18);
    if (length < LSA_HEADER_OCTETS || at + length > octets.length || prng.below(8) === 0) continue;
    view.setUint16(at + 16, lsaChecksum(view, at, at + length));
  }
  if (prng.below(16) > 0) {
    view.setUint16(12, 0);
    const end = Math.min(view.getUint16(2), octets.length);
    const checksum = internetChecksum(source, destination, view, IP_PROTOCOL_OSPF, 0, end);
    view.setUint16(12, checksum);
  }
  return octets;
}

/** A packet with one to three mutations; never longer than 4096 octets, never empty. */
export function mutate(packet: Uint8Array, others: readonly Uint8Array[], prng: Prng): Uint8Array {
  let octets: Uint8Array = packet.slice();
  for (let count = 1 + prng.below(3); count > 0; count--) {
    const mutated = pick(prng, MUTATIONS)(octets, prng, others);
    if (mutated.length > 0) octets = mutated.slice(0, OCTETS_MAX);
  }
  return octets;
}
