/**
 * Next hops during a full run: one bit for each way off this router, so that joining the next hops
 * of equal-cost paths is an OR. Afterwards the masks become sets (`next-hop-sets.ts`).
 * @module
 */
import { type Graph, VertexKind } from './graph.ts';
import { type NextHopSets, NO_NEXT_HOPS } from './next-hop-sets.ts';

const CACHE_SLOTS = 1024;

export class HopMasks {
  readonly #graph: Graph;
  readonly #sets: NextHopSets;
  /** Words of a mask. */
  words = 1;
  /** Per vertex its mask, `words` each. */
  masks = new Int32Array(64);
  /** Per bit the set of that one next hop, and its inverse. */
  #singles: number[] = [];
  readonly #bitOf = new Map<number, number>();
  /** Bits that lead onto a link itself, and the Interface ID of each. */
  readonly #onLink = new Map<number, number>();
  /** Those among them of the vertex that `special` was asked about. */
  #here: readonly number[] = [];
  /** Masks turned into sets lately, by a hash of them. */
  #cachedMasks = new Int32Array(CACHE_SLOTS);
  readonly #cachedSets = new Int32Array(CACHE_SLOTS);

  constructor(graph: Graph, sets: NextHopSets) {
    this.#graph = graph;
    this.#sets = sets;
  }

  /** Gives every way off the roots its bit; all masks are empty then. */
  reset(roots: readonly number[]): void {
    const graph = this.#graph;
    let ways = 0;
    for (const root of roots) {
      const from = graph.start[root]!;
      for (let e = from; e < from + graph.count[root]!; e++) {
        const neighbor = graph.target[e]!;
        ways += graph.kind[neighbor] === VertexKind.Network ? 1 + graph.count[neighbor]! : 1;
      }
    }
    this.words = Math.max(1, (ways + 31) >>> 5);
    const length = this.words * graph.vertexCount;
    if (length > this.masks.length) this.masks = new Int32Array(length + (length >>> 1));
    else this.masks.fill(0, 0, length);
    this.#singles = [];
    this.#bitOf.clear();
    this.#onLink.clear();
    this.#cachedMasks = new Int32Array(CACHE_SLOTS * this.words);
    this.#cachedSets.fill(-1);
  }

  /** Whether edges of a vertex hand on other next hops than its own; asked before `joinAlong`. */
  special(vertex: number): boolean {
    const graph = this.#graph;
    if (graph.isRoot(vertex)) return true;
    if (graph.kind[vertex] !== VertexKind.Network || this.#onLink.size === 0) return false;
    this.#here = this.#onLinkBits(vertex);
    return this.#here.length > 0;
  }

  /**
   * Joins what an edge of a special vertex hands on to the mask of its target (RFC 2328 16.1.1).
   * @returns whether that has grown.
   */
  joinAlong(source: number, edge: number): boolean {
    const graph = this.#graph;
    const target = graph.target[edge]!;
    if (graph.isRoot(source)) return this.#setBit(target, this.#firstHop(edge));
    let grown = false;
    const onLink = this.#here;
    for (let k = 0; k < this.words; k++) {
      let word = this.masks[source * this.words + k]!;
      if (word === 0) continue;
      for (const bit of onLink) if (bit >>> 5 === k) word &= ~(1 << (bit & 31));
      grown = this.#orWord(target, k, word) || grown;
    }
    const far = graph.interfaceId[graph.twin[edge]!]!;
    const routerId = graph.routerIdOf(target);
    for (const bit of onLink) {
      const via = this.#sets.viaRouter(this.#onLink.get(bit)!, routerId, far);
      grown = this.#setBit(target, via) || grown;
    }
    return grown;
  }

  /** Forgets a mask. */
  clear(vertex: number): void {
    for (let k = 0; k < this.words; k++) this.masks[vertex * this.words + k] = 0;
  }

  /** The set that a vertex's mask stands for. */
  setOf(vertex: number): number {
    const { words, masks } = this;
    const from = vertex * words;
    let hash = 0;
    for (let k = 0; k < words; k++) hash = Math.imul(hash ^ masks[from + k]!, 0x9e3779b1);
    const slot = (hash >>> 16) & (CACHE_SLOTS - 1);
    const at = slot * words;
    let same = this.#cachedSets[slot]! >= 0;
    for (let k = 0; same && k < words; k++) same = this.#cachedMasks[at + k] === masks[from + k];
    if (same) return this.#cachedSets[slot]!;
    const members: number[] = [];
    for (let k = 0; k < words; k++) {
      for (let rest = masks[from + k]!; rest !== 0; rest &= rest - 1) {
        members.push(this.#singles[32 * k + 31 - Math.clz32(rest & -rest)]!);
      }
    }
    const set = members.length === 1 ? members[0]! : this.#sets.unionOf(members);
    this.#cachedSets[slot] = set;
    for (let k = 0; k < words; k++) this.#cachedMasks[at + k] = masks[from + k]!;
    return set;
  }

  #firstHop(edge: number): number {
    const graph = this.#graph;
    const neighbor = graph.target[edge]!;
    const interfaceId = graph.interfaceId[edge]!;
    if (graph.kind[neighbor] !== VertexKind.Network) {
      const far = graph.neighborInterfaceId[edge]!;
      return this.#sets.viaRouter(interfaceId, graph.routerIdOf(neighbor), far);
    }
    const set = this.#sets.onLink(interfaceId);
    this.#onLink.set(this.#bit(set), interfaceId);
    return set;
  }

  #onLinkBits(vertex: number): number[] {
    const bits: number[] = [];
    for (const bit of this.#onLink.keys()) {
      if ((this.masks[vertex * this.words + (bit >>> 5)]! >>> (bit & 31)) & 1) bits.push(bit);
    }
    return bits;
  }

  #bit(single: number): number {
    let bit = this.#bitOf.get(single);
    if (bit === undefined) {
      bit = this.#singles.length;
      this.#singles.push(single);
      this.#bitOf.set(single, bit);
    }
    return bit;
  }

  #setBit(vertex: number, single: number): boolean {
    if (single === NO_NEXT_HOPS) return false;
    const bit = this.#bit(single);
    return this.#orWord(vertex, bit >>> 5, 1 << (bit & 31));
  }

  #orWord(vertex: number, word: number, bits: number): boolean {
    const at = vertex * this.words + word;
    const before = this.masks[at]!;
    this.masks[at] = before | bits;
    return this.masks[at] !== before;
  }
}
