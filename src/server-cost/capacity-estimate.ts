/**
 * How much a service can do, from what it does: queries per second over utilization. Capacity
 * stands still while load moves, so a long average is right while nothing happens; what happens is
 * found in a short window beside it, and the average starts anew behind the change.
 * @module
 */
import type { CostConfig } from './config.ts';
import type { LoadSample } from './load-sample.ts';

/** Something is off the average when it is so many standard deviations off: many a stretch is
 * looked at in an hour. */
const CHANGE_SIGMAS = 4.75;
/** A window holds at least so many queries, so that a halved capacity stands out of chance … */
const WINDOW_QUERIES = 128;
/** … but is never longer than this. */
const MAX_WINDOW_MS = 30_000;
/**
 * A change is looked for in so many windows. Over one that is no longer than the time in which a
 * change is to be found, a likelihood ratio misses what chance hides at first (Lai, Sequential
 * Changepoint Detection in Quality Control and Dynamical Systems, 1995).
 */
const SEARCH_WINDOWS = 2;
/** A change is looked for only behind so many queries. */
const LEAST_BEFORE_QUERIES = 16;
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
  /** The long average of what is older than the window, as sums that fade. */
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
    return 1 / Math.sqrt(Math.max(1, this.#total().queries));
  }

  /**
   * @param isExact - whether a change must be known well before it is believed. What is told too
   *   early is corrected only after MinLSInterval: a share that is a little off bears that, a plan
   *   that decides who is in does not.
   */
  add(sample: LoadSample, isExact = false): void {
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
    this.#take(stretch, isExact ? 1 : 0.5);
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

  /** @param settleRatio - the part of a window for which a change is measured. */
  #take(work: Work, settleRatio: number): void {
    this.#window.push(work);
    while (this.#isLongEnough(sumOf(this.#window.slice(1)), SEARCH_WINDOWS)) {
      this.#age(this.#window.shift()!);
    }
    const changed = this.#changedAtMs === undefined ? this.#sinceChange() : undefined;
    if (changed !== undefined) {
      this.#restart(work.atMs);
      this.#window = changed;
    }
    if (this.#changedAtMs !== undefined) {
      if (!this.#isLongEnough(sumOf(this.#window), settleRatio)) return;
      this.#changedAtMs = undefined;
    }
    const { queries, busyMs } = this.#total();
    this.#queriesPerSecond = rateOf({ queries: this.#seen(queries), busyMs });
  }

  /** What leaves the window enters the average, which fades. */
  #age({ durationMs, queries, busyMs }: Work): void {
    const { capacityTimeConstantMs } = this.#config;
    const faded = Math.min(durationMs / capacityTimeConstantMs, queries / AVERAGE_QUERIES);
    const kept = Math.exp(-faded);
    this.#queries = this.#queries * kept + queries;
    this.#busyMs = this.#busyMs * kept + busyMs;
  }

  /** The average and the window together. */
  #total(): Pick<Work, 'queries' | 'busyMs'> {
    const { queries, busyMs } = sumOf(this.#window);
    return { queries: this.#queries + queries, busyMs: this.#busyMs + busyMs };
  }

  /** Whether a window, of a part of the configured length, tells a change from chance. */
  #isLongEnough({ durationMs, queries, busyMs }: Omit<Work, 'atMs'>, part: number): boolean {
    if (durationMs >= MAX_WINDOW_MS) return true;
    const tell = Math.max(queries, this.#expected(busyMs));
    return durationMs >= part * this.#config.changeWindowMs && tell >= part * WINDOW_QUERIES;
  }

  /**
   * The latest stretches that are further off all before them than chance explains, from where they
   * differ most; undefined when none are.
   */
  #sinceChange(): Work[] | undefined {
    const total = this.#total();
    let furthest: { readonly sigmas: number; readonly from: number } | undefined;
    let [queries, busyMs] = [0, 0];
    for (let from = this.#window.length - 1; from >= 0; from--) {
      queries += this.#window[from]!.queries;
      busyMs += this.#window[from]!.busyMs;
      const before = { queries: total.queries - queries, busyMs: total.busyMs - busyMs };
      if (before.queries < LEAST_BEFORE_QUERIES) break;
      const seen = this.#seen(queries);
      const ratio = (rateOf(before) * busyMs) / (1000 * seen);
      const off = Math.abs(Math.log(ratio));
      // The likelihood ratio of n exponential service times with another mean than those before,
      // whose own is known from so many queries only.
      const known = (seen * before.queries) / (seen + before.queries);
      const sigmas = Math.sqrt(2 * known * (ratio - 1 - Math.log(ratio)));
      if (off <= Math.log(1 + this.#config.changeRatio) || sigmas <= CHANGE_SIGMAS) continue;
      if (furthest === undefined || sigmas > furthest.sigmas) furthest = { sigmas, from };
    }
    return furthest && this.#window.slice(furthest.from);
  }

  /** A hung service, busy without an end in sight, counts as if one query were about to end. */
  #seen(queries: number): number {
    return Math.max(1, queries);
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
