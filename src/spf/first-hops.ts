/**
 * Where next hops begin (RFC 2328 16.1.1, RFC 5340 4.8.2): at the edges that leave our own vertex,
 * and at those that leave a network that we are on. All other edges hand on what their source has.
 * A large LAN has many such edges, so that they are kept until a link or an address changes.
 *
 * During a full run next hops are written as labels. Where no more than 32 ways lead off this
 * router, a label has a bit per way, so that the next hops of equal-cost paths are joined by an OR;
 * of more ways it is the set itself, joined by a look-up.
 * @module
 */
import type { Graph } from './graph.ts';
import { type NextHopSets, NO_NEXT_HOPS, VIRTUAL_LINK } from './next-hop-sets.ts';
import { newWords } from './words.ts';

const MASK_BITS = 32;
const CACHE_SLOTS = 256;

interface Kept {
  /** The label of the source that these follow from. */
  readonly own: number;
  /** Per edge of the source. */
  readonly labels: Int32Array;
}

export class FirstHops {
  /** Whether labels are masks in the run that was prepared, else they are sets. */
  masked = false;
  readonly #graph: Graph;
  readonly #sets: NextHopSets;
  readonly #kept = new Map<number, Kept>();
  #linksVersion = -1;
  #setsVersion = -1;
  /** Per bit of a mask the set of that one next hop, and the inverse. */
  #ways: number[] = [];
  readonly #bitOfWay = new Map<number, number>();
  /** Bits that lead onto a link itself. */
  #onLink = 0;
  /** Masks turned into sets lately, by a hash of them, each with its set. */
  readonly #cached = newWords(2 * CACHE_SLOTS);

  constructor(graph: Graph, sets: NextHopSets) {
    this.#graph = graph;
    this.#sets = sets;
  }

  /** Before a full run: forgets what links and addresses that changed have made wrong. */
  prepare(roots: readonly number[]): void {
    const { linksVersion } = this.#graph;
    const { version } = this.#sets;
    if (this.#linksVersion === linksVersion && this.#setsVersion === version) return;
    this.#linksVersion = linksVersion;
    this.#setsVersion = version;
    this.#kept.clear();
    this.#ways = [];
    this.#bitOfWay.clear();
    this.#onLink = 0;
    // The empty mask is the empty set, in every slot.
    this.#cached.fill(NO_NEXT_HOPS);
    this.masked = this.#mostWays(roots) <= MASK_BITS;
  }

  /**
   * The labels that the edges of a vertex hand on.
   * @param own - the label of the vertex itself.
   * @returns `undefined` when that is handed on along every edge.
   */
  labelsAlong(source: number, own: number): Int32Array | undefined {
    const graph = this.#graph;
    if (!graph.isRoot(source) && !this.#hasOnLink(own)) return undefined;
    const known = this.#kept.get(source);
    if (known?.own === own) return known.labels;
    const set = this.masked ? this.#setOf(own) : own;
    const from = graph.firstEdge(source);
    const labels = newWords(graph.edgeCount(source));
    for (let i = 0; i < labels.length; i++) {
      const handed = this.setAlong(source, set, from + i);
      labels[i] = this.masked ? this.#maskOf(handed) : handed;
    }
    this.#kept.set(source, { own, labels });
    return labels;
  }

  /** Turns the labels of a run into sets. */
  toSets(labels: Int32Array, count: number): void {
    if (!this.masked) return;
    const cached = this.#cached;
    for (let v = 0; v < count; v++) {
      const mask = labels[v]!;
      const slot = slotOf(mask);
      labels[v] = cached[slot] === mask ? cached[slot + 1]! : this.#setOf(mask);
    }
  }

  /** The next hops that one edge hands on from its source, which has the set `own`. */
  setAlong(source: number, own: number, edge: number): number {
    const graph = this.#graph;
    const neighbor = graph.targetOf(edge);
    // An edge without one back leads nowhere.
    if (neighbor === source) return own;
    if (graph.isNetwork(source)) {
      const there = graph.interfaceIdOf(graph.twinOf(edge));
      return this.#sets.throughNetwork(own, graph.names.routerIdOf(neighbor), there);
    }
    if (!graph.isRoot(source)) return own;
    if (graph.isVirtual(edge)) return VIRTUAL_LINK;
    const interfaceId = graph.interfaceIdOf(edge);
    if (graph.isNetwork(neighbor)) return this.#sets.onLink(interfaceId);
    const far = graph.neighborInterfaceIdOf(edge);
    return this.#sets.viaRouter(interfaceId, graph.names.routerIdOf(neighbor), far);
  }

  /** How many ways off the roots there can be at most. */
  #mostWays(roots: readonly number[]): number {
    const graph = this.#graph;
    let ways = 0;
    for (const root of roots) {
      const from = graph.firstEdge(root);
      for (let e = from; e < from + graph.edgeCount(root); e++) {
        const neighbor = graph.targetOf(e);
        ways += graph.isNetwork(neighbor) ? 1 + graph.edgeCount(neighbor) : 1;
      }
    }
    return ways;
  }

  #hasOnLink(label: number): boolean {
    return this.masked ? (label & this.#onLink) !== 0 : this.#sets.hasOnLink(label);
  }

  #maskOf(set: number): number {
    let mask = 0;
    for (const single of this.#sets.singlesOf(set)) {
      let bit = this.#bitOfWay.get(single);
      if (bit === undefined) {
        bit = this.#ways.length;
        this.#ways.push(single);
        this.#bitOfWay.set(single, bit);
        if (this.#sets.hasOnLink(single)) this.#onLink |= 1 << bit;
      }
      mask |= 1 << bit;
    }
    return mask;
  }

  #setOf(mask: number): number {
    const slot = slotOf(mask);
    if (this.#cached[slot] === mask) return this.#cached[slot + 1]!;
    return this.#cache(slot, mask);
  }

  #cache(slot: number, mask: number): number {
    const singles: number[] = [];
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      singles.push(this.#ways[31 - Math.clz32(rest & -rest)]!);
    }
    const set = this.#sets.unionOf(singles);
    this.#cached[slot] = mask;
    this.#cached[slot + 1] = set;
    return set;
  }
}

/** Where a mask is cached: an even place. */
const slotOf = (mask: number): number => (Math.imul(mask, 0x9e3779b1) >>> 24) << 1;
