/**
 * What a server says of a service, and when a change is worth an LSA. A server at rest says
 * nothing: every change must pass a gate, and chance alone does not open one.
 * @module
 */
import type { CostConfig } from './config.ts';
import type { FarmMemberState } from './farm-member.ts';

/** What is told of a service beside its cost and weight. */
export interface AdvertisedLoad {
  readonly state: FarmMemberState;
  /** 0 while not known. */
  readonly capacityQueriesPerSecond: number;
  readonly offeredQueriesPerSecond: number;
  readonly utilizationRatio: number;
  readonly errorRatio: number;
  readonly rampWindowS: number;
}

export interface Advertisement {
  /** 1..65535. */
  readonly metric: number;
  /** 1..255. */
  readonly weight: number;
  readonly load: AdvertisedLoad;
  /** Why these values, in words. */
  readonly reason: string;
}

/** What is uncertain about the wanted values. */
export interface Noise {
  /** By how much offered load strays by chance, one standard deviation, queries per second. */
  readonly offeredDeviation: number;
  /** By how much capacity may be off by chance, one standard deviation, as a part of it. */
  readonly capacityDeviationRatio: number;
  /** Whether a change of capacity is being measured, so that news of it will come. */
  readonly isSettling: boolean;
  /** Whether a plan decides by capacities, and not weights alone. */
  readonly isExact: boolean;
}

/** A change that is worth an LSA. */
export interface Change {
  /** `now` is said at once, `soon` when MinLSInterval has passed since the last time, `quietly`
   * then and behind other servers' news. */
  readonly pace: 'now' | 'soon' | 'quietly';
  /** How long it must have lasted before it is said, milliseconds. */
  readonly lastingMs?: number;
  readonly reason: string;
}

/** Averages stray, both the one that was said and the present one: the gate for offered load opens
 * beyond four standard deviations of their difference. */
const LOAD_SIGMAS = 4 * Math.SQRT2;
/** The gate for capacity opens beyond two standard deviations of such a difference. */
const CAPACITY_SIGMAS = 2 * Math.SQRT2;
/** A plan decides by capacities who is in, so it is told of more, at the price of some noise. */
const EXACT_CAPACITY_SIGMAS = 2;

const off = (wanted: number, said: number): number => Math.abs(wanted - said) / Math.max(said, 1);
const rounded = (queriesPerSecond: number): string => `${Math.round(queriesPerSecond)} q/s`;

/**
 * What is off by less than a change that is found at once has drifted, and may be a great one that
 * begins: said now, MinLSInterval would hold back what matters.
 */
function driftOf(config: CostConfig, ratio: number, reason: string): Change {
  if (ratio >= config.changeRatio) return { pace: 'soon', reason };
  const pace = ratio >= config.weightChangeRatio ? 'soon' : 'quietly';
  return { pace, lastingMs: 2 * config.changeWindowMs, reason };
}

/**
 * The first change between what was said and what is wanted that is worth an LSA.
 * @param saidForMs - for how long it has been said.
 */
export function changeWorthTelling(
  config: CostConfig,
  said: Advertisement,
  wanted: Advertisement,
  saidForMs: number,
  noise: Noise,
): Change | undefined {
  const stateReason = `state ${said.load.state} to ${wanted.load.state}`;
  const isDrain = [said.load.state, wanted.load.state].includes('draining');
  if (wanted.load.state !== said.load.state && isDrain) {
    return { pace: 'now', reason: stateReason };
  }
  if (wanted.metric !== said.metric) {
    return { pace: 'now', reason: `cost ${said.metric} to ${wanted.metric}: ${wanted.reason}` };
  }
  const capacity = wanted.load.capacityQueriesPerSecond;
  const saidCapacity = said.load.capacityQueriesPerSecond;
  if (capacity > 0 !== saidCapacity > 0) {
    const reason = capacity > 0 ? `capacity known: ${rounded(capacity)}` : 'capacity not known';
    return { pace: 'soon', reason };
  }
  const refining = saidForMs >= config.refineIntervalMs;
  const sigmas = noise.isExact ? EXACT_CAPACITY_SIGMAS : CAPACITY_SIGMAS;
  const chance = sigmas * noise.capacityDeviationRatio;
  const gate = Math.max(refining ? config.refineRatio : config.weightChangeRatio, chance);
  // Small news now would make MinLSInterval hold the great news that is about to come.
  if (noise.isSettling) return undefined;
  const weightOff = Math.abs(wanted.weight - said.weight);
  if (weightOff >= 1 && weightOff / said.weight >= gate) {
    const reason = `weight ${said.weight} to ${wanted.weight}, capacity ${rounded(capacity)}`;
    return driftOf(config, weightOff / said.weight, reason);
  }
  const capacityOff = off(capacity, saidCapacity);
  if (capacity > 0 && capacityOff >= Math.max(config.weightChangeRatio, chance)) {
    return driftOf(
      config,
      capacityOff,
      `capacity ${rounded(saidCapacity)} to ${rounded(capacity)}`,
    );
  }
  const offered = wanted.load.offeredQueriesPerSecond;
  const offeredOff = Math.abs(offered - said.load.offeredQueriesPerSecond);
  const offeredGate = Math.max(
    config.loadChangeRatio * capacity,
    LOAD_SIGMAS * noise.offeredDeviation,
  );
  if (capacity > 0 && offeredOff >= offeredGate) {
    return { pace: 'quietly', reason: `offered load ${rounded(offered)}` };
  }
  // Congestion follows from the load: it is told along with other news, or once a minute.
  if (wanted.load.state !== said.load.state && refining) {
    return { pace: 'quietly', reason: stateReason };
  }
  return undefined;
}
