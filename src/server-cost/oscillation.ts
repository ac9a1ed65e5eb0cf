/**
 * Finds a cost that goes to and fro, and stretches the hold-down until it stops. A cost that only
 * rises, or only falls, is no oscillation however often it changes.
 * @module
 */

export interface OscillationConfig {
  /** Direction changes within the window that count as an oscillation. */
  readonly oscillationChanges: number;
  readonly oscillationWindowMs: number;
  /** The hold-down is stretched to this many times itself at most. */
  readonly holdDownRatioMax: number;
}

export class OscillationDetector {
  readonly #config: OscillationConfig;
  #metric: number | undefined;
  #direction = 0;
  #changesAtMs: number[] = [];
  #holdDownRatio = 1;
  #foundAtMs = Number.NEGATIVE_INFINITY;

  constructor(config: OscillationConfig) {
    this.#config = config;
  }

  /** Direction changes within the window when a metric was last said. */
  get recentChanges(): number {
    return this.#changesAtMs.length;
  }

  /** By how much the hold-down is stretched; halves for every quiet window. */
  holdDownRatio(nowMs: number): number {
    const quietWindows = Math.floor((nowMs - this.#foundAtMs) / this.#config.oscillationWindowMs);
    return Math.max(1, this.#holdDownRatio / 2 ** Math.max(0, quietWindows - 1));
  }

  /** Takes a metric that is said now. @returns whether it is one oscillation too many. */
  take(metric: number, nowMs: number): boolean {
    const before = this.#metric;
    this.#metric = metric;
    if (before === undefined || metric === before) return false;
    const direction = Math.sign(metric - before);
    if (this.#direction !== 0 && direction !== this.#direction) this.#changesAtMs.push(nowMs);
    this.#direction = direction;
    const sinceMs = nowMs - this.#config.oscillationWindowMs;
    this.#changesAtMs = this.#changesAtMs.filter((atMs) => atMs > sinceMs);
    if (this.#changesAtMs.length < this.#config.oscillationChanges) return false;
    this.#holdDownRatio = Math.min(this.#config.holdDownRatioMax, 2 * this.holdDownRatio(nowMs));
    this.#foundAtMs = nowMs;
    this.#changesAtMs = [];
    return true;
  }
}
