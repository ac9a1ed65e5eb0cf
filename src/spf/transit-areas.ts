/**
 * The areas that carry traffic of the backbone (RFC 2328 16.1 step 2, 16.3): those in which a
 * virtual link ends. Only border routers of the backbone ask for them.
 * @module
 */
import type { Graph } from './graph.ts';
import type { OwnAreas } from './own-areas.ts';
import type { Topology } from './topology.ts';
import { type Tree, UNREACHABLE } from './tree.ts';

export class TransitAreas {
  readonly #graph: Graph;
  readonly #topology: Topology;
  readonly #tree: Tree;
  readonly #ownAreas: OwnAreas;
  /** Their numbers. */
  areas: ReadonlySet<number> = new Set();
  /** Whether we end a virtual link ourselves. */
  #virtualLink = false;

  constructor(graph: Graph, topology: Topology, tree: Tree, areas: OwnAreas) {
    this.#graph = graph;
    this.#topology = topology;
    this.#tree = tree;
    this.#ownAreas = areas;
  }

  /** Whether 16.3 has anything to do: there are transit areas, or next hops to be resolved. */
  get any(): boolean {
    return this.areas.size > 0 || this.#virtualLink;
  }

  /** Whether an Inter-Area LSA by a border router tells of a path through a transit area. */
  leadsThrough(router: number): boolean {
    return (
      this.areas.has(this.#graph.names.areaOf(router)) && this.#topology.isBorderRouter(router)
    );
  }

  /**
   * Looks for them anew, when the tree is done.
   * @returns whether they are others than before.
   */
  update(): boolean {
    const { roots } = this.#ownAreas;
    const none = this.#topology.virtualLinkEnds.size === 0 && !this.any;
    const backbone = roots.find((root) => this.#ownAreas.inBackbone(root));
    if (none && (backbone === undefined || !this.#hasVirtualLink(backbone))) return false;
    const areas = new Set<number>();
    for (const router of backbone === undefined ? [] : this.#topology.virtualLinkEnds) {
      const reached = this.#tree.distance[router] !== UNREACHABLE;
      if (reached && !this.#ownAreas.inBackbone(router))
        areas.add(this.#graph.names.areaOf(router));
    }
    const virtualLink = backbone !== undefined && this.#hasVirtualLink(backbone);
    const before = this.areas;
    const same = areas.size === before.size && [...areas].every((area) => before.has(area));
    if (same && virtualLink === this.#virtualLink) return false;
    this.areas = areas;
    this.#virtualLink = virtualLink;
    return true;
  }

  #hasVirtualLink(vertex: number): boolean {
    const graph = this.#graph;
    const first = graph.firstEdge(vertex);
    for (let i = 0; i < graph.edgeCount(vertex); i++) if (graph.isVirtual(first + i)) return true;
    return false;
  }
}
