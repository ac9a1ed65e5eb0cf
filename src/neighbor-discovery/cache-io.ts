/**
 * What goes into a router's neighbour cache and what comes out of it.
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { LinkLayerAddress } from './link-layer-address.ts';
import type { Icmpv6Datagram } from './message.ts';
import type { DroppedEvent, TransmitOutput } from './outbox.ts';
import type { ReachabilityState } from './reachability-table.ts';

export type CacheInput =
  /** Look after this service address: find its servers, and keep finding them. */
  | { readonly kind: 'track'; readonly nowMs: number; readonly target: Address }
  | { readonly kind: 'untrack'; readonly nowMs: number; readonly target: Address }
  | ({ readonly kind: 'datagram'; readonly nowMs: number } & Icmpv6Datagram)
  /** A packet was sent to the service (RFC 4861 7.3.3); not needed when use is assumed. */
  | { readonly kind: 'used'; readonly nowMs: number; readonly target: Address }
  /** An upper layer saw an answer (RFC 4861 7.3.1), or a probe did. */
  | {
      readonly kind: 'confirmed';
      readonly nowMs: number;
      readonly target: Address;
      readonly source: Address;
    }
  /** Load information that came by another protocol (rule 17). */
  | {
      readonly kind: 'load';
      readonly nowMs: number;
      readonly target: Address;
      /** The server's address on the link. */
      readonly source: Address;
      /** 1..255. */
      readonly weight: number;
      readonly utilizationRatio?: number;
      readonly draining?: boolean;
      /** How long it counts before advertisements do again; `loadHoldsMs` by default. */
      readonly holdsMs?: number;
    }
  | { readonly kind: 'interface'; readonly nowMs: number; readonly up: boolean }
  | { readonly kind: 'deadline'; readonly nowMs: number };

/** One server that gets queries. */
export interface NeighborNextHop {
  readonly linkLayerAddress: LinkLayerAddress;
  /** The server's address on the link, for routes. */
  readonly address: Address;
  /** 1..255, as advertised. */
  readonly weight: number;
  /** 0 < share <= 1; they add up to 1. */
  readonly share: number;
}

export type CacheEvent =
  | {
      readonly name: 'neighborCacheState';
      readonly target: Address;
      readonly linkLayerAddress: LinkLayerAddress | undefined;
      readonly from: ReachabilityState;
      readonly to: ReachabilityState;
    }
  | {
      readonly name: 'neighborCacheAddress';
      readonly target: Address;
      readonly linkLayerAddress: LinkLayerAddress;
      readonly source: Address;
      readonly change: 'added' | 'removed' | 'current';
      readonly why: AddressChangeReason;
    }
  | DroppedEvent;

export type AddressChangeReason =
  | 'solicited'
  | 'unsolicited'
  | 'unreachable'
  | 'replaced'
  | 'leaving'
  | 'standby'
  | 'untracked'
  | 'linkDown';

export type CacheOutput =
  | TransmitOutput
  /** The servers to spread the service over, whenever they or their shares change. */
  | {
      readonly kind: 'nextHops';
      readonly target: Address;
      readonly nextHops: readonly NeighborNextHop[];
    }
  | { readonly kind: 'event'; readonly event: CacheEvent };

/** How an advertisement fared; one of these for every one that was heard. */
export interface AdvertisementRecord {
  readonly atMs: number;
  readonly target: Address;
  readonly source: Address;
  readonly linkLayerAddress: LinkLayerAddress | undefined;
  readonly solicited: boolean;
  readonly override: boolean;
  /** `accepted`, or the name under which it was discarded. */
  readonly outcome: string;
}
