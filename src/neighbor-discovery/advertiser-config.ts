/**
 * What can be set of an advertising server, with defaults and their reasons. Where a rule of the
 * method and an RFC disagree there is a switch, and its default is what works with stock routers.
 * @module
 */
import { ADDRESS_OCTETS, type Address, isMulticast } from '../wire/address.ts';
import { ADMISSION_DEFAULTS, type AdmissionOptions } from './admission.ts';
import { MAX_ANYCAST_DELAY_TIME_MS, RETRANS_TIMER_MS } from './constants.ts';
import type { LinkLayerAddress } from './link-layer-address.ts';

/** Which peers are heard stands in {@link AdmissionOptions}. */
export interface AdvertiserOptions extends AdmissionOptions {
  /** Advertise as soon as the service can be provided, or wait for a solicitation (rule 2). */
  readonly activate: 'immediate' | 'solicited';
  /** In which every server of the farm has one turn, 100..60000 ms. */
  readonly cycleMs: number;
  /** Shortest turn, 5..10000 ms: below, a router's queries chase its entry. */
  readonly minTurnMs: number;
  /** What the cycle may grow to so that the smallest weight keeps its shortest turn. */
  readonly maxCycleMs: number;
  /** Wait of each further server for the one before it, 5..10000 ms. */
  readonly takeoverMs: number;
  /** Between advertisements within a turn, 10..65535 ms; peers miss two before they take over. */
  readonly refreshMs: number;
  /** The same without peers, 1000..3600000 ms: keeps entries and switch tables (300 s) from ageing. */
  readonly aloneRefreshMs: number;
  /** Advertisements at the start of a turn, 1..10: a lost one costs a turn. */
  readonly burst: number;
  readonly burstSpacingMs: number;
  /** A server's first turn comes after up to this, 0..10000 ms: farms are switched on together. */
  readonly jitterMs: number;
  /**
   * `turns`: advertisements as often as turns ask. `rfc4861`: never two within RetransTimer
   * (RFC 4861 7.2.6); turns then last a second or more.
   */
  readonly spacing: 'turns' | 'rfc4861';
  /**
   * Override of unsolicited advertisements: `set` is rule 4 and what moves a router's entry;
   * `clear` is RFC 4861 7.2.7 for anycast addresses, and only fills entries that are empty.
   */
  readonly unsolicitedOverride: 'set' | 'clear';
  /**
   * `holderFirst`: whose turn it is answers at once and the others after a random delay, so that a
   * new entry agrees with the turn. `random`: all of them after a random delay (RFC 4861 7.2.7).
   */
  readonly answerOrder: 'holderFirst' | 'random';
  /** Largest delay of an answer to a multicast solicitation, 0..1000 ms (MAX_ANYCAST_DELAY_TIME). */
  readonly anycastDelayMs: number;
  /** Whether that delay holds for unicast solicitations too, which only one server receives. */
  readonly delayUnicastAnswers: boolean;
  /**
   * Whether duplicate address detection of the service address is answered. By default not: an
   * anycast address is several nodes' by intent, and an answer would disable the asking server.
   */
  readonly answerDuplicateAddressDetection: boolean;
  /** Answers per second, 1..10000. */
  readonly answersPerSecond: number;
  /** Without a query for this long the server goes to standby (rule 7); Infinity for never. */
  readonly idleMs: number;
}

export const ADVERTISER_DEFAULTS: AdvertiserOptions = {
  ...ADMISSION_DEFAULTS,
  activate: 'immediate',
  cycleMs: 1_000,
  minTurnMs: 50,
  maxCycleMs: 10_000,
  takeoverMs: 100,
  refreshMs: 200,
  aloneRefreshMs: 30_000,
  burst: 2,
  burstSpacingMs: 20,
  jitterMs: 50,
  spacing: 'turns',
  unsolicitedOverride: 'set',
  answerOrder: 'holderFirst',
  anycastDelayMs: MAX_ANYCAST_DELAY_TIME_MS,
  delayUnicastAnswers: false,
  answerDuplicateAddressDetection: false,
  answersPerSecond: 100,
  idleMs: Number.POSITIVE_INFINITY,
};

/** Who advertises what. */
export interface AdvertiserIdentity {
  /** The service's anycast address. */
  readonly target: Address;
  /** The server's own address on the link, from which it speaks: its link-local one. */
  readonly source: Address;
  readonly linkLayerAddress: LinkLayerAddress;
  /** Whether this host forwards packets; the R flag says so, and must not lie (RFC 4861 4.4). */
  readonly router: boolean;
}

const RANGES: readonly (readonly [keyof AdvertiserOptions, number, number])[] = [
  ['cycleMs', 100, 60_000],
  ['minTurnMs', 5, 10_000],
  ['maxCycleMs', 100, 60_000],
  ['takeoverMs', 5, 10_000],
  ['refreshMs', 10, 65_535],
  ['aloneRefreshMs', 1_000, 3_600_000],
  ['burst', 1, 10],
  ['burstSpacingMs', 1, 10_000],
  ['jitterMs', 0, 10_000],
  ['anycastDelayMs', 0, MAX_ANYCAST_DELAY_TIME_MS],
  ['answersPerSecond', 1, 10_000],
  ['advertisementsPerSecond', 1, 10_000],
  ['advertisementBurst', 1, 10_000],
];

/**
 * Fills in the defaults and fits the options to each other.
 * @throws {RangeError} naming the option that is out of range.
 */
export function advertiserOptions(given: Partial<AdvertiserOptions>): AdvertiserOptions {
  const options = { ...ADVERTISER_DEFAULTS, ...given };
  for (const [name, low, high] of RANGES) {
    const value = options[name] as number;
    if (!(value >= low && value <= high)) {
      throw new RangeError(`${name} cannot be ${value}; allowed is ${low}..${high}`);
    }
  }
  if (options.maxCycleMs < options.cycleMs) {
    throw new RangeError(`maxCycleMs cannot be less than cycleMs, ${options.cycleMs}`);
  }
  if (!(options.idleMs >= 2 * options.maxCycleMs)) {
    // Between two turns of its own a server gets no queries from a single-entry router.
    throw new RangeError(`idleMs cannot be less than two cycles, ${2 * options.maxCycleMs} ms`);
  }
  if (options.spacing === 'turns') return options;
  const least = (ms: number): number => Math.max(ms, RETRANS_TIMER_MS);
  return {
    ...options,
    minTurnMs: least(options.minTurnMs),
    cycleMs: least(options.cycleMs),
    maxCycleMs: 60_000,
    refreshMs: least(options.refreshMs),
    burstSpacingMs: least(options.burstSpacingMs),
  };
}

/** @throws {RangeError} when an address is not what it has to be. */
export function checkIdentity(identity: AdvertiserIdentity): void {
  const { target, source } = identity;
  if (target.length !== ADDRESS_OCTETS || isMulticast(target)) {
    throw new RangeError('target has to be a unicast address of 16 octets');
  }
  if (source.length !== ADDRESS_OCTETS || isMulticast(source)) {
    throw new RangeError('source has to be a unicast address of 16 octets');
  }
  if (identity.linkLayerAddress.length < 1) throw new RangeError('linkLayerAddress is empty');
}
