/**
 * Routes from outside that this router brings in: as AS-External-LSAs for normal areas, and as
 * NSSA-LSAs in each NSSA it is in (RFC 2328 12.4.4, RFC 3101 2.3, 2.4). Pure: from routes to LSAs.
 * @module
 */
import type { AreaConfig } from '../instance/config.ts';
import { type AsExternalLsa, ExternalFlag } from '../lsa/as-external-lsa.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Address } from '../wire/address.ts';
import { type AddressPrefix, formatPrefix, maskedAddress, PrefixOption } from '../wire/prefix.ts';
import type { Desired } from './inter-area.ts';

/** A destination outside that is reached through this router. */
export interface ExternalRoute {
  readonly prefix: AddressPrefix;
  /** 0..2^24-2. */
  readonly metric: number;
  /** 1: added to the path to us; 2: larger than any path within. */
  readonly metricType: 1 | 2;
  /** 32 bits for the operator's own use (RFC 5340 A.4.7). */
  readonly tag?: number;
  /** Where packets go instead of to us: a global address on a link that others reach. */
  readonly forwardingAddress?: Address;
}

/** What the LSAs depend on, beside the routes. */
export interface ExternalView {
  /** The areas that we are actively attached to. */
  readonly areas: readonly AreaConfig[];
  /** A global address of ours in an area, where there is one. */
  addressIn(areaId: number): Address | undefined;
}

export function externalsOf(view: ExternalView, routes: readonly ExternalRoute[]): Desired[] {
  const normal = view.areas.some((area) => area.type === 'normal');
  const nssas = view.areas.filter((area) => area.type === 'nssa');
  return routes.flatMap((route) => [
    ...(normal ? [asExternal(route)] : []),
    ...nssas.map((area) => nssaExternal(route, area, view.addressIn(area.areaId), normal)),
  ]);
}

function asExternal(route: ExternalRoute): Desired {
  const body = bodyOf('AsExternal', route, route.forwardingAddress, 0);
  return {
    scope: { kind: 'as' },
    lsType: LsType.AsExternal,
    subject: formatPrefix(body.prefix),
    body,
  };
}

/**
 * The P-bit asks a border router to translate. It needs a forwarding address, and is left clear
 * where we say the same in an AS-External-LSA ourselves (RFC 3101 2.4).
 */
function nssaExternal(
  route: ExternalRoute,
  area: AreaConfig,
  own: Address | undefined,
  saidOutside: boolean,
): Desired {
  const address = route.forwardingAddress ?? own;
  const translate = address !== undefined && !saidOutside;
  const body = bodyOf('Nssa', route, address, translate ? PrefixOption.P : 0);
  return {
    scope: { kind: 'area', areaId: area.areaId },
    lsType: LsType.Nssa,
    subject: formatPrefix(body.prefix),
    body,
  };
}

function bodyOf(
  kind: AsExternalLsa['kind'],
  route: ExternalRoute,
  forwardingAddress: Address | undefined,
  prefixOptions: number,
): AsExternalLsa {
  const { prefixLength, address } = route.prefix;
  return {
    kind,
    flags: route.metricType === 2 ? ExternalFlag.E : 0,
    metric: route.metric,
    prefix: { prefixLength, prefixOptions, address: maskedAddress(address, prefixLength) },
    referencedLsType: 0,
    ...(forwardingAddress ? { forwardingAddress } : {}),
    ...(route.tag === undefined ? {} : { externalRouteTag: route.tag }),
  };
}
