/**
 * The flow that a packet to the relay belongs to, and what a relay knows of a next hop.
 * @module
 */
import { isIPv4 } from 'node:net';
import { flowHash, flowHash4 } from '../anycast/flow-hash.ts';
import { parseAddress } from '../wire/address.ts';

/** Who sends: the source address and port of a query or connection. */
export interface RelayFlow {
  /** Text, without a zone. */
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** The same hash that the kernel's spread uses, 0..2^32-1. */
  readonly hash: number;
}

/** A server behind the relay. */
export interface RelayBackend {
  /** The next hop's key, under which it is counted. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
}

/** Chooses the next hop of a flow; undefined when there is none. */
export type RelayPick = (flow: RelayFlow) => RelayBackend | undefined;

/** Octets of addresses seen lately: clients ask again, and text is slow to read. */
const KNOWN_LIMIT = 4096;
const known = new Map<string, Uint8Array>();

function octetsOf(address: string): Uint8Array {
  const held = known.get(address);
  if (held !== undefined) return held;
  const octets = isIPv4(address)
    ? Uint8Array.from(address.split('.'), Number)
    : parseAddress(address);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(address, octets);
  return octets;
}

/** The flow of a packet from an address as Node gives it, zone included. */
export function flowOf(address: string, sourcePort: number, seed: number): RelayFlow {
  const zone = address.indexOf('%');
  const sourceAddress = zone === -1 ? address : address.slice(0, zone);
  const octets = octetsOf(sourceAddress);
  const hash = (octets.length === 4 ? flowHash4 : flowHash)(octets, sourcePort, seed);
  return { sourceAddress, sourcePort, hash };
}
