/**
 * Whose turn it is. A router that keeps one link-layer address per neighbour sends everything to
 * the server that advertised last, so servers share it in time: each holds it for a turn as long as
 * its weight asks, in the order of their addresses. No one coordinates: everyone hears every
 * advertisement, and each server works out from them when its own is due.
 *
 * When the turn ends the next server in the ring advertises at once, the one behind it a take-over
 * delay later, and so on: a server that died costs one take-over delay, not a timeout.
 * @module
 */
import { type Address, addressKey } from '../wire/address.ts';
import type { LinkLayerAddress } from './link-layer-address.ts';

/** What must be known of a peer to take turns with it. */
export interface Peer {
  /** Its address on the link, by which it is told apart. */
  readonly source: Address;
  readonly linkLayerAddress: LinkLayerAddress | undefined;
  /** 1..255. */
  readonly weight: number;
  readonly heardAtMs: number;
}

export interface TurnTiming {
  /** In which every server has one turn, milliseconds, unless a turn would be too short. */
  readonly cycleMs: number;
  /** Shortest turn; the cycle grows up to `maxCycleMs` to keep it. */
  readonly minTurnMs: number;
  readonly maxCycleMs: number;
  /** How long the next server but one waits for the next one. */
  readonly takeoverMs: number;
  /** Announced silences in a row after which the holder counts as dead. */
  readonly silentRefreshes: number;
}

interface MutablePeer extends Peer {
  missedTurns: number;
}

interface Turn {
  readonly key: string;
  readonly source: Address;
  readonly endsAtMs: number;
  /** Infinity when the holder did not say how often it speaks. */
  readonly silentAtMs: number;
}

/** Part by which a new measurement of the delay counts. */
const DELAY_GAIN = 0.25;

/** Turns a peer may let pass before it is taken for gone. */
const MAX_MISSED_TURNS = 2;

/** Turn lengths are read from the network; none holds longer than the longest cycle we know of. */
const MAX_TURN_MS = 60_000;

/** Peers that are remembered; more advertisers than this are an attack or a mistake. */
const MAX_PEERS = 256;

export class TurnRing {
  readonly #selfKey: string;
  readonly #self: Address;
  readonly #timing: TurnTiming;
  readonly #peers = new Map<string, MutablePeer>();
  #order: readonly string[];
  #turn: Turn | undefined;
  #ownTurnBeganMs = 0;
  #ownShareMs = 0;
  /** How long a word takes from one server to the next, smoothed. */
  #delayMs = 0;
  weight = 1;

  constructor(self: Address, timing: TurnTiming) {
    this.#self = self;
    this.#selfKey = addressKey(self);
    this.#timing = timing;
    this.#order = [this.#selfKey];
  }

  /** Peers that are taking turns. */
  peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** Who advertised last and has not ended its turn, as far as we know. */
  get holder(): Address | undefined {
    return this.#turn?.source;
  }

  /** When the present turn ends; -Infinity when nobody has one. */
  get turnEndsAtMs(): number {
    return this.#turn?.endsAtMs ?? Number.NEGATIVE_INFINITY;
  }

  get alone(): boolean {
    return this.#peers.size === 0;
  }

  /** How long a turn of this weight is, given the servers known now. */
  turnMs(weight: number): number {
    const { cycleMs, minTurnMs, maxCycleMs } = this.#timing;
    let total = this.weight;
    let least = this.weight;
    for (const peer of this.#peers.values()) {
      total += peer.weight;
      least = Math.min(least, peer.weight);
    }
    const cycle = Math.min(maxCycleMs, Math.max(cycleMs, (minTurnMs * total) / least));
    return (cycle * weight) / total;
  }

  /** A peer is taking part; true when it was not known. */
  admit(peer: Peer): boolean {
    const key = addressKey(peer.source);
    const known = this.#peers.has(key);
    if (!known && this.#peers.size >= MAX_PEERS) return false;
    this.#peers.set(key, { ...peer, missedTurns: 0 });
    if (!known) this.#reorder();
    return !known;
  }

  /** A peer takes the turn, or goes on with it. @returns the peers taken for gone because of it. */
  claim(source: Address, nowMs: number, turnMs: number, refreshMs: number): readonly Peer[] {
    const key = addressKey(source);
    const gone = this.#turn?.key === key ? [] : this.#skipTo(key, nowMs);
    if (this.#turn?.key === this.#selfKey) this.#settleOwn(nowMs);
    this.#turn = {
      key,
      source,
      endsAtMs: nowMs + Math.min(turnMs, MAX_TURN_MS),
      silentAtMs:
        refreshMs > 0 ? nowMs + refreshMs * this.#timing.silentRefreshes : Number.POSITIVE_INFINITY,
    };
    return gone;
  }

  /** We take the turn. @returns the peers taken for gone because of it. */
  claimOwn(nowMs: number): readonly Peer[] {
    const gone = this.#skipTo(this.#selfKey, nowMs);
    this.#ownTurnBeganMs = nowMs;
    this.#turn = {
      key: this.#selfKey,
      source: this.#self,
      endsAtMs: nowMs,
      silentAtMs: Number.POSITIVE_INFINITY,
    };
    this.resizeOwn(nowMs);
    return gone;
  }

  /** Fits our own turn to the servers known now; alone, it has no end. */
  resizeOwn(nowMs: number): void {
    if (this.#turn?.key !== this.#selfKey) return;
    this.#ownShareMs = this.turnMs(this.weight);
    const lengthMs = Math.max(this.#ownShareMs / 2, this.#ownShareMs - this.#delayMs);
    if (this.#turn.endsAtMs === Number.POSITIVE_INFINITY && !this.alone) {
      // The first peer has come: what we held alone is nobody's due.
      this.#ownTurnBeganMs = nowMs - lengthMs;
    }
    const endsAtMs = this.alone
      ? Number.POSITIVE_INFINITY
      : Math.max(nowMs, this.#ownTurnBeganMs + lengthMs);
    this.#turn = { ...this.#turn, endsAtMs };
  }

  /** A peer takes no more turns; if it had one, it ends now. @returns whether it was known. */
  leave(source: Address, nowMs: number): boolean {
    const key = addressKey(source);
    if (this.#turn?.key === key) {
      this.#turn = { ...this.#turn, endsAtMs: Math.min(nowMs, this.#turn.endsAtMs) };
    }
    const known = this.#peers.delete(key);
    if (known) this.#reorder();
    return known;
  }

  /**
   * Whether a peer that advertises now, just after we did, has to let us go first: neither had
   * heard the other. The lower address wins, so that both (and everyone else) decide alike.
   */
  contested(source: Address, nowMs: number): boolean {
    // In a short turn the next server's own is soon due: it is not a contest then.
    const momentMs = Math.min(this.#timing.takeoverMs, this.#ownShareMs) / 2;
    return nowMs - this.#ownTurnBeganMs < momentMs && this.#selfKey < addressKey(source);
  }

  /** Our own turn is over before its time, or we take part no more. */
  endOwn(nowMs: number): void {
    if (this.#turn?.key === this.#selfKey) this.#turn = { ...this.#turn, endsAtMs: nowMs };
  }

  /** When our own turn is due; undefined when nobody has had one yet. */
  ownTurnAtMs(): number | undefined {
    if (!this.#turn) return undefined;
    const endsAtMs = Math.min(this.#turn.endsAtMs, this.#turn.silentAtMs);
    const ahead = this.#between(this.#turn.key, this.#selfKey).length;
    return endsAtMs + ahead * this.#timing.takeoverMs;
  }

  /**
   * A router's entry moves on later than meant, by the time our last word takes to reach the next
   * server. What we see is twice that, for its word takes as long to reach us. For short turns it
   * is much, so turns are shortened by it.
   */
  #settleOwn(nowMs: number): void {
    const lateMs = nowMs - this.#ownTurnBeganMs - (this.#ownShareMs - this.#delayMs);
    const { takeoverMs } = this.#timing;
    // Another server was skipped, or came before its time: that says nothing of delay.
    if (this.#ownShareMs === 0 || Math.abs(lateMs) > takeoverMs / 2) return;
    const delayMs = Math.max(0, lateMs) / 2;
    this.#delayMs += DELAY_GAIN * (delayMs - this.#delayMs);
  }

  /** Those who should have come between the last holder and this one have let a turn pass. */
  #skipTo(key: string, nowMs: number): readonly Peer[] {
    const turn = this.#turn;
    if (!turn) return [];
    const gone: Peer[] = [];
    const strike = (skipped: string): void => {
      const peer = this.#peers.get(skipped);
      if (peer && ++peer.missedTurns >= MAX_MISSED_TURNS) gone.push(peer);
    };
    if (nowMs >= turn.silentAtMs && nowMs < turn.endsAtMs) {
      // The holder fell silent inside its own turn: it is gone, whatever it did before.
      const peer = this.#peers.get(turn.key);
      if (peer) gone.push(peer);
    }
    if (nowMs >= Math.min(turn.endsAtMs, turn.silentAtMs)) {
      for (const skipped of this.#between(turn.key, key)) strike(skipped);
    }
    for (const peer of gone) this.#peers.delete(addressKey(peer.source));
    if (gone.length > 0) this.#reorder();
    return gone;
  }

  /** Members behind `from` and before `to`, going round; all others when both are the same. */
  #between(from: string, to: string): readonly string[] {
    const order = this.#order;
    const start = order.findIndex((key) => key > from);
    const between: string[] = [];
    for (let step = 0; step < order.length; step++) {
      const key = order[((start < 0 ? 0 : start) + step) % order.length]!;
      if (key === to) break;
      between.push(key);
    }
    return between;
  }

  #reorder(): void {
    this.#order = [this.#selfKey, ...this.#peers.keys()].sort();
  }
}
