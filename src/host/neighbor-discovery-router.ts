/**
 * The router's side of advertising by Neighbor Discovery on this machine: a neighbour cache per
 * interface that has `neighborDiscovery`, and the next hops of the services found.
 * @module
 */
import type { ServiceSpreadConfig } from '../anycast/service-spread.ts';
import type { NeighborCacheOptions } from '../neighbor-discovery/cache-config.ts';
import type { CacheEntrySummary } from '../neighbor-discovery/cache-entry.ts';
import type { AdvertisementRecord, CacheInput } from '../neighbor-discovery/cache-io.ts';
import type { Prng } from '../prng.ts';
import {
  type NeighborService,
  NeighborSpreads,
  neighborServiceKey,
} from '../router/neighbor-spreads.ts';
import { nextHopKey } from '../router/service-members.ts';
import type { ServiceSummary } from '../router/service-spreads.ts';
import { COST_DEFAULTS } from '../server-cost/config.ts';
import { type Address, formatAddress } from '../wire/address.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import type { RouterNeighborDiscoverySettings } from './config-neighbor-discovery.ts';
import { HostedCache } from './icmpv6-cache.ts';
import { LoadPoller } from './load-poller.ts';
import type { Logger } from './log.ts';
import { NeighborDiscoveryLinks, type OpenLink } from './neighbor-discovery-link.ts';
import type { RouteTableNextHop } from './route-table.ts';

export interface NeighborDiscoveryInterface {
  readonly interfaceId: number;
  readonly name: string;
  /** Addresses to look for. */
  readonly services: readonly Address[];
  readonly settings: RouterNeighborDiscoverySettings;
}

export interface NeighborDiscoveryRouterOptions {
  readonly interfaces: readonly NeighborDiscoveryInterface[];
  /** How services are spread that differ from the default, by the key of their route. */
  readonly spreads?: ReadonlyMap<string, ServiceSpreadConfig>;
  /** Whether datagrams of a service can be sent to one server after the other; no by default. */
  readonly canTakeTurns?: (key: string) => boolean;
  readonly prng: Prng;
  readonly log: Logger;
  /** The next hops of a service are others now; {@link NeighborDiscoveryRouter.nextHops} has them. */
  readonly onChange: (key: string) => void;
  readonly clock?: Clock;
}

/** One interface as it is shown. */
export interface NeighborDiscoverySummary {
  readonly interface: string;
  readonly mode: 'single' | 'multiple';
  readonly entries: readonly CacheEntrySummary[];
  /** Advertisements discarded, by name. */
  readonly drops: Readonly<Record<string, number>>;
  /** Sources that were refused, with the reason. */
  readonly refusals: readonly { source: string; count: number; lastReason: string }[];
}

/** What another protocol told of a server. */
export type ReportedLoad = Omit<
  Extract<CacheInput, { kind: 'load' }>,
  'kind' | 'nowMs' | 'target' | 'source'
>;

/**
 * How long what an earlier run left goes on unchanged: servers take up to MAX_ANYCAST_DELAY_TIME
 * (1 s) to answer the first solicitation, and replacing the set by the first that did would move
 * flows twice.
 */
const RELEARN_MS = 2_000;
/** How often the services are looked through for one that is advertised in both ways. */
const CONFLICT_CHECK_MS = 5_000;

export class NeighborDiscoveryRouter {
  readonly #options: NeighborDiscoveryRouterOptions;
  readonly #clock: Clock;
  readonly #spreads: NeighborSpreads;
  readonly #caches = new Map<string, HostedCache>();
  readonly #settings: Map<string, NeighborDiscoveryInterface>;
  readonly #conflictsTold = new Set<string>();
  readonly #pollers: LoadPoller[] = [];
  /** Services that an earlier run left in the kernel and whose servers are being heard again. */
  readonly #relearning = new Set<string>();
  #relearnt: Timer | undefined;
  #links: NeighborDiscoveryLinks | undefined;
  #conflictCheck: NodeJS.Timeout | undefined;

  constructor(options: NeighborDiscoveryRouterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#spreads = new NeighborSpreads(options.spreads);
    this.#settings = new Map(options.interfaces.map((one) => [one.name, one]));
  }

  /** @param adopted - keys of services that an earlier run left in the kernel. */
  begin(adopted: readonly string[] = []): void {
    this.goOnWith(adopted);
    this.#links = new NeighborDiscoveryLinks({
      names: [...this.#settings.keys()],
      mark: false,
      onUp: (name, openLink, address) => this.open(name, openLink, address),
      onDown: (name) => this.#down(name),
      say: (level, message) => this.#options.log[level](message),
    });
    this.poll();
    this.#conflictCheck = setInterval(() => this.#tellConflicts(), CONFLICT_CHECK_MS);
  }

  /** Says nothing of these services until their servers had time to be heard; {@link begin} does it. */
  goOnWith(adopted: readonly string[]): void {
    if (adopted.length === 0) return;
    for (const key of adopted) this.#relearning.add(key);
    this.#relearnt = this.#clock.wakeAt(this.#clock.nowMs() + RELEARN_MS, () => {
      const keys = [...this.#relearning];
      this.#relearning.clear();
      for (const key of keys) if (this.#spreads.service(key)) this.#changed(key);
    });
  }

  /** Begins to ask servers for their load; {@link begin} does it. */
  poll(): void {
    for (const { settings } of this.#settings.values()) {
      for (const report of settings.reports) this.#pollers.push(this.#poller(report));
    }
    for (const poller of this.#pollers) poller.begin();
  }

  /** Stops; what was said last of the services holds, since the kernel may go on with it. */
  end(): void {
    clearInterval(this.#conflictCheck);
    this.#relearnt?.cancel();
    for (const poller of this.#pollers.splice(0)) poller.end();
    for (const cache of this.#caches.values()) cache.close();
    this.#caches.clear();
    this.#links?.close();
  }

  /** SPF has a route for a prefix, or has none any more. */
  ospfRoute(key: string, present: boolean): void {
    this.#spreads.ospfRoute(key, present, this.#clock.nowMs());
  }

  /** The neighbor entry of a next hop failed or is valid again, by the next hop's key. */
  usable(nextHop: string, usable: boolean): void {
    const changed = this.#spreads.usable(nextHop, usable, this.#clock.nowMs());
    for (const key of changed) this.#changed(key);
  }

  /** Packets per bucket of a service lately, for bounding load. */
  bucketLoad(key: string, load: readonly number[]): void {
    if (this.#spreads.load(key, load, this.#clock.nowMs())) this.#changed(key);
  }

  /** How a service is spread that SPF has no route for; undefined when it has one. */
  service(key: string): NeighborService | undefined {
    const service = this.#spreads.service(key);
    const inTurn = [...this.#caches.values()].some(({ cache: { options } }) => {
      return options.mode === 'multiple' && options.delivery === 'roundRobin';
    });
    if (!service || !inTurn || !this.#options.canTakeTurns?.(key)) return service;
    // One after the other: buckets in a row are different servers'.
    const keys = service.nextHops.map(nextHopKey).sort();
    return { ...service, inTurn, ownerOf: (bucket) => keys[bucket % keys.length] };
  }

  /** Whether a service is heard of by OSPFv3 as well, for longer than a change-over takes. */
  heardBothWays(key: string): boolean {
    return this.#spreads.conflicts(this.#clock.nowMs()).some(({ service }) => service === key);
  }

  /** The services that are spread by what was found here. */
  services(): ServiceSummary[] {
    return this.#spreads.summaries();
  }

  /** The next hops of a service that SPF has no route for; none when it has one. */
  nextHops(key: string): readonly RouteTableNextHop[] {
    const names = new Map([...this.#settings.values()].map((one) => [one.interfaceId, one.name]));
    return (this.#spreads.nextHops(key) ?? []).flatMap(({ interfaceId, address, weight }) => {
      const interfaceName = names.get(interfaceId);
      if (interfaceName === undefined || address === undefined) return [];
      return [{ interfaceName, address: formatAddress(address), weight }];
    });
  }

  /**
   * Changes an interface's mode or delivery while running; queries go on.
   * @throws {RangeError} when the interface has no cache, or a service cannot be delivered so.
   */
  reconfigure(name: string, changes: Pick<Partial<NeighborCacheOptions>, 'mode' | 'delivery'>) {
    const cache = this.#caches.get(name);
    if (!cache) throw new RangeError(`interface ${name} has no neighborDiscovery that runs`);
    const keys = this.#settings.get(name)!.services.map(neighborServiceKey);
    if (changes.delivery === 'roundRobin') {
      const other = keys.find((key) => !this.#options.canTakeTurns?.(key));
      if (other) throw new RangeError(`${other.split('/')[0]} is not spread \`by: buckets\``);
    }
    cache.reconfigure(changes);
    for (const key of keys) this.#changed(key); // also when shares are as before
  }

  /** The servers that advertise a service, by the addresses they advertise from. */
  serversOf(target: Address): readonly string[] {
    const service = formatAddress(target);
    const entries = [...this.#caches.values()].flatMap(({ cache }) => cache.entries());
    const known = entries.filter((entry) => entry.target === service);
    return [...new Set(known.flatMap(({ addresses }) => addresses.map(({ source }) => source)))];
  }

  /** Load of a server that came by another protocol (rule 17); of one not known it is not kept. */
  load(target: Address, source: Address, load: ReportedLoad): void {
    for (const cache of this.#caches.values()) {
      cache.input((nowMs) => ({ kind: 'load', nowMs, target, source, ...load }));
    }
  }

  summaries(): NeighborDiscoverySummary[] {
    return [...this.#caches].map(([name, { cache }]) => ({
      interface: name,
      mode: cache.options.mode,
      entries: cache.entries(),
      drops: Object.fromEntries(cache.drops),
      refusals: cache.refusals(),
    }));
  }

  /** The last advertisements heard on an interface and what became of each. */
  advertisements(name: string): readonly AdvertisementRecord[] {
    return this.#caches.get(name)?.cache.advertisements() ?? [];
  }

  /** Opens the cache of an interface on a link; {@link begin} does it as links come up. */
  open(name: string, openLink: OpenLink, linkLayerAddress: Uint8Array): void {
    const { interfaceId, services, settings } = this.#settings.get(name)!;
    const { services: _, reports: __, ...cacheOptions } = settings;
    const { log, prng, clock } = this.#options;
    const cache = new HostedCache({
      link: openLink(),
      linkLayerAddress,
      prng: prng.fork(),
      cache: cacheOptions,
      ...(clock && { clock }),
      onEvent: (event) => {
        if (event.name === 'dropped') log.debug({ interface: name, ...event }, 'advertisement');
        else if (event.name === 'neighborCacheAddress') {
          const { target, source, change, why } = event;
          const said = { interface: name, service: formatAddress(target), why };
          // In single mode the one address changes with every turn of the servers.
          const level = change === 'current' ? 'debug' : 'info';
          log[level]({ ...said, server: formatAddress(source) }, `server ${change}`);
        }
      },
      onNextHops: (target, nextHops) => {
        this.#spreads.learn(target, interfaceId, nextHops, this.#clock.nowMs());
        this.#changed(neighborServiceKey(target));
      },
      onSendError: (error) => log.debug({ interface: name, error: String(error) }, 'not sent'),
    });
    this.#caches.set(name, cache);
    for (const service of services) cache.track(service);
  }

  #changed(key: string): void {
    if (!this.#relearning.has(key)) this.#options.onChange(key);
  }

  #poller(settings: RouterNeighborDiscoverySettings['reports'][number]): LoadPoller {
    const { service, server, expiryMs: holdsMs, ...config } = settings;
    const { log } = this.#options;
    return new LoadPoller(
      { ...config, address: service, expiryMs: holdsMs, weight: COST_DEFAULTS.weight },
      {
        onLoad: (load) => {
          // What is not known any more ceases to hold by itself.
          if (!load) return;
          const { weight, utilizationRatio, state } = load;
          const draining = state === 'draining';
          this.load(service, server, { weight, utilizationRatio, draining, holdsMs });
        },
        onProblem: (reason) => log.warn(`load report: ${reason}`),
      },
      this.#clock,
    );
  }

  #down(name: string): void {
    const cache = this.#caches.get(name);
    if (!cache) return;
    cache.input((nowMs) => ({ kind: 'interface', nowMs, up: false }));
    cache.close();
    this.#caches.delete(name);
  }

  #tellConflicts(): void {
    const conflicts = this.#spreads.conflicts(this.#clock.nowMs());
    for (const { service } of conflicts) {
      if (this.#conflictsTold.has(service)) continue;
      this.#options.log.warn(
        { service },
        'advertised by OSPFv3 and by Neighbor Discovery at once: OSPFv3 is used, and servers that ' +
          'only advertise by Neighbor Discovery get nothing; give all of them the same `advertise`',
      );
    }
    this.#conflictsTold.clear();
    for (const { service } of conflicts) this.#conflictsTold.add(service);
  }
}
