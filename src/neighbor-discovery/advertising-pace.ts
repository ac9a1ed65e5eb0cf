/**
 * When a server that has the turn advertises: a burst as the turn begins, refreshes within it, and
 * never sooner after the last time than the spacing allows (RFC 4861 7.2.6).
 * @module
 */
import type { AdvertiserOptions } from './advertiser-config.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class AdvertisingPace {
  readonly #options: AdvertiserOptions;
  #refreshAtMs = NEVER;
  #burstAtMs = NEVER;
  #burstLeft = 0;
  #advertisedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: AdvertiserOptions) {
    this.#options = options;
  }

  /** When the next repetition of the burst is due; `Infinity` for never. */
  get burstAtMs(): number {
    return this.#burstAtMs;
  }

  /** When something is due, of burst or refreshes; `Infinity` for never. */
  get nextMs(): number {
    return Math.min(this.#refreshAtMs, this.#burstAtMs);
  }

  /** When an advertisement may go out; in the past when any time will do. */
  get soonestMs(): number {
    const { spacing, refreshMs } = this.#options;
    return spacing === 'rfc4861' ? this.#advertisedAtMs + refreshMs : Number.NEGATIVE_INFINITY;
  }

  /** A turn begins. */
  startBurst(): void {
    this.#burstLeft = this.#options.burst;
  }

  /** One of the burst was sent; the rest of it keeps to the first half of what is left of the turn. */
  tookBurst(turnEndsAtMs: number, nowMs: number): void {
    this.#burstLeft--;
    const nextMs = nowMs + this.#options.burstSpacingMs;
    const more = this.#burstLeft > 0 && nextMs < (nowMs + turnEndsAtMs) / 2;
    this.#burstAtMs = more ? nextMs : NEVER;
  }

  /** What is due may not go out yet: it does as soon as it may. */
  putOff(): void {
    this.#refreshAtMs = this.soonestMs;
  }

  advertised(nowMs: number): void {
    this.#advertisedAtMs = nowMs;
  }

  /** @param alone - whether no other server takes turns. */
  planRefresh(alone: boolean, turnEndsAtMs: number): void {
    const { refreshMs, aloneRefreshMs, takeoverMs } = this.#options;
    const nextMs = this.#advertisedAtMs + (alone ? aloneRefreshMs : refreshMs);
    // Shortly before the end it would only race with the next server's.
    this.#refreshAtMs = nextMs > turnEndsAtMs - takeoverMs / 2 ? NEVER : nextMs;
  }

  /** The turn is over, or the service is. */
  stop(): void {
    this.#burstLeft = 0;
    this.#burstAtMs = NEVER;
    this.#refreshAtMs = NEVER;
  }
}
