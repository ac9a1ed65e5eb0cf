/**
 * Neighbor Unreachability Detection as a table: the states of RFC 4861 7.3.2 and the transitions of
 * its Appendix C, in the same order, for one link-layer address of a neighbour. `Failed` stands for
 * Appendix C's discarded entry: ours is there because a service is configured, so it is tried again.
 *
 * Appendix C and 7.2.5 differ where Override is clear, the address another and Solicited clear too:
 * the row follows 7.2.5 (Reachable becomes Stale), which is the text that binds.
 * @module
 */

export type ReachabilityState = 'Incomplete' | 'Reachable' | 'Stale' | 'Delay' | 'Probe' | 'Failed';

/** What a Neighbor Advertisement means to an address that is cached (RFC 4861 7.2.5). */
type AdvertisementTrigger =
  | 'solicited' // S=1, for the cached address, or for another one with O=1
  | 'unsolicitedSame' // S=0, the cached address
  | 'unsolicitedOther' // S=0, O=1, another address
  | 'otherWithoutOverride'; // O=0, another address

export type ReachabilityTrigger =
  | AdvertisementTrigger
  | 'resolve' // a packet to send, or a failed entry's next try
  | 'retransmit' // RetransTimer is over and solicitations are left
  | 'exhausted' // RetransTimer is over after the last one
  | 'used' // a packet was sent to the neighbour
  | 'confirmed' // an upper layer knows that it answered
  | 'reachableTimeout'
  | 'delayTimeout'
  | 'silent'; // several addresses: this one's server has not advertised for long

export type ReachabilityAction =
  | 'solicitMulticast'
  | 'solicitUnicast'
  | 'adopt' // record the link-layer address (the entry does, which holds it)
  | 'discard'; // give the address up

export interface ReachabilityRow {
  readonly from: readonly ReachabilityState[];
  readonly on: ReachabilityTrigger;
  readonly to: ReachabilityState;
  readonly act: readonly ReachabilityAction[];
}

const KNOWN = ['Reachable', 'Stale', 'Delay', 'Probe'] as const;

export const REACHABILITY_TABLE: readonly ReachabilityRow[] = [
  { from: ['Failed'], on: 'resolve', to: 'Incomplete', act: ['solicitMulticast'] },
  { from: ['Incomplete'], on: 'retransmit', to: 'Incomplete', act: ['solicitMulticast'] },
  { from: ['Incomplete'], on: 'exhausted', to: 'Failed', act: [] },
  { from: ['Incomplete', 'Failed'], on: 'unsolicitedOther', to: 'Stale', act: ['adopt'] },
  { from: ['Incomplete', 'Failed'], on: 'solicited', to: 'Reachable', act: ['adopt'] },
  { from: KNOWN, on: 'solicited', to: 'Reachable', act: ['adopt'] },
  { from: ['Reachable'], on: 'otherWithoutOverride', to: 'Stale', act: [] },
  { from: KNOWN, on: 'unsolicitedOther', to: 'Stale', act: ['adopt'] },
  { from: KNOWN, on: 'confirmed', to: 'Reachable', act: [] },
  { from: ['Reachable'], on: 'reachableTimeout', to: 'Stale', act: [] },
  { from: ['Stale'], on: 'used', to: 'Delay', act: [] },
  { from: ['Delay'], on: 'delayTimeout', to: 'Probe', act: ['solicitUnicast'] },
  { from: ['Reachable', 'Stale', 'Delay'], on: 'silent', to: 'Probe', act: ['solicitUnicast'] },
  { from: ['Probe'], on: 'retransmit', to: 'Probe', act: ['solicitUnicast'] },
  { from: ['Probe'], on: 'exhausted', to: 'Failed', act: ['discard'] },
];
