/**
 * Numbers of Neighbor Discovery as its documents name them: message and option types (IANA ICMPv6
 * parameters), protocol constants (RFC 4861 10) and the groups that messages go to (RFC 4291 2.7.1).
 * @module
 */
import { type Address, parseAddress } from '../wire/address.ts';

/** IPv6 next header number of ICMPv6. */
export const IP_PROTOCOL_ICMPV6 = 58;

/** ICMPv6 types (RFC 4861 4.3, 4.4). */
export const Icmpv6Type = { NeighborSolicitation: 135, NeighborAdvertisement: 136 } as const;

/** Neighbor Discovery option types (RFC 4861 4.6, RFC 4727 5.1.3). */
export const OptionType = {
  SourceLinkLayerAddress: 1,
  TargetLinkLayerAddress: 2,
  /** The first of the two experimental types; ours is told apart by its magic number. */
  Experiment1: 253,
} as const;

/** The only hop limit with which a message is valid: no router can have forwarded it. */
export const NEIGHBOR_DISCOVERY_HOP_LIMIT = 255;

/** RFC 4861 10, node constants. */
export const MAX_MULTICAST_SOLICIT = 3;
export const MAX_UNICAST_SOLICIT = 3;
export const MAX_ANYCAST_DELAY_TIME_MS = 1_000;
export const REACHABLE_TIME_MS = 30_000;
export const RETRANS_TIMER_MS = 1_000;
export const DELAY_FIRST_PROBE_TIME_MS = 5_000;
export const MIN_RANDOM_FACTOR = 0.5;
export const MAX_RANDOM_FACTOR = 1.5;

/** ff02::1, every node on the link. */
export const ALL_NODES: Address = parseAddress('ff02::1');

const SOLICITED_NODE_PREFIX = parseAddress('ff02::1:ff00:0');

/** The solicited-node group of an address: its low 24 bits behind ff02::1:ff00:0/104. */
export function solicitedNodeAddress(address: Address): Address {
  const group = Uint8Array.from(SOLICITED_NODE_PREFIX);
  group.set(address.subarray(13), 13);
  return group;
}

/** Whether the address lies in ff02::1:ff00:0/104. */
export function isSolicitedNode(address: Address): boolean {
  for (let i = 0; i < 13; i++) if (address[i] !== SOLICITED_NODE_PREFIX[i]) return false;
  return true;
}
