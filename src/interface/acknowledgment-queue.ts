/**
 * Delayed acknowledgments of one interface: collected for a while, so that many LSAs share a
 * packet and one multicast answers every neighbor (RFC 2328 13.5).
 * @module
 */
import { identityKey, LSA_HEADER_OCTETS, type LsaHeader } from '../lsa/header.ts';
import { PACKET_HEADER_OCTETS } from '../packet/header.ts';

/** The longest an acknowledgment waits; far below RxmtInterval, as 13.5 demands. */
const DELAY_MS = 200;

export class AcknowledgmentQueue {
  readonly #delayMs: number;
  readonly #headers = new Map<string, LsaHeader>();
  #sendAtMs = Number.POSITIVE_INFINITY;

  constructor(rxmtIntervalMs: number) {
    this.#delayMs = Math.min(DELAY_MS, rxmtIntervalMs / 5);
  }

  get deadlineMs(): number {
    return this.#sendAtMs;
  }

  add(header: LsaHeader, nowMs: number): void {
    this.#headers.set(identityKey(header), header);
    this.#sendAtMs = Math.min(this.#sendAtMs, nowMs + this.#delayMs);
  }

  takeDue(nowMs: number): LsaHeader[] {
    if (nowMs < this.#sendAtMs) return [];
    const headers = [...this.#headers.values()];
    this.clear();
    return headers;
  }

  clear(): void {
    this.#headers.clear();
    this.#sendAtMs = Number.POSITIVE_INFINITY;
  }

  /** Cuts headers into packets of at most `maxPacketOctets`. */
  *packed(headers: readonly LsaHeader[], maxPacketOctets: number): Generator<LsaHeader[], void> {
    const count = Math.floor((maxPacketOctets - PACKET_HEADER_OCTETS) / LSA_HEADER_OCTETS);
    for (let at = 0; at < headers.length; at += count) yield headers.slice(at, at + count);
  }
}
