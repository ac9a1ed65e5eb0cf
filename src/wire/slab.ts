/**
 * Octets that outlive the buffer they came in, many in one allocation. A typed array of its own
 * for each would cost more than reading what is in it: the engine makes one in 25 ns, above 64
 * octets in several hundred, and a DataView in 50 (measured, `npm run bench -- codec`).
 *
 * A slab lives as long as anything in it. What a database keeps is therefore copied into slabs of
 * its own: one LSA among the Hellos and duplicates of a minute would hold all of them for an hour.
 * An LSA lives an hour at the most, so what those slabs hold in vain is bounded by what was
 * installed within an hour.
 * @module
 */

const SLAB_OCTETS = 0x10000;

/** A buffer that is filled once, from front to back; what is in it never changes. */
export class Slab {
  readonly octets: Uint8Array;
  readonly view: DataView;
  #used = 0;

  constructor(octets: number) {
    this.octets = new Uint8Array(octets);
    this.view = new DataView(this.octets.buffer);
  }

  get room(): number {
    return this.octets.length - this.#used;
  }

  /** Sets octets aside, zero until written. @returns the offset of the first one. */
  reserve(octets: number): number {
    const at = this.#used;
    this.#used += octets;
    return at;
  }

  /** Copies octets. @returns the offset of the first one. */
  append(octets: Uint8Array): number {
    const at = this.reserve(octets.length);
    this.octets.set(octets, at);
    return at;
  }
}

/** Slabs that are filled one after the other. */
class Slabs {
  #current = new Slab(SLAB_OCTETS);

  /** The one with room for so many octets. */
  for(octets: number): Slab {
    if (this.#current.room < octets) this.#current = new Slab(Math.max(SLAB_OCTETS, octets));
    return this.#current;
  }
}

const passing = new Slabs();
const kept = new Slabs();

/** A slab with room for so many octets, most of which will soon be of no use. */
export const slabFor = (octets: number): Slab => passing.for(octets);

/** A slab with room for octets that are kept: apart from the others, they hold little in vain. */
export const keptSlabFor = (octets: number): Slab => kept.for(octets);
