/**
 * The router role: the routing module that people embed. An OSPFv3 instance keeps the link-state
 * databases, SPF turns them into routes, and every anycast service among them gets a bucket table
 * that spreads its flows by what its servers say.
 *
 * The way of an LSA: the instance installs it and says so; the routing calculation takes it in and
 * says which routes changed; the spread of each service that a changed route or load belongs to
 * computes its members anew and says which buckets moved.
 * @module
 */
import type { ServiceSpreadConfig } from '../anycast/service-spread.ts';
import type { InstanceConfig } from '../instance/config.ts';
import type { InstanceInput } from '../instance/input.ts';
import { Instance } from '../instance/instance.ts';
import type {
  InstanceEvent,
  LsaOutput,
  TransmitBfdOutput,
  TransmitOutput,
} from '../instance/output.ts';
import { LsType } from '../lsa/ls-type.ts';
import { Option } from '../lsa/options.ts';
import type { ServiceLoad } from '../lsa/service-load.ts';
import { LOAD_INSTANCE, spreadCapabilityBody } from '../lsa/service-origination.ts';
import { OutputQueue } from '../machine.ts';
import type { Prng } from '../prng.ts';
import type { CalculationRange } from '../spf/area-ranges.ts';
import type { NextHop, Route, RouteOutput } from '../spf/route.ts';
import { RouteTable, type RouteTableConfig, type Run, type RunOutput } from '../spf/route-table.ts';
import { routerPaths } from '../spf/router-paths.ts';
import {
  type AdoptedNextHops,
  type AdoptedOutput,
  AdoptedServices,
  adoptionTimes,
} from './adopted-services.ts';
import { Border, borderState } from './border.ts';
import type { ExternalRoute } from './external.ts';
import { nextHopKey } from './service-members.ts';
import type { SpreadOutput } from './service-spreads.ts';
import { ServiceSpreads, type ServiceSummary } from './service-spreads.ts';

export interface RouterConfig {
  /** With `forwards` true for a router that passes packets on. */
  readonly instance: InstanceConfig;
  /** What this router brings in from outside the autonomous system. */
  readonly externalRoutes?: readonly ExternalRoute[];
  /** How flows are spread over the servers of a service. */
  readonly spread?: ServiceSpreadConfig;
  /** What differs from it for single services, by the service's /128 as text. */
  readonly spreads?: ReadonlyMap<string, ServiceSpreadConfig>;
  /** How routes are calculated. */
  readonly calculation?: Omit<RouteTableConfig, 'routerId' | 'ranges' | 'nssasWithoutSummaries'>;
}

/** What a router can be told beside what its instance can. */
export type RouterInput =
  | InstanceInput
  /** The machine's neighbor entry of a next hop failed or came back. */
  | {
      readonly kind: 'nextHopUsable';
      readonly nowMs: number;
      readonly key: string;
      readonly usable: boolean;
    }
  /** Packets per bucket of a service lately, for bounding load. */
  | {
      readonly kind: 'bucketLoad';
      readonly nowMs: number;
      /** The service's /128 as text. */
      readonly service: string;
      readonly load: readonly number[];
    }
  /** A server was asked for its load and answered; undefined when it no longer does. */
  | {
      readonly kind: 'serviceLoad';
      readonly nowMs: number;
      /** The service's /128 as text. */
      readonly service: string;
      readonly routerId: number;
      readonly load: ServiceLoad | undefined;
    }
  /** What an earlier run left in the machine's forwarding, which goes on with it for a while. */
  | {
      readonly kind: 'adopted';
      readonly nowMs: number;
      /** By the service's /128 as text. */
      readonly services: AdoptedNextHops;
    };

/** A range that a border router says: what no route is more specific for goes nowhere. */
export interface DiscardOutput {
  readonly kind: 'discard';
  readonly change: 'added' | 'removed';
  /** The range as text. */
  readonly prefix: string;
}

export type RouterOutput =
  | TransmitOutput
  | TransmitBfdOutput
  | LsaOutput
  | { readonly kind: 'event'; readonly event: InstanceEvent }
  | RouteOutput
  | RunOutput
  | SpreadOutput
  | AdoptedOutput
  | DiscardOutput;

const rangesOf = ({ areas }: InstanceConfig): CalculationRange[] =>
  areas.flatMap(({ areaId, ranges = [] }) => ranges.map(({ prefix }) => ({ areaId, prefix })));

const nssasWithoutSummaries = ({ areas }: InstanceConfig): number[] =>
  areas.filter(({ type, noSummaries }) => type === 'nssa' && noSummaries).map((one) => one.areaId);

/** Routes looked at for what a border router says, for each millisecond until the next look. */
const ROUTES_PER_MS_OF_REST = 100;
/** LSAs that announce prefixes. */
const ANNOUNCING: ReadonlySet<number> = new Set([
  LsType.IntraAreaPrefix,
  LsType.InterAreaPrefix,
  LsType.AsExternal,
  LsType.Nssa,
]);

export class Router {
  readonly #config: RouterConfig;
  readonly #instance: Instance;
  readonly #routes: RouteTable;
  readonly #spreads: ServiceSpreads;
  readonly #outputs = new OutputQueue<RouterOutput>();
  /** Next hop keys of neighbors that are or were Full, by interface and Router ID. */
  readonly #border = new Border();
  /** Whether what we say between areas, or of what is outside, may be out of date. */
  #borderChanged = true;
  /** Until when it stays as it is however often routes change: a look at all of them takes time. */
  #borderRestsUntilMs = Number.NEGATIVE_INFINITY;
  readonly #adjacent = new Map<string, string>();
  readonly #adopted: AdoptedServices;
  /** Whether somebody may have withdrawn adopted services. */
  #withdrawals = false;
  #announced = false;
  /** While our farewell is flooded, routes stay what they are: forwarding may go on after us. */
  #stopping = false;

  /** @throws {RangeError} as {@link Instance} does. */
  constructor(config: RouterConfig, prng: Prng) {
    this.#config = config;
    this.#instance = new Instance(config.instance, prng);
    this.#routes = new RouteTable({
      routerId: config.instance.routerId,
      ranges: rangesOf(config.instance),
      nssasWithoutSummaries: nssasWithoutSummaries(config.instance),
      secret: prng.u32(),
      ...config.calculation,
    });
    this.#adopted = new AdoptedServices(adoptionTimes(config.instance));
    this.#spreads = new ServiceSpreads(config.spread, config.spreads, (service, nextHop) =>
      this.#adopted.has(service, nextHop),
    );
  }

  /** Takes one input in. @throws {RangeError} as {@link Instance.handle} does. */
  handle(input: RouterInput): void {
    const { nowMs } = input;
    if (input.kind === 'stop') this.#stopping = true;
    if (input.kind === 'nextHopUsable') {
      if (!input.usable) this.#adopted.lost(input.key, 'its neighbor entry failed');
      this.#spreads.fault(input.key, 'neighborEntry', !input.usable, nowMs);
    } else if (input.kind === 'adopted') {
      this.#adopt(input.services, nowMs);
    } else if (input.kind === 'bucketLoad') {
      this.#spreads.load(input.service, input.load, nowMs);
    } else if (input.kind === 'serviceLoad') {
      this.#spreads.report(input.service, input.routerId, input.load);
      const route = this.#routes.route(input.service);
      if (route !== undefined) this.#spreads.route({ change: 'changed', route }, nowMs);
    } else this.#instance.handle(input);
    if (!this.#announced) this.#announce(nowMs);
    if (input.kind === 'deadline') {
      if (!this.#stopping) this.#routes.handle({ kind: 'deadline', nowMs });
      this.#spreads.wake(nowMs);
    }
    this.#settle(nowMs);
  }

  /** The next output, or `undefined` when everything was taken. */
  poll(): RouterOutput | undefined {
    return this.#outputs.poll();
  }

  /** When `handle` wants to be called with `deadline`, milliseconds; `Infinity` for never. */
  deadlineMs(): number {
    const deadlineMs = Math.min(this.#instance.deadlineMs(), this.#spreads.deadlineMs());
    if (this.#stopping) return deadlineMs;
    return Math.min(
      deadlineMs,
      this.#routes.deadlineMs(),
      this.#announced ? this.#borderDeadlineMs() : Number.POSITIVE_INFINITY,
      this.#adopted.deadlineMs(),
    );
  }

  /** The instance, to read: its databases, interfaces, neighbors and drops. */
  get instance(): Pick<
    Instance,
    'lsdbOf' | 'interfaces' | 'neighbors' | 'drops' | 'isStubRouter' | 'lsasReceived'
  > {
    return this.#instance;
  }

  routes(): Iterable<Route> {
    return this.#routes.routes();
  }

  /** The last 32 runs of the calculation, newest last. */
  runs(): readonly Run[] {
    return this.#routes.runs();
  }

  services(): ServiceSummary[] {
    return this.#spreads.summaries();
  }

  /**
   * The next hop of one flow to an anycast service.
   * @param service - the /128 as text, the key of its route.
   * @param flowHash - 0..2^32-1; equal flows have equal hashes.
   */
  pick(service: string, flowHash: number): NextHop | undefined {
    return this.#spreads.pick(service, flowHash);
  }

  /** Says in every area that this router spreads by weights, so that servers plan for it. */
  #announce(nowMs: number): void {
    this.#announced = true;
    const { policy } = this.#config.spread ?? {};
    if (policy !== undefined && policy !== 'weighted' && policy !== 'failover') return;
    for (const { areaId } of this.#config.instance.areas) {
      this.#instance.handle({
        kind: 'originate',
        nowMs,
        scope: { kind: 'area', areaId },
        lsType: LsType.RouterInformation,
        linkStateId: LOAD_INSTANCE,
        body: spreadCapabilityBody(),
      });
    }
  }

  /** Begins to hold what was adopted; neighbors may have been met already. */
  #adopt(services: AdoptedNextHops, nowMs: number): void {
    this.#adopted.adopt(services, nowMs);
    for (const { interfaceId, routerId, state } of this.#instance.neighbors()) {
      if (state === 'Full') this.#becameFull(interfaceId, routerId, nowMs);
    }
    for (const service of services.keys()) {
      this.#adopted.route(service, this.#routes.route(service));
    }
  }

  #becameFull(interfaceId: number, routerId: number, nowMs: number): void {
    const found = this.#instance
      .neighbors()
      .find((one) => one.interfaceId === interfaceId && one.routerId === routerId);
    if (found === undefined) return;
    const key = nextHopKey({ interfaceId, address: found.address });
    this.#adjacent.set(`${interfaceId} ${routerId}`, key);
    this.#spreads.fault(key, 'adjacency', false, nowMs);
    if (!this.#adopted.any) return;
    const host = (found.options & Option.R) === 0;
    this.#adopted.adjacent(key, { routerId, host }, nowMs);
    // Its database was received: it may have withdrawn a service while no router ran.
    for (const service of this.#adopted.services) {
      if (!this.#adopted.has(service, key)) continue;
      this.#adopted.announcedBy(service, this.#routes.originatorsOf(service), key);
    }
  }

  /** A lost adjacency takes its next hop out at once: LSAs and SPF come later. */
  #followNeighbor(event: InstanceEvent, nowMs: number): void {
    if (event.name !== 'neighborState') return;
    const { interfaceId, neighbor, to } = event;
    if (to === 'Full') {
      this.#becameFull(interfaceId, neighbor, nowMs);
      return;
    }
    const id = `${interfaceId} ${neighbor}`;
    const key = this.#adjacent.get(id);
    if (to !== 'Down' || key === undefined) return;
    this.#adjacent.delete(id);
    this.#adopted.lost(key, 'its neighbor is down');
    this.#spreads.fault(key, 'adjacency', true, nowMs);
  }

  /** Looks whether adopted services are to be released, or next hops of them are lost. */
  #settleAdopted(nowMs: number): void {
    if (!this.#adopted.any || this.#stopping) return;
    if (this.#withdrawals) {
      for (const service of this.#adopted.services) {
        this.#adopted.announcedBy(service, this.#routes.originatorsOf(service));
      }
    }
    this.#withdrawals = false;
    this.#adopted.settle(!this.#instance.isSynchronizing && !this.#routes.pending, nowMs);
    for (let out = this.#adopted.poll(); out !== undefined; out = this.#adopted.poll()) {
      this.#outputs.put(out);
    }
  }

  #drainInstance(said: Set<string>, nowMs: number): void {
    for (let out = this.#instance.poll(); out !== undefined; out = this.#instance.poll()) {
      this.#outputs.put(out);
      if (out.kind === 'event') {
        this.#followNeighbor(out.event, nowMs);
        if (out.event.name === 'interfaceState') this.#borderChanged = true;
      }
      if (out.kind !== 'lsa' || this.#stopping) continue;
      const { lsType } = out.lsa.header;
      const isOutside = lsType === LsType.AsExternal && this.#border.yields;
      if (lsType === LsType.Nssa || isOutside) this.#borderChanged = true;
      const replaces = out.previous !== undefined || out.change === 'removed';
      if (replaces && ANNOUNCING.has(lsType)) this.#withdrawals = true;
      this.#routes.handle({ ...out, nowMs });
      for (const service of this.#spreads.learn(out.lsa, out.change === 'installed')) {
        said.add(service);
      }
    }
  }

  #drainRoutes(said: Set<string>, nowMs: number): void {
    for (let out = this.#routes.poll(); out !== undefined; out = this.#routes.poll()) {
      this.#outputs.put(out);
      if (out.kind === 'run' && out.run.kind !== 'partial') this.#borderChanged = true;
      if (out.kind !== 'route') continue;
      this.#borderChanged = true;
      said.delete(out.route.key);
      this.#adopted.route(out.route.key, out.change === 'removed' ? undefined : out.route);
      this.#spreads.route(out, nowMs);
    }
  }

  /** When what we say between areas, or of what is outside, is to be looked at. */
  #borderDeadlineMs(): number {
    const dueMs = this.#borderChanged ? Number.NEGATIVE_INFINITY : this.#border.deadlineMs();
    return Math.max(dueMs, this.#borderRestsUntilMs);
  }

  /** Originates what a border or boundary router should. @returns whether there was anything. */
  #speakAsBorder(nowMs: number): boolean {
    if (nowMs < this.#borderDeadlineMs()) return false;
    this.#borderChanged = false;
    const { instance, externalRoutes = [] } = this.#config;
    if (instance.areas.length === 1 && externalRoutes.length === 0) return false;
    const state = borderState(instance, this.#instance, externalRoutes);
    const routers = routerPaths(this.#routes.calculation);
    const before = this.#border.discards;
    const routes = [...this.#routes.routes()];
    const inputs = this.#border.update(state, routes, routers, nowMs);
    this.#borderRestsUntilMs = nowMs + Math.floor(routes.length / ROUTES_PER_MS_OF_REST);
    this.#sayDiscards(before, this.#border.discards);
    for (const input of inputs) this.#instance.handle(input);
    return inputs.length > 0;
  }

  #sayDiscards(before: ReadonlySet<string>, now: ReadonlySet<string>): void {
    for (const prefix of before) {
      if (!now.has(prefix)) this.#outputs.put({ kind: 'discard', change: 'removed', prefix });
    }
    for (const prefix of now) {
      if (!before.has(prefix)) this.#outputs.put({ kind: 'discard', change: 'added', prefix });
    }
  }

  #settle(nowMs: number): void {
    const said = new Set<string>();
    do {
      this.#drainInstance(said, nowMs);
      this.#drainRoutes(said, nowMs);
    } while (!this.#stopping && this.#speakAsBorder(nowMs));
    for (const service of said) {
      const route = this.#routes.route(service);
      if (route !== undefined) this.#spreads.route({ change: 'changed', route }, nowMs);
    }
    for (let out = this.#spreads.poll(); out !== undefined; out = this.#spreads.poll()) {
      this.#outputs.put(out);
    }
    this.#settleAdopted(nowMs);
  }
}
