/**
 * How AS boundary routers are reached (RFC 2328 16.2, 16.4 step 3): within an area of ours, or by
 * what area border routers say in Inter-Area-Router-LSAs. Each has a vertex of its own, so that
 * external routes hang on it as prefixes hang on routers.
 * @module
 */
import { LS_INFINITY } from '../lsa/constants.ts';
import type { InterAreaRouterLsa } from '../lsa/inter-area-lsa.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { Graph } from './graph.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import type { OwnAreas } from './own-areas.ts';
import { type StandInPath, StandIns } from './stand-ins.ts';
import type { Topology } from './topology.ts';
import type { TransitAreas } from './transit-areas.ts';
import { type Tree, UNREACHABLE } from './tree.ts';
import { VertexKind } from './vertex-names.ts';

const BACKBONE = 0;

interface Summary {
  readonly area: number;
  readonly borderRouter: number;
  readonly metric: number;
}

interface Path extends StandInPath {
  readonly areaId: number;
}

/** Keeps the distance and the next hops of every boundary router's vertex. */
export class BoundaryRouters {
  readonly #graph: Graph;
  readonly #topology: Topology;
  readonly #tree: Tree;
  readonly #areas: OwnAreas;
  readonly #transit: TransitAreas;
  readonly #vertices = new Map<number, number>();
  /** Router IDs of those that LSAs have told something of since the last update. */
  readonly #told = new Set<number>();
  /** Inter-Area-Router-LSAs by destination, then by LSA. */
  readonly #summaries = new Map<number, Map<string, Summary>>();
  readonly #destinations = new Map<string, number>();
  readonly #standIns: StandIns;

  constructor(
    graph: Graph,
    topology: Topology,
    tree: Tree,
    areas: OwnAreas,
    transit: TransitAreas,
  ) {
    this.#graph = graph;
    this.#topology = topology;
    this.#tree = tree;
    this.#areas = areas;
    this.#transit = transit;
    this.#standIns = new StandIns(tree);
  }

  get size(): number {
    return this.#vertices.size;
  }

  /** The vertex that stands for a boundary router, made at first mention. */
  vertexOf(routerId: number): number {
    let vertex = this.#vertices.get(routerId);
    if (vertex === undefined) {
      vertex = this.#graph.standIn(VertexKind.BoundaryRouter, routerId);
      this.#vertices.set(routerId, vertex);
      this.#told.add(routerId);
    }
    return vertex;
  }

  preferred(vertex: number): boolean {
    return this.#standIns.preferred(vertex);
  }

  /** Puts an Inter-Area-Router-LSA in the place of its last instance; `undefined` takes it out. */
  setSummary(lsa: Lsa, area: number, body: InterAreaRouterLsa | undefined): void {
    const { advertisingRouter, linkStateId } = lsa.header;
    const key = `${area} ${advertisingRouter} ${linkStateId}`;
    const before = this.#destinations.get(key);
    if (before !== undefined) {
      this.#summaries.get(before)?.delete(key);
      this.#told.add(before);
      this.#destinations.delete(key);
    }
    if (body === undefined || body.metric === LS_INFINITY) return;
    const { destinationRouterId, metric } = body;
    this.#destinations.set(key, destinationRouterId);
    this.#told.add(destinationRouterId);
    let summaries = this.#summaries.get(destinationRouterId);
    if (summaries === undefined) {
      summaries = new Map();
      this.#summaries.set(destinationRouterId, summaries);
    }
    summaries.set(key, { area, borderRouter: advertisingRouter, metric });
  }

  /**
   * Computes every boundary router anew when the tree has changed, else those that LSAs tell of.
   * @param onChange - told the vertices that changed.
   * @returns how many it looked at.
   */
  update(treeChanged: boolean, onChange: (vertex: number) => void): number {
    let looked = 0;
    for (const routerId of treeChanged ? this.#vertices.keys() : this.#told) {
      const vertex = this.#vertices.get(routerId);
      if (vertex === undefined) continue;
      looked++;
      if (this.#standIns.set(vertex, this.#best(routerId))) onChange(vertex);
    }
    this.#told.clear();
    return looked;
  }

  #best(routerId: number): Path | undefined {
    const { distance, nextHops, sets } = this.#tree;
    const paths: Path[] = [];
    for (const area of this.#areas.numbers) {
      const vertex = this.#graph.names.findRouter(routerId, area);
      if (vertex < 0 || distance[vertex] === UNREACHABLE) continue;
      if (!this.#topology.isBoundaryRouter(vertex)) continue;
      const areaId = this.#areas.idAt(area);
      const preferred = areaId !== BACKBONE;
      paths.push({ distance: distance[vertex]!, nextHops: nextHops[vertex]!, preferred, areaId });
    }
    // 16.2 (5): a path within an area goes before one between areas.
    if (paths.length === 0) {
      paths.push(...this.#interArea(routerId, (area) => this.#areas.readsInterArea(area)));
    }
    const nearest = paths.sort(
      (a, b) =>
        // 16.4.1, RFC1583Compatibility disabled (RFC 5340 4.8.5)
        Number(b.preferred) - Number(a.preferred) ||
        a.distance - b.distance ||
        // 16.4 (3): with several areas the one of the largest Area ID.
        b.areaId - a.areaId,
    )[0];
    if (nearest === undefined) return undefined;
    const { areaId } = nearest;
    const equal = paths.filter((p) => p.areaId === areaId && p.distance === nearest.distance);
    const union = equal.reduce((set, path) => sets.union(set, path.nextHops), NO_NEXT_HOPS);
    const found = { ...nearest, nextHops: union };
    return areaId === BACKBONE ? this.#throughTransit(routerId, found) : found;
  }

  /** 16.3: border routers of transit areas may lead there as well or better. */
  #throughTransit(routerId: number, path: Path): Path | undefined {
    const { sets } = this.#tree;
    let { distance, nextHops } = path;
    const through = this.#interArea(routerId, (area) => this.#transit.areas.has(area));
    for (const other of through) {
      if (other.distance > distance) continue;
      nextHops = other.distance < distance ? other.nextHops : sets.union(nextHops, other.nextHops);
      distance = other.distance;
    }
    const resolved = sets.withoutVirtualLink(nextHops);
    if (resolved === NO_NEXT_HOPS && nextHops !== NO_NEXT_HOPS) return undefined;
    return { ...path, distance, nextHops: resolved };
  }

  /** The paths by border routers of the areas to be read. */
  *#interArea(routerId: number, reads: (area: number) => boolean): Generator<Path> {
    const { distance, nextHops } = this.#tree;
    for (const { area, borderRouter, metric } of this.#summaries.get(routerId)?.values() ?? []) {
      if (!reads(area)) continue;
      const vertex = this.#graph.names.findRouter(borderRouter, area);
      if (vertex < 0 || distance[vertex] === UNREACHABLE || this.#graph.isRoot(vertex)) continue;
      if (!this.#topology.isBorderRouter(vertex)) continue;
      yield {
        distance: distance[vertex]! + metric,
        nextHops: nextHops[vertex]!,
        preferred: false,
        areaId: this.#areas.idAt(area),
      };
    }
  }
}
