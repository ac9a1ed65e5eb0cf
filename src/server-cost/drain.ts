/**
 * Leaving without hurting anybody: one server of the farm at a time raises its cost, waits until
 * its own queries have ended and everybody has heard, and then withdraws.
 * @module
 */
import type { FarmMember } from './farm-member.ts';

export interface DrainConfig {
  /** A drain ends after this even if queries still come, and waits no longer for another's. */
  readonly drainTimeoutMs: number;
  readonly minLsIntervalMs: number;
}

export interface DrainProgress {
  /** Waiting for another server's drain; undefined once it has begun. */
  readonly behindRouterId: number | undefined;
  readonly sinceMs: number;
  readonly timeoutMs: number;
}

export class Drain {
  readonly #config: DrainConfig;
  readonly #routerId: number;
  #wantedSinceMs: number | undefined;
  #sinceMs: number | undefined;
  #behind: number | undefined;

  constructor(config: DrainConfig, routerId: number) {
    this.#config = config;
    this.#routerId = routerId;
  }

  /** Asks to drain as soon as no other server does. */
  request(nowMs: number): void {
    if (this.#sinceMs === undefined) this.#wantedSinceMs ??= nowMs;
  }

  /** Begins: the cost is raised now. */
  start(nowMs: number): void {
    this.#wantedSinceMs = undefined;
    this.#behind = undefined;
    this.#sinceMs = nowMs;
  }

  /** Gives it up, or is done. */
  stop(): void {
    this.#wantedSinceMs = undefined;
    this.#behind = undefined;
    this.#sinceMs = undefined;
  }

  get isRequested(): boolean {
    return this.#wantedSinceMs !== undefined;
  }

  progress(): DrainProgress | undefined {
    const sinceMs = this.#sinceMs ?? this.#wantedSinceMs;
    if (sinceMs === undefined) return undefined;
    const timeoutMs = sinceMs + this.#config.drainTimeoutMs;
    return { behindRouterId: this.#behind, sinceMs, timeoutMs };
  }

  /** Whether a requested drain may begin. */
  mayStart(members: readonly FarmMember[], nowMs: number): boolean {
    if (this.#wantedSinceMs === undefined) return false;
    const other = members.find(
      ({ routerId, state }) => routerId !== this.#routerId && state === 'draining',
    );
    this.#behind = other?.routerId;
    return other === undefined || nowMs >= this.#wantedSinceMs + this.#config.drainTimeoutMs;
  }

  /**
   * Why the drain is over; undefined while it is not.
   * @param lastSampleMs - when load was last looked at.
   * @param isIdle - whether that look saw no query at all.
   */
  doneBecause(
    lastSampleMs: number | undefined,
    isIdle: boolean,
    nowMs: number,
  ): string | undefined {
    if (this.#sinceMs === undefined) return undefined;
    // Nobody has heard of the raised cost before MinLSInterval can have passed.
    const heardMs = this.#sinceMs + this.#config.minLsIntervalMs;
    if (lastSampleMs !== undefined && lastSampleMs >= heardMs && isIdle) {
      return 'drained: its own queries have ended';
    }
    return nowMs >= this.#timeoutMs(this.#sinceMs) ? 'drained: timed out' : undefined;
  }

  deadlineMs(): number {
    if (this.#sinceMs !== undefined) return this.#timeoutMs(this.#sinceMs);
    if (this.#wantedSinceMs === undefined) return Number.POSITIVE_INFINITY;
    return this.#wantedSinceMs + this.#config.drainTimeoutMs;
  }

  #timeoutMs(sinceMs: number): number {
    return sinceMs + Math.max(this.#config.minLsIntervalMs, this.#config.drainTimeoutMs);
  }
}
