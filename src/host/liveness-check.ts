/**
 * One liveness signal looked at again and again: results count in a row, and while they are in
 * doubt the next look comes sooner. An end that the system tells of counts at once.
 * @module
 */
import type { Clock, Timer } from './clock.ts';
import type { LifeReading, LivenessSignal } from './load-signal.ts';

export interface CheckSchedule {
  /** Between looks. */
  readonly everyMs: number;
  /** Looks in a row that must see life before the check says alive. */
  readonly rise: number;
  /** Looks in a row that must see none before it says dead. */
  readonly fall: number;
}

/** What is shown of a check. */
export interface CheckStatus {
  readonly signal: string;
  /** What the check says; unknown before the first answer counts. */
  readonly life: 'alive' | 'dead' | 'unknown';
  readonly reason: string;
  /** The last look, which may not count yet. */
  readonly lastLife: LifeReading['life'];
  /** What the last look saw. */
  readonly lastReason: string;
  /** Looks in a row with the last result. */
  readonly inARow: number;
  readonly lastLookMs: number | undefined;
  readonly latencyMs: number | undefined;
  /** Looks that saw no life, and that could not be made, so far. */
  readonly failures: number;
  readonly unknowns: number;
}

/** In doubt looks come so much sooner, though not closer than {@link LEAST_INTERVAL_MS}. */
const DOUBT_DIVISOR = 5;
const LEAST_INTERVAL_MS = 100;

export class LivenessCheck {
  readonly #signal: LivenessSignal;
  readonly #schedule: CheckSchedule;
  readonly #clock: Clock;
  readonly #onVerdict: () => void;
  #life: CheckStatus['life'] = 'unknown';
  #reason = 'not looked yet';
  #last: LifeReading | undefined;
  #lastLookMs: number | undefined;
  #inARow = 0;
  #failures = 0;
  #unknowns = 0;
  #timer: Timer | undefined;
  #unwatch: (() => void) | undefined;
  #running = false;
  /** A look that was under way when the system told of an end says nothing any more. */
  #generation = 0;

  /** @param onVerdict - called when what the check says may have changed. */
  constructor(
    signal: LivenessSignal,
    schedule: CheckSchedule,
    clock: Clock,
    onVerdict: () => void,
  ) {
    this.#signal = signal;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#onVerdict = onVerdict;
  }

  begin(): void {
    this.#running = true;
    this.#unwatch = this.#signal.watch?.((reason) => this.#ended(reason));
    void this.#look();
  }

  end(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#unwatch?.();
  }

  status(): CheckStatus {
    return {
      signal: this.#signal.name,
      life: this.#life,
      reason: this.#reason,
      lastLife: this.#last?.life ?? 'unknown',
      lastReason: this.#last?.reason ?? this.#reason,
      inARow: this.#inARow,
      lastLookMs: this.#lastLookMs,
      latencyMs: this.#last?.latencyMs,
      failures: this.#failures,
      unknowns: this.#unknowns,
    };
  }

  async #look(): Promise<void> {
    const generation = ++this.#generation;
    const startedMs = this.#clock.nowMs();
    const seen = await this.#signal.look();
    if (!this.#running || generation !== this.#generation) return;
    this.#lastLookMs = this.#clock.nowMs();
    this.#count(seen);
    const { everyMs } = this.#schedule;
    const wait = this.#inDoubt() ? everyMs / DOUBT_DIVISOR : everyMs;
    const intervalMs = Math.min(everyMs, Math.max(LEAST_INTERVAL_MS, wait));
    this.#timer = this.#clock.wakeAt(startedMs + intervalMs, () => void this.#look());
  }

  #inDoubt(): boolean {
    const last = this.#last?.life;
    return last !== undefined && last !== 'unknown' && last !== this.#life;
  }

  #count(seen: LifeReading): void {
    this.#inARow = seen.life === this.#last?.life ? this.#inARow + 1 : 1;
    this.#last = seen;
    if (seen.life === 'dead') this.#failures++;
    if (seen.life === 'unknown') {
      this.#unknowns++;
      // A signal that fails says nothing of the service: what was known of it stands.
      if (this.#life === 'unknown') {
        this.#reason = seen.reason;
        this.#onVerdict();
      }
      return;
    }
    const needed = seen.life === 'alive' ? this.#schedule.rise : this.#schedule.fall;
    // Of a service that nothing is known of, the first failure is enough.
    const first = this.#life === 'unknown' && seen.life === 'dead';
    if (seen.life !== this.#life && (first || this.#inARow >= needed)) {
      this.#say(seen.life, seen.reason);
    }
  }

  /** The system told of the end: no looks are needed to believe it. */
  #ended(reason: string): void {
    if (!this.#running) return;
    this.#failures++;
    this.#last = { life: 'dead', reason };
    this.#inARow = this.#schedule.fall;
    if (this.#life !== 'dead') this.#say('dead', reason);
    this.#timer?.cancel();
    void this.#look();
  }

  #say(life: 'alive' | 'dead', reason: string): void {
    this.#life = life;
    this.#reason = reason;
    this.#onVerdict();
  }
}
