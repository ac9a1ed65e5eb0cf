/**
 * How much a service can do, from what it does: queries per second over utilization. Capacity
 * stands still while load moves, so a long average is right while nothing happens; what happens is
 * found in a short window beside it, and the average starts anew behind the change.
 * @module
 */
import type { CostConfig } from './config.ts';
import type { LoadSample } from './load-sample.ts';

/** A window is off the average when it is so many standard deviations off. */
const CHANGE_SIGMAS = 4;
/** From here on errors mean that too much is offered, which queries per second show already. */
const SATURATED_RATIO = 0.95;
/** A sample never counts for longer than this, however late it is. */
const MAX_SAMPLE_MS = 10_000;

/** What was served in a stretch of time, and the busy time that it took. */
interface Work {
  readonly atMs: number;
  readonly durationMs: number;
  readonly queries: number;
  readonly busyMs: number;
}

const queriesPerSecond = ({ queries, busyMs }: Pick<Work, 'queries' | 'busyMs'>): number =>
  (1000 * queries) / busyMs;

/**
 * Utilization as the weight formula takes it: without what the service shows when idle, and with
 * a penalty for errors, so that a server that fails fast does not look strong (Envoy's
 * `utilization + errors / queries × penalty`).
 */
export function chargedUtilization(sample: LoadSample, config: CostConfig): number {
  const idle = config.idleUtilizationRatio;
  const utilization = Math.max(0, sample.utilizationRatio - idle) / (1 - idle);
  if (utilization >= SATURATED_RATIO || sample.queriesPerSecond === 0) return utilization;
  return utilization + (config.errorPenalty * sample.errorsPerSecond) / sample.queriesPerSecond;
}

export class CapacityEstimate {
  readonly #config: CostConfig;
  #lastSampleMs: number | undefined;
  #sinceMs: number | undefined;
  #measuredAtMs: number | undefined;
  /** The long average, as sums that fade. */
  #queries = 0;
  #busyMs = 0;
  #averagedMs = 0;
  /** The latest stretches, a change window long. */
  #window: Work[] = [];
  #queriesPerSecond: number | undefined;
  #changedAtMs: number | undefined;

  constructor(config: CostConfig) {
    this.#config = config;
  }

  /** Capacity in queries per second; undefined until anything was seen. */
  get queriesPerSecond(): number | undefined {
    return this.#queriesPerSecond;
  }

  /** When the first sample came from which capacity could be told. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** When any sample came last. */
  get lastSampleMs(): number | undefined {
    return this.#lastSampleMs;
  }

  /** When a sample came last from which capacity could be told. */
  get measuredAtMs(): number | undefined {
    return this.#measuredAtMs;
  }

  /** When the last change was found, while it is still being measured. */
  get settlingSinceMs(): number | undefined {
    return this.#changedAtMs;
  }

  /** Forgets everything: the service is a new one. */
  clear(): void {
    this.#lastSampleMs = undefined;
    this.#sinceMs = undefined;
    this.#measuredAtMs = undefined;
    this.#queriesPerSecond = undefined;
    this.#restart(undefined);
  }

  add(sample: LoadSample): void {
    const lastMs = this.#lastSampleMs;
    this.#lastSampleMs = sample.atMs;
    if (lastMs === undefined || sample.atMs <= lastMs) return;
    const utilization = chargedUtilization(sample, this.#config);
    if (utilization < this.#config.leastUtilizationRatio || sample.queriesPerSecond === 0) return;
    const durationMs = Math.min(MAX_SAMPLE_MS, sample.atMs - lastMs);
    this.#sinceMs ??= sample.atMs;
    this.#measuredAtMs = sample.atMs;
    this.#take({
      atMs: sample.atMs,
      durationMs,
      queries: (sample.queriesPerSecond * durationMs) / 1000,
      busyMs: utilization * durationMs,
    });
  }

  #take(work: Work): void {
    const { capacityTimeConstantMs, changeWindowMs } = this.#config;
    this.#window.push(work);
    let windowMs = this.#window.reduce((sum, { durationMs }) => sum + durationMs, 0);
    while (windowMs - this.#window[0]!.durationMs >= changeWindowMs) {
      windowMs -= this.#window.shift()!.durationMs;
    }
    if (this.#changedAtMs === undefined && this.#isChange()) {
      // The window holds work from both sides of the change: measure afresh.
      this.#restart(work.atMs);
      return;
    }
    const kept = Math.exp(-work.durationMs / capacityTimeConstantMs);
    this.#queries = this.#queries * kept + work.queries;
    this.#busyMs = this.#busyMs * kept + work.busyMs;
    this.#averagedMs += work.durationMs;
    if (this.#averagedMs < changeWindowMs && this.#queriesPerSecond !== undefined) return;
    this.#changedAtMs = undefined;
    this.#queriesPerSecond = queriesPerSecond({ queries: this.#queries, busyMs: this.#busyMs });
  }

  /** Whether the window is further off the average than chance explains. */
  #isChange(): boolean {
    if (this.#queriesPerSecond === undefined) return false;
    const queries = this.#window.reduce((sum, work) => sum + work.queries, 0);
    const busyMs = this.#window.reduce((sum, work) => sum + work.busyMs, 0);
    const off = Math.abs(Math.log(queriesPerSecond({ queries, busyMs }) / this.#queriesPerSecond));
    // With exponential service times n queries tell their mean to within 1/sqrt(n).
    const chance = CHANGE_SIGMAS / Math.sqrt(queries);
    return off > Math.max(Math.log(1 + this.#config.changeRatio), chance);
  }

  #restart(changedAtMs: number | undefined): void {
    this.#queries = 0;
    this.#busyMs = 0;
    this.#averagedMs = 0;
    this.#window = [];
    this.#changedAtMs = changedAtMs;
  }
}
