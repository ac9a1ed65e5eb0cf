/**
 * Why a datagram was dropped, in words that name what was found and what is ours: what whoever
 * mends a configuration has to know.
 * @module
 */
import { DecodeError } from '../errors.ts';
import type { HelloDropReason } from '../interface/hello.ts';
import type { Interface } from '../interface/interface.ts';
import { Option } from '../lsa/options.ts';
import { decodePacketHead } from '../packet/header.ts';
import type { Hello, Packet } from '../packet/packet.ts';
import { type AuthenticationTrailer, decodeTrailer } from '../packet/trailer.ts';
import { formatDottedQuad } from '../wire/address.ts';
import { viewOf } from '../wire/view.ts';

/** A Hello that was not taken. */
export function helloText(on: Interface, hello: Hello, reason: HelloDropReason): string {
  const who = `Hello of ${formatDottedQuad(hello.routerId)}`;
  const { helloIntervalS, routerDeadIntervalS } = on.config;
  switch (reason) {
    case 'HelloIntervalMismatch':
      return `${who}: HelloInterval ${hello.helloIntervalS} s, ours is ${helloIntervalS} s`;
    case 'RouterDeadIntervalMismatch': {
      const found = `RouterDeadInterval ${hello.routerDeadIntervalS} s`;
      return `${who}: ${found}, ours is ${routerDeadIntervalS} s`;
    }
    case 'OptionsMismatch': {
      const [theirs, ours] = [hello.options, on.options];
      const found = `E-bit ${bit(theirs, Option.E)}, N-bit ${bit(theirs, Option.N)}`;
      return `${who}: ${found}, ours are ${bit(ours, Option.E)}, ${bit(ours, Option.N)}`;
    }
    case 'NeighborTooMany':
      return who;
  }
}

const bit = (options: number, mask: number): 0 | 1 => (options & mask ? 1 : 0);

/** To be put behind what names the packet. */
export function mtuText(on: Interface, packet: Packet): string {
  if (packet.kind !== 'DatabaseDescription') return '';
  return `: Interface MTU ${packet.interfaceMtu}, ours is ${on.mtu}`;
}

/** The authentication trailer that a datagram has. */
export function trailerText(octets: Uint8Array): string {
  const trailer = trailerOf(octets);
  return trailer === undefined ? 'no trailer' : `trailer of key ${trailer.securityAssociationId}`;
}

/** Whether a trailer stands in the place of the checksum, which is left out then (RFC 7166 4.2). */
export function isAuthenticated(octets: Uint8Array): boolean {
  return decodePacketHead(viewOf(octets)).checksum === 0 && trailerOf(octets) !== undefined;
}

function trailerOf(octets: Uint8Array): AuthenticationTrailer | undefined {
  try {
    return decodeTrailer(octets);
  } catch (error) {
    if (error instanceof DecodeError) return undefined; // one that breaks its format
    throw error;
  }
}
