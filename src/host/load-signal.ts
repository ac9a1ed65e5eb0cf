/**
 * How this machine looks at a service: signals of life and signals of load. A signal that fails
 * says `unknown` or nothing; it never brings a healthy service down by itself.
 * @module
 */

export type Life = 'alive' | 'dead' | 'unknown';

/** What one look at a service's life told. */
export interface LifeReading {
  readonly life: Life;
  /** What was seen, in words. */
  readonly reason: string;
  /** How long the answer took, milliseconds, where there was one. */
  readonly latencyMs?: number;
}

/** One way to see whether a service lives. */
export interface LivenessSignal {
  /** What is looked at, such as `dns ::1:53 www.example.test AAAA`. */
  readonly name: string;
  /** Looks once; never rejects. */
  look(): Promise<LifeReading>;
  /**
   * Tells of an end the moment it happens, beside the looks.
   * @returns what ends the watch.
   */
  watch?(onEnd: (reason: string) => void): () => void;
}

/** What one look at load told; what a signal cannot see it leaves out. */
export interface LoadReading {
  /** 0 and more; above 1 when the service falls behind. */
  readonly utilizationRatio?: number;
  /** Queries waiting or being served. */
  readonly inFlight?: number;
  readonly queriesPerSecond?: number;
  /** Dropped, or answered with an error. */
  readonly errorsPerSecond?: number;
  readonly latencyMs?: number;
  /** The service cannot keep up, whatever its utilization says. */
  readonly hot?: boolean;
}

/** One way to see a service's load. */
export interface LoadSignal {
  /** What is looked at, such as `cgroup /system.slice/nsd.service`. */
  readonly name: string;
  /**
   * Looks once. Rates are those since the look before; the first look may tell nothing of them.
   * Rejects, with the reason, when nothing can be seen.
   */
  look(nowMs: number): Promise<LoadReading>;
}

/** The rate of a counter that only grows, from two looks at it. */
export class CounterRate {
  #last: { readonly atMs: number; readonly count: number } | undefined;

  /** @returns per second since the look before; undefined at the first, and after a restart. */
  add(atMs: number, count: number): number | undefined {
    const last = this.#last;
    this.#last = { atMs, count };
    if (last === undefined || atMs <= last.atMs || count < last.count) return undefined;
    return (1000 * (count - last.count)) / (atMs - last.atMs);
  }
}

/** Leaves out what is undefined. */
export function reading(
  values: {
    readonly [K in keyof LoadReading]: LoadReading[K] | undefined;
  },
): LoadReading {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
