/**
 * The classic rules by which a cost follows load, each server for itself. They are here for routers
 * and operators that want one, and as what the farm plan is compared with: under an even split over
 * the least cost all of them overload somebody, because a server that was left looks idle.
 * @module
 */

/**
 * How the metric follows load: `plan` keeps healthy servers at one cost and lets the farm's plan
 * choose who is in; the others are each server's own rule.
 */
export const COST_POLICIES = ['plan', 'static', 'linear', 'revised', 'bands', 'backoff'] as const;
type CostPolicy = (typeof COST_POLICIES)[number];

export interface CostRuleConfig {
  readonly policy: CostPolicy;
  readonly baseMetric: number;
  readonly maxMetric: number;
  /** How often the revised metric looks at the utilization (HNM: 10 s), milliseconds. */
  readonly measurementIntervalMs: number;
  /** How often the other rules do, milliseconds. */
  readonly minLsIntervalMs: number;
  /** Utilizations at which the bands end. */
  readonly bandRatios: readonly [low: number, high: number];
  /** How far below its edge a band is left. */
  readonly bandHysteresisRatio: number;
  /** `backoff` stays in a higher band for this at first, twice as long each time after. */
  readonly rejoinAfterMs: number;
  readonly rejoinAfterMaxMs: number;
}

/** HNM: cost is flat up to here; below, load should not move anything. */
const FLAT_RATIO = 0.5;
/** HNM: a new average is half the sample, half the last average. */
const AVERAGE_RATIO = 0.5;

const clip = (value: number, least: number, greatest: number): number =>
  Math.min(greatest, Math.max(least, value));

/** base + (max − base) × utilization. */
export function linearCost(config: CostRuleConfig, utilizationRatio: number): number {
  const { baseMetric, maxMetric } = config;
  return Math.round(baseMetric + (maxMetric - baseMetric) * clip(utilizationRatio, 0, 1));
}

/**
 * One step of the revised ARPANET metric (Khanna and Zinky 1989) with its brakes: bounded range,
 * limited movement, and no report of a small change. The upward limit is one unit larger than the
 * downward one, so that equal servers march apart instead of together.
 * @param averageRatio - averaged utilization.
 * @param reported - the cost that is advertised.
 */
export function revisedCost(
  config: CostRuleConfig,
  averageRatio: number,
  reported: number,
): number {
  const { baseMetric, maxMetric } = config;
  const slope = (maxMetric - baseMetric) / (1 - FLAT_RATIO);
  const raw = baseMetric + slope * Math.max(0, averageRatio - FLAT_RATIO);
  const halfHop = baseMetric / 2;
  const limited = clip(raw, reported - halfHop, reported + halfHop + 1);
  const cost = Math.round(clip(limited, baseMetric, maxMetric));
  const isSmall = Math.abs(cost - reported) < halfHop - 1;
  const isAtEnd = cost === baseMetric || cost === maxMetric;
  return isSmall && !isAtEnd ? reported : cost;
}

/** The band of a utilization, 0..2; a band is left downwards only below its edge less hysteresis. */
export function bandOf(config: CostRuleConfig, utilizationRatio: number, band: number): number {
  const [low, high] = config.bandRatios;
  const above = (edge: number, isIn: boolean): boolean =>
    utilizationRatio >= (isIn ? edge - config.bandHysteresisRatio : edge);
  if (above(high, band >= 2)) return 2;
  return above(low, band >= 1) ? 1 : 0;
}

/** HNM: a new link starts at its greatest cost and eases in. */
const firstMetric = ({ policy, maxMetric, baseMetric }: CostRuleConfig): number =>
  policy === 'revised' ? maxMetric : baseMetric;

/** A server's cost by one rule over time. */
export class CostRule {
  readonly #config: CostRuleConfig;
  #metric: number;
  #average: number | undefined;
  #band = 0;
  #rejoinMs = 0;
  #rejoinAfterMs: number;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(config: CostRuleConfig) {
    this.#config = config;
    this.#rejoinAfterMs = config.rejoinAfterMs;
    this.#metric = firstMetric(config);
  }

  get metric(): number {
    return this.#metric;
  }

  /** Takes the utilization in; looks at it once per interval. */
  take(utilizationRatio: number, nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    const { policy, measurementIntervalMs, minLsIntervalMs } = this.#config;
    this.#nextMs = nowMs + (policy === 'revised' ? measurementIntervalMs : minLsIntervalMs);
    switch (policy) {
      case 'linear':
        this.#metric = linearCost(this.#config, utilizationRatio);
        break;
      case 'revised':
        this.#average =
          AVERAGE_RATIO * utilizationRatio +
          (1 - AVERAGE_RATIO) * (this.#average ?? utilizationRatio);
        this.#metric = revisedCost(this.#config, this.#average, this.#metric);
        break;
      case 'bands':
      case 'backoff':
        this.#takeBand(bandOf(this.#config, utilizationRatio, this.#band), nowMs);
        break;
      case 'plan':
      case 'static':
        break;
    }
  }

  /** Forgets the utilization, as before the first one. */
  forget(): void {
    this.#metric = firstMetric(this.#config);
    this.#average = undefined;
    this.#band = 0;
    this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  #takeBand(band: number, nowMs: number): void {
    const { policy, rejoinAfterMs, rejoinAfterMaxMs, baseMetric, maxMetric } = this.#config;
    if (policy === 'backoff' && band < this.#band && nowMs < this.#rejoinMs) return;
    if (band > this.#band) {
      // Long quiet before it rose again: the back-off starts anew.
      const wasQuiet = nowMs > this.#rejoinMs + rejoinAfterMaxMs;
      if (wasQuiet) this.#rejoinAfterMs = rejoinAfterMs;
      this.#rejoinMs = nowMs + this.#rejoinAfterMs;
      this.#rejoinAfterMs = Math.min(rejoinAfterMaxMs, 2 * this.#rejoinAfterMs);
    }
    this.#band = band;
    this.#metric = Math.round(baseMetric + (band * (maxMetric - baseMetric)) / 2);
  }
}
