/**
 * A router's neighbour cache on this machine: the link, the cache and its clock. The next hops it
 * says go to whoever installs routes.
 * @module
 */
import { NeighborCache } from '../neighbor-discovery/cache.ts';
import type { NeighborCacheOptions } from '../neighbor-discovery/cache-config.ts';
import type {
  CacheEvent,
  CacheInput,
  CacheOutput,
  NeighborNextHop,
} from '../neighbor-discovery/cache-io.ts';
import type { LinkLayerAddress } from '../neighbor-discovery/link-layer-address.ts';
import type { Prng } from '../prng.ts';
import type { Address } from '../wire/address.ts';
import type { Clock } from './clock.ts';
import { Icmpv6Driver } from './icmpv6-driver.ts';
import type { Link } from './link.ts';

export interface HostedCacheOptions {
  readonly link: Link;
  readonly linkLayerAddress: LinkLayerAddress;
  readonly prng: Prng;
  readonly cache?: Partial<NeighborCacheOptions>;
  readonly clock?: Clock;
  readonly onEvent?: (event: CacheEvent) => void;
  /** The servers to spread a service over, at every change. */
  readonly onNextHops?: (target: Address, nextHops: readonly NeighborNextHop[]) => void;
  readonly onSendError?: (error: unknown) => void;
}

export class HostedCache {
  readonly cache: NeighborCache;
  readonly #driver: Icmpv6Driver<CacheInput, CacheOutput>;

  /** @throws {RangeError} when an option is out of range. */
  constructor(options: HostedCacheOptions) {
    const { link, linkLayerAddress, onEvent, onNextHops, onSendError } = options;
    const identity = { source: link.linkLocalAddress, linkLayerAddress };
    this.cache = new NeighborCache(identity, options.cache ?? {}, options.prng);
    // Every host hears all nodes; advertisements to us alone need no group.
    this.#driver = new Icmpv6Driver(this.cache, link, [], {
      ...(options.clock && { clock: options.clock }),
      ...(onSendError && { onSendError }),
      onOutput: (output) => {
        if (output.kind === 'event') onEvent?.(output.event);
        else onNextHops?.(output.target, output.nextHops);
      },
    });
  }

  track(target: Address): void {
    this.#driver.input((nowMs) => ({ kind: 'track', nowMs, target }));
  }

  untrack(target: Address): void {
    this.#driver.input((nowMs) => ({ kind: 'untrack', nowMs, target }));
  }

  /** Any other input of the cache: use, confirmation, load information, the interface's state. */
  input(make: (nowMs: number) => CacheInput): void {
    this.#driver.input(make);
  }

  /** Changes mode, delivery or bounds while running; queries go on. @throws {RangeError} */
  reconfigure(changes: Partial<NeighborCacheOptions>): void {
    this.#driver.input((nowMs) => {
      this.cache.reconfigure(changes, nowMs);
      return { kind: 'deadline', nowMs };
    });
  }

  close(): void {
    this.#driver.close();
  }
}
