/**
 * The areas that we take part in: their numbers in the graph, our own vertex in each, and what
 * follows from there being several.
 * @module
 */
import type { Graph } from './graph.ts';

const BACKBONE = 0;

export class OwnAreas {
  readonly #graph: Graph;
  /** Area IDs by number. */
  readonly #ids: number[] = [];
  /** The number of an area asked for last: the next LSA is mostly of the same. */
  #last = 0;
  /** Our vertex in each area that we are in. */
  roots: readonly number[] = [];
  /** Whether our place in an area is another since this was last set to false. */
  rootsChanged = false;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** Their numbers. */
  get numbers(): Iterable<number> {
    return this.#ids.keys();
  }

  idAt(area: number): number {
    return this.#ids[area]!;
  }

  /** The Area ID of what is in one area. */
  idOf(vertex: number): number {
    return this.idAt(this.#graph.names.areaOf(vertex));
  }

  inBackbone(vertex: number): boolean {
    return this.idOf(vertex) === BACKBONE;
  }

  /** The number of an area, given at first mention. */
  numberOf(areaId: number): number {
    if (this.#ids[this.#last] === areaId) return this.#last;
    const known = this.#ids.indexOf(areaId);
    this.#last = known >= 0 ? known : this.#ids.push(areaId) - 1;
    return this.#last;
  }

  /** Notes whether a vertex of ours has an LSA. */
  setRoot(vertex: number, root: boolean): void {
    if (root === this.#graph.isRoot(vertex)) return;
    this.#graph.setRoot(vertex, root);
    this.roots = root ? [...this.roots, vertex] : this.roots.filter((other) => other !== vertex);
    this.rootsChanged = true;
  }

  /** Whether we are in more than one area (RFC 2328 3.3). */
  get borderRouter(): boolean {
    return this.roots.length > 1;
  }

  /** Whether Inter-Area LSAs of an area are looked at (RFC 2328 16.2). @param area - its number. */
  readsInterArea(area: number): boolean {
    // 16.2: border routers look at the backbone's alone; without the backbone, as others do
    // (RFC 3509 2.2).
    if (!this.borderRouter || this.idAt(area) === BACKBONE) return true;
    return !this.roots.some((root) => this.inBackbone(root));
  }
}
