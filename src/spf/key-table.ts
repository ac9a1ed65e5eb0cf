/**
 * Keys to small numbers: the calculation names routers, networks, LSAs and prefixes by the order in
 * which they were first met, so that everything else is arrays. Open addressing with linear
 * probing; a key keeps its number for good.
 *
 * Names are as others choose them. They are laid evenly (`evenHash`), which is fastest, until a
 * look-up passes so many that they must have been made up for that; then they are scattered
 * (`secretHash`). No number depends on where names lie.
 * @module
 */
import type { Address } from '../wire/address.ts';
import { ADDRESS_OCTETS } from '../wire/address.ts';
import { viewOf } from '../wire/view.ts';
import { evenHash, secretHash } from './key-hash.ts';
import { FIRST_LENGTH, grownWords, newOctets, newWords } from './words.ts';

const FIRST_SLOTS = FIRST_LENGTH;

/** So many names that a look-up passes are no chance, unless there are hundreds of thousands. */
const STEPS_MAX = 128;

/** By how many bits a hash is shifted for a table of so many slots. */
const shiftFor = (slots: number): number => Math.clz32(slots - 1);

/** How many slots a table for so many keys has: the next power of two above twice as many. */
function slotsFor(keys: number): number {
  let slots = FIRST_SLOTS;
  while (slots < 2 * keys) slots *= 2;
  return slots;
}

const PAIR_WORDS = 2;

/** Numbers pairs of 32-bit words from 0 up. */
export class PairTable {
  /** How many keys there are; their numbers are all below it. */
  size = 0;
  readonly #secret: number;
  #scattered = false;
  #slots = newWords(FIRST_SLOTS, -1);
  /** Per key its two words, signed. */
  #words = newWords(PAIR_WORDS * (FIRST_SLOTS >>> 1));

  /** @param secret - for where made-up names lie, any 32 bits. */
  constructor(secret = 0) {
    this.#secret = secret;
  }

  first(index: number): number {
    return this.#words[PAIR_WORDS * index]! >>> 0;
  }

  second(index: number): number {
    return this.#words[PAIR_WORDS * index + 1]! >>> 0;
  }

  /** Makes room for keys to come. */
  reserve(keys: number): void {
    const slots = slotsFor(this.size + keys);
    if (slots > this.#slots.length) this.#resize(slots);
  }

  /** @returns the number of a key, or -1. */
  find(a: number, b: number): number {
    const slot = this.#slotOf(a | 0, b | 0);
    return this.#slots[slot]!;
  }

  /** How many names a look-up of a key passes. */
  stepsTo(a: number, b: number): number {
    const slot = this.#slotOf(a | 0, b | 0);
    return (slot - this.#homeOf(a, b)) & (this.#slots.length - 1);
  }

  /** @returns the number of a key, which is `size` as it was when the key is new. */
  intern(a: number, b: number): number {
    let slot = this.#slotOf(a | 0, b | 0);
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    if (2 * (this.size + 1) > this.#slots.length) {
      this.#resize(2 * this.#slots.length);
      slot = this.#slotOf(a | 0, b | 0);
    }
    const index = this.size++;
    this.#words[PAIR_WORDS * index] = a;
    this.#words[PAIR_WORDS * index + 1] = b;
    this.#slots[slot] = index;
    return index;
  }

  /** Where a look-up of a key begins. */
  #homeOf(a: number, b: number): number {
    const hash = this.#scattered ? secretHash(this.#secret, a, b) : evenHash(a, b);
    return hash >>> shiftFor(this.#slots.length);
  }

  #slotOf(a: number, b: number): number {
    const slots = this.#slots;
    const words = this.#words;
    const mask = slots.length - 1;
    const home = this.#homeOf(a, b);
    let slot = home;
    for (; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index < 0) break;
      if (words[PAIR_WORDS * index] === a && words[PAIR_WORDS * index + 1] === b) break;
    }
    if (((slot - home) & mask) <= STEPS_MAX || this.#scattered) return slot;
    this.#scattered = true;
    this.#resize(slots.length);
    return this.#slotOf(a, b);
  }

  #resize(slotCount: number): void {
    this.#words = grownWords(this.#words, PAIR_WORDS * (slotCount >>> 1));
    const keys = this.#words;
    const slots = newWords(slotCount, -1);
    this.#slots = slots;
    const mask = slotCount - 1;
    for (let i = 0; i < this.size; i++) {
      // All keys differ: the first free slot is the right one.
      let slot = this.#homeOf(keys[PAIR_WORDS * i]!, keys[PAIR_WORDS * i + 1]!);
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = i;
    }
  }
}

const PREFIX_WORDS = 5;

/** What words of 32 bits in network order are read from by octet offset, such as an LSA. */
export interface Words {
  /** The word at an offset, as a signed number. */
  s32(at: number): number;
}

/** An address as such. */
export class AddressWords implements Words {
  readonly #view: DataView;

  constructor(address: Address) {
    this.#view = viewOf(address);
  }

  s32(at: number): number {
    return this.#view.getInt32(at);
  }
}

/** Numbers prefixes from 0 up; bits behind the prefix length do not count. */
export class PrefixTable {
  size = 0;
  readonly #secret: number;
  #scattered = false;
  #slots = newWords(FIRST_SLOTS, -1);
  /** Per prefix four words of address, then the length. */
  #words = newWords(PREFIX_WORDS * (FIRST_SLOTS >>> 1));
  /** Per prefix length, whether there is a prefix of it. */
  readonly #hasLength = newOctets(8 * ADDRESS_OCTETS + 1);

  /** @param secret - for where made-up names lie, any 32 bits. */
  constructor(secret = 0) {
    this.#secret = secret;
  }

  prefixLength(index: number): number {
    return this.#words[PREFIX_WORDS * index + 4]!;
  }

  /** @returns 16 octets of its own. */
  address(index: number): Address {
    const address = new Uint8Array(ADDRESS_OCTETS);
    const from = PREFIX_WORDS * index;
    // Octet by octet: to make a view of it would take longer.
    for (let i = 0; i < ADDRESS_OCTETS; i++) {
      address[i] = this.#words[from + (i >>> 2)]! >>> (24 - 8 * (i & 3));
    }
    return address;
  }

  /** Makes room for prefixes to come. */
  reserve(prefixes: number): void {
    const slots = slotsFor(this.size + prefixes);
    if (slots > this.#slots.length) this.#resize(slots);
  }

  /** @returns the number of the prefix of an address, or -1. */
  find(words: Words, prefixLength: number): number {
    const a = wordAt(words, 0, prefixLength);
    const b = wordAt(words, 4, prefixLength - 32);
    const c = wordAt(words, 8, prefixLength - 64);
    const d = wordAt(words, 12, prefixLength - 96);
    const slot = this.#slotOf(a, b, c, d, prefixLength);
    return this.#slots[slot]!;
  }

  /** How many prefixes a look-up of one that is there passes. */
  stepsTo(index: number): number {
    const home = this.#homeOfIndex(index);
    const slot = this.#slots.indexOf(index);
    return (slot - home) & (this.#slots.length - 1);
  }

  /** The prefixes around an address, the longest first. */
  *around(address: Words): Generator<number> {
    for (let length = this.#hasLength.length - 1; length >= 0; length--) {
      if (this.#hasLength[length] === 0) continue;
      const index = this.find(address, length);
      if (index >= 0) yield index;
    }
  }

  /** Whether an address lies in a prefix. */
  covers(index: number, address: Words): boolean {
    let from = PREFIX_WORDS * index;
    for (let at = 0, bits = this.prefixLength(index); bits > 0; at += 4, bits -= 32) {
      if (wordAt(address, at, bits) !== this.#words[from++]) return false;
    }
    return true;
  }

  /**
   * @param words - what the prefix stands in.
   * @param at - where the prefix's whole 32-bit words of address begin.
   * @returns the number of the prefix, which is `size` as it was when it is new.
   */
  intern(words: Words, at: number, prefixLength: number): number {
    const a = wordAt(words, at, prefixLength);
    const b = wordAt(words, at + 4, prefixLength - 32);
    const c = wordAt(words, at + 8, prefixLength - 64);
    const d = wordAt(words, at + 12, prefixLength - 96);
    let slot = this.#slotOf(a, b, c, d, prefixLength);
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    if (2 * (this.size + 1) > this.#slots.length) {
      this.#resize(2 * this.#slots.length);
      slot = this.#slotOf(a, b, c, d, prefixLength);
    }
    const index = this.size++;
    const from = PREFIX_WORDS * index;
    this.#words[from] = a;
    this.#words[from + 1] = b;
    this.#words[from + 2] = c;
    this.#words[from + 3] = d;
    this.#words[from + 4] = prefixLength;
    this.#hasLength[prefixLength] = 1;
    this.#slots[slot] = index;
    return index;
  }

  #homeOf(a: number, b: number, c: number, d: number, prefixLength: number): number {
    const hash = this.#scattered
      ? secretHash(this.#secret, a, b, c, d, prefixLength)
      : evenHash(a, b, c, d, prefixLength);
    return hash >>> shiftFor(this.#slots.length);
  }

  /** Where a look-up of a prefix that is there begins. */
  #homeOfIndex(index: number): number {
    const words = this.#words;
    const at = PREFIX_WORDS * index;
    return this.#homeOf(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!);
  }

  #slotOf(a: number, b: number, c: number, d: number, prefixLength: number): number {
    const words = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const home = this.#homeOf(a, b, c, d, prefixLength);
    let slot = home;
    for (; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index < 0) break;
      const from = PREFIX_WORDS * index;
      if (
        words[from + 1] === b &&
        words[from + 3] === d &&
        words[from + 2] === c &&
        words[from] === a &&
        words[from + 4] === prefixLength
      ) {
        break;
      }
    }
    if (((slot - home) & mask) <= STEPS_MAX || this.#scattered) return slot;
    this.#scattered = true;
    this.#resize(slots.length);
    return this.#slotOf(a, b, c, d, prefixLength);
  }

  #resize(slotCount: number): void {
    this.#words = grownWords(this.#words, PREFIX_WORDS * (slotCount >>> 1));
    const slots = newWords(slotCount, -1);
    this.#slots = slots;
    const mask = slotCount - 1;
    for (let i = 0; i < this.size; i++) {
      let slot = this.#homeOfIndex(i);
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = i;
    }
  }
}

/** One word of an address, of which so many bits count; octets behind those are not read. */
function wordAt(words: Words, at: number, bits: number): number {
  if (bits <= 0) return 0;
  const word = words.s32(at);
  return bits >= 32 ? word : word & (-1 << (32 - bits));
}
