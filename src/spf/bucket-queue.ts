/**
 * A monotone priority queue of vertices: one bucket per distance, as many buckets as an edge can be
 * long, used round and round (R. B. Dial, Algorithm 360, CACM 12, 1969). Two levels of bit maps
 * find the next bucket in use, so that long edges cost no walk over empty ones.
 * @module
 */

/** An edge is at most 65535 long: the metric of a Router-LSA has 16 bits. */
const BUCKETS = 0x10000;
const MASK = BUCKETS - 1;

/** Vertices by distance; a vertex is in it at most once. */
export class BucketQueue {
  readonly #head = new Int32Array(BUCKETS).fill(-1);
  readonly #words = new Int32Array(BUCKETS >>> 5);
  readonly #summary = new Int32Array(BUCKETS >>> 10);
  #next = new Int32Array(0);
  /** The vertex before in the bucket; -1 of the first, -2 of a vertex not in the queue. */
  #previous = new Int32Array(0);
  #at = 0;
  size = 0;

  /** Makes room for vertices 0..count-1; the queue must be empty. */
  reserve(count: number): void {
    this.#at = 0;
    if (count <= this.#next.length) return;
    const length = Math.max(64, count + (count >>> 1));
    this.#next = new Int32Array(length);
    this.#previous = new Int32Array(length).fill(-2);
  }

  /**
   * Puts a vertex at a distance.
   * @param distance - from that of the vertex taken last to 65535 more.
   */
  push(vertex: number, distance: number): void {
    const bucket = distance & MASK;
    const first = this.#head[bucket]!;
    this.#next[vertex] = first;
    this.#previous[vertex] = -1;
    if (first >= 0) this.#previous[first] = vertex;
    else {
      this.#words[bucket >>> 5]! |= 1 << (bucket & 31);
      this.#summary[bucket >>> 10]! |= 1 << ((bucket >>> 5) & 31);
    }
    this.#head[bucket] = vertex;
    this.size++;
  }

  /** Moves a vertex from one distance to a lesser one, or puts it in when it was not there. */
  decrease(vertex: number, from: number, to: number): void {
    const previous = this.#previous[vertex]!;
    if (previous !== -2) {
      const next = this.#next[vertex]!;
      if (next >= 0) this.#previous[next] = previous;
      if (previous >= 0) this.#next[previous] = next;
      else {
        const bucket = from & MASK;
        this.#head[bucket] = next;
        if (next < 0) this.#clear(bucket);
      }
      this.size--;
    }
    this.push(vertex, to);
  }

  /** Takes a vertex of least distance. @returns -1 when the queue is empty. */
  pop(): number {
    if (this.size === 0) return -1;
    let bucket = this.#at;
    if (this.#head[bucket]! < 0) {
      bucket = this.#nextInUse(bucket);
      this.#at = bucket;
    }
    const vertex = this.#head[bucket]!;
    const next = this.#next[vertex]!;
    this.#head[bucket] = next;
    this.#previous[vertex] = -2;
    if (next >= 0) this.#previous[next] = -1;
    else this.#clear(bucket);
    this.size--;
    return vertex;
  }

  #clear(bucket: number): void {
    const word = bucket >>> 5;
    this.#words[word]! &= ~(1 << (bucket & 31));
    if (this.#words[word] === 0) this.#summary[word >>> 5]! &= ~(1 << (word & 31));
  }

  /** The first bucket in use behind one, round and round; there must be one. */
  #nextInUse(after: number): number {
    const word = after >>> 5;
    const here = this.#words[word]! & (-2 << (after & 31));
    // A shift by 31 leaves -2 << 31 = 0: nothing is behind the last bit of a word.
    if (here !== 0) return (word << 5) | lowestBit(here);
    const group = word >>> 5;
    const near = this.#summary[group]! & (-2 << (word & 31));
    if (near !== 0) return this.#firstIn((group << 5) | lowestBit(near));
    for (let step = 1; ; step++) {
      const other = (group + step) & (this.#summary.length - 1);
      const bits = this.#summary[other]!;
      if (bits !== 0) return this.#firstIn((other << 5) | lowestBit(bits));
    }
  }

  #firstIn(word: number): number {
    return (word << 5) | lowestBit(this.#words[word]!);
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
