/**
 * The shortest-path tree, and the full run that makes it (RFC 5340 4.8.1, RFC 2328 16.1): first the
 * distances of all vertices, then the next hops along every edge that lies on a shortest path.
 * @module
 */
import { BucketQueue } from './bucket-queue.ts';
import { type Graph, VertexKind } from './graph.ts';
import { grown } from './key-table.ts';
import { type NextHopSets, NO_NEXT_HOPS } from './next-hop-sets.ts';

/** The distance of a vertex that no path leads to; longer paths do not count either. */
export const UNREACHABLE = 0x7fffffff;

/** Per vertex its distance and its next hops. */
export class Tree {
  readonly graph: Graph;
  readonly sets: NextHopSets;
  distance = new Int32Array(64).fill(UNREACHABLE);
  /** Per vertex a set of {@link NextHopSets}. */
  nextHops = new Int32Array(64);
  /** The vertices reached by the last full run, nearest first. */
  order = new Int32Array(64);
  reached = 0;
  readonly #queue = new BucketQueue();
  #done = new Uint8Array(64);
  readonly #again: number[] = [];

  constructor(graph: Graph, sets: NextHopSets) {
    this.graph = graph;
    this.sets = sets;
  }

  /** Makes room for vertices that came since; nothing leads to them yet. */
  reserve(): void {
    const { vertexCount } = this.graph;
    if (vertexCount <= this.distance.length) return;
    const length = vertexCount + (vertexCount >>> 1);
    this.distance = grown(this.distance, length, UNREACHABLE);
    this.nextHops = grown(this.nextHops, length);
    this.order = new Int32Array(length);
    this.#done = new Uint8Array(length);
  }

  /** Computes everything anew. @param roots - our own vertex in each area. */
  run(roots: readonly number[]): void {
    this.runDistances(roots);
    this.runNextHops();
  }

  /** The first half: distances, and the order in which vertices came onto the tree. */
  runDistances(roots: readonly number[]): void {
    this.reserve();
    const { distance, order } = this;
    const { forwards, start, count, target, cost } = this.graph;
    const queue = this.#queue;
    queue.reserve(this.graph.vertexCount);
    distance.fill(UNREACHABLE);
    for (const root of roots) {
      distance[root] = 0;
      queue.push(root, 0);
    }
    let reached = 0;
    for (let v = queue.pop(); v >= 0; v = queue.pop()) {
      order[reached++] = v;
      if (forwards[v] === 0) continue;
      const near = distance[v]!;
      const from = start[v]!;
      const end = from + count[v]!;
      for (let e = from; e < end; e++) {
        const w = target[e]!;
        const far = near + cost[e]!;
        const known = distance[w]!;
        if (far >= known) continue;
        distance[w] = far;
        if (known === UNREACHABLE) queue.push(w, far);
        else queue.decrease(w, known, far);
      }
    }
    this.reached = reached;
  }

  /** The second half: the first hops of all shortest paths. */
  runNextHops(): void {
    const { order, reached } = this;
    const done = this.#done;
    done.fill(0);
    this.nextHops.fill(NO_NEXT_HOPS);
    for (let i = 0; i < reached; i++) {
      const v = order[i]!;
      done[v] = 1;
      this.#handOn(v);
      // Vertices whose next hops grew after their turn, by an edge of no cost.
      while (this.#again.length > 0) this.#handOn(this.#again.pop()!);
    }
  }

  /** Joins a vertex's next hops to those of every vertex with a shortest path through it. */
  #handOn(v: number): void {
    const { distance, nextHops, sets, graph } = this;
    const { forwards, start, count, target, cost } = graph;
    if (forwards[v] === 0) return;
    const near = distance[v]!;
    // Away from our own links the same set goes along every edge.
    const plain = graph.kind[v] === VertexKind.Router && !graph.isRoot(v);
    const set = nextHops[v]!;
    const from = start[v]!;
    const end = from + count[v]!;
    for (let e = from; e < end; e++) {
      const w = target[e]!;
      if (near + cost[e]! !== distance[w] || w === v || graph.isRoot(w)) continue;
      const before = nextHops[w]!;
      const along = plain ? set : this.nextHopsAlong(v, e);
      if (along === before) continue;
      const after = sets.union(before, along);
      if (after === before) continue;
      nextHops[w] = after;
      if (this.#done[w] === 1) this.#again.push(w);
    }
  }

  /** The next hops that an edge hands on from its source (RFC 2328 16.1.1, RFC 5340 4.8.2). */
  nextHopsAlong(source: number, edge: number): number {
    const { graph, sets } = this;
    const set = this.nextHops[source]!;
    if (graph.kind[source] === VertexKind.Network) {
      const back = graph.twin[edge]!;
      const router = graph.target[edge]!;
      return sets.throughNetwork(set, graph.routerIdOf(router), graph.interfaceId[back]!);
    }
    if (!graph.isRoot(source)) return set;
    const interfaceId = graph.interfaceId[edge]!;
    const neighbor = graph.target[edge]!;
    if (graph.kind[neighbor] === VertexKind.Network) return sets.onLink(interfaceId);
    const far = graph.neighborInterfaceId[edge]!;
    return sets.viaRouter(interfaceId, graph.routerIdOf(neighbor), far);
  }
}
