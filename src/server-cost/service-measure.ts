/**
 * What the load samples of one service add up to: its capacity and from when to when that is
 * believed, its load, whether it is congested, and the cost that a rule of its own makes of it.
 * @module
 */
import type { Noise } from './advertisement.ts';
import { CapacityEstimate } from './capacity-estimate.ts';
import type { CostConfig } from './config.ts';
import { CostRule } from './cost-rule.ts';
import { LoadAverage } from './load-average.ts';
import { isSound, type LoadSample } from './load-sample.ts';
import type { OwnCapacity } from './plan-follower.ts';

/** What a sample was good for. */
export type SampleUse =
  /** It cannot be true and was not taken. */
  | 'unsound'
  /** It told of our own queries: of what we can do, and nothing of what is offered. */
  | 'capacity'
  | 'load';

/** How hard the service is pressed, and by what that is told. */
export interface Pressure {
  /** `between` is too little to be called congested, and too much to be called relieved. */
  readonly level: 'congested' | 'between' | 'relieved';
  readonly reason: string;
}

/** The most that a service ever did is what it did beyond so many standard deviations of doubt. */
const PEAK_SIGMAS = 2;

export class ServiceMeasure {
  readonly #config: CostConfig;
  readonly #capacity: CapacityEstimate;
  readonly #load: LoadAverage;
  readonly #rule: CostRule;
  #peakQueriesPerSecond = 0;
  #isHot = false;
  #isLoadKnown = false;
  #unsoundSamples = 0;

  constructor(config: CostConfig) {
    this.#config = config;
    this.#capacity = new CapacityEstimate(config);
    this.#load = new LoadAverage(config.loadTimeConstantMs, config.congestionTimeConstantMs);
    this.#rule = new CostRule(config);
  }

  get capacity(): Pick<
    CapacityEstimate,
    'queriesPerSecond' | 'sinceMs' | 'lastSampleMs' | 'settlingSinceMs'
  > {
    return this.#capacity;
  }

  get load(): Omit<LoadAverage, 'add' | 'skip' | 'clear'> {
    return this.#load;
  }

  /** The cost by the configured rule, 1..65535; means nothing where the farm plan decides. */
  get ruledMetric(): number {
    return this.#rule.metric;
  }

  /** Samples that could not be true, so far. */
  get unsoundSamples(): number {
    return this.#unsoundSamples;
  }

  /**
   * @param isExact - see {@link CapacityEstimate.add}.
   * @param isSelfTest - whether the queries are our own.
   */
  take(sample: LoadSample, isExact: boolean, isSelfTest: boolean, nowMs: number): SampleUse {
    if (!isSound(sample)) {
      this.#unsoundSamples++;
      return 'unsound';
    }
    this.#capacity.add(sample, isExact);
    if (isSelfTest) {
      this.#load.skip(sample);
      return 'capacity';
    }
    this.#load.add(sample);
    this.#rule.take(this.#load.utilizationRatio, nowMs);
    this.#isHot = sample.hot === true;
    this.#isLoadKnown = true;
    return 'load';
  }

  /** Hot goes before utilization: what cannot keep up is congested, however idle it looks. */
  pressure(): Pressure {
    if (this.#isHot) return { level: 'congested', reason: 'hot' };
    const { congestedRatio, relievedRatio } = this.#config;
    const utilization = this.#load.longUtilizationRatio;
    const reason = `utilization ${Math.round(100 * utilization)} %`;
    if (utilization >= congestedRatio) return { level: 'congested', reason };
    return { level: utilization < relievedRatio ? 'relieved' : 'between', reason };
  }

  /** Our capacity, queries per second, once the blackout is over and until it expires. */
  believedCapacity(nowMs: number): number | undefined {
    const span = this.#belief();
    const isBelieved = span !== undefined && nowMs >= span.fromMs && nowMs < span.untilMs;
    return isBelieved ? this.#capacity.queriesPerSecond : undefined;
  }

  /** When capacity begins or ceases to be believed without another sample; `Infinity` for never. */
  beliefChangesMs(nowMs: number): number {
    const span = this.#belief();
    if (span === undefined || nowMs >= span.untilMs) return Number.POSITIVE_INFINITY;
    return nowMs < span.fromMs ? Math.min(span.fromMs, span.untilMs) : span.untilMs;
  }

  /**
   * Forgets the load, and all that was made of it, when no sample has come for the expiry.
   * @returns whether it was known until now.
   */
  expireLoad(nowMs: number): boolean {
    if (!this.#isLoadKnown || nowMs < this.loadExpiresMs) return false;
    this.#forgetLoad();
    return true;
  }

  /** When that will be if no sample comes; `Infinity` while no load is known. */
  get loadExpiresMs(): number {
    const { lastSampleMs } = this.#capacity;
    const isKnown = this.#isLoadKnown && lastSampleMs !== undefined;
    return isKnown ? lastSampleMs + this.#config.expiryMs : Number.POSITIVE_INFINITY;
  }

  /**
   * What the farm plan is told of us; the peak takes the present capacity in.
   * @param capacity - {@link believedCapacity}.
   */
  ownCapacity(capacity: number | undefined): OwnCapacity {
    const surely = (capacity ?? 0) * (1 - PEAK_SIGMAS * this.#capacity.deviationRatio);
    this.#peakQueriesPerSecond = Math.max(this.#peakQueriesPerSecond, surely);
    return {
      queriesPerSecond: capacity,
      peakQueriesPerSecond: this.#peakQueriesPerSecond,
      measuredAtMs: this.#capacity.measuredAtMs,
    };
  }

  /** @param isExact - whether a plan decides by capacities. */
  noise(isExact: boolean): Noise {
    return {
      offeredDeviation: this.#load.offeredDeviation,
      capacityDeviationRatio: this.#capacity.deviationRatio,
      isSettling: this.#capacity.settlingSinceMs !== undefined,
      isExact,
    };
  }

  /** A service that comes back may be another one: nothing is carried over. */
  forget(): void {
    this.#capacity.clear();
    this.#peakQueriesPerSecond = 0;
    this.#forgetLoad();
  }

  #forgetLoad(): void {
    this.#load.clear();
    this.#rule.forget();
    this.#isHot = false;
    this.#isLoadKnown = false;
  }

  #belief(): { readonly fromMs: number; readonly untilMs: number } | undefined {
    const { sinceMs, lastSampleMs } = this.#capacity;
    if (sinceMs === undefined || lastSampleMs === undefined) return undefined;
    const { blackoutMs, expiryMs } = this.#config;
    return { fromMs: sinceMs + blackoutMs, untilMs: lastSampleMs + expiryMs };
  }
}
