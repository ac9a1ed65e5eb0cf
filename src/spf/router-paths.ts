/**
 * How border and boundary routers are reached (RFC 2328 16.1 step 4, 16.2): what an area border
 * router says of them in other areas is made from this.
 * @module
 */
import { Option } from '../lsa/options.ts';
import { RouterFlag } from '../lsa/router-lsa.ts';
import type { Calculation } from './calculation.ts';
import type { NextHop } from './route.ts';
import { optionsOf } from './topology.ts';
import { UNREACHABLE } from './tree.ts';
import { VertexKind } from './vertex-names.ts';

/** The best path to a router that is more than an internal one. */
export interface RouterPath {
  readonly routerId: number;
  /** The area the path begins in. */
  readonly areaId: number;
  readonly pathType: 'intra-area' | 'inter-area';
  readonly distance: number;
  /** Bits of `RouterFlag`; of a router in another area E alone is known. */
  readonly flags: number;
  readonly options: number;
  readonly nextHops: readonly NextHop[];
}

/** From where all that is between areas comes (RFC 2328 3.2). */
const BACKBONE = 0;
const BORDER_OR_BOUNDARY = RouterFlag.B | RouterFlag.E;

/** Every border or boundary router that is reached, within each area where it is. */
export function routerPaths(calculation: Calculation): RouterPath[] {
  const { graph, topology, tree, sets } = calculation;
  // Routers may have been mentioned since the last run.
  tree.reserve();
  const within: RouterPath[] = [];
  const between: RouterPath[] = [];
  for (let vertex = 0; vertex < graph.vertexCount; vertex++) {
    const distance = tree.distance[vertex]!;
    if (distance === UNREACHABLE || graph.isRoot(vertex)) continue;
    const nextHops = sets.nextHops(tree.nextHops[vertex]!);
    if (graph.names.kindOf(vertex) === VertexKind.BoundaryRouter) {
      between.push({
        routerId: graph.names.standInNameOf(vertex),
        areaId: BACKBONE,
        pathType: 'inter-area',
        distance,
        flags: RouterFlag.E,
        options: Option.V6 | Option.E | Option.R,
        nextHops,
      });
    }
    if (!graph.isRouter(vertex)) continue;
    const flags = topology.routerFlagsOf(vertex);
    const lsa = topology.lsasOf(vertex)[0];
    if (lsa === undefined || !(flags & BORDER_OR_BOUNDARY)) continue;
    within.push({
      routerId: graph.names.routerIdOf(vertex),
      areaId: calculation.areas.idOf(vertex),
      pathType: 'intra-area',
      distance,
      flags,
      options: optionsOf(lsa),
      nextHops,
    });
  }
  // 16.2 (5): a path within an area goes before one between areas.
  const near = new Set(within.filter((p) => p.flags & RouterFlag.E).map((path) => path.routerId));
  return [...within, ...between.filter((path) => !near.has(path.routerId))];
}
