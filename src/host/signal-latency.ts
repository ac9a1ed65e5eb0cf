/**
 * The latency of a check against its own baseline: the service is hot when the median of the last
 * looks is far above what it takes in good times. Costs one query per look. It lies when the query
 * is answered from a cache or by another thread than real ones, and adapts to a service that is
 * slow for hours.
 * @module
 */
import type { LivenessSignal, LoadReading, LoadSignal } from './load-signal.ts';

export interface LatencyLimits {
  /** Hot from so many times the baseline, above 1. */
  readonly hotFactor: number;
  /** And at least so much above it, milliseconds, so that jitter of short times is not heat. */
  readonly hotMarginMs: number;
}

/** Looks whose median counts. */
const WINDOW = 5;
/** The baseline falls at once and rises so slowly: twofold in 700 looks. */
const RISE_PER_LOOK = 1.001;

export class LatencySignal implements LoadSignal {
  readonly name: string;
  readonly #probe: LivenessSignal;
  readonly #limits: LatencyLimits;
  #window: number[] = [];
  #baselineMs: number | undefined;

  constructor(probe: LivenessSignal, limits: LatencyLimits) {
    this.#probe = probe;
    this.#limits = limits;
    this.name = `latency of ${probe.name}`;
  }

  async look(): Promise<LoadReading> {
    const { latencyMs, reason } = await this.#probe.look();
    if (latencyMs === undefined) throw new Error(reason);
    this.#window = [...this.#window, latencyMs].slice(-WINDOW);
    const median = [...this.#window].sort((a, b) => a - b)[this.#window.length >> 1]!;
    this.#baselineMs = Math.min(median, (this.#baselineMs ?? median) * RISE_PER_LOOK);
    if (this.#window.length < WINDOW) return { latencyMs: median };
    const { hotFactor, hotMarginMs } = this.#limits;
    const hotMs = Math.max(hotFactor * this.#baselineMs, this.#baselineMs + hotMarginMs);
    return { latencyMs: median, hot: median >= hotMs };
  }
}
