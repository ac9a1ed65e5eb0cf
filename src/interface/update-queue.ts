/**
 * LSAs on their way out of one interface: collected while an input is handled, packed into as few
 * Link State Updates as the MTU allows, and let go in small bursts, so that a large database does
 * not overrun the receivers' buffers.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { ageS, type LsdbEntry } from '../lsdb/lsdb.ts';
import { type Address, addressKey } from '../wire/address.ts';

/** Packets in one burst; 20 of 1500 octets fit any receive buffer. */
const BURST_PACKETS = 20;
/** Rest between bursts: 3 Mbyte/s at the most. */
const BURST_INTERVAL_MS = 10;

interface Bound {
  readonly destination: Address;
  /** By `identityKey`: a newer instance takes the place of the one that still waits. */
  readonly entries: Map<string, LsdbEntry>;
}

export class UpdateQueue {
  readonly #bound = new Map<string, Bound>();
  #nextBurstMs = Number.NEGATIVE_INFINITY;

  add(destination: Address, entry: LsdbEntry): void {
    const key = addressKey(destination);
    let bound = this.#bound.get(key);
    if (bound === undefined) {
      bound = { destination, entries: new Map() };
      this.#bound.set(key, bound);
    }
    bound.entries.set(entry.key, entry);
  }

  /** When the next burst may go; `Infinity` when nothing waits. */
  deadlineMs(): number {
    return this.#bound.size === 0 ? Number.POSITIVE_INFINITY : this.#nextBurstMs;
  }

  clear(): void {
    this.#bound.clear();
  }

  /**
   * Sends what may go now.
   * @param room - octets for LSAs in one packet; a larger LSA goes alone, in fragments of IPv6.
   * @param infTransDelayS - added to every age (RFC 2328 13.3).
   */
  flush(
    nowMs: number,
    room: number,
    infTransDelayS: number,
    send: (destination: Address, lsas: Lsa[]) => void,
  ): void {
    if (this.#bound.size === 0 || nowMs < this.#nextBurstMs) return;
    let packets = 0;
    for (const [key, bound] of this.#bound) {
      while (bound.entries.size > 0 && packets < BURST_PACKETS) {
        send(bound.destination, takePacket(bound.entries, nowMs, room, infTransDelayS));
        packets++;
      }
      if (bound.entries.size === 0) this.#bound.delete(key);
    }
    this.#nextBurstMs =
      packets < BURST_PACKETS ? Number.NEGATIVE_INFINITY : nowMs + BURST_INTERVAL_MS;
  }
}

function takePacket(
  entries: Map<string, LsdbEntry>,
  nowMs: number,
  room: number,
  infTransDelayS: number,
): Lsa[] {
  const lsas: Lsa[] = [];
  let octets = 0;
  for (const [key, entry] of entries) {
    octets += entry.lsa.header.length;
    if (octets > room && lsas.length > 0) break;
    const age = Math.min(MAX_AGE_S, ageS(entry, nowMs) + infTransDelayS);
    lsas.push(entry.lsa.withAge(age));
    entries.delete(key);
  }
  return lsas;
}
