/**
 * One look at a service's load. What cannot be measured is left out by whoever measures; a sample
 * that is missing says nothing and never brings a service down.
 * @module
 */

/** What a service did in the interval that ended at `atMs`. */
export interface LoadSample {
  readonly atMs: number;
  /** Share of what the service can do that it used, 0 and more; above 1 when it fell behind. */
  readonly utilizationRatio: number;
  /** Queries waiting or being served at `atMs`. */
  readonly inFlight: number;
  /** Queries completed per second. */
  readonly queriesPerSecond: number;
  /** Queries dropped or answered with an error per second. */
  readonly errorsPerSecond: number;
  /** Median time to answer, milliseconds. */
  readonly latencyMs?: number;
  /** The service cannot keep up, whatever its utilization says: queues grow, answers are late. */
  readonly hot?: boolean;
}

/** Whether every field is a number that can be true. */
export function isSound(sample: LoadSample): boolean {
  const { utilizationRatio, inFlight, queriesPerSecond, errorsPerSecond } = sample;
  return [sample.atMs, utilizationRatio, inFlight, queriesPerSecond, errorsPerSecond].every(
    (value) => Number.isFinite(value) && value >= 0,
  );
}
