/**
 * When the next run is due (RFC 8405): carries out the rows of the back-off table.
 * @module
 */
import {
  SPF_DELAY_TABLE,
  type SpfDelayAction,
  type SpfDelayEvent,
  type SpfDelayState,
} from './delay-table.ts';

/** The intervals of RFC 8405 3, milliseconds. */
export interface SpfDelayConfig {
  readonly initialSpfDelayMs: number;
  readonly shortSpfDelayMs: number;
  readonly longSpfDelayMs: number;
  readonly timeToLearnMs: number;
  readonly holddownMs: number;
}

/**
 * The values that RFC 8405 6 recommends, but for LONG_SPF_DELAY, 5 s there. That one saves
 * runs, and ours are cheap (`docs/spf.md`); but it holds the second of two servers that start a few
 * seconds apart up for so long, while other routers have it long since: FRR's wait grows from 50 ms
 * with the events of a burst, BIRD's is a second at most.
 */
export const SPF_DELAY_DEFAULTS: SpfDelayConfig = {
  initialSpfDelayMs: 50,
  shortSpfDelayMs: 200,
  longSpfDelayMs: 1000,
  timeToLearnMs: 500,
  holddownMs: 10_000,
};

const NEVER = Number.POSITIVE_INFINITY;

/** The back-off machine; times come in as `nowMs`. */
export class SpfDelay {
  readonly #config: SpfDelayConfig;
  #state: SpfDelayState = 'QUIET';
  #spfAtMs = NEVER;
  #learnAtMs = NEVER;
  #holddownAtMs = NEVER;
  #due = false;

  constructor(config: SpfDelayConfig = SPF_DELAY_DEFAULTS) {
    this.#config = config;
  }

  get state(): SpfDelayState {
    return this.#state;
  }

  /** When it next needs to be told the time; `Infinity` when nothing is awaited. */
  deadlineMs(): number {
    return Math.min(this.#spfAtMs, this.#learnAtMs, this.#holddownAtMs);
  }

  /** Notes that a run is needed. */
  igpEvent(nowMs: number): void {
    this.#on('IgpEvent', nowMs);
  }

  /** Lets timers expire, in the order in which they were to. @returns whether a run is due now. */
  advance(nowMs: number): boolean {
    for (;;) {
      const atMs = this.deadlineMs();
      if (atMs > nowMs) break;
      // A run that falls together with the end of a wait comes first.
      if (this.#spfAtMs === atMs) {
        this.#spfAtMs = NEVER;
        this.#on('SpfTimer', atMs);
      } else if (this.#learnAtMs === atMs) {
        this.#learnAtMs = NEVER;
        this.#on('LearnTimer', atMs);
      } else {
        this.#holddownAtMs = NEVER;
        this.#on('HolddownTimer', atMs);
      }
    }
    const due = this.#due;
    this.#due = false;
    return due;
  }

  #on(event: SpfDelayEvent, nowMs: number): void {
    const running = this.#spfAtMs !== NEVER;
    const row = SPF_DELAY_TABLE.find(
      ({ from, on, when }) =>
        from.includes(this.#state) &&
        on.includes(event) &&
        (when?.spfTimerRunning ?? running) === running,
    );
    if (row === undefined) return;
    if (row.to !== 'same') this.#state = row.to;
    for (const action of row.act) this.#act(action, nowMs);
  }

  #act(action: SpfDelayAction, nowMs: number): void {
    const config = this.#config;
    switch (action) {
      case 'startInitialSpfDelay':
        this.#spfAtMs = nowMs + config.initialSpfDelayMs;
        return;
      case 'startShortSpfDelay':
        this.#spfAtMs = nowMs + config.shortSpfDelayMs;
        return;
      case 'startLongSpfDelay':
        this.#spfAtMs = nowMs + config.longSpfDelayMs;
        return;
      case 'startHolddownTimer':
        this.#holddownAtMs = nowMs + config.holddownMs;
        return;
      case 'startLearnTimer':
        this.#learnAtMs = nowMs + config.timeToLearnMs;
        return;
      case 'stopLearnTimer':
        this.#learnAtMs = NEVER;
        return;
      case 'runSpf':
        this.#due = true;
        return;
    }
  }
}
