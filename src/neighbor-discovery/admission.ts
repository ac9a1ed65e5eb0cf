/**
 * Whose advertisements are heard at all: Neighbor Discovery trusts everyone on the link, so a
 * router bounds what a duplicate or hostile advertiser can do (RFC 6583 has the reasons).
 * @module
 */
import { type Address, addressKey, formatAddress, sameAddress } from '../wire/address.ts';
import { type AddressPrefix, maskedAddress } from '../wire/prefix.ts';
import { formatLinkLayerAddress, type LinkLayerAddress } from './link-layer-address.ts';

export interface AdmissionOptions {
  /** Prefixes of the addresses servers speak from; none given: all are allowed. */
  readonly allowSources: readonly Pick<AddressPrefix, 'address' | 'prefixLength'>[];
  /** Link-layer addresses servers may name, as text; none given: all are allowed. */
  readonly allowLinkLayerAddresses: readonly string[];
  /** Advertisements per second from one source, in the long run. */
  readonly advertisementsPerSecond: number;
  /** Advertisements that one source may send at once. */
  readonly advertisementBurst: number;
}

export const ADMISSION_DEFAULTS: AdmissionOptions = {
  allowSources: [],
  allowLinkLayerAddresses: [],
  advertisementsPerSecond: 50,
  advertisementBurst: 100,
};

export type AdmissionReason = 'sourceNotAllowed' | 'linkLayerAddressNotAllowed' | 'rateLimited';

/** What was refused of one source. */
export interface Refusal {
  readonly source: string;
  readonly count: number;
  readonly lastReason: string;
  readonly lastAtMs: number;
}

/** Sources remembered; the ones heard longest ago are forgotten first. */
const MAX_SOURCES = 1_024;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

export class Admission {
  #options: AdmissionOptions;
  #allowed: ReadonlySet<string>;
  readonly #buckets = new Map<string, Bucket>();
  readonly #refusals = new Map<string, Refusal>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#allowed = allowedOf(options);
  }

  /** Judges by other options from now on; what sources have sent still counts. */
  reconfigure(options: AdmissionOptions, nowMs: number): void {
    for (const bucket of this.#buckets.values()) {
      bucket.tokens = Math.min(options.advertisementBurst, this.#tokens(bucket, nowMs));
      bucket.filledAtMs = nowMs;
    }
    this.#options = options;
    this.#allowed = allowedOf(options);
  }

  /** Who was refused, how often and why last. */
  refusals(): readonly Refusal[] {
    return [...this.#refusals.values()];
  }

  /** @returns why an advertisement is not heard, if it is not. */
  judge(
    source: Address,
    linkLayerAddress: LinkLayerAddress | undefined,
    nowMs: number,
  ): AdmissionReason | undefined {
    const { allowSources } = this.#options;
    const within = allowSources.some(({ address, prefixLength }) =>
      sameAddress(maskedAddress(source, prefixLength), maskedAddress(address, prefixLength)),
    );
    if (allowSources.length > 0 && !within) return 'sourceNotAllowed';
    if (this.#allowed.size > 0 && linkLayerAddress) {
      if (!this.#allowed.has(formatLinkLayerAddress(linkLayerAddress))) {
        return 'linkLayerAddressNotAllowed';
      }
    }
    return this.#take(source, nowMs) ? undefined : 'rateLimited';
  }

  /** Notes a refusal, whoever decided it. */
  refused(source: Address, reason: string, nowMs: number): void {
    const key = addressKey(source);
    const count = (this.#refusals.get(key)?.count ?? 0) + 1;
    this.#refusals.delete(key);
    if (this.#refusals.size >= MAX_SOURCES) forgetFirst(this.#refusals);
    const text = formatAddress(source);
    this.#refusals.set(key, { source: text, count, lastReason: reason, lastAtMs: nowMs });
  }

  #take(source: Address, nowMs: number): boolean {
    const key = addressKey(source);
    const bucket = this.#buckets.get(key);
    const tokens = bucket ? this.#tokens(bucket, nowMs) : this.#options.advertisementBurst;
    this.#buckets.delete(key);
    if (this.#buckets.size >= MAX_SOURCES) forgetFirst(this.#buckets);
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, filledAtMs: nowMs });
    return tokens >= 1;
  }

  #tokens({ tokens, filledAtMs }: Bucket, nowMs: number): number {
    const { advertisementsPerSecond, advertisementBurst } = this.#options;
    const gained = ((nowMs - filledAtMs) * advertisementsPerSecond) / 1_000;
    return Math.min(advertisementBurst, tokens + gained);
  }
}

const allowedOf = ({ allowLinkLayerAddresses }: AdmissionOptions): ReadonlySet<string> =>
  new Set(allowLinkLayerAddresses.map((text) => text.toLowerCase()));

function forgetFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
