/**
 * Services whose servers are known by Neighbor Discovery: what the neighbour caches of the links say
 * becomes a spread per service, as routes and loads do for those known by OSPFv3. One service is
 * advertised one way: when both are heard, OSPFv3 is used and the conflict is told.
 * @module
 */
import { ServiceSpread, type ServiceSpreadConfig } from '../anycast/service-spread.ts';
import type { NeighborNextHop } from '../neighbor-discovery/cache-io.ts';
import type { NextHop } from '../spf/route.ts';
import type { Address } from '../wire/address.ts';
import { formatPrefix } from '../wire/prefix.ts';
import { nextHopKey } from './service-members.ts';
import type { ServiceSummary } from './service-spreads.ts';

/** One server of a service, as routes lead to it. */
export interface SpreadNextHop extends NextHop {
  /** Relative to the others', above 0. */
  readonly weight: number;
}

/** A service that Neighbor Discovery alone knows, as it is spread. */
export interface NeighborService {
  /** All servers, whether usable or not. */
  readonly known: readonly NextHop[];
  /** Those that are used. */
  readonly nextHops: readonly SpreadNextHop[];
  readonly bucketCount: number;
  /** Every datagram goes to the next bucket's owner, instead of every flow to its bucket's. */
  readonly inTurn: boolean;
  /** The key of the next hop that owns a bucket. */
  ownerOf(bucket: number): string | undefined;
}

/** A service that is heard of in both ways. */
export interface AdvertisingConflict {
  /** The /128 as text. */
  readonly service: string;
  readonly sinceMs: number;
}

interface Service {
  readonly spread: ServiceSpread;
  /** By Interface ID. */
  readonly links: Map<number, readonly NeighborNextHop[]>;
  bothSinceMs: number | undefined;
}

/** Both ways at once are normal for so long while a server is switched from one to the other. */
const SWITCHING_MS = 10_000;

/** The key of a service's route. */
export const neighborServiceKey = (target: Address): string =>
  formatPrefix({ address: target, prefixLength: 128 });

export class NeighborSpreads {
  readonly #configs: ReadonlyMap<string, ServiceSpreadConfig>;
  readonly #services = new Map<string, Service>();
  readonly #ospf = new Set<string>();
  /** Keys of next hops without a valid neighbor entry. */
  readonly #failed = new Set<string>();

  /** @param configs - of services that differ from the default, by the service's /128 as text. */
  constructor(configs: ReadonlyMap<string, ServiceSpreadConfig> = new Map()) {
    this.#configs = configs;
  }

  /** Takes over what one link's cache says of a service. */
  learn(
    target: Address,
    interfaceId: number,
    nextHops: readonly NeighborNextHop[],
    nowMs: number,
  ): void {
    const key = neighborServiceKey(target);
    const service: Service = this.#services.get(key) ?? {
      // The cache has applied the way of delivery: what it gives weighs what it says.
      spread: new ServiceSpread({ ...this.#configs.get(key), policy: 'weighted' }),
      links: new Map(),
      bothSinceMs: undefined,
    };
    this.#services.set(key, service);
    if (nextHops.length > 0) service.links.set(interfaceId, nextHops);
    else service.links.delete(interfaceId);
    const members = [...hopsOf(service)].map(([key, { weight }]) => {
      return { key, weight, distance: 0, usable: !this.#failed.has(key) };
    });
    service.spread.handle({ kind: 'nextHops', nowMs, members });
    drain(service);
    this.#judge(key, nowMs);
  }

  /**
   * The neighbor entry of a next hop failed or is valid again.
   * @returns the services that are spread otherwise now.
   */
  usable(nextHop: string, usable: boolean, nowMs: number): readonly string[] {
    if (usable) this.#failed.delete(nextHop);
    else this.#failed.add(nextHop);
    return [...this.#services].flatMap(([key, service]) => {
      service.spread.handle({ kind: 'usable', nowMs, key: nextHop, usable });
      return drain(service) ? [key] : [];
    });
  }

  /**
   * Takes in packets per bucket lately; of use to services whose load is bounded.
   * @returns whether the service is spread otherwise now.
   */
  load(key: string, load: readonly number[], nowMs: number): boolean {
    const service = this.#services.get(key);
    if (service === undefined) return false;
    service.spread.handle({ kind: 'load', nowMs, load });
    return drain(service);
  }

  /** Whether SPF has a route for a prefix. */
  ospfRoute(key: string, present: boolean, nowMs: number): void {
    if (present) this.#ospf.add(key);
    else this.#ospf.delete(key);
    this.#judge(key, nowMs);
  }

  /** How a service is spread; undefined when OSPFv3 has it, or nobody. */
  service(key: string): NeighborService | undefined {
    const service = this.#services.get(key);
    if (!service || this.#ospf.has(key) || service.links.size === 0) return undefined;
    const { spread } = service;
    const known = hopsOf(service);
    return {
      known: [...known.values()],
      nextHops: spread.shares().flatMap((share) => known.get(share.key) ?? []),
      bucketCount: spread.bucketCount,
      inTurn: false,
      ownerOf: (bucket) => spread.ownerOf(bucket),
    };
  }

  /** The servers to spread a service over; undefined when OSPFv3 has it, or nobody. */
  nextHops(key: string): readonly SpreadNextHop[] | undefined {
    return this.service(key)?.nextHops;
  }

  /** The services that are spread by what Neighbor Discovery says. */
  summaries(): ServiceSummary[] {
    return [...this.#services].flatMap(([service, { spread }]) => {
      if (this.service(service) === undefined) return [];
      return [{ service, shares: spread.shares(), loads: new Map(), counts: spread.counts }];
    });
  }

  /** The next hop of one flow by its hash (0..2^32-1). */
  pick(key: string, flowHash: number): NextHop | undefined {
    const service = this.#services.get(key);
    const picked = service?.spread.pick(flowHash);
    return picked === undefined ? undefined : hopsOf(service!).get(picked);
  }

  /** Services heard of in both ways for longer than a switch takes. */
  conflicts(nowMs: number): readonly AdvertisingConflict[] {
    return [...this.#services].flatMap(([service, { bothSinceMs }]) => {
      if (bothSinceMs === undefined || nowMs - bothSinceMs < SWITCHING_MS) return [];
      return [{ service, sinceMs: bothSinceMs }];
    });
  }

  #judge(key: string, nowMs: number): void {
    const service = this.#services.get(key);
    if (!service) return;
    const both = service.links.size > 0 && this.#ospf.has(key);
    if (!both) service.bothSinceMs = undefined;
    else service.bothSinceMs ??= nowMs;
  }
}

/** All servers of a service by the key of their next hop. */
function hopsOf(service: Service): ReadonlyMap<string, SpreadNextHop> {
  const hops = new Map<string, SpreadNextHop>();
  for (const [interfaceId, nextHops] of service.links) {
    // Shares are of one link; between links they count by what stands behind each.
    const linkWeight = nextHops.reduce((sum, { weight }) => sum + weight, 0);
    for (const { address, share } of nextHops) {
      const key = nextHopKey({ interfaceId, address });
      // Two link-layer addresses that speak for one address are one next hop to a route.
      const weight = share * linkWeight + (hops.get(key)?.weight ?? 0);
      hops.set(key, { interfaceId, address, weight });
    }
  }
  return hops;
}

/** Takes what a spread said: its table is read when it is asked for. @returns if it said anything. */
function drain({ spread }: Service): boolean {
  let said = false;
  while (spread.poll() !== undefined) said = true;
  return said;
}
