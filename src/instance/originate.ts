/**
 * What we say about an area of our own accord: Router-, Network-, Link- and Intra-Area-Prefix-LSAs
 * (RFC 5340 4.4.3.2, 4.4.3.3, 4.4.3.8, 4.4.3.9), and a Router Information LSA with our name, where
 * we have one (RFC 5642). Pure: from interfaces and neighbors to bodies.
 * @module
 */
import type { Interface } from '../interface/interface.ts';
import type { LsaBody } from '../lsa/body.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import { hostnameTlv } from '../lsa/hostname.ts';
import type { IntraAreaPrefixLsa } from '../lsa/intra-area-prefix-lsa.ts';
import type { LinkLsa } from '../lsa/link-lsa.ts';
import { LsType } from '../lsa/ls-type.ts';
import { RouterInformationTlv } from '../lsa/router-information-lsa.ts';
import { type RouterLink, RouterLinkType } from '../lsa/router-lsa.ts';
import { splitIntraAreaPrefixLsa, splitLinkLsa, splitRouterLsa } from '../lsa/split.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import { isLinkLocal } from '../wire/address.ts';
import {
  type AddressPrefix,
  formatPrefix,
  type MetricPrefix,
  maskedAddress,
  PrefixOption,
} from '../wire/prefix.ts';
import type { Area } from './area.ts';
import { networkPrefixesId, OWN_ROUTER_INFORMATION } from './link-state-id.ts';
import { LSA_OCTETS_MAX } from './own-lsas.ts';

/** An LSA to originate; Advertising Router is ours. */
export interface Origination {
  readonly scope: LsdbScope;
  readonly lsType: number;
  readonly linkStateId: number;
  readonly body: LsaBody;
}

/** What our Router-LSAs say beside the links. */
export interface RouterIdentity {
  readonly routerId: number;
  /** See `RouterFlag`. */
  readonly flags: number;
  readonly options: number;
  /** Whether traffic should pass through us only where there is no other way (RFC 6987). */
  readonly maxLinkMetric: boolean;
  /** What is added to the metric of links that are not to be avoided, 0 or 1. */
  readonly linkMetricStep: number;
  readonly hostname: string | undefined;
}

/** The metric of links that are to be avoided (RFC 6987 2). */
const MAX_LINK_METRIC = 0xffff;
/** The most octets of an LSA, so that it fits a packet of an Ethernet link with a trailer. */
const CUT_OCTETS = 1360;
/** Informational capabilities: stub router support, the third bit (RFC 7770 2.4). */
const CAPABILITIES = Uint8Array.of(0x20, 0, 0, 0);

/** Every LSA that the instance itself originates about an area and its links. */
export function originationsOf(area: Area, router: RouterIdentity): Origination[] {
  const up = area.interfaces.filter((on) => on.state !== 'Down');
  return [
    ...up.filter((on) => on.speaks).flatMap((on) => linkLsa(on, router.options)),
    ...routerLsas(area, up, router),
    ...routerPrefixLsas(area, up, router.routerId),
    ...routerInformationLsa(area, router.hostname),
    ...up.filter(designatesTransit).flatMap((on) => networkLsas(area, on, router)),
  ];
}

/** Whether the interface is described as a link to a transit network. */
export function isTransit(on: Interface): boolean {
  if (on.config.type !== 'broadcast') return false;
  if (designatesTransit(on)) return true;
  return on.neighbors.get(on.designatedRouter)?.state === 'Full';
}

/** Whether we are designated router with at least one full adjacency (RFC 5340 4.4.3.3). */
function designatesTransit(on: Interface): boolean {
  return on.state === 'DR' && [...on.neighbors.values()].some((n) => n.state === 'Full');
}

function routerLsas(area: Area, up: readonly Interface[], router: RouterIdentity): Origination[] {
  const links = up.flatMap((on) => routerLinks(on, router));
  const { flags, options } = router;
  const bodies = splitRouterLsa({ kind: 'Router', flags, options, links }, CUT_OCTETS);
  return bodies.map((body, fragment) => ({
    scope: area.lsdb.scope,
    lsType: LsType.Router,
    linkStateId: fragment,
    body,
  }));
}

/** Who we are and what we can do, where there is a name to say (RFC 7770, RFC 5642). */
function routerInformationLsa(area: Area, hostname: string | undefined): Origination[] {
  if (hostname === undefined) return [];
  const type = RouterInformationTlv.InformationalCapabilities;
  const tlvs = [{ type, value: CAPABILITIES }, hostnameTlv(hostname)];
  const body = { kind: 'RouterInformation' as const, tlvs };
  const lsType = LsType.RouterInformation;
  return [{ scope: area.lsdb.scope, lsType, linkStateId: OWN_ROUTER_INFORMATION, body }];
}

/** The link descriptions of one interface (RFC 5340 4.4.3.2). */
function routerLinks(on: Interface, router: RouterIdentity): RouterLink[] {
  const { interfaceId } = on.config;
  const metric = router.maxLinkMetric ? MAX_LINK_METRIC : steppedMetric(on, router);
  if (on.config.type === 'pointToPoint') {
    const full = [...on.neighbors.values()].filter((n) => n.state === 'Full');
    return full.map((neighbor) => ({
      type: RouterLinkType.PointToPoint,
      metric,
      interfaceId,
      neighborInterfaceId: neighbor.interfaceId,
      neighborRouterId: neighbor.routerId,
    }));
  }
  if (!isTransit(on)) return [];
  const designated = on.neighbors.get(on.designatedRouter);
  return [
    {
      type: RouterLinkType.Transit,
      metric,
      interfaceId,
      neighborInterfaceId: designated?.interfaceId ?? interfaceId,
      neighborRouterId: designated?.routerId ?? router.routerId,
    },
  ];
}

function steppedMetric({ cost }: Interface, { linkMetricStep }: RouterIdentity): number {
  // 0xffff would mean a link to be avoided.
  return cost + 1 < MAX_LINK_METRIC ? cost + linkMetricStep : cost - linkMetricStep;
}

function linkLsa(on: Interface, options: number): Origination[] {
  if (on.out.linkLocalAddress === undefined) return [];
  const prefixes = on.prefixes.filter((prefix) => !isLinkLocal(prefix.address)).map(masked);
  const body: LinkLsa = {
    kind: 'Link',
    routerPriority: on.config.priority,
    options,
    linkLocalAddress: on.out.linkLocalAddress,
    prefixes,
  };
  // It cannot be cut, because its Link State ID is the interface's: the first prefixes are said.
  const [first = body] = splitLinkLsa(body, LSA_OCTETS_MAX);
  const { interfaceId } = on.config;
  const scope = { kind: 'link', interfaceId } as const;
  return [{ scope, lsType: LsType.Link, linkStateId: interfaceId, body: first }];
}

/** Prefixes that hang on ourselves: stub links, loopbacks, hosts (RFC 5340 4.4.3.9). */
function routerPrefixLsas(area: Area, up: readonly Interface[], routerId: number): Origination[] {
  const prefixes = up.flatMap(ownPrefixes);
  if (prefixes.length === 0) return [];
  const whole: IntraAreaPrefixLsa = {
    kind: 'IntraAreaPrefix',
    referencedLsType: LsType.Router,
    referencedLinkStateId: 0,
    referencedAdvertisingRouter: routerId,
    prefixes,
  };
  return splitIntraAreaPrefixLsa(whole, CUT_OCTETS).map((body, fragment) => ({
    scope: area.lsdb.scope,
    lsType: LsType.IntraAreaPrefix,
    linkStateId: fragment,
    body,
  }));
}

function ownPrefixes(on: Interface): MetricPrefix[] {
  const global = on.prefixes.filter((prefix) => !isLinkLocal(prefix.address));
  if (on.state === 'Loopback') {
    const localAddress = on.config.localAddressBit === false ? 0 : PrefixOption.LA;
    return global.map(({ address, prefixOptions }) => ({
      address,
      prefixLength: 128,
      prefixOptions: prefixOptions | localAddress,
      metric: 0,
    }));
  }
  const transit = isTransit(on);
  return global
    .filter((prefix) => !transit || prefix.prefixOptions & PrefixOption.LA)
    .map((prefix) => ({ ...masked(prefix), metric: on.cost }));
}

const masked = ({ address, prefixLength, prefixOptions }: AddressPrefix): AddressPrefix => ({
  prefixLength,
  prefixOptions,
  address: maskedAddress(address, prefixLength),
});

/** What the designated router says of its link: who is on it, and its prefixes. */
function networkLsas(area: Area, on: Interface, router: RouterIdentity): Origination[] {
  const { interfaceId } = on.config;
  const full = [...on.neighbors.values()].filter((n) => n.state === 'Full');
  const attached = full.map((n) => n.routerId).sort((a, b) => a - b);
  const linkLsas: LinkLsa[] = [];
  for (const { lsa } of on.databases.link.ofType(LsType.Link)) {
    const { advertisingRouter, linkStateId, ageS } = lsa.header;
    // The Link-LSA counts when its router is adjacent and its Link State ID is that interface's.
    const counts =
      advertisingRouter === router.routerId
        ? linkStateId === interfaceId
        : full.some((n) => n.routerId === advertisingRouter && n.interfaceId === linkStateId);
    if (counts && ageS < MAX_AGE_S && lsa.body.kind === 'Link') linkLsas.push(lsa.body);
  }
  const options = linkLsas.reduce((or, body) => or | body.options, router.options);
  const network: Origination = {
    scope: area.lsdb.scope,
    lsType: LsType.Network,
    linkStateId: interfaceId,
    body: { kind: 'Network', options, attachedRouters: [router.routerId, ...attached] },
  };
  return [network, ...networkPrefixLsas(area, on, router.routerId, linkLsas)];
}

function networkPrefixLsas(
  area: Area,
  on: Interface,
  routerId: number,
  linkLsas: readonly LinkLsa[],
): Origination[] {
  const prefixes = new Map<string, MetricPrefix>();
  for (const prefix of linkLsas.flatMap((body) => body.prefixes)) {
    if (prefix.prefixOptions & (PrefixOption.NU | PrefixOption.LA)) continue;
    if (isLinkLocal(prefix.address)) continue;
    const key = formatPrefix(prefix);
    const before = prefixes.get(key)?.prefixOptions ?? 0;
    const prefixOptions = prefix.prefixOptions | before;
    prefixes.set(key, { ...masked(prefix), prefixOptions, metric: 0 });
  }
  if (prefixes.size === 0) return [];
  const sorted = [...prefixes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, prefix]) => prefix);
  const whole: IntraAreaPrefixLsa = {
    kind: 'IntraAreaPrefix',
    referencedLsType: LsType.Network,
    referencedLinkStateId: on.config.interfaceId,
    referencedAdvertisingRouter: routerId,
    prefixes: sorted,
  };
  const place = area.interfaces.indexOf(on);
  return splitIntraAreaPrefixLsa(whole, CUT_OCTETS).map((body, fragment) => ({
    scope: area.lsdb.scope,
    lsType: LsType.IntraAreaPrefix,
    linkStateId: networkPrefixesId(place, fragment),
    body,
  }));
}
