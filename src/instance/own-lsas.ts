/**
 * Every LSA of our own: what is wanted, when it may go, and under which sequence number (RFC 2328
 * 12.1.6, 12.4, 13.4, 14.1). Pacing: at most one origination per MinLSInterval, the newest value
 * wins; at least MinLSArrival between any two instances, the flush included, because a neighbor
 * drops what comes earlier. Instances that no neighbor was sent do not count.
 * @module
 */
import { bodyOctets, encodeBody, type LsaBody } from '../lsa/body.ts';
import {
  INITIAL_SEQUENCE_NUMBER,
  LS_REFRESH_TIME_S,
  MAX_AGE_S,
  MAX_SEQUENCE_NUMBER,
} from '../lsa/constants.ts';
import { identityKey, LSA_HEADER_OCTETS, type LsaIdentity } from '../lsa/header.ts';
import { Lsa } from '../lsa/lsa.ts';
import { DeadlineHeap } from '../lsdb/deadline-heap.ts';
import { ageS, type Lsdb, type LsdbEntry, type LsdbScope, scopeKey } from '../lsdb/lsdb.ts';
import { NEXT_INSTANCE_MS } from '../neighbor/retransmission-list.ts';
import { rowFor } from '../neighbor/transition-table.ts';
import { LinkStateUpdateHead } from '../packet/body.ts';
import { PACKET_HEADER_OCTETS } from '../packet/header.ts';
import { installAndFlood } from './flood.ts';
import {
  OWN_LSA_TABLE,
  type OwnLsaAction,
  type OwnLsaEvent,
  type OwnLsaQuestion,
  type OwnLsaState,
} from './own-lsa-table.ts';
import type { InstanceState } from './state.ts';

/** What fits a Link State Update of 65535 octets. */
export const LSA_OCTETS_MAX = 0xffff - PACKET_HEADER_OCTETS - LinkStateUpdateHead.span;
/** Refreshes are spread over this part of LSRefreshTime before its end. */
const REFRESH_JITTER_MS = 180_000;
/** How long an LSA of an earlier life stays, so that who still wants it can say so. */
const CLAIM_MS = 2000;
/** Fight-backs within this time that make another router with our Router ID likely. */
const CONTEST_WINDOW_MS = 60_000;
const CONTESTS = 5;
const NEVER = Number.POSITIVE_INFINITY;

interface OwnLsa {
  readonly lsdb: Lsdb;
  readonly identity: LsaIdentity;
  state: OwnLsaState;
  /** The body wanted, encoded; `undefined` when it is not wanted. */
  wanted: { readonly body: LsaBody; readonly octets: Uint8Array } | undefined;
  /** The last sequence number used or seen. */
  sequenceNumber: number;
  /** Whether the next origination need not wait for MinLSInterval. */
  hurried: boolean;
  /** When an origination was last heard, flushes not counted. */
  originatedAtMs: number;
  /** When any instance was last heard. */
  sentAtMs: number;
  /** When its turn comes, or its refresh is due. */
  dueMs: number;
  /** Whether it was held back when its turn had come. */
  heldBack: boolean;
}

export class OwnLsas {
  readonly #state: InstanceState;
  readonly #lsas = new Map<string, OwnLsa>();
  readonly #due = new DeadlineHeap<OwnLsa>();
  #contests: number[] = [];

  constructor(state: InstanceState) {
    this.#state = state;
  }

  deadlineMs(): number {
    return this.#due.nextMs;
  }

  /** Whether everything withdrawn has left the database. */
  get allGone(): boolean {
    for (const own of this.#lsas.values()) if (own.state !== 'Absent') return false;
    return true;
  }

  /**
   * Wants a body advertised; the same again does nothing.
   * @param hurried - whether it waits for MinLSArrival alone, not for MinLSInterval.
   * @throws {RangeError} when there is no such scope, or the body cannot be encoded.
   */
  originate(
    scope: LsdbScope,
    lsType: number,
    linkStateId: number,
    body: LsaBody,
    hurried = false,
  ): void {
    const octets = new Uint8Array(bodyOctets(body));
    if (octets.length + LSA_HEADER_OCTETS > LSA_OCTETS_MAX) {
      throw new RangeError(`body cannot be ${octets.length} octets`);
    }
    encodeBody(body, new DataView(octets.buffer), 0);
    const own = this.#ownLsa(scope, {
      lsType,
      linkStateId,
      advertisingRouter: this.#state.routerId,
    });
    own.wanted = { body, octets };
    own.hurried = hurried;
    this.#handle(own, 'Originate');
  }

  /** Lets a change of what is advertised wait for so long when its turn has come, once. */
  holdBack(scope: LsdbScope, lsType: number, linkStateId: number, forMs: number): void {
    const { nowMs, routerId } = this.#state;
    const own = this.#lsas.get(keyOf(scope, { lsType, linkStateId, advertisingRouter: routerId }));
    if (own?.state !== 'Changing' || own.heldBack || own.dueMs > nowMs) return;
    own.heldBack = true;
    this.#await(own, nowMs + forMs);
  }

  /** Wants an LSA advertised no longer. */
  withdraw(scope: LsdbScope, lsType: number, linkStateId: number): void {
    const identity = { lsType, linkStateId, advertisingRouter: this.#state.routerId };
    const own = this.#lsas.get(keyOf(scope, identity));
    if (own === undefined) return;
    own.wanted = undefined;
    this.#handle(own, 'Withdraw');
  }

  /** Whether any LSA of this type is wanted. */
  wants(lsType: number): boolean {
    for (const own of this.#lsas.values()) {
      if (own.identity.lsType === lsType && own.wanted !== undefined) return true;
    }
    return false;
  }

  /** Wants nothing advertised any longer. */
  withdrawAll(): void {
    for (const own of this.#lsas.values()) {
      own.wanted = undefined;
      this.#handle(own, 'Withdraw');
    }
  }

  /** Takes note that an LSA of ours came in, newer than what we had, and was installed (13.4). */
  newerReceived(lsdb: Lsdb, lsa: Lsa): void {
    const own = this.#ownLsa(lsdb.scope, lsa.header);
    own.sequenceNumber = Math.max(own.sequenceNumber, lsa.header.sequenceNumber);
    this.#handle(own, 'NewerReceived');
  }

  /** Takes note that a MaxAge LSA left a database. */
  gone(lsdb: Lsdb, entry: LsdbEntry): void {
    const own = this.#lsas.get(keyOf(lsdb.scope, entry.lsa.header));
    if (own !== undefined) this.#handle(own, 'Gone');
  }

  /** Carries out what has fallen due. */
  wake(): void {
    const { nowMs } = this.#state;
    for (;;) {
      const own = this.#due.popDue(nowMs);
      if (own === undefined) return;
      // A deadline that was moved since; the later one is in the heap, too.
      if (own.dueMs > nowMs) continue;
      own.dueMs = NEVER;
      if (own.state === 'Absent') this.#lsas.delete(keyOf(own.lsdb.scope, own.identity));
      else this.#handle(own, own.state === 'Advertised' ? 'RefreshDue' : 'TurnCame');
    }
  }

  #ownLsa(scope: LsdbScope, { lsType, linkStateId, advertisingRouter }: LsaIdentity): OwnLsa {
    const identity = { lsType, linkStateId, advertisingRouter };
    const key = keyOf(scope, identity);
    const known = this.#lsas.get(key);
    if (known !== undefined) return known;
    const lsdb = this.#state.lsdbOf(scope);
    if (lsdb === undefined) throw new RangeError(`scope: no ${scopeKey(scope)} here`);
    const own: OwnLsa = {
      lsdb,
      identity,
      state: 'Absent',
      wanted: undefined,
      sequenceNumber: INITIAL_SEQUENCE_NUMBER - 1,
      hurried: false,
      originatedAtMs: Number.NEGATIVE_INFINITY,
      sentAtMs: Number.NEGATIVE_INFINITY,
      dueMs: NEVER,
      heldBack: false,
    };
    this.#lsas.set(key, own);
    return own;
  }

  #handle(own: OwnLsa, event: OwnLsaEvent): void {
    const row = rowFor(OWN_LSA_TABLE, own.state, event, (question) => this.#answer(own, question));
    if (row === undefined) {
      this.#state.outbox.illegalTransition('ownLsa', own.state, event);
      return;
    }
    if (row.to !== 'same') own.state = row.to;
    for (const action of row.act) this.#perform(own, action);
  }

  #answer(own: OwnLsa, question: OwnLsaQuestion): boolean {
    switch (question) {
      case 'sequenceUsedUp':
        return own.sequenceNumber === MAX_SEQUENCE_NUMBER;
      case 'held':
        return own.lsdb.get(own.identity) !== undefined;
      case 'upToDate': {
        const held = own.lsdb.get(own.identity)?.lsa;
        return held !== undefined && held.header.ageS < MAX_AGE_S && saysWhatIsWanted(own, held);
      }
    }
  }

  #perform(own: OwnLsa, action: OwnLsaAction): void {
    const { nowMs, minLsIntervalMs } = this.#state;
    switch (action) {
      case 'awaitTurn':
        this.#await(
          own,
          Math.max(
            own.originatedAtMs + (own.hurried ? 0 : minLsIntervalMs),
            own.sentAtMs + NEXT_INSTANCE_MS,
          ),
        );
        return;
      case 'awaitFlush':
        this.#await(own, own.sentAtMs + NEXT_INSTANCE_MS);
        return;
      case 'awaitClaim':
        this.#await(own, nowMs + CLAIM_MS);
        return;
      case 'stopWaiting':
        own.heldBack = false;
        this.#await(own, this.#idleUntilMs(own));
        return;
      case 'advertise':
        this.#advertise(own);
        return;
      case 'flush':
        this.#flush(own);
        return;
      case 'fightBack':
        this.#fightBack(own);
        return;
      case 'restartSequence':
        own.sequenceNumber = INITIAL_SEQUENCE_NUMBER - 1;
        return;
    }
  }

  /** Waits for a time; when it is now or over, the turn has come already. */
  #await(own: OwnLsa, atMs: number): void {
    const dueMs = Math.max(atMs, this.#state.nowMs);
    if (dueMs === own.dueMs) return;
    own.dueMs = dueMs;
    if (dueMs !== NEVER) this.#due.push(dueMs, own);
  }

  /** Until when nothing has to be done about it. */
  #idleUntilMs(own: OwnLsa): number {
    if (own.state === 'Advertised') return this.#refreshAtMs(own);
    // Its sequence number is remembered as long as somebody may still have the LSA.
    return own.state === 'Absent' ? this.#state.nowMs + 1000 * MAX_AGE_S : NEVER;
  }

  #refreshAtMs(own: OwnLsa): number {
    const { nowMs, prng } = this.#state;
    const held = own.lsdb.get(own.identity);
    const ageMs = held === undefined ? 0 : 1000 * ageS(held, nowMs);
    return nowMs - ageMs + 1000 * LS_REFRESH_TIME_S - prng.below(REFRESH_JITTER_MS);
  }

  #advertise(own: OwnLsa): void {
    const state = this.#state;
    if (own.wanted === undefined) return;
    own.heldBack = false;
    own.sequenceNumber++;
    const lsa = Lsa.originate(own.identity, own.sequenceNumber, own.wanted.body);
    const { heard } = installAndFlood(state, own.lsdb, lsa);
    if (heard) {
      own.originatedAtMs = state.nowMs;
      own.sentAtMs = state.nowMs;
    }
    this.#await(own, this.#refreshAtMs(own));
    state.outbox.event({ name: 'lsaOriginated', scope: own.lsdb.scope, lsa });
  }

  #flush(own: OwnLsa): void {
    const state = this.#state;
    const held = own.lsdb.get(own.identity);
    if (held === undefined) {
      this.#handle(own, 'Gone');
      return;
    }
    // Somebody has flushed it already: it goes when everybody has acknowledged that.
    if (held.lsa.header.ageS >= MAX_AGE_S) return;
    const lsa = held.lsa.withAge(MAX_AGE_S);
    if (installAndFlood(state, own.lsdb, lsa).heard) own.sentAtMs = state.nowMs;
    state.outbox.event({ name: 'lsaFlushed', scope: own.lsdb.scope, lsa });
  }

  #fightBack(own: OwnLsa): void {
    const { nowMs, outbox } = this.#state;
    outbox.event({ name: 'lsaFoughtBack', scope: own.lsdb.scope, lsa: own.identity });
    // Once after a restart is usual; again and again, somebody else claims our Router ID.
    this.#contests = this.#contests.filter((atMs) => atMs > nowMs - CONTEST_WINDOW_MS);
    if (own.sentAtMs > nowMs - CONTEST_WINDOW_MS) this.#contests.push(nowMs);
    if (this.#contests.length >= CONTESTS) this.#state.routerIdTaken(undefined);
  }
}

const keyOf = (scope: LsdbScope, identity: LsaIdentity): string =>
  `${scopeKey(scope)} ${identityKey(identity)}`;

function saysWhatIsWanted(own: OwnLsa, held: Lsa): boolean {
  const wanted = own.wanted?.octets;
  if (wanted?.length !== held.header.length - LSA_HEADER_OCTETS) return false;
  return wanted.every((octet, at) => octet === held.u8(at + LSA_HEADER_OCTETS));
}
