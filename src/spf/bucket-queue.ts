/**
 * A monotone priority queue of vertices: one bucket per distance, as many buckets as an edge can be
 * long, used round and round (R. B. Dial, Algorithm 360, CACM 12, 1969). Two levels of bit maps
 * find the next bucket in use, so that long edges cost no walk over empty ones. A vertex that came
 * nearer is put in again; who takes it out knows its distance and leaves the old entry.
 * @module
 */
import { FIRST_LENGTH, grownWords, newWords } from './words.ts';

/** Each bit of the upper bit map stands for so many buckets. */
const FEWEST_BUCKETS = 32;
/** Words of entries at first. */
const FIRST_ENTRIES = 4 * FIRST_LENGTH;
const NONE = -1;

export class BucketQueue {
  /** The distance of the vertex taken last. */
  distance = 0;
  #mask = -1;
  #head = newWords(0);
  /** A bit per bucket in use; a bit per word of those. */
  #inUse = newWords(0);
  #summary = newWords(0);
  /** Entries in lists, one list per bucket and one of those not in use: vertex, next entry. */
  #entries = newWords(FIRST_ENTRIES);
  #free = NONE;
  #end = 0;

  /**
   * Begins at distance 0; the queue must be empty.
   * @param longestEdge - how far from the vertex taken last others are put at most. Few buckets
   *   stay in the nearest cache.
   */
  reset(longestEdge: number): void {
    this.distance = 0;
    if (longestEdge <= this.#mask) return;
    let buckets = FEWEST_BUCKETS;
    while (buckets <= longestEdge) buckets *= 2;
    this.#mask = buckets - 1;
    this.#head = newWords(buckets, NONE);
    this.#inUse = newWords(buckets >>> 5);
    this.#summary = newWords((buckets + 1023) >>> 10);
  }

  /**
   * Puts a vertex at a distance.
   * @param distance - from that of the vertex taken last to the longest edge more.
   */
  push(vertex: number, distance: number): void {
    let entry = this.#free;
    if (entry === NONE) {
      entry = this.#end;
      this.#end += 2;
      if (entry === this.#entries.length) this.#grow();
    } else this.#free = this.#entries[entry + 1]!;
    const bucket = distance & this.#mask;
    const first = this.#head[bucket]!;
    this.#entries[entry] = vertex;
    this.#entries[entry + 1] = first;
    this.#head[bucket] = entry;
    if (first === NONE) {
      this.#inUse[bucket >>> 5]! |= 1 << (bucket & 31);
      this.#summary[bucket >>> 10]! |= 1 << ((bucket >>> 5) & 31);
    }
  }

  /** Takes a vertex of least distance. @returns -1 when the queue is empty. */
  pop(): number {
    let bucket = this.distance & this.#mask;
    let entry = this.#head[bucket]!;
    if (entry === NONE) {
      const next = this.#nextInUse(bucket);
      if (next === NONE) return NONE;
      this.distance += (next - bucket) & this.#mask;
      bucket = next;
      entry = this.#head[bucket]!;
    }
    const next = this.#entries[entry + 1]!;
    this.#head[bucket] = next;
    this.#entries[entry + 1] = this.#free;
    this.#free = entry;
    if (next === NONE) this.#clear(bucket);
    return this.#entries[entry]!;
  }

  #clear(bucket: number): void {
    const word = bucket >>> 5;
    this.#inUse[word]! &= ~(1 << (bucket & 31));
    if (this.#inUse[word] === 0) this.#summary[word >>> 5]! &= ~(1 << (word & 31));
  }

  /** The first bucket in use behind one, round and round. */
  #nextInUse(after: number): number {
    const word = after >>> 5;
    // Nothing is behind the last bit of a word: -2 << 31 is 0.
    const here = this.#inUse[word]! & (-2 << (after & 31));
    if (here !== 0) return (word << 5) | lowestBit(here);
    const group = word >>> 5;
    const near = this.#summary[group]! & (-2 << (word & 31));
    if (near !== 0) return this.#firstIn((group << 5) | lowestBit(near));
    const groups = this.#summary.length;
    for (let step = 1; step <= groups; step++) {
      const other = (group + step) & (groups - 1);
      const bits = this.#summary[other]!;
      if (bits !== 0) return this.#firstIn((other << 5) | lowestBit(bits));
    }
    return NONE;
  }

  #firstIn(word: number): number {
    return (word << 5) | lowestBit(this.#inUse[word]!);
  }

  #grow(): void {
    this.#entries = grownWords(this.#entries, 2 * this.#entries.length);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
