/**
 * Octets to packets (RFC 5340 A.3). Lengths are judged before any field is read, and every count
 * is held to the octets that are there. What an LSA says is not looked at here: a bad LSA in a
 * good packet is dropped alone (`lsa/validate.ts`).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { LSA_HEADER_OCTETS, LsaHeader } from '../lsa/header.ts';
import { Lsa } from '../lsa/lsa.ts';
import type { Address } from '../wire/address.ts';
import { IP_PROTOCOL_OSPF, internetChecksum } from '../wire/checksum.ts';
import { type Slab, slabFor } from '../wire/slab.ts';
import { viewOf } from '../wire/view.ts';
import {
  DatabaseDescriptionHead,
  HelloHead,
  LinkStateUpdateHead,
  RequestRecord,
  ROUTER_ID_OCTETS,
} from './body.ts';
import { decodePacketHead, PACKET_HEADER_OCTETS, type PacketHead } from './header.ts';
import {
  type DatabaseDescription,
  type Hello,
  type LinkStateAcknowledgment,
  type LinkStateRequest,
  type LinkStateUpdate,
  type Packet,
  type PacketHeader,
  PacketType,
} from './packet.ts';

/**
 * Reads one packet; octets behind its length are left alone. The octets are not kept.
 * @throws {DecodeError} `Short`, `Version`, `PacketType`, `Length` or `Count`.
 */
export function decodePacket(octets: Uint8Array): Packet {
  // All is read from a copy, in which the LSAs then stay.
  const slab = slabFor(octets.length);
  const at = slab.append(octets);
  try {
    return decodeBehind(decodePacketHead(slab.view, at, at + octets.length), slab, at);
  } catch (error) {
    throw error instanceof DecodeError ? error.countedFrom(at) : error;
  }
}

/**
 * As {@link decodePacket}, of a packet that must have a right checksum, which is looked at before
 * anything behind the header.
 * @returns `undefined` when the checksum is wrong.
 */
export function decodeVerifiedPacket(
  octets: Uint8Array,
  source: Address,
  destination: Address,
): Packet | undefined {
  const slab = slabFor(octets.length);
  const { view } = slab;
  const at = slab.append(octets);
  try {
    const head = decodePacketHead(view, at, at + octets.length);
    const end = at + head.packetLength;
    const checksum = internetChecksum(source, destination, view, IP_PROTOCOL_OSPF, at, end);
    return checksum === 0 ? decodeBehind(head, slab, at) : undefined;
  } catch (error) {
    throw error instanceof DecodeError ? error.countedFrom(at) : error;
  }
}

/** Reads what stands behind the header, and nothing behind the packet. */
function decodeBehind(head: PacketHead, slab: Slab, at: number): Packet {
  const { view } = slab;
  const from = at + PACKET_HEADER_OCTETS;
  const end = at + head.packetLength;
  switch (head.type) {
    case PacketType.Hello:
      return decodeHello(head, view, from, end);
    case PacketType.DatabaseDescription:
      return decodeDatabaseDescription(head, view, from, end);
    case PacketType.LinkStateRequest:
      return decodeLinkStateRequest(head, view, from, end);
    case PacketType.LinkStateUpdate:
      return decodeLinkStateUpdate(head, slab, from, end);
    case PacketType.LinkStateAcknowledgment:
      return decodeLinkStateAcknowledgment(head, view, from, end);
  }
  throw new DecodeError('PacketType', at + 1, `packet type ${head.type}`);
}

/**
 * Whether the packet's checksum is right (RFC 5340 A.3.1: over the pseudo-header and the packet
 * alone, a link-local signalling block not included). Packets with an authentication trailer do
 * not have one (RFC 7166 4.2).
 * @returns false also when the octets are no whole packet.
 */
export function packetChecksumValid(
  octets: Uint8Array,
  source: Address,
  destination: Address,
): boolean {
  const end = (octets[2]! << 8) | octets[3]!;
  if (end < PACKET_HEADER_OCTETS || end > octets.length) return false;
  return internetChecksum(source, destination, viewOf(octets), IP_PROTOCOL_OSPF, 0, end) === 0;
}

function decodeHello(
  { routerId, areaId, instanceId }: PacketHeader,
  view: DataView,
  at: number,
  end: number,
): Hello {
  const head = HelloHead.decode(view, at, end);
  const from = at + HelloHead.span;
  if ((end - from) % ROUTER_ID_OCTETS !== 0) {
    throw new DecodeError('Length', from, `Router IDs are ${ROUTER_ID_OCTETS} octets each`);
  }
  const neighbors: number[] = [];
  for (let next = from; next < end; next += ROUTER_ID_OCTETS) neighbors.push(view.getUint32(next));
  return { kind: 'Hello', routerId, areaId, instanceId, ...head, neighbors };
}

function decodeDatabaseDescription(
  { routerId, areaId, instanceId }: PacketHeader,
  view: DataView,
  at: number,
  end: number,
): DatabaseDescription {
  const head = DatabaseDescriptionHead.decode(view, at, end);
  const lsaHeaders = LsaHeader.decodeAll(view, at + DatabaseDescriptionHead.span, end);
  return { kind: 'DatabaseDescription', routerId, areaId, instanceId, ...head, lsaHeaders };
}

function decodeLinkStateRequest(
  { routerId, areaId, instanceId }: PacketHeader,
  view: DataView,
  at: number,
  end: number,
): LinkStateRequest {
  const requests = RequestRecord.decodeAll(view, at, end);
  return { kind: 'LinkStateRequest', routerId, areaId, instanceId, requests };
}

function decodeLinkStateUpdate(
  { routerId, areaId, instanceId }: PacketHeader,
  slab: Slab,
  at: number,
  end: number,
): LinkStateUpdate {
  const { lsaCount } = LinkStateUpdateHead.decode(slab.view, at, end);
  let next = at + LinkStateUpdateHead.span;
  // An LSA has at least its header, so a larger count is a lie before any loop starts.
  if (lsaCount > (end - next) / LSA_HEADER_OCTETS) {
    throw new DecodeError('Count', at, `${lsaCount} LSAs announced`);
  }
  const lsas = new Array<Lsa>(lsaCount);
  for (let i = 0; i < lsaCount; i++) {
    const lsa = Lsa.decodeAt(slab, next, end);
    lsas[i] = lsa;
    next += lsa.header.length;
  }
  if (next !== end) throw new DecodeError('Count', next, 'octets behind the last LSA');
  return { kind: 'LinkStateUpdate', routerId, areaId, instanceId, lsas };
}

function decodeLinkStateAcknowledgment(
  { routerId, areaId, instanceId }: PacketHeader,
  view: DataView,
  at: number,
  end: number,
): LinkStateAcknowledgment {
  const lsaHeaders = LsaHeader.decodeAll(view, at, end);
  return { kind: 'LinkStateAcknowledgment', routerId, areaId, instanceId, lsaHeaders };
}
