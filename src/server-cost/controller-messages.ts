/**
 * What goes into a service's controller and what comes out.
 * @module
 */
import type { AdvertisedLoad, Advertisement } from './advertisement.ts';
import type { DrainProgress } from './drain.ts';
import type { FarmMember } from './farm-member.ts';
import type { LoadSample } from './load-sample.ts';
import type { ServiceState } from './state-table.ts';

export type ControllerCommand = 'drain' | 'undrain' | 'disable' | 'enable';

export type ControllerInput =
  | { readonly kind: 'sample'; readonly nowMs: number; readonly sample: LoadSample }
  /** The result of one check of the service. */
  | {
      readonly kind: 'liveness';
      readonly nowMs: number;
      readonly alive: boolean;
      readonly reason: string;
    }
  /** Every server that tells of the service and can be reached, ourselves among them. */
  | {
      readonly kind: 'farm';
      readonly nowMs: number;
      readonly members: readonly FarmMember[];
      readonly allRoutersUseWeights: boolean;
    }
  | { readonly kind: 'command'; readonly nowMs: number; readonly command: ControllerCommand }
  /** Somebody asked for the service's address. */
  | { readonly kind: 'solicited'; readonly nowMs: number }
  /** Another server said something of the service. */
  | { readonly kind: 'peerAdvertised'; readonly nowMs: number }
  | { readonly kind: 'deadline'; readonly nowMs: number };

export type ControllerOutput =
  | { readonly kind: 'advertise'; readonly advertisement: Advertisement }
  | { readonly kind: 'withdraw'; readonly reason: string }
  /** Withdraws the route, and tells the others that it stands by and what it could do. */
  | {
      readonly kind: 'standBy';
      readonly weight: number;
      readonly load: AdvertisedLoad;
      readonly reason: string;
    }
  | {
      readonly kind: 'state';
      readonly from: ServiceState;
      readonly to: ServiceState;
      readonly reason: string;
    }
  /** Out by the plan and without queries: put this load on the service, so that samples show what
   * it can do. Whoever cannot may ignore it. */
  | { readonly kind: 'selfTest'; readonly queriesPerSecond: number; readonly durationMs: number }
  /** Our cost changed direction too often. */
  | {
      readonly kind: 'oscillation';
      readonly directionChanges: number;
      /** How long cost is held from now on, milliseconds. */
      readonly holdDownMs: number;
    };

/** What is known at one moment. */
export interface ControllerStatus {
  readonly state: ServiceState;
  /** When the state was entered; undefined while nothing has happened. */
  readonly stateSinceMs: number | undefined;
  readonly stateReason: string;
  /** The result of the last check; undefined before the first. */
  readonly alive: boolean | undefined;
  readonly advertisement: Advertisement | undefined;
  /** Queries per second; undefined while not known. */
  readonly capacityQueriesPerSecond: number | undefined;
  readonly offeredQueriesPerSecond: number;
  readonly utilizationRatio: number;
  readonly errorRatio: number;
  readonly inFlight: number;
  /** A drain that is wanted or under way. */
  readonly drain: DrainProgress | undefined;
  /** Direction changes of the cost lately. */
  readonly directionChanges: number;
  /** Events that the state did not know, so far. */
  readonly illegalEvents: number;
  /** Samples that could not be true, so far. */
  readonly unsoundSamples: number;
}
