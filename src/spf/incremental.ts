/**
 * The incremental run: after a change, only the part of the tree that it can affect is computed
 * again. Distances follow G. Ramalingam and T. Reps, "An Incremental Algorithm for a Generalization
 * of the Shortest-Path Problem", J. Algorithms 21, 1996, in the form for many changes at once: first
 * the vertices that lost every shortest path, nearest first, then a Dijkstra over those and over
 * what came nearer. Next hops are then joined anew where a path, or the next hops along it, changed.
 * @module
 */
import { COUNT, FORWARDS, START, VERTEX_WORDS } from './graph-rows.ts';
import { IndexSet } from './index-set.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { type Tree, UNREACHABLE } from './tree.ts';
import { VertexHeap } from './vertex-heap.ts';
import { newOctets } from './words.ts';

/** Keeps a tree equal to what a full run would make of the graph. */
export class IncrementalRun {
  readonly #tree: Tree;
  readonly #heap = new VertexHeap();
  /** Vertices that lost every path as short as before. */
  readonly #cutOff = new IndexSet();
  /** Vertices with another distance than before, and what it was. */
  readonly #moved = new IndexSet();
  #wasAt: number[] = [];
  /** Per vertex: whether it waits in the heap for its next hops. */
  #waiting = newOctets(0);
  /** Vertices whose distance or next hops are not what they were. */
  readonly changed = new IndexSet();
  /** Vertices looked at: the work done. */
  visited = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /**
   * Whether the graph allows it: without cycles of no length. RFC 2328 C.3 demands that of
   * interface costs, but an LSA may say otherwise.
   */
  get possible(): boolean {
    return this.#tree.graph.freeRouterEdges === 0;
  }

  /** Brings the tree up to date with `graph.touched`; fills `changed`. */
  run(): void {
    this.#tree.reserve();
    const { vertexCount } = this.#tree.graph;
    if (vertexCount > this.#waiting.length) this.#waiting = newOctets(2 * vertexCount);
    this.#cutOff.clear();
    this.#moved.clear();
    this.#wasAt = [];
    this.changed.clear();
    this.visited = 0;
    this.#findCutOff();
    this.#lookForPaths();
    this.#shorten();
    this.#joinNextHops();
  }

  /** Networks before routers at one distance: edges of no cost lead from those to these. */
  #key(vertex: number): number {
    const { graph, distance } = this.#tree;
    return 2 * distance[vertex]! + (graph.isNetwork(vertex) ? 0 : 1);
  }

  #findCutOff(): void {
    const { graph, distance } = this.#tree;
    const { touched, vertices, target, cost } = graph;
    const heap = this.#heap;
    for (let i = 0; i < touched.size; i++) {
      const v = touched.at(i);
      if (distance[v] !== UNREACHABLE && !graph.isRoot(v)) heap.push(v, this.#key(v));
    }
    for (let v = heap.pop(); v >= 0; v = heap.pop()) {
      this.visited++;
      if (this.#cutOff.has(v) || this.#bestInward(v) <= distance[v]!) continue;
      this.#cutOff.add(v);
      const row = VERTEX_WORDS * v;
      if (vertices[row + FORWARDS] === 0) continue;
      const end = vertices[row + START]! + vertices[row + COUNT]!;
      for (let e = vertices[row + START]!; e < end; e++) {
        const w = target[e]!;
        const far = distance[v]! + cost[e]!;
        if (w === v || far !== distance[w] || graph.isRoot(w)) continue;
        heap.push(w, this.#key(w));
      }
    }
  }

  /** The least distance that an edge from a vertex still on the tree gives. */
  #bestInward(v: number): number {
    const { graph, distance } = this.#tree;
    const { vertices, target, cost, twin } = graph;
    const cutOff = this.#cutOff;
    let best = UNREACHABLE;
    const from = vertices[VERTEX_WORDS * v + START]!;
    const end = from + vertices[VERTEX_WORDS * v + COUNT]!;
    for (let e = from; e < end; e++) {
      const back = twin[e]!;
      if (back < 0) continue;
      const u = target[e]!;
      const near = distance[u]!;
      if (near === UNREACHABLE) continue;
      const far = near + cost[back]!;
      if (far >= best || vertices[VERTEX_WORDS * u + FORWARDS] === 0 || cutOff.has(u)) continue;
      best = far;
    }
    return best;
  }

  #lookForPaths(): void {
    const { graph, distance } = this.#tree;
    const cutOff = this.#cutOff;
    for (let i = 0; i < cutOff.size; i++) {
      const v = cutOff.at(i);
      const best = this.#bestInward(v);
      this.#move(v, best);
      if (best !== UNREACHABLE) this.#heap.push(v, this.#key(v));
    }
    cutOff.clear();
    for (let i = 0; i < graph.touched.size; i++) {
      const v = graph.touched.at(i);
      if (graph.isRoot(v)) continue;
      const best = this.#bestInward(v);
      if (best >= distance[v]!) continue;
      this.#move(v, best);
      this.#heap.push(v, this.#key(v));
    }
  }

  #move(v: number, to: number): void {
    if (!this.#moved.has(v)) {
      this.#moved.add(v);
      this.#wasAt.push(this.#tree.distance[v]!);
    }
    this.#tree.distance[v] = to;
  }

  #shorten(): void {
    const { graph, distance } = this.#tree;
    const { vertices, target, cost } = graph;
    const heap = this.#heap;
    for (;;) {
      const key = heap.leastKey;
      const v = heap.pop();
      if (v < 0) return;
      const row = VERTEX_WORDS * v;
      if (key !== this.#key(v) || vertices[row + FORWARDS] === 0) continue;
      this.visited++;
      const end = vertices[row + START]! + vertices[row + COUNT]!;
      for (let e = vertices[row + START]!; e < end; e++) {
        const w = target[e]!;
        const far = distance[v]! + cost[e]!;
        if (far >= distance[w]!) continue;
        this.#move(w, far);
        heap.push(w, this.#key(w));
      }
    }
  }

  #joinNextHops(): void {
    const { graph, distance, nextHops } = this.#tree;
    const { touched } = graph;
    for (let i = 0; i < touched.size; i++) this.#await(touched.at(i));
    for (let i = 0; i < this.#moved.size; i++) {
      const v = this.#moved.at(i);
      this.#await(v);
      if (distance[v] === this.#wasAt[i]) continue;
      this.changed.add(v);
      // Paths through it may have begun or ended to be shortest ones.
      const first = graph.firstEdge(v);
      for (let e = first; e < first + graph.edgeCount(v); e++) this.#await(graph.targetOf(e));
    }
    for (let v = this.#heap.pop(); v >= 0; v = this.#heap.pop()) {
      this.#waiting[v] = 0;
      this.visited++;
      const set = distance[v] === UNREACHABLE ? NO_NEXT_HOPS : this.#joined(v);
      if (set === nextHops[v]) continue;
      nextHops[v] = set;
      this.changed.add(v);
      const first = graph.firstEdge(v);
      for (let e = first; e < first + graph.edgeCount(v); e++) {
        const w = graph.targetOf(e);
        if (w !== v && distance[v]! + graph.costOf(e) === distance[w]) this.#await(w);
      }
    }
  }

  #await(v: number): void {
    if (this.#waiting[v] === 1 || this.#tree.graph.isRoot(v)) return;
    this.#waiting[v] = 1;
    this.#heap.push(v, this.#key(v));
  }

  /** The next hops along every edge that ends a shortest path to a vertex. */
  #joined(v: number): number {
    const { graph, distance, sets } = this.#tree;
    let set = NO_NEXT_HOPS;
    const first = graph.firstEdge(v);
    for (let e = first; e < first + graph.edgeCount(v); e++) {
      const back = graph.twinOf(e);
      if (back < 0) continue;
      const u = graph.targetOf(e);
      if (distance[u]! + graph.costOf(back) !== distance[v]) continue;
      if (graph.forwardsOf(u) === 0 || distance[u] === UNREACHABLE) continue;
      set = sets.union(set, this.#tree.nextHopsAlong(u, back));
    }
    return set;
  }
}
