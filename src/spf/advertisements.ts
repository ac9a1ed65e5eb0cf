/**
 * Who announces which prefix at what metric, and behind which vertex: every prefix of every LSA is
 * one advertisement. They are listed by prefix, by vertex and by LSA, so that a change of one LSA
 * or one vertex leads at once to the prefixes that it can affect.
 * @module
 */
import { IndexSet } from './index-set.ts';
import { PairTable } from './key-table.ts';
import { grownWords, newWords } from './words.ts';

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

/** So many advertisements to come are not worth being told apart. */
const FEW_ADVERTISEMENTS = 64;

/** Words of an advertisement. */
const WORDS = 11;
const PREFIX = 0;
const VERTEX = 1;
const RANK = 2;
const METRIC = 3;
const TYPE_2_METRIC = 4;
/** Router ID of the LSA's originator. */
const ORIGINATOR = 5;
/** Lists by prefix, by vertex and by LSA; the last leads to the free ones, too. */
const NEXT_OF_PREFIX = 6;
const PREVIOUS_OF_PREFIX = 7;
const NEXT_OF_VERTEX = 8;
const PREVIOUS_OF_VERTEX = 9;
const NEXT_OF_LSA = 10;

/** A list of firsts with room for so many. */
const roomFor = (firsts: Int32Array, length: number): Int32Array =>
  length > firsts.length ? grownWords(firsts, length, NONE) : firsts;

/** All advertisements; each has a number, which is given to another when it goes. */
export class Advertisements {
  /** Of an advertisement the words above, by where its row begins: that is its number. */
  #rows = newWords(0);
  #firstOfPrefix = newWords(0);
  #firstOfVertex = newWords(0);
  #firstOfLsa = newWords(0);
  /** Origins with Link State IDs: the LSAs. */
  readonly #identities: PairTable;
  #free = NONE;
  #end = 0;
  /** How many there are. */
  size = 0;
  /** Prefixes whose route needs to be computed again. */
  readonly dirty = new IndexSet();

  /** @param secret - see `key-table.ts`. */
  constructor(secret: number) {
    this.#identities = new PairTable(secret);
  }

  /** Makes room for advertisements to come, the LSAs that they stand in, and their vertices. */
  reserve(advertisements: number, lsas: number, vertices: number): void {
    this.#identities.reserve(lsas);
    const end = this.#end + WORDS * advertisements;
    const count = end / WORDS;
    if (end > this.#rows.length) this.#rows = grownWords(this.#rows, end);
    this.#firstOfPrefix = roomFor(this.#firstOfPrefix, count);
    this.#firstOfVertex = roomFor(this.#firstOfVertex, vertices);
    this.#firstOfLsa = roomFor(this.#firstOfLsa, this.#identities.size + lsas);
    // Where most is new, nothing is gained by knowing what.
    if (advertisements > FEW_ADVERTISEMENTS && advertisements > this.size) this.dirty.addAll();
  }

  prefixOf(at: number): number {
    return this.#rows[at + PREFIX]!;
  }

  vertexOf(at: number): number {
    return this.#rows[at + VERTEX]!;
  }

  rankOf(at: number): number {
    return this.#rows[at + RANK]!;
  }

  metricOf(at: number): number {
    return this.#rows[at + METRIC]!;
  }

  type2MetricOf(at: number): number {
    return this.#rows[at + TYPE_2_METRIC]!;
  }

  /** Router ID of the LSA's originator. */
  originatorOf(at: number): number {
    return this.#rows[at + ORIGINATOR]! >>> 0;
  }

  /** The next advertisement of the same prefix, or -1. */
  nextOfPrefix(at: number): number {
    return this.#rows[at + NEXT_OF_PREFIX]!;
  }

  /** The first advertisement of a prefix, or -1. */
  firstOfPrefix(prefix: number): number {
    return this.#firstOfPrefix[prefix] ?? NONE;
  }

  /** Router IDs of all that announce a prefix; none for -1. */
  originatorsOf(prefix: number): Set<number> {
    const originators = new Set<number>();
    for (let at = this.firstOfPrefix(prefix); at !== NONE; at = this.nextOfPrefix(at)) {
      originators.add(this.originatorOf(at));
    }
    return originators;
  }

  /** Marks every prefix that hangs on a vertex. */
  markVertex(vertex: number): void {
    const rows = this.#rows;
    let at = this.#firstOfVertex[vertex] ?? NONE;
    for (; at !== NONE; at = rows[at + NEXT_OF_VERTEX]!) this.dirty.add(rows[at + PREFIX]!);
  }

  markVertices(vertices: IndexSet): void {
    for (let i = 0; i < vertices.size; i++) this.markVertex(vertices.at(i));
  }

  /**
   * Puts what an LSA says in the place of what it said before, and marks the prefixes affected.
   * @param origin - who says it in which database and LS type: a number of the caller's.
   */
  replace(
    origin: number,
    originator: number,
    linkStateId: number,
    said: readonly Announcement[],
    saidCount: number,
  ): void {
    const lsa = this.#lsaOf(origin, linkStateId);
    if (this.#updated(lsa, said, saidCount)) return;
    for (let at = this.#firstOfLsa[lsa]!; at !== NONE; ) {
      const next = this.#rows[at + NEXT_OF_LSA]!;
      this.#remove(at);
      at = next;
    }
    let next = NONE;
    for (let i = saidCount - 1; i >= 0; i--) next = this.#add(originator, said[i]!, next);
    this.#firstOfLsa[lsa] = next;
  }

  #lsaOf(origin: number, linkStateId: number): number {
    const lsa = this.#identities.intern(linkStateId, origin);
    this.#firstOfLsa = reaching(this.#firstOfLsa, lsa);
    return lsa;
  }

  /** Where the same prefixes hang on the same vertices, only metrics are written. */
  #updated(lsa: number, said: readonly Announcement[], saidCount: number): boolean {
    const rows = this.#rows;
    let at = this.#firstOfLsa[lsa]!;
    for (let i = 0; i < saidCount; i++) {
      if (at === NONE) return false;
      const { prefix, vertex } = said[i]!;
      if (rows[at + PREFIX] !== prefix || rows[at + VERTEX] !== vertex) return false;
      at = rows[at + NEXT_OF_LSA]!;
    }
    if (at !== NONE) return false;
    at = this.#firstOfLsa[lsa]!;
    for (let i = 0; i < saidCount; i++) {
      const { rank, metric, type2Metric } = said[i]!;
      if (
        rows[at + METRIC] !== metric ||
        rows[at + TYPE_2_METRIC] !== type2Metric ||
        rows[at + RANK] !== rank
      ) {
        rows[at + METRIC] = metric;
        rows[at + TYPE_2_METRIC] = type2Metric;
        rows[at + RANK] = rank;
        this.dirty.add(rows[at + PREFIX]!);
      }
      at = rows[at + NEXT_OF_LSA]!;
    }
    return true;
  }

  /** @param nextOfLsa - what the LSA says behind it. @returns the new advertisement. */
  #add(originator: number, said: Announcement, nextOfLsa: number): number {
    const { prefix, vertex } = said;
    const at = this.#take();
    this.#firstOfPrefix = reaching(this.#firstOfPrefix, prefix);
    this.#firstOfVertex = reaching(this.#firstOfVertex, vertex);
    const rows = this.#rows;
    const samePrefix = this.#firstOfPrefix[prefix]!;
    const sameVertex = this.#firstOfVertex[vertex]!;
    rows[at + PREFIX] = prefix;
    rows[at + VERTEX] = vertex;
    rows[at + RANK] = said.rank;
    rows[at + METRIC] = said.metric;
    rows[at + TYPE_2_METRIC] = said.type2Metric;
    rows[at + ORIGINATOR] = originator;
    rows[at + NEXT_OF_PREFIX] = samePrefix;
    rows[at + PREVIOUS_OF_PREFIX] = NONE;
    rows[at + NEXT_OF_VERTEX] = sameVertex;
    rows[at + PREVIOUS_OF_VERTEX] = NONE;
    rows[at + NEXT_OF_LSA] = nextOfLsa;
    if (samePrefix !== NONE) rows[samePrefix + PREVIOUS_OF_PREFIX] = at;
    if (sameVertex !== NONE) rows[sameVertex + PREVIOUS_OF_VERTEX] = at;
    this.#firstOfPrefix[prefix] = at;
    this.#firstOfVertex[vertex] = at;
    this.dirty.add(prefix);
    return at;
  }

  /** A row that is free. */
  #take(): number {
    this.size++;
    const at = this.#free;
    if (at !== NONE) {
      this.#free = this.#rows[at + NEXT_OF_LSA]!;
      return at;
    }
    const end = this.#end;
    this.#end += WORDS;
    if (this.#end > this.#rows.length) this.#rows = grownWords(this.#rows, 2 * this.#end);
    return end;
  }

  #remove(at: number): void {
    const rows = this.#rows;
    const prefix = rows[at + PREFIX]!;
    const [next, previous] = [rows[at + NEXT_OF_PREFIX]!, rows[at + PREVIOUS_OF_PREFIX]!];
    if (next !== NONE) rows[next + PREVIOUS_OF_PREFIX] = previous;
    if (previous !== NONE) rows[previous + NEXT_OF_PREFIX] = next;
    else this.#firstOfPrefix[prefix] = next;
    const [after, before] = [rows[at + NEXT_OF_VERTEX]!, rows[at + PREVIOUS_OF_VERTEX]!];
    if (after !== NONE) rows[after + PREVIOUS_OF_VERTEX] = before;
    if (before !== NONE) rows[before + NEXT_OF_VERTEX] = after;
    else this.#firstOfVertex[rows[at + VERTEX]!] = after;
    rows[at + NEXT_OF_LSA] = this.#free;
    this.#free = at;
    this.size--;
    this.dirty.add(prefix);
  }
}

/** A list of firsts with a place for an index. */
const reaching = (firsts: Int32Array, index: number): Int32Array =>
  index < firsts.length ? firsts : grownWords(firsts, 2 * index + 1, NONE);
