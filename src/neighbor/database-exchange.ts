/**
 * The exchange of Database Descriptions with one neighbor: who is master, what each has, in
 * numbered packets of which each is answered before the next (RFC 2328 10.6, 10.8; RFC 5340
 * 4.2.1.2, A.3.3). It says what should happen to the neighbor; the state table decides.
 * @module
 */
import { LSA_HEADER_OCTETS, type LsaHeader } from '../lsa/header.ts';
import { headerNow, type LsdbEntry } from '../lsdb/lsdb.ts';
import { DatabaseDescriptionHead } from '../packet/body.ts';
import { PACKET_HEADER_OCTETS } from '../packet/header.ts';
import { type DatabaseDescription, DatabaseDescriptionFlag } from '../packet/packet.ts';
import type { Address } from '../wire/address.ts';
import type { Attachment } from './attachment.ts';

const { I, M, MS } = DatabaseDescriptionFlag;
const DESCRIPTION_HEAD_OCTETS = PACKET_HEADER_OCTETS + DatabaseDescriptionHead.span;

/**
 * An exchange that fails so soon after it began is begun again only after this, and after twice as
 * long each time it fails again, up to RxmtInterval: routers that never agree, such as three on a
 * point-to-point link, must not fill it.
 */
const RESTART_MS = 1000;

/** What a packet received in Exchange or later is (10.6). */
type Standing = 'next' | 'duplicate' | 'mismatch';

export class DatabaseExchange {
  readonly #attachment: Attachment;
  readonly #neighborId: number;
  #address: Address;
  #master = true;
  #sequenceNumber: number;
  #summary: LsdbEntry[] = [];
  #described = 0;
  #lastSent: DatabaseDescription | undefined;
  #lastReceived: DatabaseDescription | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;
  /** How long the last start was put off because exchanges failed; 0 when it was not. */
  #restartMs = 0;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #retransmitAtMs = Number.POSITIVE_INFINITY;
  /** Whether the packet that says that we start is still put off. */
  #holdsBack = false;
  /**
   * When a slave in the midst of an exchange has heard nothing for RouterDeadInterval. A master
   * repeats itself, so it is no longer in this exchange; RFC 2328 would wait for it for ever.
   */
  #abandonedAtMs = Number.POSITIVE_INFINITY;
  /** Until when a slave keeps its last packet, to repeat it for a master that missed it. */
  #keepUntilMs = Number.POSITIVE_INFINITY;

  constructor(attachment: Attachment, neighborId: number, address: Address) {
    this.#attachment = attachment;
    this.#neighborId = neighborId;
    this.#address = address;
    this.#sequenceNumber = attachment.drawSequenceNumber();
  }

  get deadlineMs(): number {
    return Math.min(this.#retransmitAtMs, this.#abandonedAtMs);
  }

  /**
   * Whether the neighbor cannot know yet that we start over. With an old packet of it the exchange
   * would then go on at our side alone.
   */
  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  /** Whether the master has left us waiting in the midst of the exchange. */
  isAbandoned(nowMs: number): boolean {
    return nowMs >= this.#abandonedAtMs;
  }

  set address(address: Address) {
    this.#address = address;
  }

  /** Declares ourselves master and says so until the neighbor answers (10.3, state ExStart). */
  start(nowMs: number): void {
    const again = nowMs < this.#startedMs + this.#restartMs + RESTART_MS;
    this.#restartMs = again
      ? Math.min(Math.max(RESTART_MS, 2 * this.#restartMs), this.#attachment.rxmtIntervalMs)
      : 0;
    this.#startedMs = nowMs;
    this.#sequenceNumber = (this.#sequenceNumber + 1) >>> 0;
    this.#master = true;
    this.#lastReceived = undefined;
    this.#keepUntilMs = Number.POSITIVE_INFINITY;
    this.#holdsBack = again;
    this.#prepare(I | M | MS, []);
    if (again) this.#retransmitAtMs = nowMs + this.#restartMs;
    else this.#repeatLast(nowMs);
  }

  /** Takes down what the databases hold, to be described; MaxAge LSAs are not (10.3). */
  summarize(entries: LsdbEntry[]): void {
    this.#summary = entries;
    this.#described = 0;
  }

  clear(): void {
    this.#summary = [];
    this.#described = 0;
    this.#lastSent = undefined;
    this.#holdsBack = false;
    this.#retransmitAtMs = Number.POSITIVE_INFINITY;
    this.#abandonedAtMs = Number.POSITIVE_INFINITY;
  }

  /**
   * Settles who is master, in state ExStart (10.6).
   * @returns whether the negotiation is done; otherwise the packet is ignored.
   */
  negotiate(dd: DatabaseDescription, nowMs: number): boolean {
    const { routerId } = this.#attachment.packetHeader;
    const initial = dd.flags & (I | M | MS);
    if (initial === (I | M | MS) && dd.lsaHeaders.length === 0) {
      if (this.#neighborId > routerId) {
        this.#master = false;
        this.#sequenceNumber = dd.ddSequenceNumber;
        return true;
      }
      // It came to ExStart after us and may have ignored our first packet: saying it again now
      // instead of after RxmtInterval is ours, not the RFC's.
      if (nowMs > this.#lastSentMs) this.#repeatLast(nowMs);
      return false;
    }
    return (
      (initial & (I | MS)) === 0 &&
      dd.ddSequenceNumber === this.#sequenceNumber &&
      this.#neighborId < routerId
    );
  }

  /** What the packet is beside the one before, in states Exchange, Loading and Full (10.6). */
  standingOf(dd: DatabaseDescription, exchanging: boolean): Standing {
    const last = this.#lastReceived;
    if (
      last !== undefined &&
      dd.flags === last.flags &&
      dd.options === last.options &&
      dd.ddSequenceNumber === last.ddSequenceNumber
    ) {
      return 'duplicate';
    }
    if (!exchanging) return 'mismatch';
    // The state of the MS-bit is inconsistent with the master/slave state of the connection.
    if (((dd.flags & MS) !== 0) === this.#master) return 'mismatch';
    if (dd.flags & I) return 'mismatch';
    if (last !== undefined && dd.options !== last.options) return 'mismatch';
    const expected = this.#master ? this.#sequenceNumber : (this.#sequenceNumber + 1) >>> 0;
    return dd.ddSequenceNumber === expected ? 'next' : 'mismatch';
  }

  /**
   * Answers a packet whose LSA headers were taken note of.
   * @returns whether both sides have described everything.
   */
  answer(dd: DatabaseDescription, nowMs: number): boolean {
    this.#lastReceived = dd;
    const neighborIsDone = (dd.flags & M) === 0;
    if (this.#master) {
      const done = neighborIsDone && this.#saidAll();
      this.#sequenceNumber = (this.#sequenceNumber + 1) >>> 0;
      if (done) this.#retransmitAtMs = Number.POSITIVE_INFINITY;
      else this.#sendNext(nowMs);
      return done;
    }
    this.#sequenceNumber = dd.ddSequenceNumber;
    this.#sendNext(nowMs);
    const done = neighborIsDone && this.#saidAll();
    const deadAtMs = nowMs + this.#attachment.routerDeadIntervalMs;
    this.#keepUntilMs = done ? deadAtMs : Number.POSITIVE_INFINITY;
    this.#abandonedAtMs = done ? Number.POSITIVE_INFINITY : deadAtMs;
    return done;
  }

  /**
   * Repeats the last packet for a master that asks again; a master ignores duplicates.
   * @returns false when the packet was kept long enough and is gone (10.8).
   */
  repeat(nowMs: number): boolean {
    if (this.#master) return true;
    if (this.#lastSent === undefined || nowMs >= this.#keepUntilMs) return false;
    this.#repeatLast(nowMs);
    if (this.#abandonedAtMs !== Number.POSITIVE_INFINITY) {
      this.#abandonedAtMs = nowMs + this.#attachment.routerDeadIntervalMs;
    }
    return true;
  }

  /** Sends the last packet again when it is time (10.8). */
  retransmit(nowMs: number): void {
    if (nowMs >= this.#retransmitAtMs) this.#repeatLast(nowMs);
  }

  #repeatLast(nowMs: number): void {
    if (this.#lastSent === undefined) return;
    // The MTU may have changed since: a repeated packet that said the old one would never be taken.
    const { mtu } = this.#attachment;
    this.#attachment.sendTo(this.#address, { ...this.#lastSent, interfaceMtu: mtu });
    this.#sentAt(nowMs);
  }

  /** The slave never retransmits of itself; it answers (10.8). */
  #sentAt(nowMs: number): void {
    this.#lastSentMs = nowMs;
    this.#holdsBack = false;
    this.#retransmitAtMs = this.#master
      ? nowMs + this.#attachment.rxmtIntervalMs
      : Number.POSITIVE_INFINITY;
  }

  #saidAll(): boolean {
    const last = this.#lastSent;
    return last !== undefined && (last.flags & (I | M)) === 0;
  }

  #sendNext(nowMs: number): void {
    const room = this.#attachment.maxPacketOctets - DESCRIPTION_HEAD_OCTETS;
    const end = this.#described + Math.floor(room / LSA_HEADER_OCTETS);
    const headers = this.#summary
      .slice(this.#described, end)
      .map((entry) => headerNow(entry, nowMs));
    this.#described += headers.length;
    const more = this.#described < this.#summary.length ? M : 0;
    if (!more) this.summarize([]);
    this.#prepare(more | (this.#master ? MS : 0), headers);
    this.#repeatLast(nowMs);
  }

  #prepare(flags: number, lsaHeaders: readonly LsaHeader[]): void {
    const { packetHeader, options, mtu } = this.#attachment;
    this.#lastSent = {
      kind: 'DatabaseDescription',
      ...packetHeader,
      options,
      interfaceMtu: mtu,
      flags,
      ddSequenceNumber: this.#sequenceNumber,
      lsaHeaders,
    };
  }
}
