/**
 * Vertices that stand for something that Dijkstra's algorithm does not find by itself: a boundary
 * router, which several areas may lead to, or a forwarding address. External routes hang on them
 * as prefixes hang on routers.
 * @module
 */
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { type Tree, UNREACHABLE } from './tree.ts';

/** How a stand-in is reached. */
export interface StandInPath {
  readonly distance: number;
  /** Number of the set of next hops. */
  readonly nextHops: number;
  /** Within an area other than the backbone: preferred to all others (RFC 2328 16.4.1). */
  readonly preferred: boolean;
}

/** Writes how stand-ins are reached into the tree. */
export class StandIns {
  readonly #tree: Tree;
  readonly #preferred = new Set<number>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  preferred(vertex: number): boolean {
    return this.#preferred.has(vertex);
  }

  /** @param path - `undefined` when it is not reached. @returns whether anything changed. */
  set(vertex: number, path: StandInPath | undefined): boolean {
    const { distance, nextHops } = this.#tree;
    const near = path?.distance ?? UNREACHABLE;
    const set = path?.nextHops ?? NO_NEXT_HOPS;
    const preferred = path?.preferred ?? false;
    const same = this.#preferred.has(vertex) === preferred;
    if (same && distance[vertex] === near && nextHops[vertex] === set) return false;
    distance[vertex] = near;
    nextHops[vertex] = set;
    if (preferred) this.#preferred.add(vertex);
    else this.#preferred.delete(vertex);
    return true;
  }
}
