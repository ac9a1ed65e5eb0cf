/**
 * When a server lets every router run SPF once more. A router that changes routes as LSAs come,
 * without SPF, may make a mistake in it that only the next SPF puts right: FRR 8.4 keeps the next
 * hop of the first server that announced a prefix when its cost goes up or it is withdrawn (FRR's
 * issue 13579). Nothing else may happen for weeks; so some time after a server said something new
 * of a service, and if no router's links changed meanwhile, it changes its own.
 * @module
 */
import type { Prng } from '../prng.ts';

/** From what was said to the prompt: SPF may have waited for the longest hold time, FRR's 5 s. */
const SETTLED_MS = 6_000;
const PROMPT_AFTER_MS = 10_000;
/** Servers that said something together do not prompt together: the first one serves all. */
const JITTER_MS = 5_000;
const NEVER = Number.POSITIVE_INFINITY;

export class SpfPrompt {
  readonly #prng: Prng;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #dueMs = NEVER;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  /** When {@link take} has something to say, milliseconds; `Infinity` for never. */
  get deadlineMs(): number {
    return this.#dueMs;
  }

  /** Takes note that routers were given reason to change a route of a service. */
  said(nowMs: number): void {
    this.#saidAtMs = nowMs;
    if (this.#dueMs === NEVER) this.#await(nowMs);
  }

  /** Takes note that some router's links changed, so that every router will run SPF. */
  linksChanged(nowMs: number): void {
    if (nowMs >= this.#saidAtMs + SETTLED_MS) this.#dueMs = NEVER;
  }

  /** @returns whether it is time for a prompt; another follows when one was asked for lately. */
  take(nowMs: number): boolean {
    if (nowMs < this.#dueMs) return false;
    this.#dueMs = NEVER;
    if (nowMs < this.#saidAtMs + SETTLED_MS) this.#await(nowMs);
    return true;
  }

  #await(nowMs: number): void {
    this.#dueMs = nowMs + PROMPT_AFTER_MS + this.#prng.below(JITTER_MS);
  }
}
