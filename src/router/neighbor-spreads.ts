/**
 * Services whose servers are known by Neighbor Discovery: what the neighbour caches of the links say
 * becomes a spread per service, as routes and loads do for those known by OSPFv3. One service is
 * advertised one way: when both are heard, OSPFv3 is used and the conflict is told.
 * @module
 */
import type { BucketShare } from '../anycast/bucket-table.ts';
import { ServiceSpread } from '../anycast/service-spread.ts';
import type { NeighborNextHop } from '../neighbor-discovery/cache-io.ts';
import type { NextHop } from '../spf/route.ts';
import type { Address } from '../wire/address.ts';
import { formatPrefix } from '../wire/prefix.ts';
import { nextHopKey } from './service-members.ts';

/** One server of a service, as routes lead to it. */
export interface SpreadNextHop extends NextHop {
  /** Relative to the others', above 0. */
  readonly weight: number;
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
  readonly #services = new Map<string, Service>();
  readonly #ospf = new Set<string>();

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
      spread: new ServiceSpread({ policy: 'weighted' }),
      links: new Map(),
      bothSinceMs: undefined,
    };
    this.#services.set(key, service);
    if (nextHops.length > 0) service.links.set(interfaceId, nextHops);
    else service.links.delete(interfaceId);
    const members = this.#hopsOf(service).map((hop) => {
      return { key: nextHopKey(hop), weight: hop.weight, distance: 0 };
    });
    service.spread.handle({ kind: 'nextHops', nowMs, members });
    while (service.spread.poll() !== undefined); // shares are read when they are asked for
    this.#judge(key, nowMs);
  }

  /** Whether SPF has a route for a prefix. */
  ospfRoute(key: string, present: boolean, nowMs: number): void {
    if (present) this.#ospf.add(key);
    else this.#ospf.delete(key);
    this.#judge(key, nowMs);
  }

  /** The servers to spread a service over; undefined when OSPFv3 has it, or nobody. */
  nextHops(key: string): readonly SpreadNextHop[] | undefined {
    const service = this.#services.get(key);
    if (!service || this.#ospf.has(key) || service.links.size === 0) return undefined;
    return this.#hopsOf(service);
  }

  shares(key: string): readonly BucketShare[] {
    return this.#services.get(key)?.spread.shares() ?? [];
  }

  /** The next hop of one flow by its hash (0..2^32-1). */
  pick(key: string, flowHash: number): NextHop | undefined {
    const service = this.#services.get(key);
    const picked = service?.spread.pick(flowHash);
    return service && this.#hopsOf(service).find((hop) => nextHopKey(hop) === picked);
  }

  /** Services heard of in both ways for longer than a switch takes. */
  conflicts(nowMs: number): readonly AdvertisingConflict[] {
    return [...this.#services].flatMap(([service, { bothSinceMs }]) => {
      if (bothSinceMs === undefined || nowMs - bothSinceMs < SWITCHING_MS) return [];
      return [{ service, sinceMs: bothSinceMs }];
    });
  }

  #hopsOf(service: Service): SpreadNextHop[] {
    return [...service.links].flatMap(([interfaceId, nextHops]) => {
      // Shares are of one link; between links they count by what stands behind each.
      const linkWeight = nextHops.reduce((sum, { weight }) => sum + weight, 0);
      return nextHops.map(({ address, share }) => {
        return { interfaceId, address, weight: share * linkWeight };
      });
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
