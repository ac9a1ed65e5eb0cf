/**
 * Octets to packets (RFC 5340 A.3). Lengths are judged before any field is read, and every count
 * is held to the octets that are there. What an LSA says is not looked at here: a bad LSA in a
 * good packet is dropped alone (`lsa/validate.ts`).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { LSA_HEADER_OCTETS, LsaHeader, type LsaIdentity } from '../lsa/header.ts';
import { Lsa } from '../lsa/lsa.ts';
import type { Address } from '../wire/address.ts';
import { IP_PROTOCOL_OSPF, internetChecksum } from '../wire/checksum.ts';
import {
  DatabaseDescriptionHead,
  HelloHead,
  LinkStateUpdateHead,
  RequestRecord,
  ROUTER_ID_OCTETS,
} from './body.ts';
import { decodePacketHead, PACKET_HEADER_OCTETS } from './header.ts';
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
  const whole = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const head = decodePacketHead(whole);
  const { routerId, areaId, instanceId, packetLength } = head;
  const header = { routerId, areaId, instanceId };
  // The view ends with the packet, so that nothing behind it can be read by mistake.
  const view =
    packetLength === octets.length
      ? whole
      : new DataView(octets.buffer, octets.byteOffset, packetLength);
  switch (head.type) {
    case PacketType.Hello:
      return decodeHello(header, view);
    case PacketType.DatabaseDescription:
      return decodeDatabaseDescription(header, view);
    case PacketType.LinkStateRequest:
      return decodeLinkStateRequest(header, view);
    case PacketType.LinkStateUpdate:
      return decodeLinkStateUpdate(header, view, octets);
    case PacketType.LinkStateAcknowledgment:
      return decodeLinkStateAcknowledgment(header, view);
  }
  throw new DecodeError('PacketType', 1, `packet type ${head.type}`);
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
  const packetLength = (octets[2]! << 8) | octets[3]!;
  if (packetLength < PACKET_HEADER_OCTETS || packetLength > octets.length) return false;
  return internetChecksum(source, destination, octets, IP_PROTOCOL_OSPF, packetLength) === 0;
}

function decodeHello(header: PacketHeader, view: DataView): Hello {
  const head = HelloHead.decode(view, PACKET_HEADER_OCTETS);
  const from = PACKET_HEADER_OCTETS + HelloHead.span;
  wholeNumber(view, from, ROUTER_ID_OCTETS);
  const neighbors: number[] = [];
  for (let at = from; at < view.byteLength; at += ROUTER_ID_OCTETS) {
    neighbors.push(view.getUint32(at));
  }
  return { kind: 'Hello', ...header, ...head, neighbors };
}

function decodeDatabaseDescription(header: PacketHeader, view: DataView): DatabaseDescription {
  const head = DatabaseDescriptionHead.decode(view, PACKET_HEADER_OCTETS);
  const lsaHeaders = decodeHeaders(view, PACKET_HEADER_OCTETS + DatabaseDescriptionHead.span);
  return { kind: 'DatabaseDescription', ...header, ...head, lsaHeaders };
}

function decodeLinkStateRequest(header: PacketHeader, view: DataView): LinkStateRequest {
  wholeNumber(view, PACKET_HEADER_OCTETS, RequestRecord.span);
  const requests: LsaIdentity[] = [];
  for (let at = PACKET_HEADER_OCTETS; at < view.byteLength; at += RequestRecord.span) {
    requests.push(RequestRecord.decode(view, at));
  }
  return { kind: 'LinkStateRequest', ...header, requests };
}

function decodeLinkStateUpdate(
  header: PacketHeader,
  view: DataView,
  octets: Uint8Array,
): LinkStateUpdate {
  const { lsaCount } = LinkStateUpdateHead.decode(view, PACKET_HEADER_OCTETS);
  const end = view.byteLength;
  let at = PACKET_HEADER_OCTETS + LinkStateUpdateHead.span;
  // An LSA has at least its header, so a larger count is a lie before any loop starts.
  if (lsaCount > (end - at) / LSA_HEADER_OCTETS) {
    throw new DecodeError('Count', PACKET_HEADER_OCTETS, `${lsaCount} LSAs announced`);
  }
  const lsas: Lsa[] = [];
  for (let i = 0; i < lsaCount; i++) {
    const lsa = Lsa.decode(octets, view, at, end);
    lsas.push(lsa);
    at += lsa.header.length;
  }
  if (at !== end) throw new DecodeError('Count', at, 'octets behind the last LSA');
  return { kind: 'LinkStateUpdate', ...header, lsas };
}

function decodeLinkStateAcknowledgment(
  header: PacketHeader,
  view: DataView,
): LinkStateAcknowledgment {
  const lsaHeaders = decodeHeaders(view, PACKET_HEADER_OCTETS);
  return { kind: 'LinkStateAcknowledgment', ...header, lsaHeaders };
}

function decodeHeaders(view: DataView, from: number): LsaHeader[] {
  wholeNumber(view, from, LSA_HEADER_OCTETS);
  const headers: LsaHeader[] = [];
  for (let at = from; at < view.byteLength; at += LSA_HEADER_OCTETS) {
    headers.push(LsaHeader.decode(view, at));
  }
  return headers;
}

/** Holds the rest of the packet to a whole number of records. */
function wholeNumber(view: DataView, from: number, span: number): void {
  if ((view.byteLength - from) % span !== 0) {
    throw new DecodeError('Length', from, `records are ${span} octets each`);
  }
}
