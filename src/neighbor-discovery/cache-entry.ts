/**
 * What a router knows of one service address on a link: the servers that advertised it, each with
 * its link-layer address, load and reachability. Plain values and how they are shown.
 * @module
 */
import { type Address, formatAddress } from '../wire/address.ts';
import { formatLinkLayerAddress, type LinkLayerAddress } from './link-layer-address.ts';
import type { AdvertisedState } from './load-option.ts';
import type { Reachability } from './reachability.ts';
import type { ReachabilityState } from './reachability-table.ts';

/** Why an address has the share it has. */
export type ShareReason =
  | 'current' // the one address of an entry in single mode
  | 'replaced' // another address has taken its place there
  | 'weighted'
  | 'equal'
  | 'leastLoad'
  | 'moreLoaded'
  | 'draining';

/** One server behind a service address. */
export interface CachedAddress {
  readonly linkLayerAddress: LinkLayerAddress;
  /** From which it advertises: the next hop of routes to it. */
  source: Address;
  /** The R flag of its last advertisement. */
  router: boolean;
  reachability: Reachability;
  readonly firstHeardAtMs: number;
  /** Last advertisement or confirmation. */
  heardAtMs: number;
  /** Advertisements heard for this address. */
  advertisements: number;
  weight: number;
  utilizationRatio: number | undefined;
  state: AdvertisedState;
  /** Until then load that came by another protocol counts, and not the advertisements'. */
  loadHoldsUntilMs: number;
  /** Share of the queries, 0..1. */
  share: number;
  reason: ShareReason;
}

/** A cached address as it is shown. */
export interface CachedAddressSummary {
  readonly linkLayerAddress: string;
  readonly source: string;
  readonly state: ReachabilityState;
  readonly advertisedState: AdvertisedState;
  readonly router: boolean;
  readonly ageMs: number;
  readonly heardMsAgo: number;
  readonly advertisements: number;
  readonly weight: number;
  readonly utilizationRatio: number | undefined;
  readonly share: number;
  readonly reason: ShareReason;
}

/** An entry as it is shown. */
export interface CacheEntrySummary {
  readonly target: string;
  /** RFC 4861 7.3.2; in multiple mode that of the address that is best off. */
  readonly state: ReachabilityState;
  readonly addresses: readonly CachedAddressSummary[];
}

export function summaryOf(address: CachedAddress, nowMs: number): CachedAddressSummary {
  return {
    linkLayerAddress: formatLinkLayerAddress(address.linkLayerAddress),
    source: formatAddress(address.source),
    state: address.reachability.state,
    advertisedState: address.state,
    router: address.router,
    ageMs: nowMs - address.firstHeardAtMs,
    heardMsAgo: nowMs - address.heardAtMs,
    advertisements: address.advertisements,
    weight: address.weight,
    utilizationRatio: address.utilizationRatio,
    share: address.share,
    reason: address.reason,
  };
}
