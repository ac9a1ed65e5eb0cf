/**
 * One run of the reachability table: a state, the timer that belongs to it, and the solicitations
 * sent in it (RFC 4861 7.3.3).
 * @module
 */
import type { Prng } from '../prng.ts';
import {
  DELAY_FIRST_PROBE_TIME_MS,
  MAX_MULTICAST_SOLICIT,
  MAX_RANDOM_FACTOR,
  MAX_UNICAST_SOLICIT,
  MIN_RANDOM_FACTOR,
  REACHABLE_TIME_MS,
  RETRANS_TIMER_MS,
} from './constants.ts';
import {
  REACHABILITY_TABLE,
  type ReachabilityAction,
  type ReachabilityState,
  type ReachabilityTrigger,
} from './reachability-table.ts';

/** The node and host variables of RFC 4861 6.3.2 and 10 that may be set. */
export interface ReachabilityTiming {
  readonly baseReachableTimeMs: number;
  readonly retransTimerMs: number;
  readonly delayFirstProbeTimeMs: number;
  readonly maxMulticastSolicit: number;
  readonly maxUnicastSolicit: number;
  /** After which a failed resolution is tried again. */
  readonly retryMs: number;
}

export const REACHABILITY_DEFAULTS: ReachabilityTiming = {
  baseReachableTimeMs: REACHABLE_TIME_MS,
  retransTimerMs: RETRANS_TIMER_MS,
  delayFirstProbeTimeMs: DELAY_FIRST_PROBE_TIME_MS,
  maxMulticastSolicit: MAX_MULTICAST_SOLICIT,
  maxUnicastSolicit: MAX_UNICAST_SOLICIT,
  retryMs: 5_000,
};

export class Reachability {
  readonly #timing: ReachabilityTiming;
  readonly #prng: Prng;
  #state: ReachabilityState;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #solicitations = 0;

  constructor(timing: ReachabilityTiming, prng: Prng, state: ReachabilityState = 'Failed') {
    this.#timing = timing;
    this.#prng = prng;
    this.#state = state;
  }

  get state(): ReachabilityState {
    return this.#state;
  }

  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** What the timer of the present state means once it is over. */
  get timeout(): ReachabilityTrigger {
    switch (this.#state) {
      case 'Reachable':
        return 'reachableTimeout';
      case 'Delay':
        return 'delayTimeout';
      case 'Failed':
        return 'resolve';
      case 'Incomplete':
        return this.#solicitations < this.#timing.maxMulticastSolicit ? 'retransmit' : 'exhausted';
      default:
        return this.#solicitations < this.#timing.maxUnicastSolicit ? 'retransmit' : 'exhausted';
    }
  }

  /** @returns the actions of the row that fits, or undefined when none does and nothing changed. */
  fire(on: ReachabilityTrigger, nowMs: number): readonly ReachabilityAction[] | undefined {
    const row = REACHABILITY_TABLE.find(
      (candidate) => candidate.on === on && candidate.from.includes(this.#state),
    );
    if (!row) return undefined;
    if (row.to !== this.#state) this.#solicitations = 0;
    this.#state = row.to;
    if (row.to === 'Incomplete' || row.to === 'Probe') this.#solicitations++;
    this.#deadlineMs = nowMs + this.#stayMs();
    return row.act;
  }

  #stayMs(): number {
    const timing = this.#timing;
    switch (this.#state) {
      case 'Incomplete':
      case 'Probe':
        return timing.retransTimerMs;
      case 'Reachable': // 6.3.2: random, lest all nodes probe at once
        return (
          timing.baseReachableTimeMs * this.#prng.between(MIN_RANDOM_FACTOR, MAX_RANDOM_FACTOR)
        );
      case 'Delay':
        return timing.delayFirstProbeTimeMs;
      case 'Failed':
        return timing.retryMs;
      case 'Stale':
        return Number.POSITIVE_INFINITY;
    }
  }
}
