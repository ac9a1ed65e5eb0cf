/**
 * A histogram of positive values in bins of equal ratio: quantiles within one percent, in memory
 * that does not grow with the number of values.
 * @module
 */

const BINS_PER_E = 100; // one percent each
const LEAST = 1e-3;
const BINS = 2400; // up to LEAST * e^24, more than 10^7

export class Histogram {
  readonly #counts = new Float64Array(BINS);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(value: number): void {
    const bin = Math.floor(Math.log(Math.max(value, LEAST) / LEAST) * BINS_PER_E);
    this.#counts[Math.min(bin, BINS - 1)]!++;
    this.#total++;
  }

  /** The value that a share of all are below, 0..1; NaN when there is none. */
  quantile(ratio: number): number {
    const rank = ratio * this.#total;
    let seen = 0;
    for (let bin = 0; bin < BINS; bin++) {
      seen += this.#counts[bin]!;
      if (seen > 0 && seen >= rank) return LEAST * Math.exp((bin + 0.5) / BINS_PER_E);
    }
    return Number.NaN;
  }
}
