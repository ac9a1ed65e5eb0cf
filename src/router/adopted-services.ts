/**
 * Services that an earlier run left in the machine's forwarding: it goes on with their next hops
 * until the databases have settled. The first routes of a new run know some of a service's servers
 * and not yet the others, and to follow them would move the flows of those.
 *
 * A service is released, so that what was calculated replaces what was adopted, when the databases
 * are calm and either every adopted next hop has a route again, or the others had their time:
 * neighbors to be heard (RouterDeadInterval), and to describe the adjacency (MinLSInterval, and
 * MinLSArrival at us). A deadline bounds it all. A next hop that is positively lost does not wait:
 * it leaves what was adopted at once. New next hops come with the release: their shares are relative
 * to a set that is not known before.
 *
 * Sans-IO: the caller gives the time and drains `poll()`.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import { MIN_LS_ARRIVAL_MS, MIN_LS_INTERVAL_MS } from '../lsa/constants.ts';
import type { Route } from '../spf/route.ts';
import { nextHopKey } from './service-members.ts';

/** Milliseconds. */
export interface AdoptionTimes {
  /** From the start until every neighbor that lives has been heard, and designated routers elected. */
  readonly discoveryMs: number;
  /** From an adjacency until the neighbor's LSAs say so here. */
  readonly describedMs: number;
  /** For how long nothing must have happened. */
  readonly calmMs: number;
  /** From the start until everything adopted is released whatever is known. */
  readonly deadlineMs: number;
}

/**
 * What is announced may reach us so much later than its neighbor: two rounds of MinLSInterval (5 s)
 * and the longest SPF delay that is recommended (5 s, RFC 8405 6).
 */
const CONVERGENCE_MS = 15_000;

/** What nobody has announced after neighbors had twice the time to be found is gone. */
export const adoptionDeadlineMs = (deadIntervalMs: number): number =>
  2 * deadIntervalMs + CONVERGENCE_MS;

/** The times that follow from an instance's own. */
export function adoptionTimes(config: InstanceConfig): AdoptionTimes {
  const { interfaces, minLsIntervalMs, minLsArrivalMs } = config;
  const discoveryMs = 1000 * Math.max(0, ...interfaces.map((one) => one.routerDeadIntervalS));
  // What comes within MinLSArrival of an instance before is kept for so long: the next is on its way.
  const calmMs = minLsArrivalMs ?? MIN_LS_ARRIVAL_MS;
  const describedMs = (minLsIntervalMs ?? MIN_LS_INTERVAL_MS) + calmMs;
  return { discoveryMs, describedMs, calmMs, deadlineMs: adoptionDeadlineMs(discoveryMs) };
}

/** What becomes of an adopted service. */
export interface AdoptedOutput {
  readonly kind: 'adopted';
  /** The service's /128 as text. */
  readonly service: string;
  /**
   * `reduced`: forwarding goes on with these next hops alone; `released`: with what was calculated,
   * whose outputs came before.
   */
  readonly change: 'reduced' | 'released';
  /** Keys of the adopted next hops that are left. */
  readonly nextHops: readonly string[];
  /** In words, for people. */
  readonly reason: string;
}

/** A neighbor to which a next hop leads. */
interface Adjacent {
  readonly routerId: number;
  /** Whether it is a host: nothing is reached through it (RFC 5340 A.2, the R-bit). */
  readonly host: boolean;
}

/**
 * Next hops of the earlier run, by service: keys of each. Several keys are one next hop by any of
 * the addresses that the machine knows it by.
 */
export type AdoptedNextHops = ReadonlyMap<string, readonly (readonly string[])[]>;

interface Adopted {
  /** Next hops of the earlier run that are not lost, each by its possible keys. */
  nextHops: readonly ReadonlySet<string>[];
  /** Next hops that routes lead to now. */
  routed: ReadonlySet<string>;
  /** Originators that a route led to in this run, by next hop. */
  readonly behind: Map<string, Set<number>>;
  /** Originators that announced the service in this run. */
  readonly announced: Set<number>;
}

const NEVER = Number.POSITIVE_INFINITY;

export class AdoptedServices {
  readonly #times: AdoptionTimes;
  readonly #services = new Map<string, Adopted>();
  readonly #adjacent = new Map<string, Adjacent>();
  readonly #outputs: AdoptedOutput[] = [];
  #startedMs = 0;
  #lastAdjacentMs = Number.NEGATIVE_INFINITY;
  #calmSinceMs = NEVER;
  /** When {@link settle} was last called. */
  #seenMs = Number.NEGATIVE_INFINITY;

  constructor(times: AdoptionTimes) {
    this.#times = times;
  }

  /** Whether any service is held. */
  get any(): boolean {
    return this.#services.size > 0;
  }

  get services(): Iterable<string> {
    return this.#services.keys();
  }

  /** Whether a service's next hop was in use by the earlier run, and the service is still held. */
  has(service: string, nextHop: string): boolean {
    return this.#services.get(service)?.nextHops.some((keys) => keys.has(nextHop)) ?? false;
  }

  /** Takes over what was found. */
  adopt(found: AdoptedNextHops, nowMs: number): void {
    this.#startedMs = nowMs;
    for (const [service, nextHops] of found) {
      if (nextHops.length === 0) continue;
      this.#services.set(service, {
        nextHops: nextHops.map((keys) => new Set(keys)),
        routed: new Set(),
        behind: new Map(),
        announced: new Set(),
      });
    }
  }

  /** Takes in the route of a service; undefined when there is none. */
  route(service: string, route: Route | undefined): void {
    const adopted = this.#services.get(service);
    if (adopted === undefined) return;
    const routed = new Set<string>();
    for (const { originator, nextHops } of route?.candidates ?? []) {
      for (const nextHop of nextHops) {
        const key = nextHopKey(nextHop);
        routed.add(key);
        const behind = adopted.behind.get(key) ?? new Set();
        adopted.behind.set(key, behind.add(originator));
      }
    }
    adopted.routed = routed;
    for (const key of routed) identify(adopted, key);
    this.#calmSinceMs = NEVER;
  }

  /** A neighbor became Full. */
  adjacent(nextHop: string, neighbor: Adjacent, nowMs: number): void {
    this.#adjacent.set(nextHop, neighbor);
    this.#lastAdjacentMs = nowMs;
    for (const adopted of this.#services.values()) identify(adopted, nextHop);
  }

  /** A next hop cannot be used: its neighbor entry failed, or its neighbor or BFD session is down. */
  lost(nextHop: string, reason: string): void {
    this.#adjacent.delete(nextHop);
    for (const [service, adopted] of this.#services) {
      const { nextHops } = adopted;
      if (!this.has(service, nextHop)) continue;
      adopted.nextHops = nextHops
        .map((keys) => new Set([...keys].filter((key) => key !== nextHop)))
        .filter((keys) => keys.size > 0);
      // One that is known by another address still has that.
      if (adopted.nextHops.length < nextHops.length) this.#reduced(service, adopted, reason);
    }
  }

  /**
   * Takes in who announces a service now, reachable or not. A next hop is lost when all that
   * announced the service behind it have withdrawn it, or when it is a host's whose database was
   * received and does not have it. That no route leads to a server means nothing as yet: it may not
   * have described its adjacency.
   * @param nextHop - to look at this one alone.
   */
  announcedBy(service: string, originators: ReadonlySet<number>, nextHop?: string): void {
    const adopted = this.#services.get(service);
    if (adopted === undefined) return;
    for (const originator of originators) adopted.announced.add(originator);
    const before = adopted.nextHops.length;
    adopted.nextHops = adopted.nextHops.filter((keys) => {
      if (nextHop !== undefined && !keys.has(nextHop)) return true;
      const servers = [...keys].flatMap((key) => this.#serversBehind(adopted, key));
      return servers.length === 0 || servers.some((server) => originators.has(server));
    });
    if (adopted.nextHops.length < before) this.#reduced(service, adopted, 'withdrawn');
  }

  /** Router IDs that are known to have the service behind a next hop, now or before. */
  #serversBehind(adopted: Adopted, nextHop: string): number[] {
    const servers = new Set(adopted.behind.get(nextHop));
    const neighbor = this.#adjacent.get(nextHop);
    if (neighbor && (neighbor.host || adopted.announced.has(neighbor.routerId))) {
      servers.add(neighbor.routerId);
    }
    return [...servers];
  }

  /**
   * Comes after everything of a moment.
   * @param calm - whether no database is being exchanged, no LSA held back and no run pending.
   */
  settle(calm: boolean, nowMs: number): void {
    this.#seenMs = nowMs;
    if (!calm) this.#calmSinceMs = NEVER;
    else if (this.#calmSinceMs === NEVER) this.#calmSinceMs = nowMs;
    for (const [service, adopted] of this.#services) {
      const reason = this.#reasonToRelease(adopted, nowMs);
      if (reason === undefined) continue;
      this.#services.delete(service);
      this.#say(service, adopted, 'released', reason);
    }
    if (!this.any) this.#adjacent.clear();
  }

  /** When `settle` wants to be called again, milliseconds; `Infinity` for never. */
  deadlineMs(): number {
    if (!this.any) return NEVER;
    const { calmMs } = this.#times;
    const dueMs = [this.#calmSinceMs + calmMs, this.#hadTimeMs(), this.#endMs()];
    return Math.min(...dueMs.filter((atMs) => atMs > this.#seenMs));
  }

  poll(): AdoptedOutput | undefined {
    return this.#outputs.shift();
  }

  /** When next hops without a route have had the time to get one. */
  #hadTimeMs(): number {
    const { discoveryMs, describedMs } = this.#times;
    return Math.max(this.#startedMs + discoveryMs, this.#lastAdjacentMs + describedMs);
  }

  #endMs(): number {
    return this.#startedMs + this.#times.deadlineMs;
  }

  #reasonToRelease({ nextHops, routed }: Adopted, nowMs: number): string | undefined {
    if (nextHops.length === 0) return 'every next hop is lost';
    if (nowMs >= this.#endMs()) return 'time is up';
    // A service that nobody announces yet is left to the deadline.
    if (nowMs < this.#calmSinceMs + this.#times.calmMs || routed.size === 0) return undefined;
    const known = nextHops.every((keys) => [...keys].some((key) => routed.has(key)));
    if (known) return 'all next hops are known';
    return nowMs >= this.#hadTimeMs() ? 'the others had their time' : undefined;
  }

  #reduced(service: string, adopted: Adopted, reason: string): void {
    // Without any next hop, the release follows at once.
    if (adopted.nextHops.length > 0) this.#say(service, adopted, 'reduced', reason);
  }

  #say(
    service: string,
    { nextHops }: Adopted,
    change: AdoptedOutput['change'],
    reason: string,
  ): void {
    const keys = nextHops.flatMap((one) => [...one]);
    this.#outputs.push({ kind: 'adopted', service, change, nextHops: keys, reason });
  }
}

/** A next hop that may have several keys has this one: the routing protocol says so. */
function identify(adopted: Adopted, nextHop: string): void {
  adopted.nextHops = adopted.nextHops.map((keys) =>
    keys.size > 1 && keys.has(nextHop) ? new Set([nextHop]) : keys,
  );
}
