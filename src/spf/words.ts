/**
 * Arrays of numbers that grow. The engine takes microseconds to make a buffer and to give it back,
 * longer than most arrays of a small area take to be filled; so those lie side by side in buffers
 * that they share (as LSAs do, `wire/slab.ts`).
 *
 * An array that became too short leaves its place in vain. Arrays double at least, and large ones
 * have a buffer of their own, so that no array holds more in vain than {@link SHARED_OCTETS_MAX}.
 * @module
 */

/** Where nothing is known of what is to come: as much as the engine keeps within the object. */
export const FIRST_LENGTH = 16;
const OWN_OCTETS_MAX = 4 * FIRST_LENGTH;

const BUFFER_OCTETS = 0x10000;
const SHARED_OCTETS_MAX = 0x4000;
const ALIGNED_OCTETS = 8;

let buffer = new ArrayBuffer(BUFFER_OCTETS);
let used = 0;

/** Sets octets aside, all of them zero. @returns the offset in `buffer`. */
function reserve(octets: number): number {
  if (used + octets > BUFFER_OCTETS) {
    buffer = new ArrayBuffer(BUFFER_OCTETS);
    used = 0;
  }
  const at = used;
  used += (octets + ALIGNED_OCTETS - 1) & -ALIGNED_OCTETS;
  return at;
}

const shared = (octets: number): boolean => octets > OWN_OCTETS_MAX && octets <= SHARED_OCTETS_MAX;

function sharedWords(length: number): Int32Array {
  const at = reserve(4 * length);
  return new Int32Array(buffer, at, length);
}

const NO_WORDS = new Int32Array(0);
const NO_OCTETS = new Uint8Array(0);

/** So many words of 32 bits, signed. @param fill - what each is at first. */
export function newWords(length: number, fill = 0): Int32Array {
  if (length === 0) return NO_WORDS;
  const made = shared(4 * length) ? sharedWords(length) : new Int32Array(length);
  return fill === 0 ? made : made.fill(fill);
}

/** So many octets, all of them zero. */
export function newOctets(length: number): Uint8Array {
  if (length === 0) return NO_OCTETS;
  if (!shared(length)) return new Uint8Array(length);
  const at = reserve(length);
  return new Uint8Array(buffer, at, length);
}

/** So many numbers of 16 bits, as costs are, all of them zero. */
export function newCosts(length: number): Uint16Array {
  if (!shared(2 * length)) return new Uint16Array(length);
  const at = reserve(2 * length);
  return new Uint16Array(buffer, at, length);
}

/** A longer array with the content of one. @param fill - what is behind that. */
export function grownWords(array: Int32Array, length: number, fill = 0): Int32Array {
  const longer = newWords(length);
  longer.set(array);
  return fill === 0 ? longer : longer.fill(fill, array.length);
}

/** The same of octets. */
export function grownOctets(array: Uint8Array, length: number): Uint8Array {
  const longer = newOctets(length);
  longer.set(array);
  return longer;
}

/** The same of costs. */
export function grownCosts(array: Uint16Array, length: number): Uint16Array {
  const longer = newCosts(length);
  longer.set(array);
  return longer;
}
