/**
 * Shares of what was sent lately, from counters that only grow.
 * @module
 */

/** Shares count what was sent in so long. */
const WINDOW_MS = 4000;

interface Reading {
  readonly atMs: number;
  readonly sent: ReadonlyMap<string, number>;
}

export class ShareMeter {
  #readings: Reading[] = [];

  /** Takes in the counters, by name. */
  take(atMs: number, sent: ReadonlyMap<string, number>): void {
    // One reading at or before the beginning of the window is kept, to count from.
    const from = this.#readings.findLastIndex((reading) => reading.atMs <= atMs - WINDOW_MS);
    this.#readings = [...this.#readings.slice(Math.max(0, from)), { atMs, sent }];
  }

  /** Share of one among all, 0..1; 0 when nothing was sent. */
  shareOf(name: string): number {
    const first = this.#readings[0]?.sent;
    const last = this.#readings.at(-1)?.sent;
    if (first === undefined || last === undefined) return 0;
    let total = 0;
    for (const [each, count] of last) total += count - (first.get(each) ?? 0);
    return total === 0 ? 0 : ((last.get(name) ?? 0) - (first.get(name) ?? 0)) / total;
  }
}
