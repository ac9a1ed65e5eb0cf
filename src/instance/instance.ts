/**
 * An OSPFv3 instance: sans-IO. One `handle` is one mutation; what comes of it is taken with `poll`
 * until there is nothing left; `deadlineMs` says when it wants to be called again.
 *
 * The tour: a datagram is examined in `receive.ts`. A Hello goes to `interface/hello.ts`, which
 * keeps the neighbor up (`neighbor/state-table.ts`) and the designated router elected
 * (`interface/election.ts`). Database Descriptions and Requests stay with the neighbor
 * (`neighbor/database-exchange.ts`). Updates are read in `link-state-update.ts`, installed and sent
 * on in `flood.ts`, which is where an LSA becomes an output for the routing calculation. What we
 * say ourselves is made in `originate.ts`, held back and numbered in `own-lsas.ts`.
 * @module
 */
import { assert } from '../errors.ts';
import type { Interface } from '../interface/interface.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import { floodingScopeOf, LsType } from '../lsa/ls-type.ts';
import type { Lsdb, LsdbScope } from '../lsdb/lsdb.ts';
import type { NeighborState } from '../neighbor/state-table.ts';
import type { Prng } from '../prng.ts';
import { BfdSessions } from './bfd.ts';
import type { InstanceConfig } from './config.ts';
import { checkRange } from './config-check.ts';
import { installAndFlood, sweepMaxAge } from './flood.ts';
import type { FlushInput, InstanceInput, InterfaceInput, OriginateInput } from './input.ts';
import { originatedByInstance } from './link-state-id.ts';
import { LinkStateUpdates } from './link-state-update.ts';
import type { InstanceOutput } from './output.ts';
import { OwnLsas } from './own-lsas.ts';
import { receiveDatagram } from './receive.ts';
import { InstanceState } from './state.ts';
import {
  type InterfaceSummary,
  interfaceSummary,
  type NeighborSummary,
  neighborSummary,
} from './summary.ts';
import { Topology } from './topology.ts';

/** No link of IPv6 has less (RFC 8200 5), and a Database Description cannot say more. */
const MTU_MIN = 1280;
const MTU_MAX = 0xffff;
/** The longest that `stop` waits for acknowledgments of the flush. */
const STOP_MS = 3000;
/** Neighbors on their way to an adjacency, or to 2-Way where none is to be. */
const FORMING: ReadonlySet<NeighborState> = new Set(['Init', 'ExStart', 'Exchange', 'Loading']);

export class Instance {
  readonly #state: InstanceState;
  readonly #own: OwnLsas;
  readonly #updates: LinkStateUpdates;
  readonly #topology: Topology;
  readonly #bfd: BfdSessions;
  #stopByMs: number | undefined;
  #started = false;
  #stopped = false;

  /** @throws {RangeError} naming the field of the configuration that is out of range. */
  constructor(config: InstanceConfig, prng: Prng) {
    this.#state = new InstanceState(config, prng);
    this.#own = new OwnLsas(this.#state);
    this.#updates = new LinkStateUpdates(this.#state, this.#own);
    this.#topology = new Topology(this.#state, this.#own);
    this.#bfd = new BfdSessions(this.#state);
  }

  /**
   * Takes one input in.
   * @throws {RangeError} when the caller names a scope or interface that is not there, an LSA that
   *   is the instance's own, or a body that cannot be encoded, or prompts SPF where paths lead
   *   through us. Never on what the network sent.
   */
  handle(input: InstanceInput): void {
    const state = this.#state;
    assert(input.nowMs >= state.nowMs, 'time does not go backwards');
    state.nowMs = input.nowMs;
    if (this.#stopped) return;
    switch (input.kind) {
      case 'datagram':
        receiveDatagram(state, this.#updates, input);
        break;
      case 'bfdDatagram':
        this.#bfd.receive(input);
        break;
      case 'deadline':
        break;
      case 'interface':
        this.#interface(input);
        break;
      case 'originate':
        // What is said while we leave would stay behind.
        if (this.#stopByMs === undefined) this.#originate(input);
        break;
      case 'flush':
        this.#flush(input);
        break;
      case 'stubRouter':
        this.#stubRouter(input.on ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
        break;
      case 'promptSpf':
        this.#promptSpf();
        break;
      case 'stop':
        this.#stop();
        break;
    }
    if ('more' in input && input.more) return;
    this.#settle();
  }

  /** The next output, or `undefined` when everything was taken. */
  poll(): InstanceOutput | undefined {
    return this.#state.outbox.poll();
  }

  /** When `handle` wants to be called with `deadline`, milliseconds; `Infinity` for never. */
  deadlineMs(): number {
    if (this.#stopped) return Number.POSITIVE_INFINITY;
    let deadline = Math.min(
      this.#stopByMs ?? Number.POSITIVE_INFINITY,
      this.#stubRouterEndsMs(),
      this.#own.deadlineMs(),
      this.#updates.deadlineMs(),
      // What has changed is not said any more while we leave.
      this.#stopByMs === undefined ? this.#topology.deadlineMs() : Number.POSITIVE_INFINITY,
      this.#bfd.deadlineMs(),
    );
    for (const lsdb of this.#state.lsdbs) deadline = Math.min(deadline, lsdb.nextDeadlineMs());
    for (const on of this.#state.interfaces.values())
      deadline = Math.min(deadline, on.deadlineMs());
    return deadline;
  }

  /** The database of a scope. @throws {RangeError} when there is no such link or area. */
  lsdbOf(scope: LsdbScope): Lsdb {
    const lsdb = this.#state.lsdbOf(scope);
    if (lsdb === undefined) throw new RangeError('scope: no such link or area');
    return lsdb;
  }

  /** Every neighbor on every interface, as it is now. */
  neighbors(): NeighborSummary[] {
    const { interfaces, nowMs } = this.#state;
    return [...interfaces.values()].flatMap((on) =>
      [...on.neighbors.values()].map((neighbor) =>
        neighborSummary(on, neighbor, nowMs, this.#bfd.stateOf(on, neighbor.routerId)),
      ),
    );
  }

  /** Whether we are an area border router now (RFC 3509 2). */
  get isBorderRouter(): boolean {
    return this.#state.isBorderRouter;
  }

  /** Whether we are a stub router now, by request or because we have just started (RFC 6987). */
  get isStubRouter(): boolean {
    return this.#state.isStubRouter;
  }

  /**
   * Whether what our databases say may be about to change: an adjacency is forming, a designated
   * router not elected yet, an LSA held back here, or something of ours not said yet.
   */
  get isSynchronizing(): boolean {
    const { interfaces, areas } = this.#state;
    if (this.#updates.waiting) return true;
    for (const area of areas.values()) if (area.changedSinceMs !== undefined) return true;
    for (const on of interfaces.values()) {
      if (on.state === 'Waiting') return true;
      for (const { state } of on.neighbors.values()) if (FORMING.has(state)) return true;
    }
    return false;
  }

  /** Every interface, as it is now. */
  interfaces(): InterfaceSummary[] {
    return [...this.#state.interfaces.values()].map(interfaceSummary);
  }

  /** How many LSAs neighbors have sent, repeated ones included. */
  get lsasReceived(): number {
    return this.#updates.received;
  }

  /** How many datagrams and LSAs were dropped, by reason. */
  get drops(): ReadonlyMap<string, number> {
    return this.#state.outbox.drops;
  }

  /** Events that came in a state that does not know them, by machine, state and event. */
  get illegalTransitions(): ReadonlyMap<string, number> {
    return this.#state.outbox.illegalTransitions;
  }

  #interface(input: InterfaceInput): void {
    const on = this.#state.interfaces.get(input.interfaceId);
    if (on === undefined) throw new RangeError(`interfaceId: no interface ${input.interfaceId}`);
    if (input.linkLocalAddress) on.out.linkLocalAddress = input.linkLocalAddress;
    if (input.mtu !== undefined) on.out.mtu = Math.min(MTU_MAX, Math.max(MTU_MIN, input.mtu));
    if (input.prefixes) on.prefixes = input.prefixes;
    if (input.addresses) on.addresses = input.addresses;
    if (input.cost !== undefined) {
      checkRange('cost', input.cost, 1, 0xffff);
      on.cost = input.cost;
    }
    const isUp = on.state !== 'Down';
    const { stubRouterOnStartMs = 0 } = this.#state.config;
    if (input.up && !this.#started && stubRouterOnStartMs > 0) {
      this.#stubRouter(input.nowMs + stubRouterOnStartMs);
    }
    this.#started ||= input.up;
    if (input.up && !isUp) on.handle('InterfaceUp', input.nowMs);
    else if (!input.up && isUp) this.#interfaceDown(on);
    this.#state.changed(input.interfaceId);
  }

  /** The link is gone, and with it every LSA that lived on it alone. */
  #interfaceDown(on: Interface): void {
    on.handle('InterfaceDown', this.#state.nowMs);
    const { link } = on.databases;
    for (const { lsa } of [...link.entries()]) {
      if (lsa.header.advertisingRouter === this.#state.routerId) continue;
      link.remove(lsa.header);
      const { scope } = link;
      const contentsChanged = lsa.header.ageS < MAX_AGE_S;
      this.#state.outbox.put({ kind: 'lsa', scope, change: 'removed', lsa, contentsChanged });
    }
  }

  #originate({ scope, lsType, linkStateId, body }: OriginateInput): void {
    this.#mayBeNamed(lsType, linkStateId);
    if (floodingScopeOf(lsType) !== scope.kind) {
      throw new RangeError(`scope: LS type 0x${lsType.toString(16)} is not of ${scope.kind} scope`);
    }
    this.#own.originate(scope, lsType, linkStateId, body);
    this.#boundary(lsType, true);
  }

  #flush({ scope, lsType, linkStateId }: FlushInput): void {
    this.#mayBeNamed(lsType, linkStateId);
    this.#own.withdraw(scope, lsType, linkStateId);
    this.#boundary(lsType, false);
  }

  /** Becomes an AS boundary router with the first route from outside, and ceases with the last. */
  #boundary(lsType: number, wanted: boolean): void {
    if (lsType !== LsType.AsExternal && lsType !== LsType.Nssa) return;
    const state = this.#state;
    const isBoundaryRouter =
      wanted || this.#own.wants(LsType.AsExternal) || this.#own.wants(LsType.Nssa);
    if (isBoundaryRouter === state.isBoundaryRouter) return;
    state.isBoundaryRouter = isBoundaryRouter;
    for (const area of state.areas.values()) area.change(state.nowMs);
  }

  #mayBeNamed(lsType: number, linkStateId: number): void {
    if (originatedByInstance(lsType, linkStateId)) {
      throw new RangeError(`linkStateId: ${linkStateId} of type ${lsType} is the instance's own`);
    }
  }

  /** When a start as stub router is over; `Infinity` when that is not the case. */
  #stubRouterEndsMs(): number {
    const { stubRouterUntilMs } = this.#state;
    return Number.isFinite(stubRouterUntilMs) ? stubRouterUntilMs : Number.POSITIVE_INFINITY;
  }

  /** RFC 6987: for a while, or until told otherwise. */
  #stubRouter(untilMs: number): void {
    this.#state.stubRouterUntilMs = untilMs;
    for (const area of this.#state.areas.values()) area.change(this.#state.nowMs);
  }

  #promptSpf(): void {
    const state = this.#state;
    if (state.config.forwards) throw new RangeError('promptSpf: paths may lead through us');
    state.linkMetricStep = 1 - state.linkMetricStep;
    for (const area of state.areas.values()) area.change(state.nowMs);
  }

  #stop(): void {
    this.#stopByMs ??= this.#state.nowMs + STOP_MS;
    this.#own.withdrawAll();
  }

  /** After every input: what has fallen due, then what follows, until nothing follows. */
  #settle(): void {
    const state = this.#state;
    const { nowMs } = state;
    for (const on of state.interfaces.values()) if (nowMs >= on.deadlineMs()) on.wake(nowMs);
    this.#bfd.wake();
    this.#updates.wake();
    for (const lsdb of state.lsdbs) {
      if (nowMs < lsdb.nextDeadlineMs()) continue;
      // 14: an LSA that has come to MaxAge is flooded once more, so that all let it go together.
      for (const { lsa } of lsdb.agedOut(nowMs)) {
        installAndFlood(state, lsdb, lsa.withAge(MAX_AGE_S));
      }
    }
    if (nowMs >= this.#stubRouterEndsMs()) this.#stubRouter(Number.NEGATIVE_INFINITY);
    if (this.#stopByMs === undefined) this.#topology.update();
    this.#own.wake();
    for (const on of state.interfaces.values()) on.settle(nowMs);
    // Elections and adjacencies that the interfaces settled just now may have changed our LSAs.
    if (this.#stopByMs === undefined) {
      this.#topology.update();
      this.#own.wake();
    }
    sweepMaxAge(state, (lsdb, entry) => this.#own.gone(lsdb, entry));
    for (const on of state.interfaces.values()) on.settle(nowMs);
    if (this.#stopByMs !== undefined && (this.#own.allGone || nowMs >= this.#stopByMs)) {
      this.#finish();
    }
  }

  #finish(): void {
    const { interfaces, nowMs, outbox } = this.#state;
    for (const on of interfaces.values()) on.sendLastHello(nowMs);
    this.#stopped = true;
    outbox.event({ name: 'stopped' });
  }
}
