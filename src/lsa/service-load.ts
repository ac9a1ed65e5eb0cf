/**
 * The service-load TLV: what a server says of one anycast service beside its metric. It rides in
 * the Router Information LSA; routers that do not know it flood and ignore it (RFC 7770 2.3).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { ADDRESS_OCTETS, type Address } from '../wire/address.ts';
import { record, u8, u16, u32 } from '../wire/record.ts';
import type { Lsa } from './lsa.ts';
import { RouterInformationTlv } from './router-information-lsa.ts';
import type { Tlv } from './tlv.ts';

/** States a server can tell of, in the order of their numbers on the wire (from 1). */
export const SERVICE_STATES = ['up', 'congested', 'standby', 'draining'] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

const ServiceLoadHead = record('ServiceLoad', {
  state: u8,
  weight: u8,
  rampWindowS: u16,
  capacityQueriesPerSecond: u32,
  offeredQueriesPerSecond: u32,
  utilizationPermyriad: u16,
  errorPermyriad: u16,
});

/** What a server says of one service. */
export interface ServiceLoad {
  /** The anycast address, always a /128. */
  readonly address: Address;
  readonly state: ServiceState;
  /** Share wanted relative to the other servers', 1..255. */
  readonly weight: number;
  /** Seconds over which a router eases a new server in, 0..65535; 0 for at once. */
  readonly rampWindowS: number;
  /** Estimated capacity, queries per second. */
  readonly capacityQueriesPerSecond: number;
  /** Queries per second offered lately. */
  readonly offeredQueriesPerSecond: number;
  /** Smoothed utilization, 0..6.5535; above 1 when more is offered than can be served. */
  readonly utilizationRatio: number;
  /** Share of queries that ended in an error, 0..1. */
  readonly errorRatio: number;
}

const PERMYRIAD = 10_000;
const fraction = (ratio: number): number =>
  Math.min(0xffff, Math.max(0, Math.round(ratio * PERMYRIAD)));

/** The TLV that says it. @throws {RangeError} when a field cannot hold its value. */
export function serviceLoadTlv(load: ServiceLoad): Tlv {
  const value = new Uint8Array(ServiceLoadHead.span + ADDRESS_OCTETS);
  ServiceLoadHead.encode(
    {
      state: SERVICE_STATES.indexOf(load.state) + 1,
      weight: load.weight,
      rampWindowS: load.rampWindowS,
      capacityQueriesPerSecond: Math.round(load.capacityQueriesPerSecond),
      offeredQueriesPerSecond: Math.round(load.offeredQueriesPerSecond),
      utilizationPermyriad: fraction(load.utilizationRatio),
      errorPermyriad: fraction(load.errorRatio),
    },
    new DataView(value.buffer),
    0,
  );
  value.set(load.address, ServiceLoadHead.span);
  return { type: RouterInformationTlv.ServiceLoad, value };
}

/**
 * Reads the TLV's value. Octets behind the known ones are left for later versions.
 * @throws {DecodeError} `Short`, or `Value` for a state or weight outside its range.
 */
export function decodeServiceLoad(value: Uint8Array): ServiceLoad {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const head = ServiceLoadHead.decode(view, 0);
  if (value.length < ServiceLoadHead.span + ADDRESS_OCTETS) {
    throw new DecodeError('Short', ServiceLoadHead.span, 'service load needs an address');
  }
  const state = SERVICE_STATES[head.state - 1];
  if (state === undefined) throw new DecodeError('Value', 0, `service state ${head.state}`);
  if (head.weight === 0) throw new DecodeError('Value', 1, 'service weight 0');
  return {
    address: value.slice(ServiceLoadHead.span, ServiceLoadHead.span + ADDRESS_OCTETS),
    state,
    weight: head.weight,
    rampWindowS: head.rampWindowS,
    capacityQueriesPerSecond: head.capacityQueriesPerSecond,
    offeredQueriesPerSecond: head.offeredQueriesPerSecond,
    utilizationRatio: head.utilizationPermyriad / PERMYRIAD,
    errorRatio: head.errorPermyriad / PERMYRIAD,
  };
}

/** What was read of an LSA, so that it is read once however often it is looked at. */
const read = new WeakMap<Lsa, readonly ServiceLoad[]>();

/** The service-load TLVs of an LSA; what cannot be read is as if it were not there. */
export function serviceLoadsOf(lsa: Lsa): readonly ServiceLoad[] {
  const held = read.get(lsa);
  if (held !== undefined) return held;
  const loads: ServiceLoad[] = [];
  for (const { type, value } of lsa.body.kind === 'RouterInformation' ? lsa.body.tlvs : []) {
    if (type !== RouterInformationTlv.ServiceLoad) continue;
    try {
      loads.push(decodeServiceLoad(value));
    } catch {
      // The other TLVs of the LSA stand.
    }
  }
  read.set(lsa, loads);
  return loads;
}
