/**
 * The edge of a not-so-stubby area: which border router translates its NSSA-LSAs, and into which
 * AS-External-LSAs (RFC 3101 3). Pure: from LSAs to LSAs.
 * @module
 */
import type { AreaConfig, AreaRange } from '../instance/config.ts';
import type { AsExternalLsa } from '../lsa/as-external-lsa.ts';
import { ExternalFlag } from '../lsa/as-external-lsa.ts';
import { LS_INFINITY, MAX_AGE_S } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import { RouterFlag } from '../lsa/router-lsa.ts';
import type { Lsdb } from '../lsdb/lsdb.ts';
import type { RouterPath } from '../spf/router-paths.ts';
import { type Address, sameAddress, UNSPECIFIED } from '../wire/address.ts';
import { formatPrefix, maskedAddress, PrefixOption } from '../wire/prefix.ts';
import { type Desired, mostSpecific } from './inter-area.ts';

/**
 * Whether we translate for an NSSA: always, or when no other of its border routers does always, or
 * has a higher Router ID. Of the others those count that are reached over the NSSA, and over areas
 * that take AS-External-LSAs too: who is cut off there cannot tell anybody (RFC 3101 3.1).
 * @param areas - all areas that we are attached to.
 */
export function translates(
  area: AreaConfig,
  areas: readonly AreaConfig[],
  ownRouterId: number,
  routers: readonly RouterPath[],
): boolean {
  if (area.type !== 'nssa') return false;
  if (area.translatorRole === 'always') return true;
  const normal = new Set(areas.filter(({ type }) => type === 'normal').map((one) => one.areaId));
  // A border router of an NSSA has the E-bit there. FRR sets it only when it translates, so that
  // the B-bit has to do: without it we would begin together, and end when it has the E-bit.
  const outside = routers.filter(
    ({ areaId, flags }) => normal.has(areaId) && flags & (RouterFlag.E | RouterFlag.B),
  );
  const reachedOutside = new Set(outside.map(({ routerId }) => routerId));
  return !routers.some(
    ({ areaId, pathType, flags, routerId }) =>
      areaId === area.areaId &&
      pathType === 'intra-area' &&
      flags & RouterFlag.B &&
      (flags & RouterFlag.Nt || routerId > ownRouterId) &&
      reachedOutside.has(routerId),
  );
}

/**
 * The way out of an NSSA that a border router tells of: its routers hear of no other destination
 * outside. It is for them alone, so the P-bit is clear (RFC 3101 2.4). An NSSA without summaries
 * is told by an Inter-Area-Prefix-LSA instead (2.7).
 */
export function defaultOf(area: AreaConfig): Desired[] {
  if (area.type !== 'nssa' || area.noSummaries || area.defaultRoute === false) return [];
  const prefix = { prefixLength: 0, prefixOptions: 0, address: UNSPECIFIED };
  const metric = area.defaultCost ?? 1;
  return [
    {
      scope: { kind: 'area', areaId: area.areaId },
      lsType: LsType.Nssa,
      subject: formatPrefix(prefix),
      // Type 1, so that of several border routers each takes the nearest.
      body: { kind: 'Nssa', flags: 0, metric, prefix, referencedLsType: 0 },
    },
  ];
}

/**
 * The AS-External-LSAs that an NSSA's LSAs are translated into (RFC 3101 3.2).
 * @param isReached - whether there are paths within the area to a boundary router and to a
 *   forwarding address: without them the LSA gives no route, and what gives none is not translated.
 */
export function translationsOf(
  area: AreaConfig,
  lsdb: Lsdb,
  ownRouterId: number,
  isReached: (boundaryRouterId: number, forwardingAddress: Address) => boolean = () => true,
): Desired[] {
  const single = new Map<string, AsExternalLsa>();
  const ranged = new Map<AreaRange, AsExternalLsa>();
  for (const { lsa } of lsdb.ofType(LsType.Nssa)) {
    const { ageS, advertisingRouter } = lsa.header;
    if (ageS >= MAX_AGE_S || advertisingRouter === ownRouterId || lsa.body.kind !== 'Nssa')
      continue;
    const { body } = lsa;
    if (!isTranslatable(body) || !isReached(advertisingRouter, body.forwardingAddress)) continue;
    const range = mostSpecific(area.ranges, body.prefix);
    if (range === undefined) {
      const key = formatPrefix(body.prefix);
      const known = single.get(key);
      if (known === undefined || preferred(body, known)) single.set(key, body);
    } else {
      const known = ranged.get(range);
      if (known === undefined || preferred(known, body)) ranged.set(range, body);
    }
  }
  return [
    ...[...single.values()].map((body) => external(body, body.prefix, body.metric, true)),
    ...[...ranged]
      .filter(([range]) => range.advertise)
      .map(([range, farthest]) => aggregate(range, farthest)),
  ];
}

/** The P-bit asks for it; a forwarding address leads past us to the originator. */
function isTranslatable(
  body: AsExternalLsa,
): body is AsExternalLsa & { readonly forwardingAddress: Address } {
  const { prefix, forwardingAddress, metric } = body;
  const forwarded = forwardingAddress !== undefined && !sameAddress(forwardingAddress, UNSPECIFIED);
  return (prefix.prefixOptions & PrefixOption.P) !== 0 && forwarded && metric < LS_INFINITY;
}

/** Whether `a` is the better route: type 1 before type 2, then the metric (RFC 2328 16.4). */
function preferred(a: AsExternalLsa, b: AsExternalLsa): boolean {
  const [typeA, typeB] = [a.flags & ExternalFlag.E, b.flags & ExternalFlag.E];
  return typeA === typeB ? a.metric < b.metric : typeA < typeB;
}

/** A range says the type and the metric of its farthest member; beyond type 2 it adds one. */
function aggregate(range: AreaRange, farthest: AsExternalLsa): Desired {
  const beyond = farthest.flags & ExternalFlag.E ? 1 : 0;
  const metric = range.cost ?? Math.min(LS_INFINITY - 1, farthest.metric + beyond);
  return external(farthest, range.prefix, metric, false);
}

function external(
  from: AsExternalLsa,
  { prefixLength, address }: AsExternalLsa['prefix'],
  metric: number,
  whole: boolean,
): Desired {
  const prefix = { prefixLength, prefixOptions: 0, address: maskedAddress(address, prefixLength) };
  const body: AsExternalLsa = {
    kind: 'AsExternal',
    flags: from.flags & ExternalFlag.E,
    metric,
    prefix,
    referencedLsType: 0,
    ...(whole && from.forwardingAddress ? { forwardingAddress: from.forwardingAddress } : {}),
    ...(whole && from.externalRouteTag !== undefined
      ? { externalRouteTag: from.externalRouteTag }
      : {}),
  };
  const subject = formatPrefix(prefix);
  return { scope: { kind: 'as' }, lsType: LsType.AsExternal, subject, body };
}
