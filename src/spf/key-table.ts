/**
 * Keys to small numbers: the calculation names routers, networks, LSAs and prefixes by the order in
 * which they were first met, so that everything else is arrays. Open addressing with linear
 * probing; a key keeps its number for good.
 * @module
 */
import type { Address } from '../wire/address.ts';
import { ADDRESS_OCTETS } from '../wire/address.ts';

const FIRST_SLOTS = 64;

/** A 32-bit hash of two words (the finalizer of MurmurHash3). */
function mix(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Doubles an array, keeping its content. */
export function grown<T extends Int32Array | Uint32Array | Uint8Array | Uint16Array>(
  array: T,
  length: number,
  fill = 0,
): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  if (fill !== 0) larger.fill(fill, array.length);
  return larger;
}

/** Numbers pairs of 32-bit words from 0 up. */
export class PairTable {
  /** How many keys there are; their numbers are all below it. */
  size = 0;
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  #first = new Uint32Array(FIRST_SLOTS >>> 1);
  #second = new Uint32Array(FIRST_SLOTS >>> 1);

  first(index: number): number {
    return this.#first[index]!;
  }

  second(index: number): number {
    return this.#second[index]!;
  }

  /** @returns the number of a key, or -1. */
  find(a: number, b: number): number {
    return this.#slots[this.#slotOf(a >>> 0, b >>> 0)]!;
  }

  /** @returns the number of a key, which is `size` as it was when the key is new. */
  intern(a: number, b: number): number {
    let slot = this.#slotOf(a >>> 0, b >>> 0);
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    const index = this.size++;
    if (index === this.#first.length) {
      this.#grow();
      slot = this.#slotOf(a >>> 0, b >>> 0);
    }
    this.#first[index] = a;
    this.#second[index] = b;
    this.#slots[slot] = index;
    return index;
  }

  #slotOf(a: number, b: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = mix(a, b) & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index < 0 || (this.#first[index] === a && this.#second[index] === b)) return slot;
    }
  }

  #grow(): void {
    const capacity = 2 * this.#first.length;
    this.#first = grown(this.#first, capacity);
    this.#second = grown(this.#second, capacity);
    this.#slots = new Int32Array(2 * capacity).fill(-1);
    for (let i = 0; i < this.size - 1; i++) {
      this.#slots[this.#slotOf(this.#first[i]!, this.#second[i]!)] = i;
    }
  }
}

const WORDS = 5;

/** Numbers prefixes from 0 up; bits behind the prefix length do not count. */
export class PrefixTable {
  size = 0;
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  /** Per prefix four words of address, then the length. */
  #words = new Uint32Array(WORDS * (FIRST_SLOTS >>> 1));
  readonly #key = new Uint32Array(WORDS);

  prefixLength(index: number): number {
    return this.#words[WORDS * index + 4]!;
  }

  /** @returns 16 octets of its own. */
  address(index: number): Address {
    const address = new Uint8Array(ADDRESS_OCTETS);
    const view = new DataView(address.buffer);
    for (let i = 0; i < 4; i++) view.setUint32(4 * i, this.#words[WORDS * index + i]!);
    return address;
  }

  /** @returns the number of a prefix, or -1. */
  find(octets: Uint8Array, at: number, prefixLength: number): number {
    this.#load(octets, at, prefixLength);
    return this.#slots[this.#slotOf()]!;
  }

  /**
   * @param at - where the prefix's whole 32-bit words of address begin.
   * @returns the number of the prefix, which is `size` as it was when it is new.
   */
  intern(octets: Uint8Array, at: number, prefixLength: number): number {
    this.#load(octets, at, prefixLength);
    const slot = this.#slotOf();
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    const index = this.size++;
    if (WORDS * index === this.#words.length) {
      this.#grow();
      // Growing has used the key's place.
      this.#load(octets, at, prefixLength);
    }
    this.#words.set(this.#key, WORDS * index);
    this.#slots[this.#slotOf()] = index;
    return index;
  }

  #load(octets: Uint8Array, at: number, prefixLength: number): void {
    const key = this.#key;
    for (let i = 0; i < 4; i++) {
      const bits = prefixLength - 32 * i;
      if (bits <= 0) {
        key[i] = 0;
        continue;
      }
      const from = at + 4 * i;
      const word =
        (octets[from]! << 24) |
        (octets[from + 1]! << 16) |
        (octets[from + 2]! << 8) |
        octets[from + 3]!;
      key[i] = bits >= 32 ? word : word & (-1 << (32 - bits));
    }
    key[4] = prefixLength;
  }

  #slotOf(): number {
    const key = this.#key;
    const words = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = mix(mix(key[0]!, key[1]!), mix(key[2]!, key[3]!)) ^ key[4]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index < 0) return slot;
      const from = WORDS * index;
      if (
        words[from + 3] === key[3] &&
        words[from + 2] === key[2] &&
        words[from + 1] === key[1] &&
        words[from] === key[0] &&
        words[from + 4] === key[4]
      ) {
        return slot;
      }
    }
  }

  #grow(): void {
    this.#words = grown(this.#words, 2 * this.#words.length);
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    for (let i = 0; i < this.size - 1; i++) {
      this.#key.set(this.#words.subarray(WORDS * i, WORDS * i + WORDS));
      this.#slots[this.#slotOf()] = i;
    }
  }
}
