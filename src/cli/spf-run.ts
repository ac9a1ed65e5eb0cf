/**
 * The shortest-path tree and the routes of any router, from a database that need not be its own.
 * @module
 */
import type { LsaBody } from '../lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import { Lsa } from '../lsa/lsa.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import { Calculation } from '../spf/calculation.ts';
import type { Route } from '../spf/route.ts';
import { type Address, formatAddress, formatDottedQuad } from '../wire/address.ts';
import { areaIdOf } from './spf-database.ts';
import type { FoundLsa } from './spf-found-lsa.ts';

/** A router or transit network on the tree. */
export interface TreeVertex {
  /** Router ID; of a network, its designated router with the Interface ID behind a dash. */
  readonly name: string;
  readonly kind: 'router' | 'network';
  readonly area: string;
  readonly distance: number;
  /** The vertices before it on shortest paths; several are equal-cost branches. */
  readonly parents: readonly string[];
}

/** A usable link, from one vertex to another. */
export interface TreeEdge {
  readonly from: string;
  readonly to: string;
  readonly area: string;
  readonly cost: number;
  /** Whether it is on a shortest path. */
  readonly onTree: boolean;
}

/** A route in text. */
export interface TreeRoute {
  readonly prefix: string;
  readonly pathType: Route['pathType'];
  readonly distance: number;
  readonly type2Metric?: number;
  /** Neighbors' Router IDs with their addresses where those are known. */
  readonly nextHops: readonly string[];
}

export interface SpfResult {
  readonly root: string;
  readonly vertices: readonly TreeVertex[];
  readonly edges: readonly TreeEdge[];
  readonly routes: readonly TreeRoute[];
}

const MAXIMUM_PATHS = 64;
/** Where Link-LSAs of the root's own links are not in the database, addresses are made up. */
const MADE_UP = [0xfe, 0x80, 0xff, 0xff];

/** Computes the tree and the routes of a router. */
export function spfOf(database: readonly FoundLsa[], root: number): SpfResult {
  const calculation = new Calculation(root);
  const neighbors = new Map<string, number>();
  const lsas: { scope: LsdbScope; lsa: Lsa }[] = [];
  for (const { interfaceId, lsa } of linkLsas(database, root)) {
    if (lsa.body.kind === 'Link') {
      neighbors.set(formatAddress(lsa.body.linkLocalAddress), lsa.header.advertisingRouter);
    }
    lsas.push({ scope: { kind: 'link', interfaceId }, lsa });
  }
  for (const found of database) {
    if (found.kind === 'area') {
      lsas.push({ scope: { kind: 'area', areaId: areaIdOf(found) }, lsa: found.lsa });
    } else if (found.kind === 'as') lsas.push({ scope: { kind: 'as' }, lsa: found.lsa });
  }
  calculation.load(lsas);
  calculation.runFull();
  const { routes } = calculation;
  return {
    root: formatDottedQuad(root),
    ...drawnOf(calculation),
    routes: [...routes.prefixes()]
      .map((prefix) => routes.route(prefix, routes.chosen(prefix)!, MAXIMUM_PATHS))
      .map((route) => shownRoute(route, neighbors))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
  };
}

function shownRoute(route: Route, neighbors: ReadonlyMap<string, number>): TreeRoute {
  const { key: prefix, pathType, distance, type2Metric, nextHops } = route;
  const hop = (address: Address | undefined): string => {
    if (address === undefined) return 'on link';
    const text = formatAddress(address);
    const router = neighbors.get(text);
    const name = router === undefined ? text : formatDottedQuad(router);
    return MADE_UP.every((octet, i) => address[i] === octet) ? name : `${name} (${text})`;
  };
  return {
    prefix,
    pathType,
    distance,
    ...(type2Metric !== undefined && { type2Metric }),
    nextHops: nextHops.map(({ address }) => hop(address)),
  };
}

/** The Link-LSAs on the root's links: those in the database, made up where there is none. */
function* linkLsas(
  database: readonly FoundLsa[],
  root: number,
): Generator<{ readonly interfaceId: number; readonly lsa: Lsa }> {
  // A link is known by the root's own Link-LSA on it.
  const interfaceIds = new Map<string, number>();
  for (const { kind, name, lsa } of database) {
    const { lsType, advertisingRouter, linkStateId } = lsa.header;
    if (kind === 'link' && lsType === LsType.Link && advertisingRouter === root) {
      interfaceIds.set(name, linkStateId);
    }
  }
  const known = new Set<string>();
  for (const { kind, name, lsa } of database) {
    const interfaceId = interfaceIds.get(name);
    if (kind !== 'link' || lsa.header.lsType !== LsType.Link || interfaceId === undefined) continue;
    const { advertisingRouter, linkStateId } = lsa.header;
    known.add(`${interfaceId} ${advertisingRouter} ${linkStateId}`);
    yield { interfaceId, lsa };
  }
  for (const { interfaceId, router, far } of adjacentTo(database, root)) {
    const key = `${interfaceId} ${router} ${far}`;
    if (known.has(key) || router === root) continue;
    known.add(key);
    yield { interfaceId, lsa: madeUpLinkLsa(router, far) };
  }
}

function* adjacentTo(database: readonly FoundLsa[], root: number) {
  const routers = database.flatMap(({ lsa }) =>
    lsa.body.kind === 'Router' ? [{ header: lsa.header, links: lsa.body.links }] : [],
  );
  for (const { header, links } of routers) {
    if (header.advertisingRouter !== root) continue;
    for (const link of links) {
      const { interfaceId, neighborRouterId: router, neighborInterfaceId: far } = link;
      if (link.type === 1) yield { interfaceId, router, far };
      else {
        for (const other of routers) {
          for (const theirs of other.links) {
            if (theirs.type !== 2 || theirs.neighborRouterId !== router) continue;
            if (theirs.neighborInterfaceId !== far) continue;
            yield { interfaceId, router: other.header.advertisingRouter, far: theirs.interfaceId };
          }
        }
      }
    }
  }
}

function madeUpLinkLsa(router: number, linkStateId: number): Lsa {
  const linkLocalAddress = new Uint8Array(16);
  linkLocalAddress.set(MADE_UP);
  const view = new DataView(linkLocalAddress.buffer);
  view.setUint32(8, router);
  view.setUint32(12, linkStateId);
  const body: LsaBody = {
    kind: 'Link',
    routerPriority: 0,
    options: 0,
    linkLocalAddress,
    prefixes: [],
  };
  const identity = { lsType: LsType.Link, linkStateId, advertisingRouter: router };
  return Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
}

function drawnOf(calculation: Calculation): Pick<SpfResult, 'vertices' | 'edges'> {
  const { graph, tree } = calculation;
  const { distance } = tree;
  const name = (vertex: number): string => {
    const router = formatDottedQuad(graph.names.routerIdOf(vertex));
    if (graph.isRouter(vertex)) return router;
    return `${router}-${graph.names.networkInterfaceIdOf(vertex)}`;
  };
  const area = (vertex: number): string => formatDottedQuad(calculation.areas.idOf(vertex));
  const edges: TreeEdge[] = [];
  const parents = new Map<number, string[]>();
  const reached = tree.nearestFirst();
  for (const v of reached) {
    const first = graph.firstEdge(v);
    for (let e = first; e < first + graph.edgeCount(v); e++) {
      const w = graph.targetOf(e);
      if (w === v) continue;
      const cost = graph.costOf(e);
      const onTree = graph.forwardsOf(v) !== 0 && distance[v]! + cost === distance[w]!;
      edges.push({ from: name(v), to: name(w), area: area(v), cost, onTree });
      if (onTree) parents.set(w, [...(parents.get(w) ?? []), name(v)]);
    }
  }
  const vertices: TreeVertex[] = [];
  for (const v of reached) {
    vertices.push({
      name: name(v),
      kind: graph.isNetwork(v) ? 'network' : 'router',
      area: area(v),
      distance: distance[v]!,
      parents: parents.get(v) ?? [],
    });
  }
  return { vertices, edges };
}
