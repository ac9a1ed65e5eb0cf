/**
 * What goes into an advertising server and what comes out of it.
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { AdvertiserState, AdvertiserTrigger } from './advertiser-table.ts';
import type { AdvertisedState } from './load-option.ts';
import type { Icmpv6Datagram } from './message.ts';
import type { DroppedEvent, TransmitOutput } from './outbox.ts';

/** Load of the service as the server's own control sees it. */
export interface OwnLoad {
  /** Share wanted relative to the other servers', 1..255. */
  readonly weight: number;
  readonly utilizationRatio?: number;
  readonly capacityQueriesPerSecond?: number;
  /** `standby`: not needed now; a solicitation brings the server back (rule 8). */
  readonly state?: 'up' | 'congested' | 'draining' | 'standby';
}

export type AdvertiserInput =
  /** Whether the service process can serve. */
  | { readonly kind: 'service'; readonly nowMs: number; readonly serving: boolean }
  | { readonly kind: 'interface'; readonly nowMs: number; readonly up: boolean }
  | ({ readonly kind: 'load'; readonly nowMs: number } & OwnLoad)
  /** Queries that came since the last such input. */
  | { readonly kind: 'queries'; readonly nowMs: number; readonly count: number }
  | ({ readonly kind: 'datagram'; readonly nowMs: number } & Icmpv6Datagram)
  | { readonly kind: 'deadline'; readonly nowMs: number }
  | { readonly kind: 'stop'; readonly nowMs: number };

export type AdvertiserEvent =
  | {
      readonly name: 'advertiserState';
      readonly from: AdvertiserState;
      readonly to: AdvertiserState;
      readonly on: AdvertiserTrigger;
    }
  | { readonly name: 'advertised'; readonly override: boolean }
  | { readonly name: 'noticed'; readonly state: AdvertisedState }
  | { readonly name: 'answered'; readonly destination: Address }
  | { readonly name: 'turn'; readonly holder: Address }
  | {
      readonly name: 'peer';
      readonly change: 'joined' | 'silent' | 'leaving' | 'standby' | 'draining';
      readonly source: Address;
    }
  | DroppedEvent;

export type AdvertiserOutput =
  | TransmitOutput
  | { readonly kind: 'event'; readonly event: AdvertiserEvent };
