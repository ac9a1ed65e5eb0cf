/** A router's cache driven by hand in virtual time, with everything it said. */
import { NeighborCache } from '../../src/neighbor-discovery/cache.ts';
import type { NeighborCacheOptions } from '../../src/neighbor-discovery/cache-config.ts';
import type {
  CacheEvent,
  CacheInput,
  NeighborNextHop,
} from '../../src/neighbor-discovery/cache-io.ts';
import { ALL_NODES } from '../../src/neighbor-discovery/constants.ts';
import { formatLinkLayerAddress } from '../../src/neighbor-discovery/link-layer-address.ts';
import { type AdvertisedLoad, loadOption } from '../../src/neighbor-discovery/load-option.ts';
import {
  decodeMessage,
  encodeMessage,
  type NeighborAdvertisement,
  type NeighborDiscoveryMessage,
} from '../../src/neighbor-discovery/message.ts';
import { Prng } from '../../src/prng.ts';
import { type Address, formatAddress, parseAddress } from '../../src/wire/address.ts';
import { macOf, ROUTER, SERVICE } from './farm.ts';

export const sourceOf = (index: number): Address => parseAddress(`fe80::${index.toString(16)}`);

export interface AdvertisementShape {
  readonly solicited?: boolean;
  readonly override?: boolean;
  readonly router?: boolean;
  /** False: without a target link-layer address. */
  readonly named?: boolean;
  /** Link-layer address of another server than the one that speaks. */
  readonly mac?: number;
  readonly target?: Address;
  readonly load?: Partial<AdvertisedLoad>;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export class Router {
  readonly cache: NeighborCache;
  readonly sent: { atMs: number; destination: string; message: NeighborDiscoveryMessage }[] = [];
  readonly events: CacheEvent[] = [];
  nextHops: readonly NeighborNextHop[] = [];
  /** How often the next hops were said. */
  announcements = 0;
  nowMs = 1_000;

  constructor(options: Partial<NeighborCacheOptions> = {}) {
    this.cache = new NeighborCache(
      { source: ROUTER, linkLayerAddress: macOf(0xff) },
      options,
      new Prng(3),
    );
  }

  input(input: DistributiveOmit<CacheInput, 'nowMs'>): void {
    this.cache.handle({ ...input, nowMs: this.nowMs } as CacheInput);
    this.drain();
  }

  drain(): void {
    for (let output = this.cache.poll(); output; output = this.cache.poll()) {
      if (output.kind === 'event') this.events.push(output.event);
      else if (output.kind === 'nextHops') {
        this.nextHops = output.nextHops;
        this.announcements++;
      } else {
        const message = decodeMessage({ ...output, hopLimit: 255 });
        if (typeof message === 'string') throw new Error(message);
        const destination = formatAddress(output.destination);
        this.sent.push({ atMs: this.nowMs, destination, message });
      }
    }
  }

  track(): this {
    this.input({ kind: 'track', target: SERVICE });
    return this;
  }

  /** Lets time pass, serving every deadline on the way. */
  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (let dueMs = this.cache.deadlineMs(); dueMs <= untilMs; dueMs = this.cache.deadlineMs()) {
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.input({ kind: 'deadline' });
    }
    this.nowMs = untilMs;
  }

  /** Server `index` advertises: unsolicited with Override, unless told otherwise. */
  hear(index: number, shape: AdvertisementShape = {}): void {
    const { solicited = false, override = !solicited, router = false, named = true } = shape;
    const message: NeighborAdvertisement = {
      kind: 'NeighborAdvertisement',
      router,
      solicited,
      override,
      target: shape.target ?? SERVICE,
      options: named ? [{ type: 2, value: macOf(shape.mac ?? index) }] : [],
    };
    const source = sourceOf(index);
    const destination = solicited ? ROUTER : ALL_NODES;
    const load = shape.load && {
      state: 'up' as const,
      weight: 1,
      utilizationRatio: 0,
      capacityQueriesPerSecond: 0,
      turnMs: 0,
      refreshMs: 0,
      ...shape.load,
    };
    const whole = load ? { ...message, options: [...message.options, loadOption(load)] } : message;
    const octets = encodeMessage(whole, source, destination);
    this.input({ kind: 'datagram', source, destination, hopLimit: 255, octets });
  }

  get state(): string | undefined {
    return this.cache.entries()[0]?.state;
  }

  /** Last octet of the link-layer addresses that queries go to, in order. */
  get hops(): number[] {
    return this.nextHops.map(({ linkLayerAddress }) => linkLayerAddress[5]!).sort((a, b) => a - b);
  }

  get shares(): Record<string, number> {
    return Object.fromEntries(
      this.nextHops.map((hop) => [formatLinkLayerAddress(hop.linkLayerAddress), hop.share]),
    );
  }

  drops(reason: string): number {
    return this.cache.drops.get(reason) ?? 0;
  }
}
