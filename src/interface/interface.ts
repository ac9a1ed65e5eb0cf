/**
 * One attachment to a link (RFC 2328 9, RFC 5340 4.1.2): its data, its state machine carried out,
 * its Hellos and timers. What comes in is read in `hello.ts` and by the instance; which LSAs leave is
 * decided in `flooding.ts`; how they leave, in `sender.ts`.
 * @module
 */
import { DatabaseView } from '../lsdb/database-view.ts';
import { Lsdb, type LsdbEntry } from '../lsdb/lsdb.ts';
import type { Attachment, NeighborTransition } from '../neighbor/attachment.ts';
import { Neighbor } from '../neighbor/neighbor.ts';
import { atLeast } from '../neighbor/state-table.ts';
import { rowFor } from '../neighbor/transition-table.ts';
import type { Packet, PacketHeader } from '../packet/packet.ts';
import { type Address, ALL_D_ROUTERS, ALL_SPF_ROUTERS, sameAddress } from '../wire/address.ts';
import type { AddressPrefix } from '../wire/prefix.ts';
import type { InterfaceConfig } from './config.ts';
import { elect } from './election.ts';
import { NeighborWatch } from './neighbor-watch.ts';
import { Sender } from './sender.ts';
import {
  INTERFACE_TABLE,
  type InterfaceAction,
  type InterfaceEvent,
  type InterfaceQuestion,
  type InterfaceState,
} from './state-table.ts';
import type { Surroundings } from './surroundings.ts';

const NEVER = Number.POSITIVE_INFINITY;
/**
 * A Hello out of turn follows the last one after no less than this: too short to be noticed when
 * two routers meet, and no more than 50 a second whatever is heard.
 */
const HELLO_OUT_OF_TURN_MS = 20;

export class Interface implements Attachment {
  readonly config: InterfaceConfig;
  /** Interface output cost; may change while we run. */
  cost: number;
  /** Prefixes of the link as the host knows them. */
  prefixes: readonly AddressPrefix[] = [];
  /** Our own global addresses on the link. */
  addresses: readonly Address[] = [];
  /** Router IDs, 0 for none. */
  designatedRouter = 0;
  backupDesignatedRouter = 0;
  readonly neighbors = new Map<number, Neighbor>();
  readonly databases: DatabaseView;
  /** Everything that leaves goes through it. */
  readonly out: Sender;
  readonly #surroundings: Surroundings;
  readonly #watch = new NeighborWatch();
  #state: InterfaceState = 'Down';
  #helloAtMs = NEVER;
  #helloSentMs = Number.NEGATIVE_INFINITY;
  #waitUntilMs = NEVER;
  #neighborChanged = false;
  #backupSeen = false;

  constructor(config: InterfaceConfig, surroundings: Surroundings, area: Lsdb, as?: Lsdb) {
    this.config = config;
    this.cost = config.cost;
    this.#surroundings = surroundings;
    const link = new Lsdb({ kind: 'link', interfaceId: config.interfaceId });
    this.databases = new DatabaseView(link, area, as);
    this.out = new Sender(config, surroundings);
  }

  get state(): InterfaceState {
    return this.#state;
  }

  get options(): number {
    return this.#surroundings.optionsOf(this.config.areaId);
  }

  get mtuIgnore(): boolean {
    return this.config.mtuIgnore;
  }

  get packetHeader(): PacketHeader {
    return this.out.packetHeader;
  }

  get mtu(): number {
    return this.out.mtu;
  }

  get maxPacketOctets(): number {
    return this.out.maxPacketOctets;
  }

  get rxmtIntervalMs(): number {
    return 1000 * this.config.rxmtIntervalS;
  }

  get routerDeadIntervalMs(): number {
    return 1000 * this.config.routerDeadIntervalS;
  }

  /** Whether packets are sent and received on it. */
  get speaks(): boolean {
    return this.#state !== 'Down' && this.#state !== 'Loopback' && !this.config.passive;
  }

  /** Whether packets to AllDRouters are ours (RFC 5340 4.2.2). */
  get listensToDesignated(): boolean {
    return this.#state === 'DR' || this.#state === 'Backup';
  }

  deadlineMs(): number {
    return Math.min(
      this.#helloAtMs,
      this.#waitUntilMs,
      this.out.deadlineMs(),
      this.#watch.deadlineMs(),
    );
  }

  /** Executes the interface state machine with one event (RFC 2328 9.3). */
  handle(event: InterfaceEvent, nowMs: number): void {
    const from = this.#state;
    const row = rowFor(INTERFACE_TABLE, from, event, (question) => this.#answer(question));
    if (row === undefined) {
      this.#surroundings.illegalTransition('interface', from, event);
      return;
    }
    if (row.to !== 'same') this.#enter(row.to);
    for (const action of row.act) this.#perform(action, nowMs);
  }

  /** Carries out what has fallen due. */
  wake(nowMs: number): void {
    if (nowMs >= this.#waitUntilMs) this.handle('WaitTimer', nowMs);
    if (nowMs >= this.#helloAtMs) this.#sendHello(nowMs);
    for (const neighbor of this.neighbors.values()) {
      if (nowMs >= neighbor.deadlineMs()) neighbor.wake(nowMs);
    }
    this.#watch.renew(this.neighbors.values(), nowMs);
  }

  /** Ends the handling of an input: elections that became due, then all that waits to leave. */
  settle(nowMs: number): void {
    if (this.#backupSeen && this.#state === 'Waiting') this.handle('BackupSeen', nowMs);
    this.#backupSeen = false;
    while (this.#neighborChanged) {
      this.#neighborChanged = false;
      this.handle('NeighborChange', nowMs);
    }
    for (const neighbor of this.#watch.busy()) {
      if (neighbor.state === 'Down') this.#forget(neighbor.routerId, neighbor.address);
      else neighbor.requestMore(nowMs);
    }
    this.out.flush(nowMs, this.floodingDestination);
  }

  /** The neighbor with this Router ID, made in state Down when it is heard first. */
  neighborOf(routerId: number, address: Address): Neighbor {
    let neighbor = this.neighbors.get(routerId);
    if (neighbor === undefined) {
      neighbor = new Neighbor(this, routerId, address);
      this.neighbors.set(routerId, neighbor);
      this.#watch.note(neighbor);
    }
    return neighbor;
  }

  /**
   * Remembers no sequence numbers of a source that is no neighbor's: they are its data.
   * @param routerId - who is likely to be the neighbor, looked at first.
   */
  forgetStranger(source: Address, routerId: number): void {
    const { authentication } = this.out;
    if (authentication === undefined) return;
    const likely = this.neighbors.get(routerId);
    if (likely !== undefined && sameAddress(likely.address, source)) return;
    for (const { address } of this.neighbors.values()) if (sameAddress(address, source)) return;
    authentication.forget(source);
  }

  /** Lets the election be held again when the input has been handled. */
  scheduleNeighborChange(): void {
    this.#neighborChanged = true;
  }

  /** Lets the waiting end when the input has been handled: there is a backup, or no need of one. */
  scheduleBackupSeen(): void {
    this.#backupSeen = true;
  }

  /**
   * Sends the next Hello at once: to a router that does not know yet that we hear it, and when we
   * become or cease to be designated router or its backup. Nobody then waits for HelloInterval,
   * after which RFC 2328 9.5 would say it.
   */
  helloOutOfTurn(nowMs: number): void {
    this.#helloAtMs = Math.min(
      this.#helloAtMs,
      Math.max(nowMs, this.#helloSentMs + HELLO_OUT_OF_TURN_MS),
    );
  }

  /** Says good-bye: one Hello that names no neighbor. */
  sendLastHello(nowMs: number): void {
    if (this.speaks) this.#sendHello(nowMs, []);
  }

  /** Whether we should become adjacent with a neighbor (RFC 2328 10.4). */
  adjacencyWanted(routerId: number): boolean {
    return (
      this.config.type === 'pointToPoint' ||
      this.#state === 'DR' ||
      this.#state === 'Backup' ||
      (routerId !== 0 &&
        (routerId === this.designatedRouter || routerId === this.backupDesignatedRouter))
    );
  }

  /** Where LSAs and delayed acknowledgments go (RFC 2328 13.3 step 5, 13.5). */
  get floodingDestination(): Address {
    return this.#state === 'DROther' ? ALL_D_ROUTERS : ALL_SPF_ROUTERS;
  }

  drawSequenceNumber(): number {
    return this.#surroundings.drawSequenceNumber();
  }

  sendTo(address: Address, packet: Packet): void {
    this.out.sendTo(address, packet);
  }

  sendLsas(address: Address, entries: readonly LsdbEntry[]): void {
    this.out.sendLsas(address, entries);
  }

  neighborChanged(routerId: number, transition: NeighborTransition): void {
    const wasTwoWay = atLeast(transition.from, 'TwoWay');
    // 9.2: bidirectional communication was established or lost.
    if (wasTwoWay !== atLeast(transition.to, 'TwoWay')) this.scheduleNeighborChange();
    const neighbor = this.neighbors.get(routerId);
    if (neighbor !== undefined) this.#watch.note(neighbor);
    this.#surroundings.neighborChanged(this.config.interfaceId, routerId, transition);
  }

  illegalTransition(machine: 'neighbor', state: string, event: string): void {
    this.#surroundings.illegalTransition(machine, state, event);
  }

  #forget(routerId: number, address: Address): void {
    this.neighbors.delete(routerId);
    this.#watch.forget(routerId);
    this.out.authentication?.forget(address);
  }

  #enter(to: InterfaceState): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#surroundings.interfaceChanged(this.config.interfaceId, from, to);
  }

  #answer(question: InterfaceQuestion): boolean {
    switch (question) {
      case 'pointToPoint':
        return this.config.type === 'pointToPoint';
      case 'eligible':
        return this.config.priority > 0;
      case 'passive':
        return this.config.passive;
      case 'loopback':
        return this.config.type === 'loopback';
    }
  }

  #perform(action: InterfaceAction, nowMs: number): void {
    switch (action) {
      case 'startHelloTimer':
        this.#sendHello(nowMs);
        return;
      case 'startWaitTimer':
        this.#waitUntilMs = nowMs + this.routerDeadIntervalMs;
        return;
      case 'stopWaitTimer':
        this.#waitUntilMs = NEVER;
        return;
      case 'elect':
        this.#elect(nowMs);
        return;
      case 'reset':
        this.#reset(nowMs);
        return;
    }
  }

  #reset(nowMs: number): void {
    this.#helloAtMs = NEVER;
    this.#waitUntilMs = NEVER;
    for (const [routerId, neighbor] of this.neighbors) {
      neighbor.handle('KillNbr', nowMs);
      this.#forget(routerId, neighbor.address);
    }
    this.#neighborChanged = false;
    this.designatedRouter = 0;
    this.backupDesignatedRouter = 0;
    this.out.clear();
    this.#surroundings.designatedRouterChanged(this.config.interfaceId);
  }

  /** RFC 2328 9.4, steps 1 to 7. */
  #elect(nowMs: number): void {
    const { routerId } = this.packetHeader;
    const { designatedRouter: before, backupDesignatedRouter: backupBefore } = this;
    const self = {
      routerId,
      priority: this.config.priority,
      designatedRouter: before,
      backupDesignatedRouter: backupBefore,
    };
    const others = [...this.neighbors.values()].filter((n) => n.isAtLeast('TwoWay'));
    const { designatedRouter, backupDesignatedRouter } = elect(self, others);
    this.designatedRouter = designatedRouter;
    this.backupDesignatedRouter = backupDesignatedRouter;
    // (5)
    if (designatedRouter === routerId) this.#enter('DR');
    else if (backupDesignatedRouter === routerId) this.#enter('Backup');
    else this.#enter('DROther');
    if (designatedRouter === before && backupDesignatedRouter === backupBefore) return;
    this.#surroundings.designatedRouterChanged(this.config.interfaceId);
    const roleChanged =
      (designatedRouter === routerId) !== (before === routerId) ||
      (backupDesignatedRouter === routerId) !== (backupBefore === routerId);
    if (roleChanged) this.helloOutOfTurn(nowMs);
    // (7)
    for (const neighbor of others) neighbor.handle('AdjOK', nowMs);
  }

  #sendHello(nowMs: number, named = [...this.neighbors.values()]): void {
    const { interfaceId, priority, helloIntervalS, routerDeadIntervalS } = this.config;
    this.#helloSentMs = nowMs;
    this.#helloAtMs = nowMs + 1000 * helloIntervalS;
    this.out.send(ALL_SPF_ROUTERS, {
      kind: 'Hello',
      ...this.packetHeader,
      interfaceId,
      routerPriority: priority,
      options: this.options,
      helloIntervalS,
      routerDeadIntervalS,
      designatedRouter: this.designatedRouter,
      backupDesignatedRouter: this.backupDesignatedRouter,
      neighbors: named.filter((n) => n.isAtLeast('Init')).map((n) => n.routerId),
    });
  }
}
