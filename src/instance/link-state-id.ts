/**
 * Link State IDs of our own LSAs. In OSPFv3 most are mere numbers that the originator chooses
 * (RFC 5340 4.4.1); here is who of us chooses which, so that two never meet.
 * @module
 */
import { LsType } from '../lsa/ls-type.ts';

/** Intra-Area-Prefix-LSAs of transit networks: this, times one more than the interface's place. */
const NETWORK_PREFIX_STEP = 0x1000;
/** From here on, Link State IDs of Intra-Area-Prefix-LSAs are free for the roles. */
export const FIRST_FREE_LINK_STATE_ID = 0x0100_0000;
/** So many interfaces of an area have Link State IDs of their own below those. */
export const AREA_INTERFACES_MAX = FIRST_FREE_LINK_STATE_ID / NETWORK_PREFIX_STEP - 1;
/** Instance 0 of the Router Information LSA is our own: hostname and capabilities (RFC 7770 3). */
export const OWN_ROUTER_INFORMATION = 0;

/**
 * The Link State ID of an Intra-Area-Prefix-LSA that refers to our Network-LSA.
 * @param place - of the interface within its area, from 0 and below {@link AREA_INTERFACES_MAX}.
 * @param fragment - 0..4095, which is 240,000 prefixes on one link.
 */
export const networkPrefixesId = (place: number, fragment: number): number =>
  NETWORK_PREFIX_STEP * (place + 1) + fragment;

const ALWAYS_OURS = new Set<number>([LsType.Router, LsType.Network, LsType.Link]);

/** Whether the instance originates this LSA itself, so that nobody else may. */
export function originatedByInstance(lsType: number, linkStateId: number): boolean {
  if (ALWAYS_OURS.has(lsType)) return true;
  if (lsType === LsType.IntraAreaPrefix) return linkStateId < FIRST_FREE_LINK_STATE_ID;
  return lsType === LsType.RouterInformation && linkStateId === OWN_ROUTER_INFORMATION;
}
