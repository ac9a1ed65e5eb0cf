/**
 * The service-load option: what an advertising server says of its load and of its turn. It rides in
 * Neighbor Advertisements under an experimental option type (RFC 4727 5.1.3); nodes that do not know
 * it skip it (RFC 4861 4.6), so stock routers and stock servers are not disturbed.
 * @module
 */
import { record, u8, u16, u32 } from '../wire/record.ts';
import { OptionType } from './constants.ts';
import type { NeighborDiscoveryOption } from './option.ts';

/** States a server can tell of, in the order of their numbers on the wire (from 1). */
const ADVERTISED_STATES = ['up', 'congested', 'standby', 'draining', 'joining', 'leaving'] as const;
export type AdvertisedState = (typeof ADVERTISED_STATES)[number];

/** `TIDE`: experimental option types are shared by all experiments, so ours carries a name. */
const MAGIC = 0x54494445;

const LoadOption = record('ServiceLoadOption', {
  version: u8,
  state: u8,
  magic: u32,
  weight: u16,
  utilizationPermyriad: u16,
  turnMs: u32,
  refreshMs: u16,
  capacityQueriesPerSecond: u32,
  pad: u16,
});
const VERSION = 1;
const PERMYRIAD = 10_000;

/** What a server says of itself beside its addresses. */
export interface AdvertisedLoad {
  readonly state: AdvertisedState;
  /** Share wanted relative to the other servers', 1..255. */
  readonly weight: number;
  /** Smoothed utilization, 0..6.5535. */
  readonly utilizationRatio: number;
  /** Queries per second it can serve; 0 when unknown. */
  readonly capacityQueriesPerSecond: number;
  /** How much longer it means to hold a single-entry router, milliseconds; 0 for not at all. */
  readonly turnMs: number;
  /** Longest silence to expect from it while its turn lasts, milliseconds, 0..65535. */
  readonly refreshMs: number;
}

/** The option that says it. @throws {RangeError} when a field cannot hold its value. */
export function loadOption(load: AdvertisedLoad): NeighborDiscoveryOption {
  const value = new Uint8Array(LoadOption.span);
  LoadOption.encode(
    {
      version: VERSION,
      state: ADVERTISED_STATES.indexOf(load.state) + 1,
      magic: MAGIC,
      weight: load.weight,
      utilizationPermyriad: Math.min(
        0xffff,
        Math.max(0, Math.round(load.utilizationRatio * PERMYRIAD)),
      ),
      turnMs: Math.round(load.turnMs),
      refreshMs: Math.round(load.refreshMs),
      capacityQueriesPerSecond: Math.round(load.capacityQueriesPerSecond),
      pad: 0,
    },
    new DataView(value.buffer),
    0,
  );
  return { type: OptionType.Experiment1, value };
}

/**
 * Finds the load among a message's options. An option that is another experiment's, of a later
 * version or out of range counts as absent: it never makes a valid advertisement invalid.
 */
export function loadOf(options: readonly NeighborDiscoveryOption[]): AdvertisedLoad | undefined {
  for (const { type, value } of options) {
    if (type !== OptionType.Experiment1 || value.length < LoadOption.span) continue;
    const fields = LoadOption.decode(
      new DataView(value.buffer, value.byteOffset, value.byteLength),
      0,
    );
    const state = ADVERTISED_STATES[fields.state - 1];
    if (fields.magic !== MAGIC || fields.version !== VERSION || state === undefined) continue;
    if (fields.weight < 1 || fields.weight > 255) continue;
    return {
      state,
      weight: fields.weight,
      utilizationRatio: fields.utilizationPermyriad / PERMYRIAD,
      capacityQueriesPerSecond: fields.capacityQueriesPerSecond,
      turnMs: fields.turnMs,
      refreshMs: fields.refreshMs,
    };
  }
  return undefined;
}
