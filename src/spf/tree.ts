/**
 * The shortest-path tree, and the full run that makes it (RFC 5340 4.8.1, RFC 2328 16.1). One pass
 * over the edges gives both: the distances, and the next hops of all shortest paths, which are
 * known of a vertex when it is taken from the queue and so go on along its edges.
 * @module
 */
import { BucketQueue } from './bucket-queue.ts';
import { type Graph, VertexKind } from './graph.ts';
import { HopMasks } from './hop-masks.ts';
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
  readonly #masks: HopMasks;
  #done = new Uint8Array(64);

  constructor(graph: Graph, sets: NextHopSets) {
    this.graph = graph;
    this.sets = sets;
    this.#masks = new HopMasks(graph, sets);
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
    this.reserve();
    this.distance.fill(UNREACHABLE);
    this.nextHops.fill(NO_NEXT_HOPS);
    this.#done.fill(0);
    this.#masks.reset(roots);
    this.#search(roots);
    const { order, nextHops, reached } = this;
    for (let i = 0; i < reached; i++) nextHops[order[i]!] = this.#masks.setOf(order[i]!);
  }

  /** Dijkstra's algorithm with a bucket queue; ties join the next hops of both paths. */
  #search(roots: readonly number[]): void {
    const { distance, order } = this;
    const done = this.#done;
    const { forwards, start, count, target, cost } = this.graph;
    const { masks, words } = this.#masks;
    const queue = this.#queue;
    queue.reset();
    for (const root of roots) {
      distance[root] = 0;
      queue.push(root, 0);
    }
    let reached = 0;
    for (let v = queue.pop(); v >= 0; v = queue.pop()) {
      const near = queue.distance;
      // An entry left behind when the vertex came nearer.
      if (distance[v] !== near) continue;
      if (done[v] === 0) {
        done[v] = 1;
        order[reached++] = v;
      }
      if (forwards[v] === 0) continue;
      if (this.#masks.special(v)) {
        this.#relaxSpecial(v);
        continue;
      }
      const own = masks[v * words]!;
      const from = start[v]!;
      const end = from + count[v]!;
      for (let e = from; e < end; e++) {
        const w = target[e]!;
        const far = near + cost[e]!;
        const known = distance[w]!;
        if (far > known) continue;
        if (far < known) {
          distance[w] = far;
          queue.push(w, far);
          masks[w * words] = own;
          for (let k = 1; k < words; k++) masks[w * words + k] = masks[v * words + k]!;
        } else if (far !== near) {
          masks[w * words]! |= own;
          for (let k = 1; k < words; k++) masks[w * words + k]! |= masks[v * words + k]!;
        } else this.#joinFree(v, w);
      }
    }
    this.reached = reached;
  }

  /** An edge of no cost ties: what it leads to may have been taken from the queue before. */
  #joinFree(v: number, w: number): void {
    if (v === w || this.graph.isRoot(w)) return;
    const { masks, words } = this.#masks;
    let changed = false;
    for (let k = 0; k < words; k++) {
      const before = masks[w * words + k]!;
      masks[w * words + k]! |= masks[v * words + k]!;
      changed ||= masks[w * words + k] !== before;
    }
    if (changed && this.#done[w] === 1) this.#queue.push(w, this.distance[w]!);
  }

  /** The same for our own vertex and for networks that we are on. */
  #relaxSpecial(v: number): void {
    const { distance, graph } = this;
    const near = distance[v]!;
    for (let e = graph.start[v]!; e < graph.start[v]! + graph.count[v]!; e++) {
      const w = graph.target[e]!;
      const far = near + graph.cost[e]!;
      const known = distance[w]!;
      if (w === v || far > known || graph.isRoot(w)) continue;
      if (far < known) {
        distance[w] = far;
        this.#queue.push(w, far);
        this.#masks.clear(w);
      }
      const grew = this.#masks.joinAlong(v, e);
      if (grew && this.#done[w] === 1) this.#queue.push(w, far);
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
