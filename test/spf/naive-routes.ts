/**
 * The naive twin of the routing calculation: straight from the RFCs' definitions, with decoded
 * bodies, Bellman–Ford and no state. First hops are found by measuring from every neighbor.
 */
import type { AsExternalLsa } from '../../src/lsa/as-external-lsa.ts';
import { LS_INFINITY } from '../../src/lsa/constants.ts';
import type { IntraAreaPrefixLsa } from '../../src/lsa/intra-area-prefix-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import type { Lsa } from '../../src/lsa/lsa.ts';
import type { NetworkLsa } from '../../src/lsa/network-lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterFlag, type RouterLsa } from '../../src/lsa/router-lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { formatAddress } from '../../src/wire/address.ts';
import { formatPrefix, PrefixOption } from '../../src/wire/prefix.ts';

export interface ScopedLsa {
  readonly scope: LsdbScope;
  readonly lsa: Lsa;
}

/** A route in the form in which both are compared. */
export interface PlainRoute {
  readonly pathType: string;
  readonly distance: number;
  readonly type2Metric: number | undefined;
  readonly nextHops: string;
  readonly candidates: string;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly cost: number;
  readonly interfaceId: number;
  readonly neighborInterfaceId: number;
  readonly virtual: boolean;
}

/** The first hop over a virtual link, before it is resolved. */
const VIRTUAL = 'virtual';
const INFINITE = Number.POSITIVE_INFINITY;

/** One area: its vertices, its distances from us, and the first hops. */
class NaiveArea {
  readonly edges: Edge[] = [];
  readonly routers = new Map<string, RouterLsa>();
  readonly distance: Map<string, number>;
  readonly areaId: number;
  readonly #links: readonly ScopedLsa[];
  readonly #self: string;

  constructor(areaId: number, lsas: readonly Lsa[], links: readonly ScopedLsa[], routerId: number) {
    this.areaId = areaId;
    this.#links = links;
    this.#self = `r${routerId}`;
    const all: Edge[] = [];
    const fragments = lsas
      .filter(({ header }) => header.lsType === LsType.Router)
      .sort((a, b) => a.header.linkStateId - b.header.linkStateId);
    for (const { header, body } of fragments) {
      const from = `r${header.advertisingRouter}`;
      const router = body as RouterLsa;
      if (!this.routers.has(from)) this.routers.set(from, router);
      if ((this.routers.get(from)!.options & Option.V6) === 0) continue;
      for (const link of router.links) {
        const transit = link.type === 2;
        const far = link.neighborInterfaceId;
        const to = transit ? `n${link.neighborRouterId}.${far}` : `r${link.neighborRouterId}`;
        const { metric, interfaceId, neighborInterfaceId } = link;
        const virtual = link.type === 4;
        all.push({ from, to, cost: metric, interfaceId, neighborInterfaceId, virtual });
      }
    }
    for (const { header, body } of lsas) {
      if (header.lsType !== LsType.Network) continue;
      const from = `n${header.advertisingRouter}.${header.linkStateId}`;
      for (const id of (body as NetworkLsa).attachedRouters) {
        const ids = { interfaceId: 0, neighborInterfaceId: 0 };
        all.push({ from, to: `r${id}`, cost: 0, ...ids, virtual: false });
      }
    }
    for (const edge of all) if (all.some((back) => linksBack(edge, back))) this.edges.push(edge);
    this.distance = this.from(this.#self);
  }

  get present(): boolean {
    return this.routers.has(this.#self);
  }

  forwards(vertex: string): boolean {
    if (vertex.startsWith('n') || vertex === this.#self) return true;
    return ((this.routers.get(vertex)?.options ?? 0) & Option.R) !== 0;
  }

  /** Bellman–Ford. The first vertex may be left even when it does not forward. */
  from(start: string, mayLeave = true): Map<string, number> {
    const distance = new Map([[start, 0]]);
    for (let changed = true; changed; ) {
      changed = false;
      for (const { from, to, cost } of this.edges) {
        // A path never comes back to where we are.
        const leaves = from === start ? mayLeave : from !== this.#self && this.forwards(from);
        const far = leaves ? (distance.get(from) ?? INFINITE) + cost : INFINITE;
        if (far < (distance.get(to) ?? INFINITE)) {
          distance.set(to, far);
          changed = true;
        }
      }
    }
    return distance;
  }

  /** The first hops of all shortest paths to a vertex. */
  firstHops(vertex: string): Set<string> {
    const total = this.distance.get(vertex) ?? INFINITE;
    const hops = new Set<string>();
    if (vertex === this.#self) return hops;
    const shortest = (router: string, spent: number): boolean => {
      const rest = this.from(router, this.forwards(router)).get(vertex) ?? INFINITE;
      return spent + rest === total;
    };
    const via = (router: string, spent: number, interfaceId: number, far: number): void => {
      const address = this.#addressOf(interfaceId, Number(router.slice(1)), far);
      if (address !== undefined && shortest(router, spent)) hops.add(`${interfaceId} ${address}`);
    };
    for (const { from, to, cost, interfaceId, neighborInterfaceId, virtual } of this.edges) {
      if (from !== this.#self) continue;
      if (virtual) {
        if (shortest(to, cost)) hops.add(VIRTUAL);
      } else if (to.startsWith('r')) via(to, cost, interfaceId, neighborInterfaceId);
      else {
        if (to === vertex && cost === total) hops.add(`${interfaceId} -`);
        for (const on of this.edges) {
          if (on.from !== to || on.to === this.#self) continue;
          for (const back of this.edges) {
            if (back.from === on.to && back.to === to)
              via(on.to, cost, interfaceId, back.interfaceId);
          }
        }
      }
    }
    return hops;
  }

  #addressOf(interfaceId: number, router: number, far: number): string | undefined {
    for (const { scope, lsa } of this.#links) {
      const { body, header } = lsa;
      if (scope.kind !== 'link' || scope.interfaceId !== interfaceId || body.kind !== 'Link')
        continue;
      if (header.advertisingRouter === router && header.linkStateId === far) {
        return formatAddress(body.linkLocalAddress);
      }
    }
    return undefined;
  }
}

const linksBack = (edge: Edge, back: Edge): boolean =>
  edge.from === back.to &&
  edge.to === back.from &&
  (edge.from.startsWith('n') ||
    edge.to.startsWith('n') ||
    (edge.virtual === back.virtual &&
      edge.interfaceId === back.neighborInterfaceId &&
      back.interfaceId === edge.neighborInterfaceId));

interface Found {
  readonly areaId: number;
  readonly rank: number;
  readonly type2Metric: number;
  readonly preferred: boolean;
  readonly distance: number;
  readonly originator: number;
  readonly hops: Set<string>;
  readonly local: boolean;
}

const TYPES = ['intra-area', 'inter-area', 'external-1', 'external-2'];

/** The routing table of a router. External routes without forwarding address only. */
export function naiveRoutes(routerId: number, lsas: readonly ScopedLsa[]): Map<string, PlainRoute> {
  const links = lsas.filter(({ scope }) => scope.kind === 'link');
  const areaIds = new Set(
    lsas.flatMap(({ scope }) => (scope.kind === 'area' ? [scope.areaId] : [])),
  );
  const areas = [...areaIds].map((areaId) => {
    const within = lsas.filter(({ scope }) => scope.kind === 'area' && scope.areaId === areaId);
    return {
      lsas: within,
      area: new NaiveArea(
        areaId,
        within.map(({ lsa }) => lsa),
        links,
        routerId,
      ),
    };
  });
  const ours = areas.filter(({ area }) => area.present);
  const backboneOnly = ours.length > 1 && ours.some(({ area }) => area.areaId === 0);
  const found = new Map<string, Found[]>();
  const put = (key: string, path: Found): void => {
    if (path.hops.size === 0 && !path.local) return;
    found.set(key, [...(found.get(key) ?? []), path]);
  };
  for (const { area, lsas: within } of ours) {
    for (const { lsa } of within) {
      if (lsa.header.lsType !== LsType.IntraAreaPrefix) continue;
      const body = lsa.body as IntraAreaPrefixLsa;
      const { referencedAdvertisingRouter: id, referencedLinkStateId: far } = body;
      const vertex = body.referencedLsType === LsType.Router ? `r${id}` : `n${id}.${far}`;
      const near = area.distance.get(vertex);
      if (near === undefined) continue;
      for (const prefix of body.prefixes) {
        if (prefix.prefixOptions & PrefixOption.NU) continue;
        put(formatPrefix(prefix), {
          areaId: area.areaId,
          rank: 0,
          type2Metric: 0,
          preferred: false,
          distance: near + prefix.metric,
          originator: lsa.header.advertisingRouter,
          hops: area.firstHops(vertex),
          local: vertex === `r${routerId}`,
        });
      }
    }
    if (backboneOnly && area.areaId !== 0) continue;
    for (const { lsa } of within) {
      const { body, header } = lsa;
      const border = `r${header.advertisingRouter}`;
      const near = area.distance.get(border);
      if (body.kind !== 'InterAreaPrefix' || near === undefined) continue;
      if (header.advertisingRouter === routerId || body.metric === LS_INFINITY) continue;
      if (((area.routers.get(border)?.flags ?? 0) & RouterFlag.B) === 0) continue;
      put(formatPrefix(body.prefix), {
        areaId: area.areaId,
        rank: 1,
        type2Metric: 0,
        preferred: false,
        distance: near + body.metric,
        originator: header.advertisingRouter,
        hops: area.firstHops(border),
        local: false,
      });
    }
  }
  for (const { scope, lsa } of lsas) {
    if (scope.kind !== 'as' || lsa.header.advertisingRouter === routerId) continue;
    const { flags, metric, prefix } = lsa.body as AsExternalLsa;
    const paths = ours.flatMap(({ area }) => {
      const vertex = `r${lsa.header.advertisingRouter}`;
      const near = area.distance.get(vertex);
      const boundary = ((area.routers.get(vertex)?.flags ?? 0) & RouterFlag.E) !== 0;
      return near === undefined || !boundary ? [] : [{ area, near, vertex }];
    });
    const [best] = paths.sort(
      (a, b) =>
        Number(b.area.areaId !== 0) - Number(a.area.areaId !== 0) ||
        a.near - b.near ||
        b.area.areaId - a.area.areaId,
    );
    if (best === undefined || metric === LS_INFINITY) continue;
    const type2 = (flags & 4) !== 0;
    put(formatPrefix(prefix), {
      areaId: best.area.areaId,
      rank: type2 ? 3 : 2,
      type2Metric: type2 ? metric : 0,
      preferred: best.area.areaId !== 0,
      distance: best.near + (type2 ? 0 : metric),
      originator: lsa.header.advertisingRouter,
      hops: best.area.firstHops(best.vertex),
      local: false,
    });
  }
  const transit = backboneOnly ? ours.filter(({ area }) => carriesTransit(area)) : [];
  const routes = new Map<string, PlainRoute>();
  for (const [key, paths] of found) {
    const through = transit.flatMap(({ area, lsas: within }) =>
      summariesOf(key, area, within, routerId),
    );
    const left = examined(paths, through);
    if (left.length > 0) routes.set(key, plain(left));
  }
  return routes;
}

/** RFC 2328 16.1 step 2: whether an area is a transit area. */
const carriesTransit = (area: NaiveArea): boolean =>
  area.areaId !== 0 &&
  [...area.routers].some(([v, { flags }]) => flags & RouterFlag.V && area.distance.has(v));

/** What border routers of a transit area say of a prefix (16.3 steps 1, 2 and 4). */
function summariesOf(
  key: string,
  area: NaiveArea,
  lsas: readonly ScopedLsa[],
  routerId: number,
): Found[] {
  return lsas.flatMap(({ lsa: { header, body } }) => {
    const border = `r${header.advertisingRouter}`;
    const near = area.distance.get(border);
    if (body.kind !== 'InterAreaPrefix' || near === undefined) return [];
    if (formatPrefix(body.prefix) !== key || body.metric === LS_INFINITY) return [];
    if (header.advertisingRouter === routerId) return [];
    if (((area.routers.get(border)?.flags ?? 0) & RouterFlag.B) === 0) return [];
    const hops = area.firstHops(border);
    const originator = header.advertisingRouter;
    const distance = near + body.metric;
    const none = { type2Metric: 0, preferred: false, local: false };
    return hops.size > 0 ? [{ ...none, areaId: 0, rank: 1, distance, originator, hops }] : [];
  });
}

/** The paths to a prefix once transit areas were looked at (16.3 steps 3 and 5). */
function examined(paths: readonly Found[], through: readonly Found[]): Found[] {
  const rank = Math.min(...paths.map((path) => path.rank));
  const within = paths.filter((path) => path.rank === rank);
  const least = Math.min(...within.map((path) => path.distance));
  const nearest = within.filter((path) => path.distance === least);
  const better =
    rank <= 1 && nearest.every((path) => path.areaId === 0)
      ? through.filter((path) => path.distance <= least)
      : [];
  const resolved = (all: readonly Found[]): Found[] =>
    all.flatMap((path) => {
      const hops = new Set([...path.hops].filter((hop) => hop !== VIRTUAL));
      return hops.size > 0 || path.local ? [{ ...path, hops }] : [];
    });
  const all = resolved([...within, ...better.map((path) => ({ ...path, rank }))]);
  if (rank > 1) return all;
  if (all.some((path) => path.distance <= least)) return all;
  const outside = resolved(paths.filter((path) => path.rank > 1));
  return outside;
}

function plain(paths: readonly Found[]): PlainRoute {
  const rank = Math.min(...paths.map((path) => path.rank));
  const reached = paths.filter((path) => path.rank === rank);
  const value = ({ type2Metric, preferred, distance }: Found): string =>
    [type2Metric, rank >= 2 && preferred ? 0 : 1, distance]
      .map((n) => String(n).padStart(12, '0'))
      .join(' ');
  const least = reached.map(value).sort()[0];
  const best = reached.filter((path) => value(path) === least);
  const hops = new Map<string, Set<number>>();
  for (const { hops: through, originator } of best) {
    for (const hop of through) hops.set(hop, (hops.get(hop) ?? new Set()).add(originator));
  }
  const local = best.some((path) => path.local);
  return {
    pathType: TYPES[rank]!,
    distance: best[0]!.distance,
    type2Metric: rank === 3 ? best[0]!.type2Metric : undefined,
    nextHops: local
      ? ''
      : [...hops]
          .map(([hop, by]) => `${hop} by ${[...by].sort((a, b) => a - b).join(' ')}`)
          .sort()
          .join('; '),
    candidates: reached
      .map(({ originator, distance, hops: to }) => `${originator} ${distance} ${[...to].sort()}`)
      .sort()
      .join('; '),
  };
}
