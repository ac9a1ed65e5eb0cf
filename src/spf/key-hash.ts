/**
 * Two hashes of up to five words, of which the upper bits are used. All words here are signed: the
 * engine keeps numbers from 2^31 up as objects.
 * @module
 */

/**
 * The words times odd constants far from simple fractions of 2^32 (D. E. Knuth, The Art of Computer
 * Programming 3, 6.4). Names that count up by any step, as Router IDs, prefixes and what was
 * numbered here do, come to lie evenly, mostly without two in one place. Who wants to can make up
 * names that all fall on one.
 */
export const evenHash = (a: number, b: number, c = 0, d = 0, e = 0): number =>
  (Math.imul(a, 0x9e3779b1) +
    Math.imul(b, 0x85ebca6b) +
    Math.imul(c, 0x7feb352d) +
    Math.imul(d, 0xc2b2ae35) +
    Math.imul(e, 0x27d4eb2f)) |
  0;

/**
 * Names lie as if thrown, and where depends on a secret: who does not know it cannot make up names
 * that fall on one place.
 * @param secret - any 32 bits.
 */
export const secretHash = (secret: number, a: number, b: number, c = 0, d = 0, e = 0): number =>
  mixed(mixed(mixed(mixed(mixed(secret ^ a) ^ b) ^ c) ^ d) ^ e);

/** Every bit into all others (C. Wellons, Prospecting for Hash Functions, 2018: `lowbias32`). */
function mixed(word: number): number {
  let x = word ^ (word >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}
