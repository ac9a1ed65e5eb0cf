/**
 * The data of an instance (RFC 2328 5, RFC 5340 4.1) and the plain questions asked of it. What is
 * done with it stands in the other files of this folder, one subject each.
 * @module
 */
import { Interface } from '../interface/interface.ts';
import type { InterfaceState } from '../interface/state-table.ts';
import type { Surroundings } from '../interface/surroundings.ts';
import { MIN_LS_ARRIVAL_MS, MIN_LS_INTERVAL_MS } from '../lsa/constants.ts';
import { Option } from '../lsa/options.ts';
import { RouterFlag } from '../lsa/router-lsa.ts';
import { Lsdb, type LsdbScope } from '../lsdb/lsdb.ts';
import type { NeighborTransition } from '../neighbor/attachment.ts';
import type { Neighbor } from '../neighbor/neighbor.ts';
import type { Prng } from '../prng.ts';
import type { Address } from '../wire/address.ts';
import { Area } from './area.ts';
import type { InstanceConfig } from './config.ts';
import { checkConfig } from './config-check.ts';
import { Outbox } from './outbox.ts';

/** 0.0.0.0, to which all other areas are attached (RFC 2328 3.1). */
const BACKBONE_AREA = 0;
/** How often it is said that our Router ID is taken. */
const ROUTER_ID_TAKEN_AGAIN_MS = 60_000;

export class InstanceState implements Surroundings {
  readonly config: InstanceConfig;
  readonly routerId: number;
  readonly prng: Prng;
  readonly outbox = new Outbox();
  /** When another router was last seen to use our Router ID, so as not to say it every second. */
  #routerIdTakenMs = Number.NEGATIVE_INFINITY;
  readonly as = new Lsdb({ kind: 'as' });
  readonly areas = new Map<number, Area>();
  readonly interfaces = new Map<number, Interface>();
  /** Every database: of the autonomous system, of each area, of each link. */
  readonly lsdbs: readonly Lsdb[];
  readonly minLsIntervalMs: number;
  readonly minLsArrivalMs: number;
  /** The time of the input being handled. */
  nowMs = 0;
  /** Whether we originate routes from outside the autonomous system. */
  isBoundaryRouter = false;
  /** Until when we are a stub router; `Infinity` on request (RFC 6987). */
  stubRouterUntilMs = Number.NEGATIVE_INFINITY;
  /** What a host adds to the metric of its links, 0 or 1: a change lets all routers run SPF. */
  linkMetricStep = 0;
  /** Whether MaxAge LSAs may have become free to go (RFC 2328 14). */
  sweepMaxAge = false;

  /** @throws {RangeError} naming the field that is out of range. */
  constructor(config: InstanceConfig, prng: Prng) {
    checkConfig(config);
    this.config = config;
    this.routerId = config.routerId;
    this.prng = prng;
    this.minLsIntervalMs = config.minLsIntervalMs ?? MIN_LS_INTERVAL_MS;
    this.minLsArrivalMs = config.minLsArrivalMs ?? MIN_LS_ARRIVAL_MS;
    for (const area of config.areas) this.areas.set(area.areaId, new Area(area));
    for (const attached of config.interfaces) {
      const area = this.areas.get(attached.areaId)!;
      const as = area.config.type === 'normal' ? this.as : undefined;
      const added = new Interface(attached, this, area.lsdb, as);
      this.interfaces.set(attached.interfaceId, added);
      area.interfaces.push(added);
    }
    this.lsdbs = [
      this.as,
      ...[...this.areas.values()].map(({ lsdb }) => lsdb),
      ...[...this.interfaces.values()].map(({ databases }) => databases.link),
    ];
  }

  areaOf(on: Interface): Area {
    return this.areas.get(on.config.areaId)!;
  }

  /** The database of a scope, or `undefined` when there is no such link or area. */
  lsdbOf(scope: LsdbScope): Lsdb | undefined {
    if (scope.kind === 'as') return this.as;
    if (scope.kind === 'area') return this.areas.get(scope.areaId)?.lsdb;
    return this.interfaces.get(scope.interfaceId)?.databases.link;
  }

  /** The interfaces on which LSAs of a scope are flooded (RFC 5340 4.5.2). */
  eligible(scope: LsdbScope): readonly Interface[] {
    switch (scope.kind) {
      case 'link': {
        const on = this.interfaces.get(scope.interfaceId);
        return on === undefined ? [] : [on];
      }
      case 'area':
        return this.areas.get(scope.areaId)?.interfaces ?? [];
      case 'as':
        return [...this.interfaces.values()].filter((on) => on.databases.as !== undefined);
    }
  }

  /** Whether a database is being exchanged with any neighbor (RFC 2328 13 step 4, 14). */
  get exchanging(): boolean {
    for (const on of this.interfaces.values()) {
      for (const neighbor of on.neighbors.values()) if (neighbor.exchanging) return true;
    }
    return false;
  }

  /** Options for Hellos, Database Descriptions and LSAs (RFC 5340 A.2). */
  optionsOf(areaId: number): number {
    const { forwards } = this.config;
    return Option.V6 | (forwards ? Option.R : 0) | (this.areas.get(areaId)?.options ?? 0);
  }

  /** An area border router: attached to several areas, the backbone among them (RFC 3509 2). */
  get isBorderRouter(): boolean {
    const active = [...this.areas.values()].filter((area) => area.active);
    return active.length > 1 && active.some((area) => area.areaId === BACKBONE_AREA);
  }

  get #isInNssa(): boolean {
    return [...this.areas.values()].some((area) => area.active && area.config.type === 'nssa');
  }

  /** Whether traffic should pass through us only where there is no other way (RFC 6987). */
  get isStubRouter(): boolean {
    return this.nowMs < this.stubRouterUntilMs;
  }

  /** The first octet of our Router-LSAs in an area (RFC 5340 A.4.3, RFC 3101 B). */
  routerFlagsIn(area: Area): number {
    const { type, translatorRole } = area.config;
    const border = this.isBorderRouter;
    const always = border && type === 'nssa' && translatorRole === 'always';
    // A border router of an NSSA has the E-bit whether it translates or not (RFC 3101 3.1). FRR
    // does not notice one that comes after the AS-External-LSAs.
    const boundary = this.isBoundaryRouter || (border && this.#isInNssa);
    return (
      (border ? RouterFlag.B : 0) |
      // Never in a stub area, which knows of nothing outside (RFC 2328 A.4.2).
      (boundary && type !== 'stub' ? RouterFlag.E : 0) |
      (always ? RouterFlag.Nt : 0)
    );
  }

  drawSequenceNumber(): number {
    return this.prng.u32();
  }

  transmit(interfaceId: number, destination: Address, octets: Uint8Array): void {
    this.outbox.put({ kind: 'transmit', interfaceId, destination, octets });
  }

  interfaceChanged(interfaceId: number, from: InterfaceState, to: InterfaceState): void {
    this.outbox.event({ name: 'interfaceState', interfaceId, from, to });
    // Whether we are a border router may have changed, which every area is told.
    if (from === 'Down' || to === 'Down')
      for (const area of this.areas.values()) area.change(this.nowMs);
    const on = this.interfaces.get(interfaceId)!;
    if (from === 'Down') this.areaOf(on).interfaceUp(on, this.nowMs);
    this.changed(interfaceId);
  }

  designatedRouterChanged(interfaceId: number): void {
    const { designatedRouter, backupDesignatedRouter } = this.interfaces.get(interfaceId)!;
    const routers = { designatedRouter, backupDesignatedRouter };
    this.outbox.event({ name: 'designatedRouter', interfaceId, ...routers });
    this.changed(interfaceId);
  }

  neighborChanged(interfaceId: number, routerId: number, transition: NeighborTransition): void {
    const fact = { interfaceId, neighbor: routerId, ...transition };
    this.outbox.event({ name: 'neighborState', ...fact });
    this.sweepMaxAge = true;
    if (transition.from === 'Full' || transition.to === 'Full') this.changed(interfaceId);
  }

  /** Notes that another router uses our Router ID. */
  routerIdTaken(where: { interfaceId: number; source: Address } | undefined): void {
    if (this.nowMs < this.#routerIdTakenMs + ROUTER_ID_TAKEN_AGAIN_MS) return;
    this.#routerIdTakenMs = this.nowMs;
    this.outbox.event({ name: 'duplicateRouterId', routerId: this.routerId, ...where });
  }

  illegalTransition(machine: 'interface' | 'neighbor', state: string, event: string): void {
    this.outbox.illegalTransition(machine, state, event);
  }

  /** Notes that our LSAs about the interface's area may be out of date. */
  changed(interfaceId: number): void {
    this.areaOf(this.interfaces.get(interfaceId)!).change(this.nowMs);
  }

  /** The neighbors on every interface eligible for a scope. */
  *neighborsIn(scope: LsdbScope): Generator<Neighbor, void> {
    for (const on of this.eligible(scope)) yield* on.neighbors.values();
  }
}
