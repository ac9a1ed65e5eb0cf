/**
 * The servers behind one service address: which of them are in use, what each said last, and the
 * share of the queries that each gets (rules 3, 15 and 16).
 * @module
 */
import { type Address, sameAddress } from '../wire/address.ts';
import type { NeighborCacheOptions } from './cache-config.ts';
import type { CachedAddress } from './cache-entry.ts';
import { pickAddress, setShares } from './delivery.ts';
import { formatLinkLayerAddress, type LinkLayerAddress } from './link-layer-address.ts';
import type { AdvertisedLoad } from './load-option.ts';
import type { Reachability } from './reachability.ts';

/** An advertisement that may be heard. */
export interface HeardAdvertisement {
  readonly source: Address;
  readonly linkLayerAddress: LinkLayerAddress | undefined;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly router: boolean;
  readonly load: AdvertisedLoad | undefined;
}

const keyOf = (address: CachedAddress): string => formatLinkLayerAddress(address.linkLayerAddress);

export class CachedAddresses {
  readonly #byKey = new Map<string, CachedAddress>();
  #options: NeighborCacheOptions;
  /** Of the one in use, in single mode. */
  #currentKey: string | undefined;
  #picks = 0;

  constructor(options: NeighborCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** All that are kept, as they are now; the list does not follow what is changed. */
  all(): CachedAddress[] {
    return [...this.#byKey.values()];
  }

  /** Those that queries may go to: all in multiple mode, one at the most in single mode. */
  inUse(): CachedAddress[] {
    if (this.#options.mode === 'multiple') return this.all();
    const current = this.current;
    return current ? [current] : [];
  }

  /** The one in use in single mode. */
  get current(): CachedAddress | undefined {
    return this.#byKey.get(this.#currentKey ?? '');
  }

  get(linkLayerAddress: LinkLayerAddress): CachedAddress | undefined {
    return this.#byKey.get(formatLinkLayerAddress(linkLayerAddress));
  }

  /** The address that a server advertises from there. */
  from(source: Address): CachedAddress | undefined {
    return this.all().find((known) => sameAddress(known.source, source));
  }

  has(address: CachedAddress): boolean {
    return this.#byKey.has(keyOf(address));
  }

  /** Keeps an address that was advertised; in single mode it is the one in use from now on. */
  keep(
    heard: HeardAdvertisement,
    linkLayerAddress: LinkLayerAddress,
    reachability: Reachability,
    nowMs: number,
  ): CachedAddress {
    const address: CachedAddress = this.get(linkLayerAddress) ?? {
      linkLayerAddress,
      source: heard.source,
      router: heard.router,
      reachability,
      firstHeardAtMs: nowMs,
      heardAtMs: nowMs,
      advertisements: 0,
      weight: 1,
      utilizationRatio: undefined,
      state: 'up',
      loadHoldsUntilMs: 0,
      share: 0,
      reason: 'equal',
    };
    address.reachability = reachability;
    this.#byKey.set(keyOf(address), address);
    if (this.#options.mode === 'single') this.#currentKey = keyOf(address);
    noteAdvertisement(address, heard, nowMs);
    return address;
  }

  delete(address: CachedAddress): void {
    const key = keyOf(address);
    this.#byKey.delete(key);
    if (this.#currentKey === key) this.#currentKey = undefined;
  }

  /** Changes mode or delivery; in single mode the one with the largest share goes on. */
  reconfigure(options: NeighborCacheOptions): void {
    this.#options = options;
    if (options.mode === 'multiple') this.#currentKey = undefined;
    else if (this.#currentKey === undefined) {
      const [best] = this.all().sort((a, b) => b.share - a.share);
      this.#currentKey = best && keyOf(best);
    }
  }

  /** Gives each its share and the reason for it. @returns those that get any. */
  share(): CachedAddress[] {
    const all = this.all();
    if (this.#options.mode === 'multiple') setShares(all, this.#options.delivery);
    else {
      for (const address of all) {
        const isCurrent = address === this.current;
        address.share = isCurrent ? 1 : 0;
        address.reason = isCurrent ? 'current' : 'replaced';
      }
    }
    return all.filter(({ share }) => share > 0);
  }

  /** The server for one query; see {@link pickAddress}. */
  pick(flowHash: number): CachedAddress | undefined {
    return pickAddress(this.all(), this.#options.delivery, flowHash, this.#picks++);
  }
}

/** Takes over what an advertisement says beside its link-layer address. */
export function noteAdvertisement(
  address: CachedAddress,
  heard: HeardAdvertisement,
  nowMs: number,
): void {
  address.heardAtMs = nowMs;
  address.advertisements++;
  address.router = heard.router; // 7.2.5: IsRouter follows every advertisement
  if (heard.override) address.source = heard.source;
  if (!heard.load || nowMs < address.loadHoldsUntilMs) return;
  address.weight = heard.load.weight;
  address.utilizationRatio = heard.load.utilizationRatio;
  address.state = heard.load.state;
}
