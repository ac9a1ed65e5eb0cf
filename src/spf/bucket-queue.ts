/**
 * A monotone priority queue of vertices: one bucket per distance, as many buckets as an edge can be
 * long, used round and round (R. B. Dial, Algorithm 360, CACM 12, 1969). Two levels of bit maps
 * find the next bucket in use, so that long edges cost no walk over empty ones. A vertex that came
 * nearer is put in again; who takes it out knows its distance and leaves the old entry.
 * @module
 */
import { grown } from './key-table.ts';

/** An edge is at most 65535 long: the metric of a Router-LSA has 16 bits. */
const BUCKETS = 0x10000;
const MASK = BUCKETS - 1;
const NONE = -1;

export class BucketQueue {
  /** The distance of the vertex taken last. */
  distance = 0;
  readonly #head = new Int32Array(BUCKETS).fill(NONE);
  /** A bit per bucket in use; a bit per word of those. */
  readonly #words = new Int32Array(BUCKETS >>> 5);
  readonly #summary = new Int32Array(BUCKETS >>> 10);
  /** Entries in lists, one list per bucket and one of those not in use. */
  #vertex = new Int32Array(64);
  #next = new Int32Array(64);
  #free = NONE;
  #end = 0;

  /** Begins at distance 0; the queue must be empty. */
  reset(): void {
    this.distance = 0;
  }

  /**
   * Puts a vertex at a distance.
   * @param distance - from that of the vertex taken last to 65535 more.
   */
  push(vertex: number, distance: number): void {
    let entry = this.#free;
    if (entry === NONE) {
      entry = this.#end++;
      if (entry === this.#vertex.length) this.#grow();
    } else this.#free = this.#next[entry]!;
    const bucket = distance & MASK;
    const first = this.#head[bucket]!;
    this.#vertex[entry] = vertex;
    this.#next[entry] = first;
    this.#head[bucket] = entry;
    if (first === NONE) {
      this.#words[bucket >>> 5]! |= 1 << (bucket & 31);
      this.#summary[bucket >>> 10]! |= 1 << ((bucket >>> 5) & 31);
    }
  }

  /** Takes a vertex of least distance. @returns -1 when the queue is empty. */
  pop(): number {
    let bucket = this.distance & MASK;
    let entry = this.#head[bucket]!;
    if (entry === NONE) {
      const next = this.#nextInUse(bucket);
      if (next === NONE) return NONE;
      this.distance += (next - bucket) & MASK;
      bucket = next;
      entry = this.#head[bucket]!;
    }
    const next = this.#next[entry]!;
    this.#head[bucket] = next;
    this.#next[entry] = this.#free;
    this.#free = entry;
    if (next === NONE) this.#clear(bucket);
    return this.#vertex[entry]!;
  }

  #clear(bucket: number): void {
    const word = bucket >>> 5;
    this.#words[word]! &= ~(1 << (bucket & 31));
    if (this.#words[word] === 0) this.#summary[word >>> 5]! &= ~(1 << (word & 31));
  }

  /** The first bucket in use behind one, round and round. */
  #nextInUse(after: number): number {
    const word = after >>> 5;
    // Nothing is behind the last bit of a word: -2 << 31 is 0.
    const here = this.#words[word]! & (-2 << (after & 31));
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
    return (word << 5) | lowestBit(this.#words[word]!);
  }

  #grow(): void {
    this.#vertex = grown(this.#vertex, 2 * this.#vertex.length);
    this.#next = grown(this.#next, 2 * this.#next.length);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
