/**
 * Time for the drivers: the system's, or one that a test moves by hand.
 * @module
 */

/** A wake-up that was asked for. */
export interface Timer {
  /** Harmless when it has fired. */
  cancel(): void;
}

/** Time that never runs backwards. */
export interface Clock {
  /** Milliseconds; on the system clock since the Unix epoch, though steps of that are not seen. */
  nowMs(): number;
  /** Calls once at `atMs` or soon after, never from within this call. */
  wakeAt(atMs: number, wake: () => void): Timer;
}

/** Node's timers hold 31 bits of milliseconds; later wake-ups come early and are asked for again. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock of this machine, monotonic. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  wakeAt(atMs, wake) {
    const waitMs = Math.min(Math.max(0, atMs - systemClock.nowMs()), LONGEST_TIMEOUT_MS);
    const timeout = setTimeout(wake, Math.ceil(waitMs));
    return { cancel: () => clearTimeout(timeout) };
  },
};

interface ManualTimer {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until told otherwise. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<ManualTimer>();

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wakeAt(atMs: number, wake: () => void): Timer {
    const timer = { atMs, wake };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Moves on without firing anything, as when the process is held up; what is late fires later. */
  stall(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Wake-ups that have not fired. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Moves on, firing what falls due on the way in the order of its time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let timer = this.#earliest(); timer && timer.atMs <= untilMs; timer = this.#earliest()) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.wake();
    }
    this.#nowMs = untilMs;
  }

  #earliest(): ManualTimer | undefined {
    let earliest: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.atMs < earliest.atMs) earliest = timer;
    }
    return earliest;
  }
}
