/**
 * Carries the bucket tables of services spread `by: buckets` into nftables: from next hops to
 * link-layer addresses, one transaction per moment.
 * @module
 */
import { bucketsWithout } from '../anycast/adopted-buckets.ts';
import type { BucketMove } from '../anycast/bucket-table.ts';
import type { ExactSpread } from './nftables.ts';

/** A next hop as the kernel names it. */
export interface BucketNextHop {
  readonly interfaceName: string;
  readonly address: string;
}

export interface BucketInstallerOptions {
  readonly exact: Pick<ExactSpread, 'set' | 'remove'>;
  /** The link-layer address of a next hop; undefined while it is not resolved. */
  readonly linkLayerAddress: (hop: BucketNextHop) => string | undefined;
  readonly onFailure: (message: string) => void;
}

/** What an earlier run left of a service. */
export interface HeldBuckets {
  readonly interfaceName: string;
  /** The link-layer address of every bucket. */
  readonly buckets: readonly string[];
  /** Keys of the next hops at each: several where it is not known by which one it was meant. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

interface Service {
  readonly address: string;
  readonly seed: number;
  readonly bucketLoad: boolean;
  /** The next hop key of every bucket. */
  readonly owners: (string | undefined)[];
  nextHops: ReadonlyMap<string, BucketNextHop>;
  inTurn: boolean;
  installed: boolean;
  /** What it is held at, whatever is said of it. */
  held: HeldBuckets | undefined;
  /** Whether that differs from what the kernel has. */
  heldChanged: boolean;
}

export class BucketInstaller {
  readonly #options: BucketInstallerOptions;
  readonly #services = new Map<string, Service>();
  readonly #dirty = new Set<Service>();
  /** Those of which the kernel has not taken all. */
  readonly #refused = new Set<Service>();
  #scheduled = false;
  #applied: Promise<void> = Promise.resolve();

  constructor(options: BucketInstallerOptions) {
    this.#options = options;
  }

  /** Makes a service known; `key` is its route's. */
  add(key: string, address: string, bucketCount: number, seed: number, bucketLoad = false): void {
    const owners = new Array<string | undefined>(bucketCount).fill(undefined);
    const nextHops = new Map<string, BucketNextHop>();
    const made = { address, seed, bucketLoad, owners, nextHops, inTurn: false, installed: false };
    this.#services.set(key, { ...made, held: undefined, heldChanged: false });
  }

  /** Whether the service is in the kernel now. */
  installed(key: string): boolean {
    return this.#services.get(key)?.installed ?? false;
  }

  has(key: string): boolean {
    return this.#services.has(key);
  }

  /** Takes over where the next hops of a service are, by key. */
  route(key: string, nextHops: ReadonlyMap<string, BucketNextHop>): void {
    const service = this.#services.get(key);
    if (service === undefined) return;
    service.nextHops = nextHops;
    service.inTurn = false;
    this.#touch(service);
  }

  /** Takes over buckets that changed hands. */
  moves(key: string, moves: readonly BucketMove[]): void {
    const service = this.#services.get(key);
    if (service === undefined) return;
    for (const { bucket, to } of moves) service.owners[bucket] = to;
    this.#touch(service);
  }

  /**
   * Takes over a whole table: the next hops by key, and the key of every bucket's.
   * @param inTurn - whether every datagram goes to the next bucket.
   */
  take(
    key: string,
    nextHops: ReadonlyMap<string, BucketNextHop>,
    ownerOf: (bucket: number) => string | undefined,
    inTurn = false,
  ): void {
    const service = this.#services.get(key);
    if (service === undefined) return;
    service.nextHops = nextHops;
    service.inTurn = inTurn;
    for (const bucket of service.owners.keys()) service.owners[bucket] = ownerOf(bucket);
    this.#touch(service);
  }

  /**
   * Holds a service at what the kernel has for it, until {@link release}.
   * @returns false when that has other buckets than the service is to have.
   */
  hold(key: string, held: HeldBuckets): boolean {
    const service = this.#services.get(key);
    if (service?.owners.length !== held.buckets.length) return false;
    service.held = held;
    return true;
  }

  /** Goes on holding a service, with these next hops alone. */
  reduce(key: string, remaining: ReadonlySet<string>): void {
    const service = this.#services.get(key);
    if (service?.held === undefined) return;
    const { buckets, keys } = service.held;
    // By the keys that routes will have, which decide who gets which bucket.
    const addresses = new Map<string, string>();
    const ownerOf = new Map<string, string>();
    for (const [address, known] of keys) {
      const key = known.find((one) => remaining.has(one)) ?? address;
      ownerOf.set(address, key);
      addresses.set(key, address);
    }
    const owners = buckets.map((address) => ownerOf.get(address)!);
    const reduced = bucketsWithout(owners, remaining).map((key) => addresses.get(key)!);
    service.held = { ...service.held, buckets: reduced };
    service.heldChanged = true;
    this.#touch(service);
  }

  /** Lets what was said of a service meanwhile take its place. */
  release(key: string): void {
    const service = this.#services.get(key);
    if (service?.held === undefined) return;
    service.held = undefined;
    this.#touch(service);
  }

  /** A next hop was resolved: services that waited for it are installed. */
  resolved(): void {
    for (const service of this.#services.values()) this.#touch(service);
  }

  /** Tries again what the kernel has not taken. */
  retry(): void {
    for (const service of this.#refused) this.#touch(service);
  }

  /** Resolves when everything asked for so far has been applied. */
  async settled(): Promise<void> {
    while (this.#scheduled) await new Promise(setImmediate);
    await this.#applied;
  }

  #touch(service: Service): void {
    this.#dirty.add(service);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Everything that one drain of the machine says is one change.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Applies what has changed, without waiting for the end of the turn. */
  flush(): void {
    if (this.#dirty.size === 0) return;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const applied = dirty.map((one) => this.#apply(one));
    this.#applied = Promise.all([this.#applied, ...applied]).then(() => {});
  }

  async #apply(service: Service): Promise<void> {
    const { onFailure } = this.#options;
    this.#refused.delete(service);
    try {
      const failures = await this.#carryOut(service);
      for (const { what, message } of failures) onFailure(`${what}: ${message}`);
      if (failures.length > 0) this.#again(service);
    } catch (error) {
      onFailure(`${service.address}: ${String(error)}`);
      this.#again(service);
    }
  }

  /** The kernel has not taken it, or not all of it. */
  #again(service: Service): void {
    this.#refused.add(service);
    service.installed = true;
    service.heldChanged = true;
  }

  #carryOut(service: Service): Promise<readonly { what: string; message: string }[]> {
    if (service.held !== undefined) return this.#setHeld(service, service.held);
    const some = service.owners.some((owner) => owner !== undefined);
    return some ? this.#set(service) : this.#remove(service);
  }

  async #setHeld(
    service: Service,
    { interfaceName, buckets }: HeldBuckets,
  ): Promise<readonly { what: string; message: string }[]> {
    if (!service.heldChanged) return [];
    service.heldChanged = false;
    service.installed = true;
    const { address, seed, bucketLoad, inTurn } = service;
    return this.#options.exact.set({ address, interfaceName, seed, bucketLoad, inTurn, buckets });
  }

  async #set(service: Service): Promise<readonly { what: string; message: string }[]> {
    const { address, seed, bucketLoad, inTurn, owners, nextHops } = service;
    const buckets: string[] = [];
    const interfaces = new Set<string>();
    for (const owner of owners) {
      const hop = owner === undefined ? undefined : nextHops.get(owner);
      const linkLayerAddress = hop && this.#options.linkLayerAddress(hop);
      // Not resolved yet: `resolved` comes, or the spread takes the next hop out.
      if (hop === undefined || linkLayerAddress === undefined) return [];
      interfaces.add(hop.interfaceName);
      buckets.push(linkLayerAddress);
    }
    const [interfaceName, ...more] = interfaces;
    if (interfaceName === undefined || more.length > 0) {
      // Another time would find the same: what is said anew is looked at anew.
      const message = 'next hops on several links cannot be spread by buckets; use groups';
      this.#options.onFailure(`${address}: ${message}`);
      return [];
    }
    service.installed = true;
    return this.#options.exact.set({ address, interfaceName, seed, bucketLoad, inTurn, buckets });
  }

  async #remove(service: Service): Promise<readonly { what: string; message: string }[]> {
    if (!service.installed) return [];
    service.installed = false;
    return this.#options.exact.remove(service.address);
  }
}
