/**
 * Every constant by which load becomes cost and weight, with where it comes from. "Envoy" is
 * client_side_weighted_round_robin.proto; "HNM" is Khanna and Zinky, The Revised ARPANET Routing
 * Metric, SIGCOMM 1989.
 * @module
 */
import { COST_POLICIES, type CostRuleConfig } from './cost-rule.ts';
import type { DrainConfig } from './drain.ts';
import type { OscillationConfig } from './oscillation.ts';
import type { FollowerConfig } from './plan-follower.ts';
import type { StandbyConfig } from './standby.ts';

export { COST_POLICIES } from './cost-rule.ts';

export interface CostConfig
  extends FollowerConfig,
    OscillationConfig,
    CostRuleConfig,
    DrainConfig,
    StandbyConfig {
  /** Weight while the capacity is not known, 1..255. */
  readonly weight: number;
  /** Keeps the weight within half and twice the configured one. */
  readonly clampToConfigured: boolean;
  /**
   * Queries per second that one unit of weight stands for, the same on every server of the farm.
   * Without it the farm agrees on a scale by itself: that of its largest member.
   */
  readonly queriesPerSecondPerWeight?: number;

  /** Time constant over which capacity is averaged while it is steady, milliseconds. */
  readonly capacityTimeConstantMs: number;
  /** Window in which a change of capacity is looked for, milliseconds; a change is believed when
   * it was measured for so long, or half of that where only weights follow from it. */
  readonly changeWindowMs: number;
  /** How far (as a ratio) the window must be off the average to be a change, above 0. */
  readonly changeRatio: number;
  /** Time constant of the utilization and of the offered load that are told, milliseconds. */
  readonly loadTimeConstantMs: number;
  /** Below this utilization capacity cannot be told from a sample; the last one is kept. */
  readonly leastUtilizationRatio: number;
  /** Utilization that the service shows when it serves nobody. */
  readonly idleUtilizationRatio: number;
  /** Utilization added per error per query (Envoy's error_utilization_penalty). */
  readonly errorPenalty: number;

  /** A change of weight that is told as soon as MinLSInterval allows. */
  readonly weightChangeRatio: number;
  /** A lasting smaller change of weight that is told after {@link refineIntervalMs}. */
  readonly refineRatio: number;
  readonly refineIntervalMs: number;
  /** A change of offered load, as a part of capacity, that is told. */
  readonly loadChangeRatio: number;
  /** How long a new reporter is not believed (Envoy's blackout_period), milliseconds. */
  readonly blackoutMs: number;
  /** How long capacity and load are believed without samples (Envoy's weight_expiration), milliseconds. */
  readonly expiryMs: number;
  /** Seconds over which routers ease the server in, 0..65535. */
  readonly rampWindowS: number;
  /** Least time between two things said, milliseconds (RFC 2328 MinLSInterval). */
  readonly minLsIntervalMs: number;

  /** How often in a row a service must be seen alive before it is up, and dead before it is down. */
  readonly riseCount: number;
  readonly fallCount: number;
  /** Time constant of the utilization by which congestion is judged, milliseconds. */
  readonly congestionTimeConstantMs: number;
  /** Averaged utilization from which a service is congested, and below which it no longer is. */
  readonly congestedRatio: number;
  readonly relievedRatio: number;
  /** A change of load is said so long after another server said something, milliseconds. */
  readonly peerDeferMs: number;

  /** Metric of a loaded server at most, and of one that the plan leaves out; above the base, which
   * is the same on every server of the farm; up to 65534. */
  readonly maxMetric: number;
}

/** Metric of a server that drains: used only when there is nobody else (RFC 6987 2, MaxLinkMetric). */
export const DRAIN_METRIC = 0xffff;

export const COST_DEFAULTS: CostConfig = {
  weight: 100,
  clampToConfigured: false,
  capacityTimeConstantMs: 60_000, // chance stays below refineRatio: 1.7 % at 60 queries/s
  changeWindowMs: 1500, // a halved capacity is told within 2 s
  changeRatio: 0.25,
  loadTimeConstantMs: 3000, // 2 to 5 s is what congestion control over reports bears
  leastUtilizationRatio: 0.05,
  idleUtilizationRatio: 0,
  errorPenalty: 1, // Envoy
  weightChangeRatio: 0.1,
  refineRatio: 0.05,
  refineIntervalMs: 60_000, // one LSA a minute is what a steady server may cost
  loadChangeRatio: 0.1,
  blackoutMs: 10_000, // Envoy
  expiryMs: 180_000, // Envoy
  rampWindowS: 30,
  minLsIntervalMs: 5000, // RFC 2328 appendix B
  riseCount: 1,
  fallCount: 1, // probes that know better count for themselves
  congestionTimeConstantMs: 10_000,
  congestedRatio: 0.9,
  relievedRatio: 0.8,
  drainTimeoutMs: 60_000,
  peerDeferMs: 1000, // flooding takes 0.3 s: by then the other's news is in
  standbyAfterMs: 0, // falling silent has to be asked for
  standbyJitterMs: 3000, // ten flooding times
  minimumActive: 2,
  wakeRatio: 0.7, // as in autoscaling: room for the time that waking takes
  policy: 'plan',
  baseMetric: 10,
  planUtilizationRatio: 0.95,
  planOverloadGainRatio: 0.02, // below, noise of the offered load would move the set
  planUtilizationGain: 0.1,
  minimumInSet: 1, // whoever is left out still stands behind the others at a higher cost
  panicRatio: 0.5, // Envoy's healthy_panic_threshold
  planQuietMs: 500, // flooding takes 0.3 s
  planLatestMs: 3000,
  planSettleMs: 10_000, // two MinLSIntervals: everybody has told of the new load
  holdDownMs: 10_000,
  selfTestIntervalMs: 60_000,
  selfTestMs: 6000,
  selfTestRatio: 0.4, // 128 queries, enough to be sure, within half a test at 60 queries/s
  trialAfterMs: 60_000,
  trialAfterMaxMs: 3_600_000,
  trialMs: 10_000,
  oscillationChanges: 4,
  oscillationWindowMs: 60_000,
  holdDownRatioMax: 32, // ten seconds become five minutes, as route-flap damping's shortest cap
  measurementIntervalMs: 10_000, // HNM
  bandRatios: [0.6, 0.85],
  bandHysteresisRatio: 0.1,
  rejoinAfterMs: 30_000,
  rejoinAfterMaxMs: 300_000,
  maxMetric: 30, // HNM: a link is never worth more than three times its idle cost
};

type Field = keyof CostConfig;

/** Least and greatest value of each number. */
const RANGES: Partial<Record<Field, readonly [least: number, greatest: number]>> = {
  weight: [1, 255],
  queriesPerSecondPerWeight: [1e-6, 1e9],
  capacityTimeConstantMs: [1, 3_600_000],
  changeWindowMs: [1, 60_000],
  changeRatio: [0.01, 10],
  loadTimeConstantMs: [1, 3_600_000],
  leastUtilizationRatio: [0.001, 1],
  idleUtilizationRatio: [0, 0.99],
  errorPenalty: [0, 100],
  weightChangeRatio: [0, 10],
  refineRatio: [0, 10],
  refineIntervalMs: [0, 86_400_000],
  loadChangeRatio: [0.001, 10],
  blackoutMs: [0, 3_600_000],
  expiryMs: [1000, 86_400_000],
  rampWindowS: [0, 0xffff],
  minLsIntervalMs: [1000, 3_600_000],
  riseCount: [1, 1000],
  fallCount: [1, 1000],
  congestionTimeConstantMs: [1, 3_600_000],
  congestedRatio: [0.01, 10],
  relievedRatio: [0.01, 10],
  drainTimeoutMs: [0, 86_400_000],
  planUtilizationRatio: [0.1, 1],
  planOverloadGainRatio: [0, 1],
  planUtilizationGain: [0, 1],
  minimumInSet: [1, 65_535],
  panicRatio: [0, 1],
  planQuietMs: [0, 60_000],
  planLatestMs: [0, 600_000],
  planSettleMs: [0, 600_000],
  holdDownMs: [0, 3_600_000],
  selfTestIntervalMs: [0, 86_400_000],
  selfTestMs: [100, 600_000],
  selfTestRatio: [0.01, 1],
  trialAfterMs: [1000, 86_400_000],
  trialAfterMaxMs: [1000, 864_000_000],
  trialMs: [1000, 600_000],
  oscillationChanges: [1, 1000],
  oscillationWindowMs: [1000, 3_600_000],
  holdDownRatioMax: [1, 1000],
  measurementIntervalMs: [100, 3_600_000],
  bandHysteresisRatio: [0, 1],
  rejoinAfterMs: [0, 3_600_000],
  rejoinAfterMaxMs: [0, 86_400_000],
  peerDeferMs: [0, 60_000],
  standbyAfterMs: [0, 86_400_000],
  standbyJitterMs: [0, 600_000],
  minimumActive: [1, 65_535],
  wakeRatio: [0.01, 10],
  baseMetric: [1, 0xfffd],
  maxMetric: [2, 0xfffe],
};
const INTEGERS: readonly Field[] = [
  'weight',
  'rampWindowS',
  'riseCount',
  'fallCount',
  'minimumInSet',
  'minimumActive',
  'oscillationChanges',
  'baseMetric',
  'maxMetric',
];

/** @throws {RangeError} naming the first field that cannot be. */
export function checkCostConfig(config: CostConfig): void {
  for (const [name, range] of Object.entries(RANGES)) {
    const [least, greatest] = range;
    const value = config[name as Field];
    if (name === 'queriesPerSecondPerWeight' && value === undefined) continue;
    if (typeof value !== 'number' || !(value >= least && value <= greatest)) {
      throw new RangeError(`${name}: found ${value}, allowed is ${least}..${greatest}`);
    }
    if (INTEGERS.includes(name as Field) && !Number.isInteger(value)) {
      throw new RangeError(`${name}: found ${value}, allowed are whole numbers`);
    }
  }
  if (config.maxMetric <= config.baseMetric) {
    throw new RangeError(`maxMetric: found ${config.maxMetric}, allowed is above baseMetric`);
  }
  if (config.relievedRatio > config.congestedRatio) {
    throw new RangeError(`relievedRatio: found ${config.relievedRatio}, above congestedRatio`);
  }
  const [low, high] = config.bandRatios;
  if (!(low > 0 && low < high)) {
    throw new RangeError(`bandRatios: found ${low}, ${high}, allowed is 0 < low < high`);
  }
  if (!COST_POLICIES.includes(config.policy)) {
    throw new RangeError(`policy: found ${config.policy}, allowed are ${COST_POLICIES.join(', ')}`);
  }
}
