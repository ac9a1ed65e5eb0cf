/**
 * A BFD session in asynchronous mode, single hop (RFC 5880, RFC 5881): both sides send all the
 * time, and who hears nothing for the Detection Time knows that the path is dead. Sans-IO: packets
 * and time come in, packets and changes of state go out through the two functions handed over.
 * @module
 */
import type { Prng } from '../prng.ts';
import { BfdDiagnostic, type BfdPacket, type BfdState, encodeBfdPacket } from './bfd-packet.ts';
import { BFD_TABLE, type BfdAction, type BfdEvent } from './bfd-state-table.ts';
import { rowFor } from './transition-table.ts';

export interface BfdConfig {
  /** How often we would like to send, 1 ms or more. */
  readonly desiredMinTxIntervalMs: number;
  /** How often we can take packets, 1 ms or more. */
  readonly requiredMinRxIntervalMs: number;
  /** Packets missed in a row before the other side counts as dead, 1..255. */
  readonly detectMultiplier: number;
}

/** What a session tells. */
export interface BfdListener {
  send(octets: Uint8Array): void;
  changed(from: BfdState, to: BfdState, diagnostic: number): void;
}

/** The least interval while the session is not up (RFC 5880 6.8.3). */
const SLOW_INTERVAL_MS = 1000;
const NEVER = Number.POSITIVE_INFINITY;

const RECEIVED: Readonly<Record<BfdState, BfdEvent>> = {
  AdminDown: 'ReceivedAdminDown',
  Down: 'ReceivedDown',
  Init: 'ReceivedInit',
  Up: 'ReceivedUp',
};

export class BfdSession {
  readonly localDiscriminator: number;
  readonly #config: BfdConfig;
  readonly #listener: BfdListener;
  readonly #prng: Prng;
  #state: BfdState = 'Down';
  #diagnostic: number = BfdDiagnostic.None;
  #remoteDiscriminator = 0;
  #remoteState: BfdState = 'Down';
  #remoteMinRxMs = 1 / 1000;
  #remoteMinTxMs = 0;
  #remoteMultiplier = 1;
  #polling = false;
  #heardMs = Number.NEGATIVE_INFINITY;
  #sentMs = Number.NEGATIVE_INFINITY;
  #sendAtMs: number;

  /** @param localDiscriminator - not 0, unique among the sessions of this machine. */
  constructor(
    config: BfdConfig,
    localDiscriminator: number,
    prng: Prng,
    listener: BfdListener,
    nowMs: number,
  ) {
    this.#config = config;
    this.localDiscriminator = localDiscriminator;
    this.#prng = prng;
    this.#listener = listener;
    this.#sendAtMs = nowMs;
  }

  get state(): BfdState {
    return this.#state;
  }

  /** The state that the other side said last. */
  get remoteState(): BfdState {
    return this.#remoteState;
  }

  /** Silence longer than this is death (RFC 5880 6.8.4). */
  get detectionTimeMs(): number {
    const { requiredMinRxIntervalMs } = this.#config;
    return this.#remoteMultiplier * Math.max(requiredMinRxIntervalMs, this.#remoteMinTxMs);
  }

  deadlineMs(): number {
    return Math.min(this.#sendAtMs, this.#expiryMs());
  }

  /** Takes a packet that was demultiplexed to this session (RFC 5880 6.8.6). */
  receive(packet: BfdPacket, nowMs: number): void {
    this.#remoteDiscriminator = packet.myDiscriminator;
    this.#remoteState = packet.state;
    this.#remoteMinRxMs = packet.requiredMinRxIntervalUs / 1000;
    this.#remoteMinTxMs = packet.desiredMinTxIntervalUs / 1000;
    this.#remoteMultiplier = packet.detectMultiplier;
    this.#heardMs = nowMs;
    if (packet.final) this.#polling = false;
    this.#handle(RECEIVED[packet.state], nowMs);
    if (packet.poll) this.#send(nowMs, true);
    // 6.8.7: a shorter interval counts at once, from the last packet on.
    this.#schedule(this.#sentMs, nowMs);
  }

  /** Carries out what has fallen due. */
  wake(nowMs: number): void {
    if (nowMs >= this.#expiryMs()) {
      this.#heardMs = Number.NEGATIVE_INFINITY;
      this.#remoteDiscriminator = 0;
      this.#handle('DetectionTimeExpired', nowMs);
    }
    if (nowMs < this.#sendAtMs) return;
    this.#send(nowMs, false);
    this.#schedule(nowMs, nowMs);
  }

  /** Ends the session on purpose and says so, which takes nobody's adjacency down (RFC 5882 4.2). */
  close(nowMs: number): void {
    this.#state = 'AdminDown';
    this.#diagnostic = BfdDiagnostic.AdministrativelyDown;
    this.#send(nowMs, false);
    this.#sendAtMs = NEVER;
    this.#heardMs = Number.NEGATIVE_INFINITY;
  }

  /** When the Detection Time is over; `Infinity` while nothing was heard. */
  #expiryMs(): number {
    return this.#heardMs === Number.NEGATIVE_INFINITY
      ? NEVER
      : this.#heardMs + this.detectionTimeMs;
  }

  get #desiredMinTxMs(): number {
    const { desiredMinTxIntervalMs } = this.#config;
    return this.#state === 'Up'
      ? desiredMinTxIntervalMs
      : Math.max(desiredMinTxIntervalMs, SLOW_INTERVAL_MS);
  }

  /** Sets the time of the next packet, with the jitter of RFC 5880 6.8.7. */
  #schedule(fromMs: number, nowMs: number): void {
    if (this.#remoteMinRxMs === 0) {
      this.#sendAtMs = NEVER;
      return;
    }
    const intervalMs = Math.max(this.#desiredMinTxMs, this.#remoteMinRxMs);
    const most = this.#config.detectMultiplier === 1 ? 0.9 : 1;
    const next = fromMs + intervalMs * this.#prng.between(0.75, most);
    const sooner = fromMs === nowMs ? next : Math.min(this.#sendAtMs, next);
    this.#sendAtMs = Math.max(nowMs, sooner);
  }

  #handle(event: BfdEvent, nowMs: number): void {
    const from = this.#state;
    const row = rowFor(BFD_TABLE, from, event, () => false);
    if (row === undefined || row.to === 'same') return;
    this.#state = row.to;
    // 6.8.7: news is told between the packets that are due anyway.
    if (this.#remoteMinRxMs > 0) this.#sendAtMs = nowMs;
    for (const action of row.act) this.#perform(action);
    if (this.#state === 'Up') this.#diagnostic = BfdDiagnostic.None;
    this.#listener.changed(from, this.#state, this.#diagnostic);
  }

  #perform(action: BfdAction): void {
    switch (action) {
      case 'diagnoseNeighborDown':
        this.#diagnostic = BfdDiagnostic.NeighborSignaledDown;
        return;
      case 'diagnoseSilence':
        this.#diagnostic = BfdDiagnostic.DetectionTimeExpired;
        return;
      case 'startPoll':
        this.#polling = true;
        return;
    }
  }

  #send(nowMs: number, final: boolean): void {
    this.#sentMs = nowMs;
    this.#listener.send(
      encodeBfdPacket({
        diagnostic: this.#diagnostic,
        state: this.#state,
        // A packet that answers a Poll has no Poll of its own (6.5).
        poll: this.#polling && !final,
        final,
        detectMultiplier: this.#config.detectMultiplier,
        myDiscriminator: this.localDiscriminator,
        yourDiscriminator: this.#remoteDiscriminator,
        desiredMinTxIntervalUs: Math.round(1000 * this.#desiredMinTxMs),
        requiredMinRxIntervalUs: Math.round(1000 * this.#config.requiredMinRxIntervalMs),
      }),
    );
  }
}
