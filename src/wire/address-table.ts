/**
 * Addresses read before, so that one that comes again is not made again. The same few addresses
 * come with every copy and every refresh of an LSA, and to find one takes a fraction of the time
 * of making it (`npm run bench -- codec` has both) and no memory.
 *
 * Of the addresses that fall on one slot, the last one read stays. Equal addresses may or may not
 * be the same array; an address never changes, so nobody can tell.
 * @module
 */

/** Half a megabyte of addresses when every slot is taken. */
const SLOT_BITS = 12;

const addresses: (Uint8Array | undefined)[] = new Array(1 << SLOT_BITS).fill(undefined);
/** The four words of each slot's address. */
const words = new Int32Array(4 << SLOT_BITS);

/** Spreads addresses over the slots; neighbouring addresses, which are common, fall apart. */
function slotOf(w0: number, w1: number, w2: number, w3: number): number {
  const mixed = Math.imul(w0 ^ w2, 0x85ebca6b) ^ Math.imul(w1, 0x27d4eb2f) ^ w3;
  return Math.imul(mixed, 0x9e3779b1) >>> (32 - SLOT_BITS);
}

/** The address whose 16 octets are these four words, 32 bits each in network order. */
export function addressOfWords(w0: number, w1: number, w2: number, w3: number): Uint8Array {
  const slot = slotOf(w0, w1, w2, w3);
  const at = 4 * slot;
  const held = addresses[slot];
  if (
    held !== undefined &&
    words[at] === w0 &&
    words[at + 1] === w1 &&
    words[at + 2] === w2 &&
    words[at + 3] === w3
  ) {
    return held;
  }
  words[at] = w0;
  words[at + 1] = w1;
  words[at + 2] = w2;
  words[at + 3] = w3;
  const made = new Uint8Array(16);
  for (let i = 0; i < 16; i++) made[i] = words[at + (i >>> 2)]! >>> (24 - 8 * (i & 3));
  addresses[slot] = made;
  return made;
}
