/**
 * The spreads of all anycast services: which routes are services, and what each one's members are
 * after a route or a load changed.
 * @module
 */
import type { BucketShare } from '../anycast/bucket-table.ts';
import {
  type BucketsOutput,
  ServiceSpread,
  type ServiceSpreadConfig,
  type SpreadCounts,
} from '../anycast/service-spread.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { ServiceLoad } from '../lsa/service-load.ts';
import type { NextHop, Route, RouteOutput } from '../spf/route.ts';
import { ServiceLoads } from './service-loads.ts';
import { membersOf, nextHopKey } from './service-members.ts';

/** The buckets of a service changed hands. */
export interface SpreadOutput {
  readonly kind: 'spread';
  /** The service's /128 as text. */
  readonly service: string;
  readonly change: BucketsOutput;
}

/** One service as a router sees it. */
export interface ServiceSummary {
  readonly service: string;
  readonly shares: readonly BucketShare[];
  /** What servers advertise, by Router ID. */
  readonly loads: ReadonlyMap<number, ServiceLoad>;
  readonly counts: SpreadCounts;
}

interface Service {
  readonly spread: ServiceSpread;
  /** Every next hop that a member was made of, by key. */
  nextHops: ReadonlyMap<string, NextHop>;
}

/** Why a next hop is not used though a route leads to it. */
export type NextHopFault = 'neighborEntry' | 'adjacency';

const HOST_PREFIX_LENGTH = 128;

export class ServiceSpreads {
  readonly #config: ServiceSpreadConfig;
  readonly #configs: ReadonlyMap<string, ServiceSpreadConfig>;
  /** What is wrong with next hops, by key; those with nothing wrong are not in it. */
  readonly #faults = new Map<string, Set<NextHopFault>>();
  readonly #loads = new ServiceLoads();
  readonly #services = new Map<string, Service>();
  readonly #outputs: SpreadOutput[] = [];
  readonly #established: (service: string, nextHop: string) => boolean;

  /**
   * @param configs - of services that differ from `config`, by the service's /128 as text.
   * @param established - whether a next hop served already before this run: it is not eased in.
   */
  constructor(
    config: ServiceSpreadConfig = {},
    configs: ReadonlyMap<string, ServiceSpreadConfig> = new Map(),
    established: (service: string, nextHop: string) => boolean = () => false,
  ) {
    this.#config = config;
    this.#configs = configs;
    this.#established = established;
  }

  /** @returns the services of which an LSA now says something else; give their routes again. */
  learn(lsa: Lsa, present: boolean): readonly string[] {
    return this.#loads.learn(lsa, present);
  }

  /** Takes in what a server answered when asked; give the service's route again. */
  report(serviceKey: string, routerId: number, load: ServiceLoad | undefined): void {
    this.#loads.report(serviceKey, routerId, load);
  }

  /** Whether a host route leads to a service: a server says so, or several next hops serve it. */
  #isService(route: Route): boolean {
    const { prefix, key, nextHops } = route;
    if (prefix.prefixLength !== HOST_PREFIX_LENGTH || nextHops.length === 0) return false;
    return this.#services.has(key) || nextHops.length > 1 || this.#loads.of(key).size > 0;
  }

  /** Takes in a route that came, changed or went, or whose servers' loads changed. */
  route({ change, route }: Pick<RouteOutput, 'change' | 'route'>, nowMs: number): void {
    if (change === 'removed' || !this.#isService(route)) {
      this.#end(route.key, nowMs);
      return;
    }
    const service = this.#services.get(route.key) ?? {
      spread: new ServiceSpread({ ...this.#config, ...this.#configs.get(route.key) }),
      nextHops: new Map(),
    };
    this.#services.set(route.key, service);
    const hops = route.candidates.flatMap((candidate) => candidate.nextHops);
    service.nextHops = new Map(hops.map((hop) => [nextHopKey(hop), hop]));
    const members = membersOf(route, this.#loads.of(route.key)).map((member) => {
      const established = this.#established(route.key, member.key);
      const usable = !this.#faults.has(member.key);
      return established || !usable ? { ...member, established, usable } : member;
    });
    service.spread.handle({ kind: 'nextHops', nowMs, members });
    this.#collect(route.key, service);
  }

  /** A next hop failed or came back, whatever the routes still say. */
  fault(key: string, fault: NextHopFault, present: boolean, nowMs: number): void {
    const faults = this.#faults.get(key) ?? new Set();
    if (present) faults.add(fault);
    else faults.delete(fault);
    if (faults.size > 0) this.#faults.set(key, faults);
    else this.#faults.delete(key);
    for (const [name, service] of this.#services) {
      // A next hop that is well again must be told of even where no route leads to it now: when one
      // does, the spread would still take it for failed.
      if (present && !service.nextHops.has(key)) continue;
      service.spread.handle({ kind: 'usable', nowMs, key, usable: faults.size === 0 });
      this.#collect(name, service);
    }
  }

  /** Load per bucket lately; of use to services whose load is bounded. */
  load(serviceKey: string, load: readonly number[], nowMs: number): void {
    const service = this.#services.get(serviceKey);
    if (service === undefined) return;
    service.spread.handle({ kind: 'load', nowMs, load });
    this.#collect(serviceKey, service);
  }

  deadlineMs(): number {
    let deadline = Number.POSITIVE_INFINITY;
    for (const { spread } of this.#services.values()) {
      deadline = Math.min(deadline, spread.deadlineMs());
    }
    return deadline;
  }

  wake(nowMs: number): void {
    for (const [name, service] of this.#services) {
      if (nowMs < service.spread.deadlineMs()) continue;
      service.spread.handle({ kind: 'deadline', nowMs });
      this.#collect(name, service);
    }
  }

  poll(): SpreadOutput | undefined {
    return this.#outputs.shift();
  }

  /** The next hop of a flow to a service; undefined when there is none. */
  pick(serviceKey: string, flowHash: number): NextHop | undefined {
    const service = this.#services.get(serviceKey);
    const key = service?.spread.pick(flowHash);
    return key === undefined ? undefined : service?.nextHops.get(key);
  }

  summaries(): ServiceSummary[] {
    return [...this.#services].map(([service, { spread }]) => ({
      service,
      shares: spread.shares(),
      loads: this.#loads.of(service),
      counts: spread.counts,
    }));
  }

  #end(serviceKey: string, nowMs: number): void {
    const service = this.#services.get(serviceKey);
    if (service === undefined) return;
    service.spread.handle({ kind: 'nextHops', nowMs, members: [] });
    this.#collect(serviceKey, service);
    this.#services.delete(serviceKey);
  }

  #collect(service: string, { spread }: Service): void {
    for (let change = spread.poll(); change !== undefined; change = spread.poll()) {
      this.#outputs.push({ kind: 'spread', service, change });
    }
  }
}
