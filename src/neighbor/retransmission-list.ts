/**
 * The Link state retransmission list: LSAs flooded to the neighbor and not acknowledged yet, each
 * with the time at which it is sent again (RFC 2328 13.6). Beside it, what the neighbor was sent
 * in the last second: a neighbor drops another instance of the same LSA that comes within
 * MinLSArrival without a word (RFC 2328 13 step 5a), so that one is held back until it will be
 * taken, instead of being lost until the next retransmission.
 * @module
 */
import { MIN_LS_ARRIVAL_MS } from '../lsa/constants.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { LsdbEntry } from '../lsdb/lsdb.ts';

/** Added to MinLSArrival for clocks and queues of the neighbor. */
const ARRIVAL_MARGIN_MS = 50;
/** How long after one instance of an LSA another is sure to be taken. */
export const NEXT_INSTANCE_MS = MIN_LS_ARRIVAL_MS + ARRIVAL_MARGIN_MS;

interface Pending {
  readonly entry: LsdbEntry;
  dueMs: number;
}

interface Sent {
  readonly lsa: Lsa;
  readonly atMs: number;
}

export class RetransmissionList {
  readonly #pending = new Map<string, Pending>();
  readonly #sent = new Map<string, Sent>();
  #nextMs = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#pending.size;
  }

  /** When something may have to be sent again; never later than it has to. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** The instance that waits for an acknowledgment, by `identityKey`. */
  get(key: string): LsdbEntry | undefined {
    return this.#pending.size === 0 ? undefined : this.#pending.get(key)?.entry;
  }

  /**
   * Adds an instance that is being flooded, in the place of an older one (13.3 step 1d).
   * @returns false when the neighbor would drop it now; it is sent when the second is over.
   */
  add(entry: LsdbEntry, nowMs: number, rxmtIntervalMs: number): boolean {
    const heardAtMs = this.#otherInstanceSentMs(entry, nowMs);
    const dueMs = heardAtMs === undefined ? nowMs + rxmtIntervalMs : heardAtMs + NEXT_INSTANCE_MS;
    this.#pending.set(entry.key, { entry, dueMs });
    this.#nextMs = Math.min(this.#nextMs, dueMs);
    return heardAtMs === undefined;
  }

  /** Takes an LSA off the list: acknowledged, or replaced in the database. */
  remove(key: string): void {
    this.#pending.delete(key);
    if (this.#pending.size === 0) this.#nextMs = Number.POSITIVE_INFINITY;
  }

  /** At most `limit` instances to send again now; each falls due again one interval later. */
  takeDue(nowMs: number, rxmtIntervalMs: number, limit: number): LsdbEntry[] {
    const due: LsdbEntry[] = [];
    this.#nextMs = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending.values()) {
      if (pending.dueMs <= nowMs && due.length < limit) {
        due.push(pending.entry);
        pending.dueMs = nowMs + rxmtIntervalMs;
      }
      this.#nextMs = Math.min(this.#nextMs, pending.dueMs);
    }
    return due;
  }

  /** Notes that an instance on the list went out to all, unless the neighbor will drop it. */
  noteFlooded(entry: LsdbEntry, nowMs: number): void {
    if (this.#otherInstanceSentMs(entry, nowMs) === undefined) this.noteSent(entry, nowMs);
  }

  /** Notes that the neighbor was sent an instance. */
  noteSent(entry: LsdbEntry, nowMs: number): void {
    // Insertion order is time order, so what is over stands in front.
    for (const [key, sent] of this.#sent) {
      if (nowMs < sent.atMs + NEXT_INSTANCE_MS) break;
      this.#sent.delete(key);
    }
    this.#sent.delete(entry.key);
    this.#sent.set(entry.key, { lsa: entry.lsa, atMs: nowMs });
  }

  /** Whether the neighbor was sent any instance of the LSA within MinLSArrival. */
  sentLately(key: string, nowMs: number): boolean {
    const sent = this.#sent.get(key);
    return sent !== undefined && nowMs < sent.atMs + MIN_LS_ARRIVAL_MS;
  }

  clear(): void {
    this.#pending.clear();
    this.#sent.clear();
    this.#nextMs = Number.POSITIVE_INFINITY;
  }

  /** When the neighbor was sent another instance, if that was less than MinLSArrival ago. */
  #otherInstanceSentMs(entry: LsdbEntry, nowMs: number): number | undefined {
    const sent = this.#sent.get(entry.key);
    if (sent === undefined || nowMs >= sent.atMs + NEXT_INSTANCE_MS) return undefined;
    return sent.lsa === entry.lsa ? undefined : sent.atMs;
  }
}
