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
/** A window holds at least so many queries, so that a halved capacity stands out of chance … */
const WINDOW_QUERIES = 64;
/** … but is never longer than this. */
const MAX_WINDOW_MS = 30_000;
/** The average holds at least so many queries: a slow service is averaged over a longer time. */
const AVERAGE_QUERIES = 800;
/** Samples are added up to stretches of this length: a slow service has many without a query. */
const STRETCH_MS = 250;
const SLOW_STRETCH_MS = 1000;
/** A stretch with so many queries need not be longer. */
const STRETCH_QUERIES = 16;
/** Queries from which a nearly idle service tells how much it can do at least. */
const IDLE_QUERIES = 16;
/** From here on errors mean that too much is offered, which queries per second show already. */
const SATURATED_RATIO = 0.95;
/** More errors per query than this say nothing more. */
const MAX_ERRORS_PER_QUERY = 100;
/** A sample never counts for longer than this, however late it is. */
const MAX_SAMPLE_MS = 10_000;

/** What was served in a stretch of time, and the busy time that it took. */
interface Work {
  readonly atMs: number;
  readonly durationMs: number;
  readonly queries: number;
  readonly busyMs: number;
}

const NOTHING: Work = { atMs: 0, durationMs: 0, queries: 0, busyMs: 0 };

const rateOf = ({ queries, busyMs }: Pick<Work, 'queries' | 'busyMs'>): number =>
  (1000 * queries) / busyMs;

function sumOf(window: readonly Work[]): Omit<Work, 'atMs'> {
  let [durationMs, queries, busyMs] = [0, 0, 0];
  for (const work of window) {
    durationMs += work.durationMs;
    queries += work.queries;
    busyMs += work.busyMs;
  }
  return { durationMs, queries, busyMs };
}

/**
 * Utilization as the weight formula takes it: without what the service shows when idle, and with
 * a penalty for errors, so that a server that fails fast does not look strong (Envoy's
 * `utilization + errors / queries × penalty`).
 */
export function chargedUtilization(sample: LoadSample, config: CostConfig): number {
  const idle = config.idleUtilizationRatio;
  const utilization = Math.max(0, sample.utilizationRatio - idle) / (1 - idle);
  if (utilization >= SATURATED_RATIO || sample.queriesPerSecond === 0) return utilization;
  const errorsPerQuery = sample.errorsPerSecond / sample.queriesPerSecond;
  return utilization + config.errorPenalty * Math.min(MAX_ERRORS_PER_QUERY, errorsPerQuery);
}

export class CapacityEstimate {
  readonly #config: CostConfig;
  #lastSampleMs: number | undefined;
  #sinceMs: number | undefined;
  #measuredAtMs: number | undefined;
  /** The long average, as sums that fade. */
  #queries = 0;
  #busyMs = 0;
  #stretch: Work = NOTHING;
  #idle: Work = NOTHING;
  /** The latest stretches, as long as it takes to find a change. */
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

  /**
   * How far the estimate may be off by chance, one standard deviation as a part of it: with
   * exponential service times n queries tell their mean to within 1/sqrt(n).
   */
  get deviationRatio(): number {
    return 1 / Math.sqrt(Math.max(1, this.#queries));
  }

  add(sample: LoadSample): void {
    const lastMs = this.#lastSampleMs;
    this.#lastSampleMs = sample.atMs;
    if (lastMs === undefined || sample.atMs <= lastMs) return;
    const durationMs = Math.min(MAX_SAMPLE_MS, sample.atMs - lastMs);
    const before = this.#stretch;
    const stretch = {
      atMs: sample.atMs,
      durationMs: before.durationMs + durationMs,
      queries: before.queries + (sample.queriesPerSecond * durationMs) / 1000,
      busyMs: before.busyMs + chargedUtilization(sample, this.#config) * durationMs,
    };
    this.#stretch = stretch;
    const leastMs = stretch.queries >= STRETCH_QUERIES ? STRETCH_MS : SLOW_STRETCH_MS;
    if (stretch.durationMs < leastMs) return;
    this.#stretch = NOTHING;
    if (stretch.busyMs < this.#config.leastUtilizationRatio * stretch.durationMs) {
      this.#takeIdle(stretch);
      return;
    }
    this.#idle = NOTHING;
    this.#sinceMs ??= sample.atMs;
    this.#measuredAtMs = sample.atMs;
    this.#take(stretch);
  }

  /**
   * Nearly idle: what capacity is cannot be told, but it is not less than what was served at the
   * least utilization. Without this, a server that was once far too weak would get too little to
   * ever show that it no longer is.
   */
  #takeIdle(work: Work): void {
    const { durationMs, queries } = sumOf([this.#idle, work]);
    this.#idle = { ...work, durationMs, queries };
    if (queries < IDLE_QUERIES) return;
    this.#idle = NOTHING;
    const busyMs = this.#config.leastUtilizationRatio * durationMs;
    const least = rateOf({ queries, busyMs });
    if (this.#queriesPerSecond === undefined || least <= this.#queriesPerSecond) return;
    this.#restart(undefined);
    this.#queries = queries;
    this.#busyMs = busyMs;
    this.#queriesPerSecond = least;
    this.#measuredAtMs = work.atMs;
  }

  #take(work: Work): void {
    this.#window.push(work);
    while (this.#isLongEnough(sumOf(this.#window.slice(1)))) this.#window.shift();
    if (this.#changedAtMs === undefined && this.#isChange()) {
      // The window holds work from both sides of the change: measure afresh.
      this.#restart(work.atMs);
      return;
    }
    const faded = Math.min(
      work.durationMs / this.#config.capacityTimeConstantMs,
      work.queries / AVERAGE_QUERIES,
    );
    const kept = Math.exp(-faded);
    this.#queries = this.#queries * kept + work.queries;
    this.#busyMs = this.#busyMs * kept + work.busyMs;
    if (this.#changedAtMs !== undefined && !this.#isLongEnough(sumOf(this.#window))) return;
    this.#changedAtMs = undefined;
    this.#queriesPerSecond = rateOf({ queries: this.#seen(this.#queries), busyMs: this.#busyMs });
  }

  /** Whether a window tells a change from chance. */
  #isLongEnough({ durationMs, queries, busyMs }: Omit<Work, 'atMs'>): boolean {
    if (durationMs >= MAX_WINDOW_MS) return true;
    const tell = Math.max(queries, this.#expected(busyMs));
    return durationMs >= this.#config.changeWindowMs && tell >= WINDOW_QUERIES;
  }

  /** A hung service, busy without an end in sight, counts as if one query were about to end. */
  #seen(queries: number): number {
    return Math.max(1, queries);
  }

  /** Whether the window is further off the average than chance explains. */
  #isChange(): boolean {
    if (this.#queriesPerSecond === undefined) return false;
    const { queries, busyMs } = sumOf(this.#window);
    const seen = this.#seen(queries);
    const off = Math.abs(Math.log(rateOf({ queries: seen, busyMs }) / this.#queriesPerSecond));
    const chance = CHANGE_SIGMAS / Math.sqrt(Math.max(seen, this.#expected(busyMs)));
    return off > Math.max(Math.log(1 + this.#config.changeRatio), chance);
  }

  /** Queries that so much busy time should have served. */
  #expected(busyMs: number): number {
    return ((this.#queriesPerSecond ?? 0) * busyMs) / 1000;
  }

  #restart(changedAtMs: number | undefined): void {
    this.#queries = 0;
    this.#busyMs = 0;
    this.#stretch = NOTHING;
    this.#idle = NOTHING;
    this.#window = [];
    this.#changedAtMs = changedAtMs;
  }
}
