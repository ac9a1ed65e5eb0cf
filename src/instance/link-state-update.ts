/**
 * Receiving Link State Updates (RFC 2328 13, RFC 5340 4.5.1): step by step for every LSA. One
 * deviation, said at step 5a: what comes within MinLSArrival is kept, not dropped.
 * @module
 */
import type { Reception } from '../interface/flooding.ts';
import { MAX_AGE_S, MAX_SEQUENCE_NUMBER } from '../lsa/constants.ts';
import { identityKey, type LsaHeader } from '../lsa/header.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { compareInstances } from '../lsa/newer.ts';
import { lsaFault, unreadOf } from '../lsa/validate.ts';
import { DeadlineHeap } from '../lsdb/deadline-heap.ts';
import { ageS, headerNow, type Lsdb, type LsdbEntry, scopeKey } from '../lsdb/lsdb.ts';
import type { LinkStateUpdate } from '../packet/packet.ts';
import { formatDottedQuad } from '../wire/address.ts';
import { installAndFlood } from './flood.ts';
import type { DropReason } from './output.ts';
import type { OwnLsas } from './own-lsas.ts';
import type { InstanceState } from './state.ts';

/** The most LSAs that wait for their MinLSArrival; enough for every LSA of a large area. */
const EARLY_LIMIT = 10_000;

/** An LSA that came within MinLSArrival of the instance before. */
interface Early {
  readonly lsa: Lsa;
  readonly lsdb: Lsdb;
  readonly reception: Reception;
  readonly dueMs: number;
}

export class LinkStateUpdates {
  readonly #state: InstanceState;
  readonly #own: OwnLsas;
  /** By database and identity. */
  readonly #early = new Map<string, Early>();
  readonly #due = new DeadlineHeap<string>();
  /** LSAs in the updates of neighbors, repeated ones included. */
  received = 0;

  constructor(state: InstanceState, own: OwnLsas) {
    this.#state = state;
    this.#own = own;
  }

  deadlineMs(): number {
    return this.#due.nextMs;
  }

  /** Whether an LSA waits for its MinLSArrival. */
  get waiting(): boolean {
    return this.#early.size > 0;
  }

  /** Reads every LSA of an update. @returns why the update was dropped, if it was. */
  receive(packet: LinkStateUpdate, reception: Reception): 'NeighborState' | undefined {
    const { on, from } = reception;
    if (!from.isAtLeast('Exchange')) return 'NeighborState';
    const direct: LsaHeader[] = [];
    this.received += packet.lsas.length;
    for (const lsa of packet.lsas) {
      if (this.#receiveLsa(lsa, reception, direct) === 'BadLSReq') break;
    }
    on.out.acknowledgeTo(from.address, direct);
    return undefined;
  }

  /** Takes in what has waited for its MinLSArrival. */
  wake(): void {
    const { nowMs } = this.#state;
    for (let key = this.#due.popDue(nowMs); key !== undefined; key = this.#due.popDue(nowMs)) {
      const early = this.#early.get(key);
      // Installed by another way meanwhile, or waiting for a later instance.
      if (early === undefined || early.dueMs > nowMs) continue;
      this.#early.delete(key);
      const { from, on } = early.reception;
      // A neighbor that is gone meanwhile will send again, or its LSA does not matter.
      if (on.neighbors.get(from.routerId) !== from || !from.isAtLeast('Exchange')) continue;
      const direct: LsaHeader[] = [];
      this.#receiveLsa(early.lsa, early.reception, direct);
      on.out.acknowledgeTo(from.address, direct);
    }
  }

  #receiveLsa(came: Lsa, reception: Reception, direct: LsaHeader[]): 'BadLSReq' | undefined {
    const state = this.#state;
    const { nowMs } = state;
    const { on, from } = reception;
    const { header } = came;
    // (1)
    const lsa = this.#examined(came, reception);
    if (lsa === undefined) return undefined;
    // (2), (3) in the form of RFC 5340 4.5.1
    const lsdb = on.databases.of(header.lsType);
    if (lsdb === undefined || !this.#areaTakes(lsa, reception)) {
      return this.#drop('LsaScope', lsa, reception);
    }
    const held = lsdb.get(header);
    // (4)
    if (header.ageS >= MAX_AGE_S && held === undefined && !state.exchanging) {
      direct.push(header);
      return undefined;
    }
    const newer = held === undefined ? 1 : compareInstances(header, headerNow(held, nowMs));
    // (5)
    if (newer > 0) {
      // (5a) Kept until MinLSArrival is over, where the RFC drops it: the neighbor would say it
      // again only after RxmtInterval. What we asked for is taken at once.
      const arrivalMs = (held?.flooded ? held.installedAtMs : -Infinity) + state.minLsArrivalMs;
      if (nowMs < arrivalMs && !from.requests.get(header)) {
        this.#keep({ lsa, lsdb, reception, dueMs: arrivalMs });
        return undefined;
      }
      this.#accept(lsa, lsdb, reception);
      return undefined;
    }
    // (6)
    if (from.requests.get(header)) {
      from.handle('BadLSReq', nowMs);
      return 'BadLSReq';
    }
    // (7)
    if (newer === 0) {
      this.#duplicate(header, reception, direct);
      return undefined;
    }
    // (8)
    if (held !== undefined) this.#answerOlder(held, lsa, reception);
    return undefined;
  }

  /** (1) What may be taken in of an LSA. */
  #examined(lsa: Lsa, reception: Reception): Lsa | undefined {
    const fault = lsaFault(lsa);
    if (fault === undefined) return lsa;
    const unread = unreadOf(lsa, fault);
    this.#drop(unread === undefined ? fault : 'LsaUnread', lsa, reception);
    return unread;
  }

  /** (5b) to (5f): install, flood, acknowledge, and see whether it is our own. */
  #accept(lsa: Lsa, lsdb: Lsdb, reception: Reception): void {
    const { on, from } = reception;
    this.#early.delete(earlyKey(lsdb, lsa.header));
    // (5b) to (5d)
    const { back } = installAndFlood(this.#state, lsdb, lsa, reception);
    // (5e), 13.5: flooded back is acknowledged thereby; the backup answers the designated router.
    if (!back && (on.state !== 'Backup' || from.routerId === on.designatedRouter)) {
      on.out.acknowledgments.add(lsa.header, this.#state.nowMs);
    }
    // (5f)
    if (lsa.header.advertisingRouter === this.#state.routerId) this.#own.newerReceived(lsdb, lsa);
  }

  /** (7) The same instance: an implied acknowledgment, or one that is to be acknowledged again. */
  #duplicate(header: LsaHeader, { on, from }: Reception, direct: LsaHeader[]): void {
    const key = identityKey(header);
    // (7a)
    const implied = from.retransmissions.get(key) !== undefined;
    if (implied) {
      from.retransmissions.remove(key);
      if (header.ageS >= MAX_AGE_S) this.#state.sweepMaxAge = true;
    }
    // (7b), 13.5 table 19
    if (!implied) direct.push(header);
    else if (on.state === 'Backup' && from.routerId === on.designatedRouter) {
      on.out.acknowledgments.add(header, this.#state.nowMs);
    }
  }

  /** (8) What we have is newer: the neighbor is told, unless it was just now. */
  #answerOlder(held: LsdbEntry, lsa: Lsa, reception: Reception): void {
    const { nowMs } = this.#state;
    const { from } = reception;
    const { sequenceNumber } = held.lsa.header;
    // The sequence numbers of that LSA are being started over: neither acknowledged nor answered.
    if (ageS(held, nowMs) >= MAX_AGE_S && sequenceNumber === MAX_SEQUENCE_NUMBER) {
      this.#drop('LsaOlder', lsa, reception);
      return;
    }
    if (!from.retransmissions.sentLately(held.key, nowMs)) from.send([held], nowMs);
  }

  /** Whether an area of this type may hold the LSA: NSSA-LSAs live in NSSAs alone (RFC 3101). */
  #areaTakes(lsa: Lsa, { on }: Reception): boolean {
    return lsa.header.lsType !== LsType.Nssa || this.#state.areaOf(on).config.type === 'nssa';
  }

  #keep(early: Early): void {
    const key = earlyKey(early.lsdb, early.lsa.header);
    const waiting = this.#early.get(key);
    if (waiting !== undefined && compareInstances(early.lsa.header, waiting.lsa.header) <= 0)
      return;
    if (waiting === undefined && this.#early.size >= EARLY_LIMIT) {
      this.#drop('LsaTooMany', early.lsa, early.reception);
      return;
    }
    this.#early.set(key, early);
    if (waiting?.dueMs !== early.dueMs) this.#due.push(early.dueMs, key);
  }

  #drop(reason: DropReason, lsa: Lsa, { on, from }: Reception): undefined {
    const { lsType, linkStateId, advertisingRouter } = lsa.header;
    const type = `0x${lsType.toString(16).padStart(4, '0')}`;
    const which = `${type} ${formatDottedQuad(linkStateId)} of ${formatDottedQuad(advertisingRouter)}`;
    const { interfaceId } = on.config;
    this.#state.outbox.drop(interfaceId, from.address, reason, `LSA ${which}`);
  }
}

const earlyKey = (lsdb: Lsdb, header: LsaHeader): string =>
  `${scopeKey(lsdb.scope)} ${identityKey(header)}`;
