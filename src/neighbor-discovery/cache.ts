/**
 * A router's neighbour cache for service addresses: hears advertisements, keeps one or several
 * link-layer addresses per entry, probes them, and says over which servers to spread. Sans-IO.
 *
 * Rules 1, 3..5, 15 and 17 of `docs/method.md`; states and timers of RFC 4861 7.3. Entries exist
 * for the service addresses that are tracked, and for nothing else: other neighbours are the
 * kernel's. Probes go to the server's own address with the service address as target, because the
 * service address alone does not say which server is meant.
 * @module
 */
import type { Prng } from '../prng.ts';
import { type Address, addressKey, sameAddress } from '../wire/address.ts';
import { Admission, type Refusal } from './admission.ts';
import {
  type NeighborCacheOptions,
  neighborCacheOptions,
  type RouterIdentity,
} from './cache-config.ts';
import type { CacheEntrySummary } from './cache-entry.ts';
import type { AdvertisementRecord, CacheInput, CacheOutput, NeighborNextHop } from './cache-io.ts';
import { OptionType } from './constants.ts';
import { loadOf } from './load-option.ts';
import { decodeMessage, isNeighborDiscovery, type NeighborAdvertisement } from './message.ts';
import { linkLayerAddressOf } from './option.ts';
import { Outbox } from './outbox.ts';
import { ServiceEntry } from './service-entry.ts';

/** Advertisements whose record is kept; older ones are in the counters alone. */
const RECORDED = 256;

/**
 * @example
 * const cache = new NeighborCache({ source, linkLayerAddress }, { mode: 'multiple' }, new Prng(1));
 * cache.handle({ kind: 'track', nowMs, target: parseAddress('2001:db8:5::53') });
 * for (let output = cache.poll(); output; output = cache.poll()) perform(output);
 */
export class NeighborCache {
  readonly #router: RouterIdentity;
  readonly #prng: Prng;
  readonly #outbox = new Outbox<CacheOutput>();
  readonly #entries = new Map<string, ServiceEntry>();
  readonly #records: AdvertisementRecord[] = [];
  #options: NeighborCacheOptions;
  readonly #admission: Admission;
  #linkUp = true;
  #nowMs = 0;

  /** @throws {RangeError} when an option is out of range. */
  constructor(router: RouterIdentity, options: Partial<NeighborCacheOptions>, prng: Prng) {
    this.#router = router;
    this.#options = neighborCacheOptions(options);
    this.#admission = new Admission(this.#options);
    this.#prng = prng;
  }

  get options(): NeighborCacheOptions {
    return this.#options;
  }

  /** Advertisements that were discarded, by name. */
  get drops(): ReadonlyMap<string, number> {
    return this.#outbox.drops;
  }

  /** Events that meant nothing in the state they came in, by state and event. */
  get ignored(): ReadonlyMap<string, number> {
    return this.#outbox.ignored;
  }

  /** Who was refused, how often and why last. */
  refusals(): readonly Refusal[] {
    return this.#admission.refusals();
  }

  /** The last advertisements heard, oldest first (rule 15: all are recorded). */
  advertisements(): readonly AdvertisementRecord[] {
    return this.#records;
  }

  entries(): readonly CacheEntrySummary[] {
    return [...this.#entries.values()].map((entry) => entry.summary(this.#nowMs));
  }

  /**
   * The server for one query, for applications that forward by themselves.
   * @param flowHash - 32 bits that are equal for all packets of a flow.
   */
  pick(target: Address, flowHash: number): Pick<NeighborNextHop, 'address'> | undefined {
    const picked = this.#entries.get(addressKey(target))?.pick(flowHash);
    return picked && { address: picked.source };
  }

  /** Changes options while running; what is cached stays in use. @throws {RangeError} */
  reconfigure(changes: Partial<NeighborCacheOptions>, nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#options = neighborCacheOptions({ ...this.#options, ...changes });
    this.#admission.reconfigure(this.#options, this.#nowMs);
    for (const entry of this.#entries.values()) {
      entry.reconfigure(this.#options);
      this.#settle(entry);
    }
  }

  handle(input: CacheInput): void {
    this.#nowMs = Math.max(this.#nowMs, input.nowMs);
    const { nowMs } = input;
    switch (input.kind) {
      case 'track':
        this.#track(input.target);
        break;
      case 'untrack':
        this.#untrack(input.target);
        break;
      case 'datagram':
        this.#datagram(input);
        break;
      case 'used':
        this.#with(input.target, (entry) => entry.used(nowMs));
        break;
      case 'confirmed':
        this.#with(input.target, (entry) => entry.confirm(input.source, nowMs));
        break;
      case 'load':
        this.#load(input);
        break;
      case 'interface':
        this.#interface(input.up);
        break;
      case 'deadline':
        for (const entry of this.#entries.values()) {
          if (entry.deadlineMs() <= this.#nowMs) this.#settle(entry);
        }
        break;
    }
  }

  poll(): CacheOutput | undefined {
    return this.#outbox.poll();
  }

  deadlineMs(): number {
    let deadlineMs = Number.POSITIVE_INFINITY;
    if (!this.#linkUp) return deadlineMs;
    for (const entry of this.#entries.values()) {
      deadlineMs = Math.min(deadlineMs, entry.deadlineMs());
    }
    return deadlineMs;
  }

  #settle(entry: ServiceEntry): void {
    if (this.#linkUp) entry.advance(this.#nowMs);
    entry.announce();
  }

  #with(target: Address, act: (entry: ServiceEntry) => void): void {
    const entry = this.#entries.get(addressKey(target));
    if (!entry) return;
    act(entry);
    this.#settle(entry);
  }

  #track(target: Address): ServiceEntry | undefined {
    const key = addressKey(target);
    const known = this.#entries.get(key);
    if (known) return known;
    if (this.#entries.size >= this.#options.maxEntries) {
      this.#outbox.drop('tooManyEntries');
      return undefined;
    }
    const prng = this.#prng.fork();
    const entry = new ServiceEntry(target, this.#router, this.#options, prng, this.#outbox);
    this.#entries.set(key, entry);
    if (this.#linkUp) entry.resolve(this.#nowMs);
    return entry;
  }

  #untrack(target: Address): void {
    this.#with(target, (entry) => {
      entry.clear('untracked');
      entry.announce();
    });
    this.#entries.delete(addressKey(target));
  }

  #interface(up: boolean): void {
    if (up === this.#linkUp) return;
    this.#linkUp = up;
    for (const entry of this.#entries.values()) {
      if (up) entry.resolve(this.#nowMs);
      else entry.clear('linkDown');
      this.#settle(entry);
    }
  }

  #load(input: Extract<CacheInput, { kind: 'load' }>): void {
    const { weight, utilizationRatio, draining, source } = input;
    if (!(weight >= 1 && weight <= 255)) throw new RangeError(`weight cannot be ${weight}`);
    this.#with(input.target, (entry) => {
      const load = utilizationRatio === undefined ? {} : { utilizationRatio };
      const state = draining ? 'draining' : 'up';
      const holdsUntilMs = input.nowMs + (input.holdsMs ?? this.#options.loadHoldsMs);
      entry.setLoad(source, { ...load, weight, state }, holdsUntilMs);
    });
  }

  #datagram(datagram: Extract<CacheInput, { kind: 'datagram' }>): void {
    if (!this.#linkUp || !isNeighborDiscovery(datagram.octets)) return;
    if (sameAddress(datagram.source, this.#router.source)) return; // our own, looped back
    const message = decodeMessage(datagram);
    if (typeof message === 'string') {
      this.#outbox.drop(message);
      this.#admission.refused(datagram.source, message, this.#nowMs);
    } else if (message.kind === 'NeighborAdvertisement') {
      this.#advertisement(message, datagram.source);
    }
  }

  #advertisement(message: NeighborAdvertisement, source: Address): void {
    const { target, solicited, override, router } = message;
    const linkLayerAddress = linkLayerAddressOf(
      message.options,
      OptionType.TargetLinkLayerAddress,
      this.#router.linkLayerAddress.length,
    );
    const known = this.#entries.get(addressKey(target));
    if (!known && !this.#options.acceptUntracked) {
      // Rule 5; most of these are of ordinary neighbours, so they are counted and no more.
      this.#outbox.drop('noEntry');
      return;
    }
    const outcome = ((): string => {
      const refused = this.#admission.judge(source, linkLayerAddress, this.#nowMs);
      if (refused) return refused;
      const entry = known ?? this.#track(target);
      if (!entry) return 'tooManyEntries';
      const load = loadOf(message.options);
      const heard = { source, linkLayerAddress, solicited, override, router, load };
      const received = entry.receive(heard, this.#nowMs);
      this.#settle(entry);
      return received;
    })();
    this.#record({
      atMs: this.#nowMs,
      target,
      source,
      linkLayerAddress,
      solicited,
      override,
      outcome,
    });
    if (outcome === 'accepted' || outcome === 'refreshed' || outcome === 'notice') return;
    this.#outbox.drop(outcome);
    this.#admission.refused(source, outcome, this.#nowMs);
  }

  #record(record: AdvertisementRecord): void {
    this.#records.push(record);
    if (this.#records.length > RECORDED) this.#records.shift();
  }
}
