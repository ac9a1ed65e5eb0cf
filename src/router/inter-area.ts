/**
 * What an area border router says in each area of the others: Inter-Area-Prefix- and
 * Inter-Area-Router-LSAs (RFC 2328 12.4.3, RFC 5340 4.4.3.4, 4.4.3.5). Pure: from routes to LSAs.
 * @module
 */
import type { AreaConfig, AreaRange } from '../instance/config.ts';
import type { LsaBody } from '../lsa/body.ts';
import { LS_INFINITY } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import { RouterFlag } from '../lsa/router-lsa.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import type { Route } from '../spf/route.ts';
import type { RouterPath } from '../spf/router-paths.ts';
import { type Address, UNSPECIFIED } from '../wire/address.ts';
import { type AddressPrefix, formatPrefix, maskedAddress } from '../wire/prefix.ts';

/** An LSA that we should originate as a border router; its Link State ID is chosen later. */
export interface Desired {
  readonly scope: LsdbScope;
  readonly lsType: number;
  /** What it speaks of: equal for all values of one LSA. */
  readonly subject: string;
  readonly body: LsaBody;
}

/** What of the router its summaries depend on, beside its routes. */
export interface BorderView {
  /** The areas that we are actively attached to. */
  readonly areas: readonly AreaConfig[];
  areaOfInterface(interfaceId: number): number | undefined;
}

const DEFAULT_PREFIX: AddressPrefix = {
  prefixLength: 0,
  prefixOptions: 0,
  address: UNSPECIFIED,
};

type SummarizedRoute = Pick<
  Route,
  'key' | 'prefix' | 'pathType' | 'distance' | 'areaId' | 'nextHops'
>;

/** Every summary in every area. */
export function summariesOf(
  view: BorderView,
  routes: Iterable<SummarizedRoute>,
  routers: Iterable<RouterPath>,
): Desired[] {
  const all = [...routes].filter(isSummarized);
  const normal = new Set(
    view.areas.filter(({ type }) => type === 'normal').map((one) => one.areaId),
  );
  // What a boundary router says in an NSSA gets out by translation alone: nobody looks for it.
  const boundary = [...routers].filter(
    (path) => path.flags & RouterFlag.E && normal.has(path.areaId),
  );
  return view.areas.flatMap((area) => [
    ...defaultSummary(area),
    ...(area.noSummaries && area.type !== 'normal' ? [] : prefixSummaries(view, area, all)),
    ...(area.type === 'normal' ? routerSummaries(view, area, boundary) : []),
  ]);
}

/** Neither routes from outside nor what is unreachable are summarized. */
const isSummarized = ({ pathType, distance }: SummarizedRoute): boolean =>
  (pathType === 'intra-area' || pathType === 'inter-area') && distance < LS_INFINITY;

const scopeOf = ({ areaId }: AreaConfig): LsdbScope => ({ kind: 'area', areaId });

/** What of a path says where it belongs. */
interface Placed {
  readonly areaId: number | undefined;
  readonly nextHops: readonly { readonly interfaceId: number }[];
}

/** Whether a path may be told of in an area: it is not of that area, nor does it lead into it. */
function concerns(view: BorderView, area: AreaConfig, path: Placed): boolean {
  if (path.areaId === area.areaId) return false;
  return !path.nextHops.some((hop) => view.areaOfInterface(hop.interfaceId) === area.areaId);
}

/** @param key - the prefix as text, where that is known: to write out thousands takes its time. */
function prefixSummary(
  area: AreaConfig,
  prefix: AddressPrefix,
  metric: number,
  key?: string,
): Desired {
  const { prefixLength, address } = prefix;
  // PrefixOptions say how the prefix is attached, which is over here; FRR ignores one with LA-bit.
  const said = { prefixLength, address: maskedAddress(address, prefixLength), prefixOptions: 0 };
  return {
    scope: scopeOf(area),
    lsType: LsType.InterAreaPrefix,
    subject: key ?? formatPrefix(said),
    body: { kind: 'InterAreaPrefix', metric, prefix: said },
  };
}

/** The way out for routers that are told of nothing outside (RFC 2328 12.4.3.1, RFC 3101 2.7). */
function defaultSummary(area: AreaConfig): Desired[] {
  const wanted = area.type === 'stub' || (area.type === 'nssa' && area.noSummaries === true);
  return wanted ? [prefixSummary(area, DEFAULT_PREFIX, area.defaultCost ?? 1)] : [];
}

function prefixSummaries(
  view: BorderView,
  area: AreaConfig,
  routes: readonly SummarizedRoute[],
): Desired[] {
  const single: Desired[] = [];
  const ranged = new Map<AreaRange, number>();
  for (const route of routes) {
    if (!concerns(view, area, route)) continue;
    const range = route.pathType === 'intra-area' ? rangeOf(view, route) : undefined;
    if (range === undefined) {
      single.push(prefixSummary(area, route.prefix, route.distance, route.key));
    } else ranged.set(range, Math.max(ranged.get(range) ?? 0, route.distance));
  }
  const aggregates = [...ranged]
    .filter(([range]) => range.advertise)
    .map(([range, farthest]) => prefixSummary(area, range.prefix, range.cost ?? farthest));
  // A route equal to a range of another area speaks of the same prefix: the range goes.
  const said = new Set(single.map((summary) => summary.subject));
  return [...single, ...aggregates.filter((summary) => !said.has(summary.subject))];
}

/** The most specific range of the route's own area that it falls into. */
function rangeOf(view: BorderView, { areaId, prefix }: SummarizedRoute): AreaRange | undefined {
  return mostSpecific(view.areas.find((area) => area.areaId === areaId)?.ranges, prefix);
}

/** The narrowest of the ranges that a prefix falls into. */
export function mostSpecific(
  ranges: readonly AreaRange[] = [],
  prefix: AddressPrefix,
): AreaRange | undefined {
  return ranges
    .filter((range) => covers(range.prefix, prefix))
    .sort((a, b) => b.prefix.prefixLength - a.prefix.prefixLength)[0];
}

/** Whether every address of `inner` is one of `outer`. */
export const covers = (outer: AddressPrefix, inner: AddressPrefix): boolean =>
  inner.prefixLength >= outer.prefixLength && contains(outer, inner.address);

/** Whether an address is in a prefix. */
function contains({ address: from, prefixLength }: AddressPrefix, address: Address): boolean {
  const whole = prefixLength >>> 3;
  for (let at = 0; at < whole; at++) if (from[at] !== address[at]) return false;
  const rest = 8 - (prefixLength & 7);
  return rest === 8 || from[whole]! >>> rest === address[whole]! >>> rest;
}

function routerSummaries(
  view: BorderView,
  area: AreaConfig,
  boundary: readonly RouterPath[],
): Desired[] {
  // A boundary router that is in the area itself needs nobody to speak for it.
  const inside = new Set(
    boundary
      .filter((path) => path.areaId === area.areaId && path.pathType === 'intra-area')
      .map((path) => path.routerId),
  );
  const nearest = new Map<number, RouterPath>();
  for (const path of boundary) {
    if (inside.has(path.routerId) || path.distance >= LS_INFINITY) continue;
    if (!concerns(view, area, path)) continue;
    const known = nearest.get(path.routerId);
    if (known === undefined || path.distance < known.distance) nearest.set(path.routerId, path);
  }
  return [...nearest.values()].map(({ routerId, distance, options }) => ({
    scope: scopeOf(area),
    lsType: LsType.InterAreaRouter,
    subject: `router ${routerId}`,
    body: {
      kind: 'InterAreaRouter',
      options,
      metric: distance,
      destinationRouterId: routerId,
    },
  }));
}
