/**
 * The neighbour cache entry of one service address: what each advertisement does to it, in single
 * and in multiple mode, its timers, and the next hops that come of it (rules 3, 5 and 15). What is
 * kept of the servers is `cached-addresses.ts`.
 * @module
 */
import type { Prng } from '../prng.ts';
import { type Address, formatAddress } from '../wire/address.ts';
import type { NeighborCacheOptions, RouterIdentity } from './cache-config.ts';
import { type CachedAddress, type CacheEntrySummary, summaryOf } from './cache-entry.ts';
import type { AddressChangeReason, CacheOutput } from './cache-io.ts';
import { CachedAddresses, type HeardAdvertisement, noteAdvertisement } from './cached-addresses.ts';
import { OptionType, solicitedNodeAddress } from './constants.ts';
import { formatLinkLayerAddress, type LinkLayerAddress } from './link-layer-address.ts';
import type { Outbox } from './outbox.ts';
import { Reachability } from './reachability.ts';
import type { ReachabilityState, ReachabilityTrigger } from './reachability-table.ts';

/** What became of an advertisement: accepted, or the name of its discard. */
export type AdvertisementOutcome =
  | 'accepted'
  | 'refreshed' // a server that is known already, in multiple mode
  | 'notice' // for the other servers, without a link-layer address
  | 'noEntry' // rule 5
  | 'entryIncomplete' // rule 5
  | 'sameLinkLayerAddress' // rule 5
  | 'overrideClear' // RFC 4861 7.2.5
  | 'noLinkLayerAddress' // RFC 4861 7.2.5
  | 'tooManyAddresses';

/** Timers one moment may fire; more would mean a table that never comes to rest. */
const MAX_STEPS = 64;
const BEST_FIRST: readonly ReachabilityState[] = ['Reachable', 'Delay', 'Probe', 'Stale'];

export class ServiceEntry {
  readonly target: Address;
  readonly #router: RouterIdentity;
  readonly #prng: Prng;
  readonly #outbox: Outbox<CacheOutput>;
  readonly #addresses: CachedAddresses;
  #options: NeighborCacheOptions;
  /** Of the entry as a whole, while no address is in use. */
  #resolution: Reachability;
  #announced = '';

  constructor(
    target: Address,
    router: RouterIdentity,
    options: NeighborCacheOptions,
    prng: Prng,
    outbox: Outbox<CacheOutput>,
  ) {
    this.target = target;
    this.#router = router;
    this.#options = options;
    this.#addresses = new CachedAddresses(options);
    this.#prng = prng;
    this.#outbox = outbox;
    this.#resolution = new Reachability(options, prng);
  }

  /** RFC 4861 7.3.2; in multiple mode the state of the address that is best off. */
  get state(): ReachabilityState {
    const states = this.#addresses.inUse().map((address) => address.reachability.state);
    return BEST_FIRST.find((state) => states.includes(state)) ?? this.#resolution.state;
  }

  summary(nowMs: number): CacheEntrySummary {
    const addresses = this.#addresses.all().map((address) => summaryOf(address, nowMs));
    return { target: formatAddress(this.target), state: this.state, addresses };
  }

  /** Asks who serves the address. */
  resolve(nowMs: number): void {
    this.#fire(undefined, 'resolve', nowMs);
  }

  /** @returns what became of it; only `accepted` and `refreshed` may have changed the entry. */
  receive(heard: HeardAdvertisement, nowMs: number): AdvertisementOutcome {
    if (!heard.linkLayerAddress && !heard.solicited) return this.#notice(heard, nowMs);
    const outcome =
      this.#addresses.inUse().length === 0
        ? this.#receiveUnresolved(heard, nowMs)
        : this.#options.mode === 'single'
          ? this.#receiveSingle(heard, nowMs)
          : this.#receiveMultiple(heard, nowMs);
    return outcome;
  }

  /** Load information by another protocol (rule 17); of a server not heard yet, it is not kept. */
  setLoad(
    source: Address,
    load: Partial<Pick<CachedAddress, 'weight' | 'utilizationRatio' | 'state'>>,
    holdsUntilMs: number,
  ): void {
    const address = this.#addresses.from(source);
    if (!address) return;
    Object.assign(address, load);
    address.loadHoldsUntilMs = holdsUntilMs;
  }

  /** RFC 4861 7.3.1: an upper layer knows that this server answers. */
  confirm(source: Address, nowMs: number): void {
    const address = this.#addresses.from(source);
    if (!address) return;
    address.heardAtMs = nowMs;
    this.#fire(address, 'confirmed', nowMs);
  }

  used(nowMs: number): void {
    for (const address of this.#addresses.inUse()) this.#fire(address, 'used', nowMs);
  }

  /** Changes mode or delivery; the addresses stay, so queries go on (switching without a gap). */
  reconfigure(options: NeighborCacheOptions): void {
    this.#options = options;
    this.#addresses.reconfigure(options);
  }

  /** Gives up all addresses. */
  clear(why: AddressChangeReason): void {
    for (const address of this.#addresses.all()) this.#remove(address, why);
  }

  /** The server for one query. */
  pick(flowHash: number): CachedAddress | undefined {
    return this.#addresses.pick(flowHash);
  }

  deadlineMs(): number {
    const inUse = this.#addresses.inUse();
    let deadlineMs = inUse.length === 0 ? this.#resolution.deadlineMs : Number.POSITIVE_INFINITY;
    for (const address of inUse) deadlineMs = Math.min(deadlineMs, this.#addressDueMs(address));
    for (const address of this.#addresses.all()) {
      if (!inUse.includes(address)) deadlineMs = Math.min(deadlineMs, this.#forgetAtMs(address));
    }
    return deadlineMs;
  }

  /** Lets everything happen that is due. */
  advance(nowMs: number): void {
    for (const address of this.#addresses.all()) {
      if (!this.#addresses.inUse().includes(address)) {
        if (this.#forgetAtMs(address) <= nowMs) this.#addresses.delete(address);
        continue;
      }
      for (let step = 0; step < MAX_STEPS && this.#addressDueMs(address) <= nowMs; step++) {
        const { reachability } = address;
        if (reachability.state === 'Stale' && this.#options.assumeUsed) {
          this.#fire(address, 'used', nowMs);
        } else if (reachability.deadlineMs <= nowMs) {
          this.#fire(address, reachability.timeout, nowMs);
        } else this.#fire(address, 'silent', nowMs);
        if (!this.#addresses.has(address)) break;
      }
    }
    for (let step = 0; step < MAX_STEPS && this.#addresses.inUse().length === 0; step++) {
      if (this.#resolution.deadlineMs > nowMs) break;
      this.#fire(undefined, this.#resolution.timeout, nowMs);
    }
  }

  /** Says the next hops when they are others than the last time. */
  announce(): void {
    const nextHops = this.#addresses.share().map(({ linkLayerAddress, source, weight, share }) => {
      return { linkLayerAddress, address: source, weight, share };
    });
    const announced = nextHops
      .map(({ linkLayerAddress, address, weight, share }) => {
        // The weight too: beside other links a link counts by the weights of its servers.
        return `${formatLinkLayerAddress(linkLayerAddress)} ${address} ${weight} ${share}`;
      })
      .sort()
      .join();
    if (announced === this.#announced) return;
    this.#announced = announced;
    this.#outbox.put({ kind: 'nextHops', target: this.target, nextHops });
  }

  #addressDueMs(address: CachedAddress): number {
    const { reachability } = address;
    if (reachability.state === 'Stale' && this.#options.assumeUsed) {
      return Number.NEGATIVE_INFINITY;
    }
    if (this.#options.mode === 'single' || reachability.state === 'Probe') {
      return reachability.deadlineMs;
    }
    return Math.min(reachability.deadlineMs, address.heardAtMs + this.#options.silentAfterMs);
  }

  #forgetAtMs(address: CachedAddress): number {
    return address.heardAtMs + this.#options.forgetMs;
  }

  #receiveUnresolved(heard: HeardAdvertisement, nowMs: number): AdvertisementOutcome {
    if (!heard.linkLayerAddress) return 'noLinkLayerAddress'; // 7.2.5
    if (!heard.solicited && !this.#options.acceptIncomplete) {
      // A failed entry is one that another implementation would have deleted.
      return this.#resolution.state === 'Failed' ? 'noEntry' : 'entryIncomplete';
    }
    this.#adopt(heard, heard.linkLayerAddress, this.#resolution, nowMs);
    const on = heard.solicited ? 'solicited' : 'unsolicitedOther';
    this.#fire(this.#addresses.get(heard.linkLayerAddress), on, nowMs);
    this.#resolution = new Reachability(this.#options, this.#prng);
    return 'accepted';
  }

  #receiveSingle(heard: HeardAdvertisement, nowMs: number): AdvertisementOutcome {
    const current = this.#addresses.current!;
    const { linkLayerAddress = current.linkLayerAddress, solicited, override } = heard;
    if (this.#addresses.get(linkLayerAddress) === current) {
      noteAdvertisement(current, heard, nowMs);
      this.#fire(current, solicited ? 'solicited' : 'unsolicitedSame', nowMs);
      return solicited ? 'accepted' : 'sameLinkLayerAddress'; // rule 5
    }
    if (!override) {
      this.#fire(current, 'otherWithoutOverride', nowMs);
      return 'overrideClear';
    }
    // Rule 3: the link-layer address is replaced; the state goes on from the old one's.
    this.#fire(current, solicited ? 'solicited' : 'unsolicitedOther', nowMs);
    const { reachability } = current;
    current.reachability = new Reachability(this.#options, this.#prng, 'Stale');
    this.#adopt(heard, linkLayerAddress, reachability, nowMs);
    return 'accepted';
  }

  /** Rule 15: every server that advertises is kept. */
  #receiveMultiple(heard: HeardAdvertisement, nowMs: number): AdvertisementOutcome {
    const { linkLayerAddress } = heard;
    const known = linkLayerAddress
      ? this.#addresses.get(linkLayerAddress)
      : this.#addresses.from(heard.source);
    if (known) {
      noteAdvertisement(known, heard, nowMs);
      this.#fire(known, heard.solicited ? 'solicited' : 'unsolicitedSame', nowMs);
      return 'refreshed';
    }
    if (!linkLayerAddress) return 'noLinkLayerAddress';
    const before = this.#addresses.from(heard.source);
    if (before && !heard.override) return 'overrideClear';
    if (before)
      this.#remove(before, 'replaced'); // the server has another interface now
    else if (this.#addresses.size >= this.#options.maxAddresses) return 'tooManyAddresses';
    const reachability = new Reachability(this.#options, this.#prng, 'Incomplete');
    const added = this.#adopt(heard, linkLayerAddress, reachability, nowMs);
    this.#fire(added, heard.solicited ? 'solicited' : 'unsolicitedOther', nowMs);
    return 'accepted';
  }

  /** A word between servers; in multiple mode it says that one of them is not to be used. */
  #notice(heard: HeardAdvertisement, nowMs: number): AdvertisementOutcome {
    const known = this.#addresses.from(heard.source);
    if (known && this.#options.mode === 'multiple') {
      const state = heard.load?.state;
      if (state === 'leaving' || state === 'standby') this.#remove(known, state);
      else noteAdvertisement(known, heard, nowMs);
      if (this.#addresses.size === 0) this.resolve(nowMs);
    }
    return 'notice';
  }

  #adopt(
    heard: HeardAdvertisement,
    linkLayerAddress: LinkLayerAddress,
    reachability: Reachability,
    nowMs: number,
  ): CachedAddress {
    const address = this.#addresses.keep(heard, linkLayerAddress, reachability, nowMs);
    const change = this.#options.mode === 'single' ? 'current' : 'added';
    this.#changed(address, change, heard.solicited ? 'solicited' : 'unsolicited');
    return address;
  }

  /** Runs one transition, of an address or of the entry that has none, and what it asks for. */
  #fire(address: CachedAddress | undefined, on: ReachabilityTrigger, nowMs: number): void {
    const cell = address?.reachability ?? this.#resolution;
    const from = cell.state;
    const actions = cell.fire(on, nowMs);
    if (!actions) {
      this.#outbox.ignore(from, on);
      return;
    }
    if (from !== cell.state) {
      const linkLayerAddress = address?.linkLayerAddress;
      const event = { name: 'neighborCacheState', target: this.target, linkLayerAddress } as const;
      this.#outbox.put({ kind: 'event', event: { ...event, from, to: cell.state } });
    }
    if (actions.includes('solicitMulticast')) this.#solicit(solicitedNodeAddress(this.target));
    if (actions.includes('solicitUnicast') && address) this.#solicit(address.source);
    if (actions.includes('discard') && address) {
      this.#remove(address, 'unreachable');
      if (this.#addresses.inUse().length === 0) this.resolve(nowMs);
    }
  }

  #solicit(destination: Address): void {
    const { source, linkLayerAddress } = this.#router;
    const option = { type: OptionType.SourceLinkLayerAddress, value: linkLayerAddress };
    this.#outbox.transmit(
      { kind: 'NeighborSolicitation', target: this.target, options: [option] },
      source,
      destination,
    );
  }

  #remove(address: CachedAddress, why: AddressChangeReason): void {
    this.#addresses.delete(address);
    this.#changed(address, 'removed', why);
  }

  #changed(
    { linkLayerAddress, source }: CachedAddress,
    change: 'added' | 'removed' | 'current',
    why: AddressChangeReason,
  ): void {
    const { target } = this;
    const event = { name: 'neighborCacheAddress', target, linkLayerAddress, source } as const;
    this.#outbox.put({ kind: 'event', event: { ...event, change, why } });
  }
}
