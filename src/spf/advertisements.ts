/**
 * Who announces which prefix at what metric, and behind which vertex: every prefix of every LSA is
 * one advertisement. They are listed by prefix, by vertex and by LSA, so that a change of one LSA
 * or one vertex leads at once to the prefixes that it can affect.
 * @module
 */
import { IndexSet } from './index-set.ts';
import { FIRST_LENGTH, grown, PairTable } from './key-table.ts';

/** What an LSA says of one prefix. */
export interface Announcement {
  prefix: number;
  /** The vertex that the prefix hangs on. */
  vertex: number;
  /** Place of the path type in `PATH_TYPES`. */
  rank: number;
  metric: number;
  /** The type 2 metric of an external path, else 0. */
  type2Metric: number;
}

const NONE = -1;

/** A list of firsts with room for so many. */
const roomFor = <T extends Int32Array>(firsts: T, length: number): T =>
  length > firsts.length ? grown(firsts, length, NONE) : firsts;

/** All advertisements; each has a number, which is given to another when it goes. */
export class Advertisements {
  prefix = new Int32Array(FIRST_LENGTH);
  vertex = new Int32Array(FIRST_LENGTH);
  rank = new Uint8Array(FIRST_LENGTH);
  metric = new Int32Array(FIRST_LENGTH);
  type2Metric = new Int32Array(FIRST_LENGTH);
  /** Router ID of the LSA's originator. */
  originator = new Uint32Array(FIRST_LENGTH);
  /** The next advertisement of the same prefix, or -1. */
  nextOfPrefix = new Int32Array(FIRST_LENGTH);
  #previousOfPrefix = new Int32Array(FIRST_LENGTH);
  #nextOfVertex = new Int32Array(FIRST_LENGTH);
  #previousOfVertex = new Int32Array(FIRST_LENGTH);
  #nextOfLsa = new Int32Array(FIRST_LENGTH);

  #firstOfPrefix = new Int32Array(FIRST_LENGTH).fill(NONE);
  #firstOfVertex = new Int32Array(FIRST_LENGTH).fill(NONE);
  #firstOfLsa = new Int32Array(FIRST_LENGTH).fill(NONE);
  /** Originators with stores, then those with Link State IDs: the LSAs. */
  readonly #origins = new PairTable();
  readonly #identities = new PairTable();
  #free = NONE;
  #end = 0;
  /** How many there are. */
  size = 0;
  /** Prefixes whose route needs to be computed again. */
  readonly dirty = new IndexSet();

  /** Makes room for advertisements to come, the LSAs that they stand in, and their vertices. */
  reserve(advertisements: number, lsas: number, vertices: number): void {
    this.#origins.reserve(lsas);
    this.#identities.reserve(lsas);
    const end = this.#end + advertisements;
    if (end > this.prefix.length) this.#grow(end);
    this.dirty.reserve(end);
    this.#firstOfPrefix = roomFor(this.#firstOfPrefix, end);
    this.#firstOfVertex = roomFor(this.#firstOfVertex, vertices);
    this.#firstOfLsa = roomFor(this.#firstOfLsa, this.#identities.size + lsas);
  }

  /** The first advertisement of a prefix, or -1. */
  firstOfPrefix(prefix: number): number {
    return this.#firstOfPrefix[prefix] ?? NONE;
  }

  /** Router IDs of all that announce a prefix; none for -1. */
  originatorsOf(prefix: number): Set<number> {
    const originators = new Set<number>();
    for (let at = this.firstOfPrefix(prefix); at !== NONE; at = this.nextOfPrefix[at]!) {
      originators.add(this.originator[at]!);
    }
    return originators;
  }

  /** Marks every prefix that hangs on a vertex. */
  markVertex(vertex: number): void {
    let at = this.#firstOfVertex[vertex] ?? NONE;
    for (; at !== NONE; at = this.#nextOfVertex[at]!) this.dirty.add(this.prefix[at]!);
  }

  markVertices(vertices: IndexSet): void {
    for (let i = 0; i < vertices.size; i++) this.markVertex(vertices.at(i));
  }

  /** Marks every prefix that is announced. */
  markAll(): void {
    for (let prefix = 0; prefix < this.#firstOfPrefix.length; prefix++) {
      if (this.#firstOfPrefix[prefix] !== NONE) this.dirty.add(prefix);
    }
  }

  /**
   * Puts what an LSA says in the place of what it said before, and marks the prefixes affected.
   * @param store - which database and LS type, a number of the caller's.
   */
  replace(
    store: number,
    originator: number,
    linkStateId: number,
    said: readonly Announcement[],
    saidCount: number,
  ): void {
    const lsa = this.#lsaOf(store, originator, linkStateId);
    if (this.#updated(lsa, said, saidCount)) return;
    for (let at = this.#firstOfLsa[lsa]!; at !== NONE; ) {
      const next = this.#nextOfLsa[at]!;
      this.#remove(at);
      at = next;
    }
    this.#firstOfLsa[lsa] = NONE;
    for (let i = saidCount - 1; i >= 0; i--) {
      const at = this.#add(originator, said[i]!);
      this.#nextOfLsa[at] = this.#firstOfLsa[lsa]!;
      this.#firstOfLsa[lsa] = at;
    }
  }

  #lsaOf(store: number, originator: number, linkStateId: number): number {
    const origin = this.#origins.intern(originator, store);
    const lsa = this.#identities.intern(origin, linkStateId);
    if (lsa >= this.#firstOfLsa.length) {
      this.#firstOfLsa = grown(this.#firstOfLsa, 2 * this.#firstOfLsa.length, NONE);
    }
    return lsa;
  }

  /** Where the same prefixes hang on the same vertices, only metrics are written. */
  #updated(lsa: number, said: readonly Announcement[], saidCount: number): boolean {
    let at = this.#firstOfLsa[lsa]!;
    for (let i = 0; i < saidCount; i++) {
      if (at === NONE) return false;
      const { prefix, vertex } = said[i]!;
      if (this.prefix[at] !== prefix || this.vertex[at] !== vertex) return false;
      at = this.#nextOfLsa[at]!;
    }
    if (at !== NONE) return false;
    at = this.#firstOfLsa[lsa]!;
    for (let i = 0; i < saidCount; i++) {
      const { rank, metric, type2Metric } = said[i]!;
      if (
        this.metric[at] !== metric ||
        this.type2Metric[at] !== type2Metric ||
        this.rank[at] !== rank
      ) {
        this.metric[at] = metric;
        this.type2Metric[at] = type2Metric;
        this.rank[at] = rank;
        this.dirty.add(this.prefix[at]!);
      }
      at = this.#nextOfLsa[at]!;
    }
    return true;
  }

  #add(originator: number, said: Announcement): number {
    let at = this.#free;
    if (at !== NONE) this.#free = this.#nextOfLsa[at]!;
    else {
      at = this.#end++;
      if (at === this.prefix.length) this.#grow(2 * at);
    }
    this.size++;
    const { prefix, vertex } = said;
    this.prefix[at] = prefix;
    this.vertex[at] = vertex;
    this.rank[at] = said.rank;
    this.metric[at] = said.metric;
    this.type2Metric[at] = said.type2Metric;
    this.originator[at] = originator;
    if (prefix >= this.#firstOfPrefix.length) {
      this.#firstOfPrefix = grown(this.#firstOfPrefix, 2 * prefix, NONE);
    }
    if (vertex >= this.#firstOfVertex.length) {
      this.#firstOfVertex = grown(this.#firstOfVertex, 2 * vertex, NONE);
    }
    const samePrefix = this.#firstOfPrefix[prefix]!;
    this.nextOfPrefix[at] = samePrefix;
    this.#previousOfPrefix[at] = NONE;
    if (samePrefix !== NONE) this.#previousOfPrefix[samePrefix] = at;
    this.#firstOfPrefix[prefix] = at;
    const sameVertex = this.#firstOfVertex[vertex]!;
    this.#nextOfVertex[at] = sameVertex;
    this.#previousOfVertex[at] = NONE;
    if (sameVertex !== NONE) this.#previousOfVertex[sameVertex] = at;
    this.#firstOfVertex[vertex] = at;
    this.dirty.add(prefix);
    return at;
  }

  #remove(at: number): void {
    const prefix = this.prefix[at]!;
    const vertex = this.vertex[at]!;
    const nextOfPrefix = this.nextOfPrefix[at]!;
    const previousOfPrefix = this.#previousOfPrefix[at]!;
    if (nextOfPrefix !== NONE) this.#previousOfPrefix[nextOfPrefix] = previousOfPrefix;
    if (previousOfPrefix !== NONE) this.nextOfPrefix[previousOfPrefix] = nextOfPrefix;
    else this.#firstOfPrefix[prefix] = nextOfPrefix;
    const nextOfVertex = this.#nextOfVertex[at]!;
    const previousOfVertex = this.#previousOfVertex[at]!;
    if (nextOfVertex !== NONE) this.#previousOfVertex[nextOfVertex] = previousOfVertex;
    if (previousOfVertex !== NONE) this.#nextOfVertex[previousOfVertex] = nextOfVertex;
    else this.#firstOfVertex[vertex] = nextOfVertex;
    this.#nextOfLsa[at] = this.#free;
    this.#free = at;
    this.size--;
    this.dirty.add(prefix);
  }

  #grow(length: number): void {
    this.prefix = grown(this.prefix, length);
    this.vertex = grown(this.vertex, length);
    this.rank = grown(this.rank, length);
    this.metric = grown(this.metric, length);
    this.type2Metric = grown(this.type2Metric, length);
    this.originator = grown(this.originator, length);
    this.nextOfPrefix = grown(this.nextOfPrefix, length);
    this.#previousOfPrefix = grown(this.#previousOfPrefix, length);
    this.#nextOfVertex = grown(this.#nextOfVertex, length);
    this.#previousOfVertex = grown(this.#previousOfVertex, length);
    this.#nextOfLsa = grown(this.#nextOfLsa, length);
  }
}
