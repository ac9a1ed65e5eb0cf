/**
 * When a change is said: at once if routers must know, otherwise at MinLSInterval's pace, and the
 * small ones behind other servers' news, so that a farm does not speak all at once.
 * @module
 */

import type { Prng } from '../prng.ts';
import {
  type Advertisement,
  type Change,
  changeWorthTelling,
  type Noise,
} from './advertisement.ts';
import type { CostConfig } from './config.ts';

export class Announcer {
  readonly #config: CostConfig;
  readonly #prng: Prng;
  #said: Advertisement | undefined;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #peerAtMs = Number.NEGATIVE_INFINITY;
  /** A small change that waits: since when, and how much longer by chance. */
  #waiting: { readonly sinceMs: number; readonly jitterMs: number } | undefined;
  #limiter: string | undefined;
  #nextMs = Number.POSITIVE_INFINITY;

  constructor(config: CostConfig, prng: Prng) {
    this.#config = config;
    this.#prng = prng;
  }

  get said(): Advertisement | undefined {
    return this.#said;
  }

  get saidAtMs(): number {
    return this.#saidAtMs;
  }

  /** What holds a change back, in words; undefined when nothing does. */
  get limiter(): string | undefined {
    return this.#limiter;
  }

  /** When a change that waits will be said. */
  deadlineMs(): number {
    return this.#nextMs;
  }

  /** Another server said something. */
  takePeer(nowMs: number): void {
    this.#peerAtMs = nowMs;
  }

  withdraw(nowMs: number): void {
    if (this.#said !== undefined) this.#saidAtMs = nowMs;
    this.#said = undefined;
    this.#rest();
  }

  /**
   * Takes what would be said if saying were free.
   * @returns what to say now, if anything.
   */
  consider(wanted: Advertisement, noise: Noise, nowMs: number): Advertisement | undefined {
    if (this.#said === undefined) return this.#say(wanted, nowMs);
    const saidForMs = nowMs - this.#saidAtMs;
    const change = changeWorthTelling(this.#config, this.#said, wanted, saidForMs, noise);
    if (change === undefined) {
      this.#rest();
      return undefined;
    }
    const earliestMs = this.#earliestMs(change, nowMs);
    if (nowMs >= earliestMs) return this.#say({ ...wanted, reason: change.reason }, nowMs);
    this.#nextMs = earliestMs;
    return undefined;
  }

  #earliestMs(change: Change, nowMs: number): number {
    if (change.pace === 'now') return nowMs;
    const { minLsIntervalMs, peerDeferMs } = this.#config;
    const pacedMs = this.#saidAtMs + minLsIntervalMs;
    this.#limiter = `MinLSInterval holds: ${change.reason}`;
    if (change.pace === 'soon' && change.lastingMs === undefined) {
      this.#waiting = undefined;
      return pacedMs;
    }
    this.#waiting ??= { sinceMs: nowMs, jitterMs: this.#prng.unit() * peerDeferMs };
    const { sinceMs, jitterMs } = this.#waiting;
    const lastedMs = sinceMs + (change.lastingMs ?? 0);
    if (change.pace === 'soon') {
      if (lastedMs > pacedMs) this.#limiter = `must last longer: ${change.reason}`;
      return Math.max(lastedMs, pacedMs);
    }
    // Bounded, so that nobody starves behind others that speak all the time.
    const latestMs = Math.max(pacedMs, sinceMs + minLsIntervalMs);
    const deferredMs = Math.max(sinceMs + jitterMs, this.#peerAtMs + peerDeferMs + jitterMs);
    if (deferredMs > pacedMs) this.#limiter = `behind other servers' news: ${change.reason}`;
    return Math.max(lastedMs, Math.min(latestMs, Math.max(pacedMs, deferredMs)));
  }

  #say(advertisement: Advertisement, nowMs: number): Advertisement {
    this.#said = advertisement;
    this.#saidAtMs = nowMs;
    this.#rest();
    return advertisement;
  }

  #rest(): void {
    this.#waiting = undefined;
    this.#limiter = undefined;
    this.#nextMs = Number.POSITIVE_INFINITY;
  }
}
