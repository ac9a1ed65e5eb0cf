/**
 * What can be set of a router's neighbour cache, with defaults and their reasons. Where a rule of
 * the method and an RFC disagree there is a switch, and its default is what works with real servers.
 * @module
 */
import type { Address } from '../wire/address.ts';
import { ADMISSION_DEFAULTS, type AdmissionOptions } from './admission.ts';
import type { Delivery } from './delivery.ts';
import type { LinkLayerAddress } from './link-layer-address.ts';
import { REACHABILITY_DEFAULTS, type ReachabilityTiming } from './reachability.ts';

/**
 * `single`: one link-layer address per entry, replaced by advertisements (rule 3), as in every
 * router. `multiple`: all servers are kept and queries spread over them (rule 15).
 */
type CacheMode = 'single' | 'multiple';

export interface NeighborCacheOptions extends ReachabilityTiming, AdmissionOptions {
  readonly mode: CacheMode;
  /** How queries are spread in multiple mode. */
  readonly delivery: Delivery;
  /**
   * Whether an unsolicited advertisement fills an incomplete entry: RFC 4861 Appendix C says so and
   * it saves a lost answer; rule 5 discards it (`entryIncomplete`).
   */
  readonly acceptIncomplete: boolean;
  /**
   * Whether an advertisement for an address nobody configured makes an entry, as RFC 9131 lets
   * routers do; rule 5 and RFC 4861 7.2.5 discard it (`noEntry`).
   */
  readonly acceptUntracked: boolean;
  /** Count every address in use as carrying packets: true where the kernel forwards them. */
  readonly assumeUsed: boolean;
  /** Silence after which a server is probed in multiple mode, ms; turns come every cycle. */
  readonly silentAfterMs: number;
  /** How long load that came by another protocol counts before advertisements do again, ms. */
  readonly loadHoldsMs: number;
  /** After which an address that is not in use is forgotten, ms. */
  readonly forgetMs: number;
  /** Link-layer addresses per entry; more are refused. */
  readonly maxAddresses: number;
  readonly maxEntries: number;
}

export const NEIGHBOR_CACHE_DEFAULTS: NeighborCacheOptions = {
  ...REACHABILITY_DEFAULTS,
  ...ADMISSION_DEFAULTS,
  mode: 'multiple',
  delivery: 'weighted',
  acceptIncomplete: true,
  acceptUntracked: false,
  assumeUsed: true,
  silentAfterMs: 3_000,
  loadHoldsMs: 180_000,
  forgetMs: 60_000,
  maxAddresses: 64,
  maxEntries: 1_024,
};

/** The router's own end of the link. */
export interface RouterIdentity {
  /** Its link-local address. */
  readonly source: Address;
  readonly linkLayerAddress: LinkLayerAddress;
}

const POSITIVE: readonly (keyof NeighborCacheOptions)[] = [
  'baseReachableTimeMs',
  'retransTimerMs',
  'delayFirstProbeTimeMs',
  'maxMulticastSolicit',
  'maxUnicastSolicit',
  'retryMs',
  'advertisementsPerSecond',
  'advertisementBurst',
  'silentAfterMs',
  'loadHoldsMs',
  'forgetMs',
  'maxAddresses',
  'maxEntries',
];

/** Fills in the defaults. @throws {RangeError} naming the option that is not above 0. */
export function neighborCacheOptions(given: Partial<NeighborCacheOptions>): NeighborCacheOptions {
  const options = { ...NEIGHBOR_CACHE_DEFAULTS, ...given };
  for (const name of POSITIVE) {
    const value = options[name] as number;
    if (!(value > 0)) throw new RangeError(`${name} cannot be ${value}; it has to be above 0`);
  }
  return options;
}
