/**
 * The hash that places a flow: Bob Jenkins' lookup3 as the Linux kernel's `jhash` computes it on
 * little-endian machines, over the source address and port as `nft … jhash ip6 saddr . udp sport`
 * lays them out. A flow therefore has the same bucket in this process and in nftables.
 * @module
 */
import type { Address } from '../wire/address.ts';

const INITIAL = 0xdeadbeef;
const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Four octets as a little-endian word. */
const word = (octets: Uint8Array, at: number): number =>
  octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);

/** lookup3's last step; what it returns is the hash. */
function final(a0: number, b0: number, c0: number): number {
  let a = a0;
  let b = b0;
  let c = c0;
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  c = (c ^ b) - rotate(b, 24);
  return c >>> 0;
}

/**
 * Hashes the flow from an IPv6 source: 16 octets of address, the port in network order, two zero
 * octets of padding, as the kernel's registers hold them.
 * @param sourcePort - 0..65535.
 * @param seed - any 32-bit number; routers that shall place flows alike use the same.
 * @returns 0..2^32-1.
 */
export function flowHash(source: Address, sourcePort: number, seed = 0): number {
  const start = (INITIAL + 20 + seed) | 0;
  let a = (start + word(source, 0)) | 0;
  let b = (start + word(source, 4)) | 0;
  let c = (start + word(source, 8)) | 0;
  // lookup3's mix, once: twelve octets are behind us, eight remain.
  a = (a - c) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 4);
  b = (b + a) | 0;
  return final((a + word(source, 12)) | 0, (b + networkPort(sourcePort)) | 0, c);
}

/** Hashes the flow from an IPv4 source, 4 octets of address: `jhash ip saddr . udp sport`. */
export function flowHash4(source: Uint8Array, sourcePort: number, seed = 0): number {
  const start = (INITIAL + 8 + seed) | 0;
  return final((start + word(source, 0)) | 0, (start + networkPort(sourcePort)) | 0, start);
}

/** A port in network order, read as a little-endian word. */
const networkPort = (port: number): number => (port >>> 8) | ((port & 255) << 8);

/**
 * The bucket of a hash among a number of them: the kernel's `reciprocal_scale`, which uses the
 * hash's high bits.
 */
export function bucketOf(hash: number, bucketCount: number): number {
  return Math.floor((hash * bucketCount) / 0x1_0000_0000);
}

/** A 32-bit hash of a text, for seeds and permutations (FNV-1a, then murmur3's finalizer). */
export function textHash(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
