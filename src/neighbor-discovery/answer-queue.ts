/**
 * Answers that wait for their moment: servers of one anycast address spread theirs over time, so
 * that the router is not answered by all at once (RFC 4861 7.2.7). Bounded, one per solicitor.
 * @module
 */
import { type Address, addressKey } from '../wire/address.ts';

/** An answer to be sent. */
export interface PendingAnswer {
  readonly destination: Address;
  /** Whether S may be set: not when the solicitor had no address (RFC 4861 7.2.4). */
  readonly solicited: boolean;
  readonly dueMs: number;
}

/** Solicitors that may wait at a time. */
const MAX_PENDING = 64;

export class AnswerQueue {
  readonly #pending = new Map<string, PendingAnswer>();
  readonly #perSecond: number;
  #tokens: number;
  #filledAtMs = 0;

  /** @param perSecond - answers sent in the long run; as many may go at once. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** @returns why the answer is not given, if it is not. */
  add(answer: PendingAnswer, nowMs: number): 'answerPending' | 'answerRate' | undefined {
    const key = addressKey(answer.destination);
    if (this.#pending.has(key)) return 'answerPending';
    this.#tokens = Math.min(
      this.#perSecond,
      this.#tokens + ((nowMs - this.#filledAtMs) * this.#perSecond) / 1_000,
    );
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1 || this.#pending.size >= MAX_PENDING) return 'answerRate';
    this.#tokens--;
    this.#pending.set(key, answer);
    return undefined;
  }

  clear(): void {
    this.#pending.clear();
  }

  nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#pending.values()) nextMs = Math.min(nextMs, dueMs);
    return nextMs;
  }

  /** Takes out what is due. */
  take(nowMs: number): readonly PendingAnswer[] {
    const due: PendingAnswer[] = [];
    for (const [key, answer] of this.#pending) {
      if (answer.dueMs > nowMs) continue;
      this.#pending.delete(key);
      due.push(answer);
    }
    return due;
  }
}
