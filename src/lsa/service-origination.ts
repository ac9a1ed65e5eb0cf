/**
 * What a server originates for its anycast services: per service an Intra-Area-Prefix-LSA of its
 * own, so that a changed metric is a prefix-only change with its own MinLSInterval; and one Router
 * Information LSA with the load of all services (RFC 5340 4.4.3.9, RFC 7770 2).
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { IntraAreaPrefixLsa } from './intra-area-prefix-lsa.ts';
import { LsType } from './ls-type.ts';
import { type RouterInformationLsa, RouterInformationTlv } from './router-information-lsa.ts';
import { type ServiceLoad, serviceLoadTlv } from './service-load.ts';

/** Link State IDs of service prefixes start here, clear of those that number interfaces. */
const SERVICE_LINK_STATE_ID = 0x5300_0000;
/** Link State ID (RFC 7770: instance) of the Router Information LSA that tells of load. */
export const LOAD_INSTANCE = 1;

/** The Link State ID of a service's prefix; `index` counts a server's services from 0. */
export const serviceLinkStateId = (index: number): number => SERVICE_LINK_STATE_ID + index;

/**
 * The service's /128, hung on the server's Router-LSA.
 * @param metric - 0..65535.
 * @param prefixOptions - without the LA-bit by default: some routers ignore inter-area prefixes
 *   that carry it.
 */
export const servicePrefixBody = (
  routerId: number,
  address: Address,
  metric: number,
  prefixOptions = 0,
): IntraAreaPrefixLsa => ({
  kind: 'IntraAreaPrefix',
  referencedLsType: LsType.Router,
  referencedLinkStateId: 0,
  referencedAdvertisingRouter: routerId,
  prefixes: [{ prefixLength: 128, prefixOptions, address, metric }],
});

/** The load of all services. */
export const serviceLoadBody = (loads: readonly ServiceLoad[]): RouterInformationLsa => ({
  kind: 'RouterInformation',
  tlvs: loads.map(serviceLoadTlv),
});

/** Says that a router spreads by advertised weights; the value is left for later versions. */
export const spreadCapabilityBody = (): RouterInformationLsa => ({
  kind: 'RouterInformation',
  tlvs: [{ type: RouterInformationTlv.SpreadCapability, value: new Uint8Array(0) }],
});
