/**
 * What a service would say of itself if saying were free: cost by the plan or by its own rule,
 * weight on the farm's scale, state and load.
 * @module
 */
import type { Advertisement } from './advertisement.ts';
import { type CostConfig, DRAIN_METRIC } from './config.ts';
import type { FarmMember, FarmMemberState } from './farm-member.ts';
import type { PlanFollower } from './plan-follower.ts';
import type { ServiceLife } from './service-life.ts';
import type { ServiceMeasure } from './service-measure.ts';
import { largestOther, type WeightScale, weightOf, weightScale } from './weight.ts';

/** Where the values come from. */
interface Sources {
  readonly life: ServiceLife;
  readonly measure: ServiceMeasure;
  readonly plan: PlanFollower;
}

export class WantedAdvertisement {
  readonly #config: CostConfig;
  readonly #routerId: number;
  readonly #sources: Sources;
  #largest: FarmMember | undefined;
  #scale: WeightScale | undefined;
  /** A service is eased in when it is new, not when the plan takes it in again. */
  #newUntilMs = Number.NEGATIVE_INFINITY;

  constructor(config: CostConfig, routerId: number, sources: Sources) {
    this.#config = config;
    this.#routerId = routerId;
    this.#sources = sources;
  }

  /** Weight per query per second; undefined while the configured weight is said. */
  get scale(): WeightScale | undefined {
    return this.#scale;
  }

  takeFarm(members: readonly FarmMember[]): void {
    this.#largest = largestOther(members, this.#routerId);
  }

  /** The service is new: it gets a weight of its own and is eased in. */
  restart(nowMs: number): void {
    this.#scale = undefined;
    this.#newUntilMs = nowMs + 1000 * this.#config.rampWindowS;
  }

  /** @param capacity - ours as far as it is believed, queries per second. */
  at(capacity: number | undefined, nowMs: number): Advertisement {
    const { offeredQueriesPerSecond, utilizationRatio, errorRatio } = this.#sources.measure.load;
    const { metric, reason } = this.#cost();
    return {
      metric,
      weight: this.#weight(capacity),
      load: {
        state: this.#memberState(),
        capacityQueriesPerSecond: capacity ?? 0,
        offeredQueriesPerSecond,
        utilizationRatio,
        errorRatio,
        rampWindowS: nowMs < this.#newUntilMs ? this.#config.rampWindowS : 0,
      },
      reason,
    };
  }

  #cost(): { readonly metric: number; readonly reason: string } {
    const { policy, baseMetric, maxMetric } = this.#config;
    const { life, measure, plan } = this.#sources;
    if (life.state === 'DRAINING') return { metric: DRAIN_METRIC, reason: life.reason };
    if (policy !== 'plan') {
      const percent = Math.round(100 * measure.load.utilizationRatio);
      return { metric: measure.ruledMetric, reason: `${policy} at utilization ${percent} %` };
    }
    return { metric: plan.isIn ? baseMetric : maxMetric, reason: plan.reason };
  }

  #weight(capacity: number | undefined): number {
    if (capacity === undefined) {
      this.#scale = undefined;
      return this.#config.weight;
    }
    const scale = weightScale(this.#config, this.#largest, this.#routerId, capacity, this.#scale);
    this.#scale = scale;
    return weightOf(this.#config, capacity, scale);
  }

  #memberState(): FarmMemberState {
    const { state } = this.#sources.life;
    if (state === 'CONGESTED') return 'congested';
    return state === 'DRAINING' ? 'draining' : 'up';
  }
}
