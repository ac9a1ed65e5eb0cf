/**
 * The queries of one next hop that wait for their answer. All of them leave through one socket, so
 * each gets an id of its own there; the id finds the client again, and the client's id is put back.
 * Ids are drawn at random, as RFC 5452 4.3 asks, and memory is bounded.
 * @module
 */
import type { Prng } from '../prng.ts';

/** Where an answer goes. */
export interface PendingQuery {
  readonly clientAddress: string;
  readonly clientPort: number;
  /** The id the client chose, 0..65535. */
  readonly clientId: number;
  readonly sentAtMs: number;
  /** The question section's hash, which the answer must repeat. */
  readonly questionHash: number;
}

const ID_COUNT = 0x10000;
/** Draws before a free id is searched for in order. */
const DRAWS = 8;

export class PendingQueries {
  readonly #prng: Prng;
  readonly #limit: number;
  /** In the order of sending, so that the oldest come first. */
  readonly #byId = new Map<number, PendingQuery>();

  /** @param limit - queries kept at most, 1..65536. */
  constructor(prng: Prng, limit: number) {
    if (!(limit >= 1 && limit <= ID_COUNT)) {
      throw new RangeError(`limit must be 1..${ID_COUNT}, not ${limit}`);
    }
    this.#prng = prng;
    this.#limit = limit;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** @returns the id to send the query with; undefined when too many wait already. */
  add(query: PendingQuery): number | undefined {
    if (this.#byId.size >= this.#limit) return undefined;
    let id = this.#prng.below(ID_COUNT);
    for (let draw = 1; draw < DRAWS && this.#byId.has(id); draw++) {
      id = this.#prng.below(ID_COUNT);
    }
    while (this.#byId.has(id)) id = (id + 1) % ID_COUNT;
    this.#byId.set(id, query);
    return id;
  }

  /** The query that an answer with this id and question belongs to; it no longer waits. */
  take(id: number, questionHash: number): PendingQuery | undefined {
    const query = this.#byId.get(id);
    if (query === undefined || query.questionHash !== questionHash) return undefined;
    this.#byId.delete(id);
    return query;
  }

  /** Forgets what was sent before a time. @returns how many that were. */
  expire(beforeMs: number): number {
    let expired = 0;
    for (const [id, query] of this.#byId) {
      if (query.sentAtMs >= beforeMs) break;
      this.#byId.delete(id);
      expired++;
    }
    return expired;
  }
}
