/**
 * Which LSAs a neighbor has acknowledged, and how long after they were there.
 * @module
 */
import { identityKey } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';

/** Times in milliseconds from when an LSA was there until it was acknowledged. */
export interface AcknowledgmentSummary {
  readonly expected: number;
  readonly acknowledged: number;
  readonly firstMs: number | undefined;
  readonly medianMs: number | undefined;
  readonly p99Ms: number | undefined;
  readonly lastMs: number | undefined;
}

export class Acknowledgments {
  /** By `identityKey`: the instance awaited, since when. */
  readonly #awaited = new Map<string, { readonly sequenceNumber: number; readonly atMs: number }>();
  readonly #tookMs: number[] = [];
  #expected = 0;

  /** Awaits the acknowledgment of an instance, in the place of an older one. */
  expect({ header }: Lsa, nowMs: number): void {
    const { sequenceNumber } = header;
    const key = identityKey(header);
    // Of an LSA that changes again within MinLSArrival the neighbor never sees the first change.
    if (!this.#awaited.has(key)) this.#expected++;
    this.#awaited.set(key, { sequenceNumber, atMs: nowMs });
  }

  /** Awaits an LSA no longer, because a newer instance took its place. */
  forget({ header }: Lsa): void {
    if (this.#awaited.delete(identityKey(header))) this.#expected--;
  }

  /** Notes an acknowledgment; of a newer instance than awaited it counts too. */
  acknowledged(key: string, sequenceNumber: number, nowMs: number): void {
    const awaited = this.#awaited.get(key);
    if (awaited === undefined || sequenceNumber < awaited.sequenceNumber) return;
    this.#awaited.delete(key);
    this.#tookMs.push(nowMs - awaited.atMs);
  }

  summary(): AcknowledgmentSummary {
    const sorted = [...this.#tookMs].sort((a, b) => a - b);
    const at = (ratio: number): number | undefined =>
      sorted[Math.round(ratio * (sorted.length - 1))];
    return {
      expected: this.#expected,
      acknowledged: sorted.length,
      firstMs: sorted[0],
      medianMs: at(0.5),
      p99Ms: at(0.99),
      lastMs: sorted.at(-1),
    };
  }
}
