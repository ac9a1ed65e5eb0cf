/**
 * The shortest-path tree, and the full run that makes it (RFC 5340 4.8.1, RFC 2328 16.1). One pass
 * over the edges gives both: the distances, and the next hops of all shortest paths, which are
 * known of a vertex when it is taken from the queue and so go on along its edges.
 * @module
 */
import { BucketQueue } from './bucket-queue.ts';
import { FirstHops } from './first-hops.ts';
import { Forwards, type Graph } from './graph.ts';
import { COST, COUNT, FORWARDS, LINK_WORDS, START, TARGET, VERTEX_WORDS } from './graph-rows.ts';
import { type NextHopSets, NO_NEXT_HOPS } from './next-hop-sets.ts';
import { grownWords, newWords } from './words.ts';

/** The distance of a vertex that no path leads to; longer paths do not count either. */
export const UNREACHABLE = 0x7fffffff;

/** Of a vertex during a full run: its distance so far and its label of `FirstHops`. */
const FOUND_WORDS = 2;
const DISTANCE = 0;
const LABEL = 1;

/** Per vertex its distance and its next hops. */
export class Tree {
  readonly graph: Graph;
  readonly sets: NextHopSets;
  distance = newWords(0);
  /** Per vertex a set of {@link NextHopSets}. */
  nextHops = newWords(0);
  /** Vertices taken from the queue by the last full run. */
  visited = 0;
  /** Vertices whose distance or next hops the last full run changed. */
  #changed = newWords(0);
  #changedCount = 0;
  /** Rows of what a full run finds; between two runs nothing is found. */
  #found = newWords(0);
  readonly #queue = new BucketQueue();
  readonly #firstHops: FirstHops;

  constructor(graph: Graph, sets: NextHopSets) {
    this.graph = graph;
    this.sets = sets;
    this.#firstHops = new FirstHops(graph, sets);
  }

  /** Makes room for vertices that came since; nothing leads to them yet. */
  reserve(): void {
    const { vertexCount } = this.graph;
    if (vertexCount <= this.distance.length) return;
    const length = vertexCount + (vertexCount >>> 3);
    this.distance = grownWords(this.distance, length, UNREACHABLE);
    this.nextHops = grownWords(this.nextHops, length);
  }

  /** The vertices that are reached, nearest first. */
  nearestFirst(): number[] {
    const reached: number[] = [];
    for (let v = 0; v < this.graph.vertexCount; v++) {
      if (this.distance[v] !== UNREACHABLE) reached.push(v);
    }
    return reached.sort((a, b) => this.distance[a]! - this.distance[b]! || a - b);
  }

  /** Computes everything anew. @param roots - our own vertex in each area. */
  run(roots: readonly number[]): void {
    this.reserve();
    const { length } = this.distance;
    if (this.#changed.length < length) {
      this.#changed = newWords(length);
      this.#found = unreached(length);
    }
    this.#firstHops.prepare(roots);
    this.#queue.reset(this.graph.longestEdge);
    for (const root of roots) {
      this.#found[FOUND_WORDS * root + DISTANCE] = 0;
      this.#queue.push(root, 0);
    }
    this.#search();
    this.#settle();
  }

  /** Tells the vertices whose distance or next hops the last full run changed. */
  eachChanged(tell: (vertex: number) => void): void {
    for (let i = 0; i < this.#changedCount; i++) tell(this.#changed[i]!);
  }

  /**
   * Dijkstra's algorithm with a bucket queue; ties join the next hops of both paths.
   */
  #search(): void {
    const found = this.#found;
    const { vertices, links } = this.graph;
    const { masked } = this.#firstHops;
    const queue = this.#queue;
    let visited = 0;
    for (let v = queue.pop(); v >= 0; v = queue.pop()) {
      const near = queue.distance;
      // An entry left behind when the vertex came nearer.
      if (found[FOUND_WORDS * v] !== near) continue;
      visited++;
      const row = VERTEX_WORDS * v;
      if (vertices[row + FORWARDS] !== Forwards.Others) {
        this.#relaxSpecial(v, near);
        continue;
      }
      const own = found[FOUND_WORDS * v + LABEL]!;
      const from = LINK_WORDS * vertices[row + START]!;
      const end = from + LINK_WORDS * vertices[row + COUNT]!;
      for (let link = from; link < end; link += LINK_WORDS) {
        const at = FOUND_WORDS * links[link + TARGET]!;
        const far = near + links[link + COST]!;
        const known = found[at]!;
        if (far > known) continue;
        if (far < known) {
          found[at] = far;
          found[at + LABEL] = own;
          queue.push(links[link + TARGET]!, far);
        } else if (masked && far !== near) found[at + LABEL]! |= own;
        else if (found[at + LABEL] !== own) {
          this.#join(links[link + TARGET]!, own, far === near);
        }
      }
    }
    this.visited = visited;
  }

  /** The same for our own vertex, for networks, and for what forwards nothing. */
  #relaxSpecial(v: number, near: number): void {
    const found = this.#found;
    const { graph } = this;
    if (graph.forwardsOf(v) === 0) return;
    const own = found[FOUND_WORDS * v + LABEL]!;
    const along = this.#firstHops.labelsAlong(v, own);
    const first = graph.firstEdge(v);
    for (let i = 0; i < graph.edgeCount(v); i++) {
      const w = graph.targetOf(first + i);
      const at = FOUND_WORDS * w;
      const far = near + graph.costOf(first + i);
      const known = found[at]!;
      if (w === v || far > known) continue;
      const handed = along === undefined ? own : along[i]!;
      if (far < known) {
        found[at] = far;
        found[at + LABEL] = handed;
        this.#queue.push(w, far);
      } else if (found[at + LABEL] !== handed) this.#join(w, handed, far === near);
    }
  }

  /** @param free - by an edge of no cost: the vertex may have been taken from the queue before. */
  #join(w: number, handed: number, free: boolean): void {
    if (this.graph.isRoot(w)) return;
    const at = FOUND_WORDS * w;
    const before = this.#found[at + LABEL]!;
    const joined = this.#firstHops.masked ? before | handed : this.sets.union(before, handed);
    this.#found[at + LABEL] = joined;
    if (free && joined !== before) this.#queue.push(w, this.#found[at]!);
  }

  /** Puts what was found in the place of what was known, and notes what is not the same. */
  #settle(): void {
    const found = this.#found;
    const { distance, nextHops, graph } = this;
    const firstHops = this.#firstHops;
    const changed = this.#changed;
    let count = 0;
    for (let v = 0; v < graph.vertexCount; v++) {
      const near = found[FOUND_WORDS * v]!;
      const set = firstHops.setOf(found[FOUND_WORDS * v + LABEL]!);
      found[FOUND_WORDS * v] = UNREACHABLE;
      found[FOUND_WORDS * v + LABEL] = NO_NEXT_HOPS;
      if (distance[v] === near && nextHops[v] === set) continue;
      // Stand-ins are told their distance.
      if (near === UNREACHABLE && graph.isStandIn(v)) continue;
      distance[v] = near;
      nextHops[v] = set;
      changed[count++] = v;
    }
    this.#changedCount = count;
  }

  /** The next hops that an edge hands on from its source. */
  nextHopsAlong(source: number, edge: number): number {
    return this.#firstHops.setAlong(source, this.nextHops[source]!, edge);
  }
}

/** Rows of `found` for so many vertices that no path leads to. */
function unreached(vertices: number): Int32Array {
  const found = newWords(FOUND_WORDS * vertices);
  for (let at = DISTANCE; at < found.length; at += FOUND_WORDS) found[at] = UNREACHABLE;
  return found;
}
