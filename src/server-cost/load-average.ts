/**
 * What a server tells of its load beside its capacity: offered queries, utilization and errors,
 * each averaged over a few seconds.
 * @module
 */
import type { LoadSample } from './load-sample.ts';

export class LoadAverage {
  readonly #timeConstantMs: number;
  readonly #longTimeConstantMs: number;
  #lastMs: number | undefined;
  #offered = 0;
  #errors = 0;
  #utilization = 0;
  #longUtilization = 0;
  #inFlight = 0;
  #isIdle = true;

  /** @param longTimeConstantMs - of {@link longUtilizationRatio}. */
  constructor(timeConstantMs: number, longTimeConstantMs: number) {
    this.#timeConstantMs = timeConstantMs;
    this.#longTimeConstantMs = longTimeConstantMs;
  }

  /** Queries per second that came in, served or not. */
  get offeredQueriesPerSecond(): number {
    return this.#offered;
  }

  get utilizationRatio(): number {
    return this.#utilization;
  }

  /** Utilization over a longer time: what congestion is judged by. */
  get longUtilizationRatio(): number {
    return this.#longUtilization;
  }

  /** Share of the offered queries that ended in an error, 0..1. */
  get errorRatio(): number {
    return this.#offered > 0 ? Math.min(1, this.#errors / this.#offered) : 0;
  }

  /** Queries in the service when the last sample was taken; not averaged. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether the last sample saw no query at all. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** By how much the average of a steady Poisson load strays, one standard deviation. */
  get offeredDeviation(): number {
    return Math.sqrt(this.#offered / (2 * (this.#timeConstantMs / 1000)));
  }

  add(sample: LoadSample): void {
    const lastMs = this.#lastMs;
    if (lastMs !== undefined && sample.atMs <= lastMs) return;
    const elapsedMs = lastMs === undefined ? Number.POSITIVE_INFINITY : sample.atMs - lastMs;
    // Whatever came in was completed, failed, or waits now and did not before.
    const waiting = (1000 * (sample.inFlight - this.#inFlight)) / elapsedMs;
    const offered = Math.max(0, sample.queriesPerSecond + sample.errorsPerSecond + waiting);
    this.#lastMs = sample.atMs;
    this.#inFlight = sample.inFlight;
    this.#isIdle = offered === 0 && sample.inFlight === 0;
    const share = 1 - Math.exp(-elapsedMs / this.#timeConstantMs);
    const longShare = 1 - Math.exp(-elapsedMs / this.#longTimeConstantMs);
    this.#offered += share * (offered - this.#offered);
    this.#errors += share * (sample.errorsPerSecond - this.#errors);
    this.#utilization += share * (sample.utilizationRatio - this.#utilization);
    this.#longUtilization += longShare * (sample.utilizationRatio - this.#longUtilization);
  }

  /** Lets a sample's time pass without its load, which was not offered by anybody. */
  skip(sample: LoadSample): void {
    this.#lastMs = sample.atMs;
    this.#inFlight = sample.inFlight;
  }

  clear(): void {
    this.#lastMs = undefined;
    this.#offered = 0;
    this.#errors = 0;
    this.#utilization = 0;
    this.#longUtilization = 0;
    this.#inFlight = 0;
    this.#isIdle = true;
  }
}
