/**
 * One neighbor: its data (RFC 2328 10), the state machine carried out (10.3), and the packets
 * that pass between it and us alone: Database Descriptions (10.6), Link State Requests (10.7) and
 * Acknowledgments (13.7). Link State Updates concern the whole database and are the instance's.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import { identityKey, type LsaHeader } from '../lsa/header.ts';
import { compareInstances } from '../lsa/newer.ts';
import { ageS, headerNow, type LsdbEntry } from '../lsdb/lsdb.ts';
import { RequestRecord } from '../packet/body.ts';
import { PACKET_HEADER_OCTETS } from '../packet/header.ts';
import type { DatabaseDescription, LinkStateRequest } from '../packet/packet.ts';
import { type Address, sameAddress } from '../wire/address.ts';
import type { Attachment } from './attachment.ts';
import { DatabaseExchange } from './database-exchange.ts';
import { RequestList } from './request-list.ts';
import { RetransmissionList } from './retransmission-list.ts';
import {
  atLeast,
  NEIGHBOR_TABLE,
  type NeighborAction,
  type NeighborEvent,
  type NeighborQuestion,
  type NeighborState,
} from './state-table.ts';
import { rowFor } from './transition-table.ts';

/** The most LSAs sent again to a neighbor at once; a database must not come as one burst. */
const RETRANSMIT_LIMIT = 200;

/** Why a neighbor's packet was not used. */
export type NeighborDropReason = 'NeighborState' | 'MtuMismatch';

export class Neighbor {
  readonly routerId: number;
  /** Its link-local address, the source of its Hellos. */
  address: Address;
  /** Its number for its interface. */
  interfaceId = 0;
  priority = 0;
  /** Options of its last Hello. */
  options = 0;
  /** The designated router it names, a Router ID or 0. */
  designatedRouter = 0;
  backupDesignatedRouter = 0;
  /** When it last came to state Full, or `undefined` while it is not. */
  fullSinceMs: number | undefined;
  /** Since when the adjacency has been forming, failed tries included; `undefined` when it is not. */
  formingSinceMs: number | undefined;
  readonly requests = new RequestList();
  readonly retransmissions = new RetransmissionList();
  readonly #attachment: Attachment;
  readonly #exchange: DatabaseExchange;
  #state: NeighborState = 'Down';
  #inactivityAtMs = Number.POSITIVE_INFINITY;
  #requestAgainAtMs = Number.POSITIVE_INFINITY;
  /** A Database Description that came while we did not want the adjacency yet, or held ours back. */
  #early: { readonly dd: DatabaseDescription; readonly atMs: number } | undefined;

  constructor(attachment: Attachment, routerId: number, address: Address) {
    this.#attachment = attachment;
    this.routerId = routerId;
    this.address = address;
    this.#exchange = new DatabaseExchange(attachment, routerId, address);
  }

  get state(): NeighborState {
    return this.#state;
  }

  isAtLeast(least: NeighborState): boolean {
    return atLeast(this.#state, least);
  }

  /** Whether MaxAge LSAs must be kept because of it (RFC 2328 14). */
  get exchanging(): boolean {
    return this.#state === 'Exchange' || this.#state === 'Loading';
  }

  /** When it counts as dead, unless a Hello comes before. */
  get inactivityAtMs(): number {
    return this.#inactivityAtMs;
  }

  deadlineMs(): number {
    return Math.min(
      this.#inactivityAtMs,
      this.#requestAgainAtMs,
      this.#exchange.deadlineMs,
      this.retransmissions.nextMs,
    );
  }

  moveTo(address: Address): void {
    if (sameAddress(address, this.address)) return;
    this.address = address;
    this.#exchange.address = address;
  }

  /** Executes the state machine with one event (RFC 2328 10.3). */
  handle(event: NeighborEvent, nowMs: number): void {
    const from = this.#state;
    const row = rowFor(NEIGHBOR_TABLE, from, event, (question) => this.#answer(question));
    if (row === undefined) {
      this.#attachment.illegalTransition('neighbor', from, event);
      return;
    }
    if (row.to !== 'same') this.#state = row.to;
    if (this.#state !== from) this.#noteSince(nowMs);
    for (const action of row.act) this.#perform(action, nowMs);
    if (this.#state !== from) {
      this.#attachment.neighborChanged(
        this.routerId,
        { from, to: this.#state, because: event },
        nowMs,
      );
    }
    if (this.#state === 'ExStart') this.#takeEarly(nowMs);
  }

  #noteSince(nowMs: number): void {
    const isFull = this.#state === 'Full';
    this.fullSinceMs = isFull ? nowMs : undefined;
    const isForming = this.isAtLeast('ExStart') && !isFull;
    this.formingSinceMs = isForming ? (this.formingSinceMs ?? nowMs) : undefined;
  }

  /** Carries out what has fallen due. */
  wake(nowMs: number): void {
    if (nowMs >= this.#inactivityAtMs) {
      this.handle('InactivityTimer', nowMs);
      return;
    }
    if (this.#exchange.isAbandoned(nowMs)) this.handle('SeqNumberMismatch', nowMs);
    this.#exchange.retransmit(nowMs);
    if (this.#state === 'ExStart') this.#takeEarly(nowMs);
    if (nowMs >= this.#requestAgainAtMs) this.#sendRequests(nowMs);
    if (nowMs >= this.retransmissions.nextMs) {
      const { rxmtIntervalMs } = this.#attachment;
      this.send(this.retransmissions.takeDue(nowMs, rxmtIntervalMs, RETRANSMIT_LIMIT), nowMs);
    }
  }

  /** Sends LSAs to this neighbor alone. */
  send(entries: readonly LsdbEntry[], nowMs: number): void {
    if (entries.length === 0) return;
    for (const entry of entries) this.retransmissions.noteSent(entry, nowMs);
    this.#attachment.sendLsas(this.address, entries);
  }

  /** Receives a Database Description (RFC 2328 10.6). @returns why it was dropped, if it was. */
  receiveDatabaseDescription(
    dd: DatabaseDescription,
    nowMs: number,
  ): NeighborDropReason | undefined {
    const { mtu, mtuIgnore } = this.#attachment;
    if (dd.interfaceMtu > mtu && !mtuIgnore) return 'MtuMismatch';
    if (this.#state === 'Init') this.handle('TwoWayReceived', nowMs);
    if (!this.isAtLeast('ExStart')) {
      // It has elected before us. Kept, so that we need not wait until it says so again.
      if (this.#state === 'TwoWay') this.#early = { dd, atMs: nowMs };
      return 'NeighborState';
    }
    if (this.#state === 'ExStart') {
      if (this.#exchange.holdsBack) {
        this.#early = { dd, atMs: nowMs };
        return undefined;
      }
      if (!this.#exchange.negotiate(dd, nowMs)) return undefined;
      this.handle('NegotiationDone', nowMs);
      this.#accept(dd, nowMs);
      return undefined;
    }
    switch (this.#exchange.standingOf(dd, this.#state === 'Exchange')) {
      case 'duplicate':
        if (!this.#exchange.repeat(nowMs)) this.handle('SeqNumberMismatch', nowMs);
        return undefined;
      case 'mismatch':
        this.handle('SeqNumberMismatch', nowMs);
        return undefined;
      case 'next':
        this.#accept(dd, nowMs);
        return undefined;
    }
  }

  /** Receives a Link State Request (RFC 2328 10.7). @returns why it was dropped, if it was. */
  receiveLinkStateRequest(
    request: LinkStateRequest,
    nowMs: number,
  ): NeighborDropReason | undefined {
    if (!this.isAtLeast('Exchange')) return 'NeighborState';
    const found: LsdbEntry[] = [];
    for (const identity of request.requests) {
      const entry = this.#attachment.databases.get(identity);
      if (entry === undefined) {
        this.handle('BadLSReq', nowMs);
        return undefined;
      }
      found.push(entry);
    }
    this.send(found, nowMs);
    return undefined;
  }

  /**
   * Receives an acknowledgment (RFC 2328 13.7).
   * @returns whether it was for the instance that is on the retransmission list.
   */
  receiveAcknowledgment(header: LsaHeader, nowMs: number): boolean {
    const key = identityKey(header);
    const entry = this.retransmissions.get(key);
    if (entry === undefined || compareInstances(header, headerNow(entry, nowMs)) !== 0) {
      return false;
    }
    this.retransmissions.remove(key);
    return true;
  }

  /** Takes an LSA that has come off the request list (RFC 2328 13.3 step 1b). */
  requestSatisfied(header: LsaHeader): void {
    this.requests.remove(header);
  }

  /** After an update was read: asks for the next LSAs, or is done (RFC 2328 10.9). */
  requestMore(nowMs: number): void {
    if (!this.exchanging || !this.requests.answered) return;
    if (this.requests.size > 0) this.#sendRequests(nowMs);
    else {
      this.#requestAgainAtMs = Number.POSITIVE_INFINITY;
      if (this.#state === 'Loading') this.handle('LoadingDone', nowMs);
    }
  }

  #takeEarly(nowMs: number): void {
    if (this.#exchange.holdsBack) return;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined && nowMs < early.atMs + this.#attachment.rxmtIntervalMs) {
      this.receiveDatabaseDescription(early.dd, nowMs);
    }
  }

  #answer(question: NeighborQuestion): boolean {
    switch (question) {
      case 'adjacencyWanted':
        return this.#attachment.adjacencyWanted(this.routerId);
      case 'requestsPending':
        return this.requests.size > 0;
    }
  }

  #perform(action: NeighborAction, nowMs: number): void {
    switch (action) {
      case 'startInactivityTimer':
        this.#inactivityAtMs = nowMs + this.#attachment.routerDeadIntervalMs;
        return;
      case 'stopInactivityTimer':
        this.#inactivityAtMs = Number.POSITIVE_INFINITY;
        return;
      case 'startExchange':
        this.#exchange.start(nowMs);
        return;
      case 'summarizeDatabases':
        this.#summarize(nowMs);
        return;
      case 'requestLsas':
        if (this.requests.answered) this.#sendRequests(nowMs);
        return;
      case 'clearLists':
        this.requests.clear();
        this.retransmissions.clear();
        this.#exchange.clear();
        this.#early = undefined;
        this.#requestAgainAtMs = Number.POSITIVE_INFINITY;
        return;
    }
  }

  /** Lists the databases; LSAs of age MaxAge go on the retransmission list instead (10.3). */
  #summarize(nowMs: number): void {
    const summary: LsdbEntry[] = [];
    const maxAge: LsdbEntry[] = [];
    for (const entry of this.#attachment.databases.entries()) {
      if (ageS(entry, nowMs) < MAX_AGE_S) summary.push(entry);
      else maxAge.push(entry);
    }
    this.#exchange.summarize(summary);
    const { rxmtIntervalMs } = this.#attachment;
    for (const entry of maxAge) this.retransmissions.add(entry, nowMs, rxmtIntervalMs);
    this.send(maxAge, nowMs);
  }

  /** Takes the headers of a Database Description, the next in sequence, and answers it (10.6). */
  #accept(dd: DatabaseDescription, nowMs: number): void {
    for (const header of dd.lsaHeaders) {
      const lsdb = this.#attachment.databases.of(header.lsType);
      if (lsdb === undefined) {
        // A reserved scope, or AS scope in a stub area.
        this.handle('SeqNumberMismatch', nowMs);
        return;
      }
      const own = lsdb.get(header);
      if (own === undefined || compareInstances(header, headerNow(own, nowMs)) > 0) {
        this.requests.add(header);
      }
    }
    if (this.#exchange.answer(dd, nowMs)) this.handle('ExchangeDone', nowMs);
    else if (this.requests.size > 0 && this.requests.answered) this.#sendRequests(nowMs);
  }

  #sendRequests(nowMs: number): void {
    const { packetHeader, maxPacketOctets, rxmtIntervalMs } = this.#attachment;
    const room = Math.floor((maxPacketOctets - PACKET_HEADER_OCTETS) / RequestRecord.span);
    const requests = this.requests.next(room);
    this.#requestAgainAtMs = requests.length > 0 ? nowMs + rxmtIntervalMs : Infinity;
    if (requests.length === 0) return;
    this.#attachment.sendTo(this.address, { kind: 'LinkStateRequest', ...packetHeader, requests });
  }
}
