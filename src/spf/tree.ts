/**
 * The shortest-path tree, and the full run that makes it (RFC 5340 4.8.1, RFC 2328 16.1). One pass
 * over the edges gives both: the distances, and the next hops of all shortest paths, which are
 * known of a vertex when it is taken from the queue and so go on along its edges.
 * @module
 */
import { BucketQueue } from './bucket-queue.ts';
import { FirstHops } from './first-hops.ts';
import { Forwards, type Graph } from './graph.ts';
import { COUNT, FORWARDS, START, VERTEX_WORDS } from './graph-rows.ts';
import { type NextHopSets, NO_NEXT_HOPS } from './next-hop-sets.ts';
import { VertexLine } from './vertex-line.ts';
import { grownWords, newWords } from './words.ts';

/** The distance of a vertex that no path leads to; longer paths do not count either. */
export const UNREACHABLE = 0x7fffffff;

/** Per vertex its distance and its next hops. */
export class Tree {
  readonly graph: Graph;
  readonly sets: NextHopSets;
  distance = newWords(0);
  /** Per vertex a set of {@link NextHopSets}. */
  nextHops = newWords(0);
  /** What both were before the last full run. */
  #distanceBefore = newWords(0);
  #nextHopsBefore = newWords(0);
  /** Vertices taken from the queue by the last full run. */
  visited = 0;
  readonly #queue = new BucketQueue();
  readonly #line = new VertexLine();
  /** Whether all edges cost the same. */
  #even = false;
  /** How many vertices links of a version reach, where all edges cost the same. */
  #reached = 0;
  #reachedVersion = -1;
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
    const length = vertexCount + (vertexCount >>> 1);
    this.distance = grownWords(this.distance, length, UNREACHABLE);
    this.nextHops = grownWords(this.nextHops, length);
    this.#distanceBefore = newWords(length, UNREACHABLE);
    this.#nextHopsBefore = newWords(length);
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
    const { graph } = this;
    const { vertexCount, longestEdge } = graph;
    const { distance, nextHops } = this;
    this.distance = this.#distanceBefore;
    this.nextHops = this.#nextHopsBefore;
    this.#distanceBefore = distance;
    this.#nextHopsBefore = nextHops;
    this.distance.fill(UNREACHABLE, 0, vertexCount);
    this.nextHops.fill(NO_NEXT_HOPS, 0, vertexCount);
    this.#firstHops.prepare(roots);
    this.#even = graph.even;
    if (this.#even) this.#line.reset(vertexCount);
    else this.#queue.reset(longestEdge);
    for (const root of roots) {
      this.distance[root] = 0;
      if (this.#even) this.#line.push(root);
      else this.#queue.push(root, 0);
    }
    if (this.#even) this.#searchEven();
    else this.#search();
    this.#firstHops.toSets(this.nextHops, vertexCount);
  }

  /** Tells the vertices whose distance or next hops are not what they were before the last full run. */
  eachChanged(tell: (vertex: number) => void): void {
    const { distance, nextHops } = this;
    const distanceBefore = this.#distanceBefore;
    const nextHopsBefore = this.#nextHopsBefore;
    const { vertexCount } = this.graph;
    for (let v = 0; v < vertexCount; v++) {
      if (distance[v] !== distanceBefore[v] || nextHops[v] !== nextHopsBefore[v]) tell(v);
    }
  }

  /**
   * Dijkstra's algorithm with a bucket queue; ties join the next hops of both paths. Next hops are
   * labels of `FirstHops` meanwhile.
   */
  #search(): void {
    const { distance, nextHops } = this;
    const { vertices, target, cost } = this.graph;
    const { masked } = this.#firstHops;
    const queue = this.#queue;
    let visited = 0;
    for (let v = queue.pop(); v >= 0; v = queue.pop()) {
      const near = queue.distance;
      // An entry left behind when the vertex came nearer.
      if (distance[v] !== near) continue;
      visited++;
      const row = VERTEX_WORDS * v;
      if (vertices[row + FORWARDS] !== Forwards.Others) {
        this.#relaxSpecial(v, near);
        continue;
      }
      const own = nextHops[v]!;
      const end = vertices[row + START]! + vertices[row + COUNT]!;
      for (let e = vertices[row + START]!; e < end; e++) {
        const w = target[e]!;
        const far = near + cost[e]!;
        const known = distance[w]!;
        if (far > known) continue;
        if (far < known) {
          distance[w] = far;
          nextHops[w] = own;
          queue.push(w, far);
        } else if (masked && far !== near) nextHops[w]! |= own;
        else if (nextHops[w] !== own) this.#join(w, own, far === near);
      }
    }
    this.visited = visited;
  }

  /**
   * The same where all edges cost the same: vertices are reached in the order of their distance, and
   * none comes nearer later. Where as many are reached as can be, what is farthest away leads on to
   * nobody.
   */
  #searchEven(): void {
    const { distance, nextHops } = this;
    const { vertices, target, commonCost, linksVersion } = this.graph;
    const { masked } = this.#firstHops;
    const line = this.#line;
    const { order } = line;
    const all = this.#reachedVersion === linksVersion ? this.#reached : -1;
    let { length } = line;
    for (let at = 0; at < length; at++) {
      const v = order[at]!;
      const near = distance[v]!;
      if (length === all && near === distance[order[all - 1]!]) break;
      const row = VERTEX_WORDS * v;
      if (vertices[row + FORWARDS] !== Forwards.Others) {
        line.length = length;
        this.#relaxSpecial(v, near);
        length = line.length;
        continue;
      }
      const own = nextHops[v]!;
      const far = near + commonCost;
      const end = vertices[row + START]! + vertices[row + COUNT]!;
      for (let e = vertices[row + START]!; e < end; e++) {
        const w = target[e]!;
        const known = distance[w]!;
        if (far > known) continue;
        if (far < known) {
          distance[w] = far;
          nextHops[w] = own;
          order[length++] = w;
        } else if (masked) nextHops[w]! |= own;
        else if (nextHops[w] !== own) this.#join(w, own, false);
      }
    }
    this.visited = length;
    this.#reached = length;
    this.#reachedVersion = linksVersion;
  }

  /** The same for our own vertex, for networks, and for what forwards nothing. */
  #relaxSpecial(v: number, near: number): void {
    const { distance, nextHops } = this;
    const { graph } = this;
    if (graph.forwardsOf(v) === 0) return;
    const own = nextHops[v]!;
    const along = this.#firstHops.labelsAlong(v, own);
    const first = graph.firstEdge(v);
    for (let i = 0; i < graph.edgeCount(v); i++) {
      const w = graph.targetOf(first + i);
      const far = near + graph.costOf(first + i);
      const known = distance[w]!;
      if (w === v || far > known) continue;
      const handed = along === undefined ? own : along[i]!;
      if (far < known) {
        distance[w] = far;
        nextHops[w] = handed;
        if (this.#even) this.#line.push(w);
        else this.#queue.push(w, far);
      } else if (nextHops[w] !== handed) this.#join(w, handed, far === near);
    }
  }

  /** @param free - by an edge of no cost: the vertex may have been taken from the queue before. */
  #join(w: number, handed: number, free: boolean): void {
    if (this.graph.isRoot(w)) return;
    const before = this.nextHops[w]!;
    const joined = this.#firstHops.masked ? before | handed : this.sets.union(before, handed);
    this.nextHops[w] = joined;
    if (free && joined !== before) this.#queue.push(w, this.distance[w]!);
  }

  /** The next hops that an edge hands on from its source. */
  nextHopsAlong(source: number, edge: number): number {
    return this.#firstHops.setAlong(source, this.nextHops[source]!, edge);
  }
}
