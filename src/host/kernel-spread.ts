/**
 * The kernel's part in spreading: routes and bucket tables of a router go into nexthop groups or
 * nftables, service by service as configured, and the kernel's neighbor entries come back.
 * @module
 */

import type { BucketsOutput } from '../anycast/service-spread.ts';
import type { AdoptedNextHops } from '../router/adopted-services.ts';
import type { NeighborService } from '../router/neighbor-spreads.ts';
import { nextHopKey } from '../router/service-members.ts';
import type { NextHop, Route } from '../spf/route.ts';
import { formatAddress } from '../wire/address.ts';
import { type FoundForwarding, foundNextHops, heldBuckets } from './adopted-forwarding.ts';
import { BucketInstaller, type BucketNextHop } from './bucket-installer.ts';
import { BucketLoad } from './bucket-load.ts';
import { DEFAULT_KERNEL_SERVICE, type KernelService } from './config-spread.ts';
import { KernelNeighbors } from './kernel-neighbors.ts';
import { settleMultipathHash } from './multipath-hash.ts';
import { NextHopWatch } from './next-hop-watch.ts';
import { type ExactShare, ExactSpread } from './nftables.ts';
import { RouteInstaller } from './route-installer.ts';
import type { RouteFailure, RouteTableNextHop } from './route-table.ts';
import { KernelRouteTable } from './route-table-kernel.ts';

export interface KernelSpreadOptions {
  /** Services that differ from the default, by the key of their route. */
  readonly services: ReadonlyMap<string, KernelService>;
  readonly interfaceName: (interfaceId: number) => string;
  /** A next hop failed or came back, by its key. */
  readonly onUsable: (key: string, usable: boolean) => void;
  /** Packets per bucket lately, of a service whose load is bounded. */
  readonly onLoad: (key: string, load: readonly number[]) => void;
  readonly onFailure: (message: string) => void;
  /** Whether to make the kernel hash ports, for all routes of the machine. */
  readonly hashPorts: boolean;
  /** A service that has no route of OSPFv3, as it is known in another way. */
  readonly otherwise: (key: string) => NeighborService | undefined;
}

/** What a next hop was sent by the kernel. */
export interface MeasuredShare {
  /** The address of the service. */
  readonly address: string;
  readonly nextHop: string;
  readonly packets: number;
  readonly octets: number;
}

const HOST_PREFIX_LENGTH = 128;
/** Long enough for a burst of changes to be over, short enough to notice what went wrong. */
const READ_BACK_MS = 500;
/** Over which load per bucket is measured: long enough for a heavy client to stand out. */
const LOAD_MS = 5000;

export class KernelSpread {
  readonly #options: KernelSpreadOptions;
  readonly #table = new KernelRouteTable();
  readonly #exact = new ExactSpread();
  readonly #routes: RouteInstaller;
  readonly #buckets: BucketInstaller;
  readonly #neighbors: KernelNeighbors;
  readonly #watched: NextHopWatch;
  /** Prefixes that OSPFv3 has a route for. */
  readonly #routed = new Set<string>();
  /** Next hops of prefixes that changed, whose neighbor entries are to be looked at. */
  readonly #unwatched = new Map<string, readonly NextHop[]>();
  /** Services whose packets are counted, each with the interface. */
  readonly #counted = new Set<string>();
  /** Next hops of services that are held at what an earlier run left. */
  readonly #held = new Map<string, readonly NextHop[]>();
  /** Next hops that were said of those meanwhile. */
  readonly #said = new Map<string, readonly NextHop[]>();
  /** Of services whose load is bounded. */
  readonly #loads = new Map<string, BucketLoad>();
  #loadTimer: NodeJS.Timeout | undefined;
  #countable = false;
  #readBack: NodeJS.Timeout | undefined;

  constructor(options: KernelSpreadOptions) {
    this.#options = options;
    const { onFailure, interfaceName, services } = options;
    this.#routes = new RouteInstaller({
      table: this.#table,
      interfaceName,
      onFailure,
      otherwise: (key) => this.#weighted(options.otherwise(key)),
      kernelService: (key) => services.get(key) ?? DEFAULT_KERNEL_SERVICE,
    });
    this.#neighbors = new KernelNeighbors({
      onError: (error) => onFailure(String(error)),
      onChange: (change) => {
        this.#watched.changed(change);
        if (change.usable) this.#buckets.resolved();
      },
    });
    this.#watched = new NextHopWatch(this.#neighbors, options.onUsable);
    this.#buckets = new BucketInstaller({
      exact: this.#exact,
      onFailure,
      linkLayerAddress: (hop) => this.#neighbors.linkLayerAddressOf(hop.interfaceName, hop.address),
    });
    for (const [key, { by, bucketCount, flowSeed, bounded }] of services) {
      if (by !== 'buckets') continue;
      this.#buckets.add(key, addressOf(key), bucketCount, flowSeed, bounded);
      if (bounded) this.#loads.set(key, new BucketLoad());
    }
  }

  /** Adopts what an earlier run left. */
  async begin(): Promise<FoundForwarding> {
    const { hashPorts, onFailure } = this.#options;
    await settleMultipathHash(hashPorts, onFailure);
    await this.#neighbors.open();
    const found = [...(await this.#table.adopt())];
    try {
      found.push(...(await this.#exact.open()));
      this.#countable = true;
      if (this.#loads.size > 0) this.#loadTimer = setInterval(() => this.#readLoads(), LOAD_MS);
    } catch (error) {
      // Routes work without; services by buckets and measured shares do not.
      this.#options.onFailure(`nftables cannot be used: ${String(error)}`);
    }
    const neighborsAt = (linkLayer: string) => this.#neighbors.neighborsAt(linkLayer);
    const nextHops = foundNextHops(this.#table.routes(), this.#exact.found, neighborsAt);
    return { prefixes: found, nextHops };
  }

  /**
   * Holds services at what an earlier run left, whatever is said of them, until {@link release}.
   * @param services - what {@link begin} found, by key, with the router's next hops.
   * @returns keys of the next hops of those that can be held so.
   */
  hold(services: ReadonlyMap<string, readonly (readonly NextHop[])[]>): AdoptedNextHops {
    const held = new Map<string, readonly (readonly string[])[]>();
    for (const [key, hops] of services) {
      if (!this.#holds(key, hops.flat())) continue;
      this.#held.set(key, hops.flat());
      held.set(
        key,
        hops.map((one) => one.map(nextHopKey)),
      );
    }
    return held;
  }

  /** Follows the neighbor entries of services that are held, and puts them to the test. */
  async watchHeld(): Promise<void> {
    const hops = [...this.#held.values()].flat().flatMap((hop) => this.#named(hop));
    await this.#neighbors.adopt(hops);
    for (const [key, held] of this.#held) this.#watch(key, held);
  }

  /** Goes on holding a service, with these next hops alone, by key. */
  reduce(key: string, remaining: ReadonlySet<string>): void {
    const hops = (this.#held.get(key) ?? []).filter((hop) => remaining.has(nextHopKey(hop)));
    this.#held.set(key, hops);
    const named = new Set(
      hops.flatMap((hop) => this.#named(hop)).map((hop) => `${hop.address}%${hop.interfaceName}`),
    );
    if (this.#buckets.has(key)) this.#buckets.reduce(key, remaining);
    else this.#routes.reduce(key, (hop) => named.has(`${hop.address}%${hop.interfaceName}`));
  }

  /** Lets what was said of a service meanwhile take the place of what it was held at. */
  release(key: string): void {
    if (!this.#held.delete(key)) return;
    this.#watchSoon(key, this.#said.get(key) ?? []);
    this.#said.delete(key);
    if (this.#buckets.has(key)) this.#buckets.release(key);
    else this.#routes.release(key);
  }

  /** Routes are likely to change in a moment. */
  prepare(): void {
    this.#table.prepare();
  }

  /** Takes over the route of a prefix; `undefined` when it went. */
  route(key: string, route: Route | undefined): void {
    if (route === undefined) this.#routed.delete(key);
    else this.#routed.add(key);
    const served = route === undefined ? this.#options.otherwise(key) : undefined;
    const hops = route === undefined ? (served?.known ?? []) : hopsOf(route);
    this.#watchSoon(key, key.endsWith(`/${HOST_PREFIX_LENGTH}`) ? hops : []);
    if (!this.#buckets.has(key)) {
      this.#routes.route(key, route);
      this.#count(key, served?.nextHops ?? []);
      return;
    }
    const named = new Map(
      hops.flatMap((hop) => this.#named(hop).map((one) => [nextHopKey(hop), one] as const)),
    );
    if (route !== undefined) this.#buckets.route(key, named);
    else this.#buckets.take(key, named, (bucket) => served?.ownerOf(bucket), served?.inTurn);
  }

  /** Something else is said of a prefix in another way than by OSPFv3, whose routes go first. */
  touch(key: string): void {
    if (!this.#routed.has(key)) this.route(key, undefined);
  }

  /** Takes over how a service's flows are spread. */
  spread(key: string, change: BucketsOutput): void {
    if (!this.#buckets.has(key)) {
      this.#routes.spread(key, change.shares);
      this.#count(
        key,
        change.shares.map((share) => ({ interfaceId: Number(share.key.split(' ')[0]) })),
      );
    } else if (this.#routed.has(key)) this.#buckets.moves(key, change.moves);
  }

  /** Everything that was said at one moment was taken over: the kernel gets it now. */
  flush(): void {
    this.#routes.flush();
    this.#buckets.flush();
  }

  /** What the kernel sent where, counted since a service was first spread. */
  async measured(): Promise<MeasuredShare[]> {
    if (!this.#countable) return [];
    const names = new Map<string, string>();
    for (const { key, interfaceName, address } of this.#watched.nextHops()) {
      const linkLayer = this.#neighbors.linkLayerAddressOf(interfaceName, address);
      if (linkLayer !== undefined) names.set(linkLayer, key);
    }
    const shares: ExactShare[] = await this.#exact.shares();
    return shares.map(({ address, linkLayerAddress, packets, octets }) => {
      return { address, nextHop: names.get(linkLayerAddress) ?? linkLayerAddress, packets, octets };
    });
  }

  /** Withdraws what an earlier run left and nobody has announced since. */
  async releaseUnclaimed(): Promise<void> {
    await this.#table.releaseUnclaimed();
    if (this.#countable) await this.#exact.releaseUnclaimed();
  }

  /** Puts right what others changed. */
  async reconcile(): Promise<void> {
    const { onFailure } = this.#options;
    this.#buckets.retry();
    const { failures } = await this.#table.reconcile();
    const more = this.#countable ? await this.#exact.reconcile() : [];
    for (const { what, message } of [...failures, ...more]) onFailure(`${what}: ${message}`);
  }

  /** Stops. @param keep - leave routes and rules, so that forwarding goes on until the next run. */
  async end(keep: boolean): Promise<void> {
    clearTimeout(this.#readBack);
    clearInterval(this.#loadTimer);
    await Promise.all([this.#routes.settled(), this.#buckets.settled()]);
    this.#neighbors.close();
    if (!keep) {
      await this.#tell(async () => (await this.#table.clear()).failures);
      if (this.#countable) await this.#tell(() => this.#exact.clear());
    }
    this.#table.close();
    this.#exact.close();
  }

  /** Tells what was refused; one thing that fails leaves no other undone. */
  async #tell(work: () => Promise<readonly RouteFailure[]>): Promise<void> {
    const { onFailure } = this.#options;
    try {
      for (const { what, message } of await work()) onFailure(`${what}: ${message}`);
    } catch (error) {
      onFailure(String(error));
    }
  }

  #readLoads(): void {
    for (const [key, known] of this.#loads) {
      if (!this.#buckets.installed(key)) continue;
      const count = this.#options.services.get(key)?.bucketCount ?? 0;
      this.#exact.bucketLoad(addressOf(key), count).then(
        (packets) => {
          const load = known.read(packets);
          if (load !== undefined) this.#options.onLoad(key, load);
        },
        (error: unknown) => this.#options.onFailure(`load of ${key}: ${String(error)}`),
      );
    }
  }

  /** After a burst of changes, what the kernel has is compared with what it should have. */
  #readBackSoon(): void {
    if (this.#readBack !== undefined) return;
    this.#readBack = setTimeout(() => {
      this.#readBack = undefined;
      this.reconcile().catch((error: unknown) => this.#options.onFailure(String(error)));
    }, READ_BACK_MS);
  }

  /** @returns false when what was found is not of the kind that the service is to have. */
  #holds(key: string, hops: readonly NextHop[]): boolean {
    if (this.#buckets.has(key)) {
      const named = hops.flatMap((hop) => {
        return this.#named(hop).map((one) => ({ key: nextHopKey(hop), ...one }));
      });
      const buckets = this.#exact.found.get(addressOf(key)) ?? [];
      const held = heldBuckets(buckets, named, (hop) =>
        this.#neighbors.linkLayerAddressOf(hop.interfaceName, hop.address),
      );
      return held !== undefined && this.#buckets.hold(key, held);
    }
    const set = this.#table.routes().get(key);
    if (set !== undefined) this.#routes.hold(key, set);
    return set !== undefined;
  }

  #named({ interfaceId, address }: NextHop): BucketNextHop[] {
    if (address === undefined) return [];
    const interfaceName = this.#options.interfaceName(interfaceId);
    return [{ interfaceName, address: formatAddress(address) }];
  }

  /** What nexthop groups take: the next hops in use, with their weights. */
  #weighted(served: NeighborService | undefined): RouteTableNextHop[] {
    return (served?.nextHops ?? []).flatMap((hop) =>
      this.#named(hop).map((one) => ({ ...one, weight: hop.weight })),
    );
  }

  /** Behind the change itself, which does not wait for it: follows neighbor entries, reads back. */
  #watchSoon(key: string, said: readonly NextHop[]): void {
    const held = this.#held.get(key);
    if (held !== undefined) this.#said.set(key, said);
    const hops = [...(held ?? []), ...said];
    if (this.#unwatched.size === 0) {
      queueMicrotask(() => {
        const unwatched = [...this.#unwatched];
        this.#unwatched.clear();
        for (const [changed, now] of unwatched) this.#watch(changed, now);
        this.#readBackSoon();
      });
    }
    this.#unwatched.set(key, hops);
  }

  /** Follows the neighbor entries of a service's next hops. */
  #watch(key: string, hops: readonly NextHop[]): void {
    this.#watched.follow(
      key,
      hops.flatMap((hop) => this.#named(hop).map((one) => ({ ...one, key: nextHopKey(hop) }))),
    );
  }

  /** Lets nftables count a service that groups spread; one by buckets counts by itself. */
  #count(key: string, hops: readonly Pick<NextHop, 'interfaceId'>[]): void {
    if (!this.#countable || !key.endsWith(`/${HOST_PREFIX_LENGTH}`)) return;
    for (const interfaceId of new Set(hops.map((hop) => hop.interfaceId))) {
      const counted = `${key} ${interfaceId}`;
      if (this.#counted.has(counted)) continue;
      this.#counted.add(counted);
      this.#exact
        .count(addressOf(key), this.#options.interfaceName(interfaceId))
        .catch((error: unknown) => this.#options.onFailure(`counters: ${String(error)}`));
    }
  }
}

const addressOf = (key: string): string => key.split('/')[0] ?? key;
const hopsOf = (route: Route): readonly NextHop[] => [
  ...route.nextHops,
  ...route.candidates.flatMap((candidate) => candidate.nextHops),
];
