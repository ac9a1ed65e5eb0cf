/**
 * Packets to octets, length and checksum filled in (RFC 5340 A.3).
 * @module
 */
import { LSA_HEADER_OCTETS, LsaHeader } from '../lsa/header.ts';
import type { Address } from '../wire/address.ts';
import { IP_PROTOCOL_OSPF, internetChecksum } from '../wire/checksum.ts';
import {
  DatabaseDescriptionHead,
  HelloHead,
  LinkStateUpdateHead,
  RequestRecord,
  ROUTER_ID_OCTETS,
} from './body.ts';
import { OSPF_VERSION, PACKET_HEADER_OCTETS, PacketHead } from './header.ts';
import { type Packet, PacketType } from './packet.ts';

/**
 * Makes the octets of a packet in a buffer of their own.
 * @param source - 16 octets; goes into the checksum's pseudo-header alone.
 * @param destination - likewise.
 * @throws {RangeError} when a field cannot hold its value or the packet passes 65535 octets.
 */
export function encodePacket(packet: Packet, source: Address, destination: Address): Uint8Array {
  const octets = new Uint8Array(packetOctets(packet));
  const view = new DataView(octets.buffer);
  PacketHead.encode(
    {
      version: OSPF_VERSION,
      type: PacketType[packet.kind],
      packetLength: octets.length,
      routerId: packet.routerId,
      areaId: packet.areaId,
      checksum: 0,
      instanceId: packet.instanceId,
    },
    view,
    0,
  );
  encodeBody(packet, view);
  const checksum = internetChecksum(source, destination, view, IP_PROTOCOL_OSPF);
  view.setUint16(PacketHead.offsetOf('checksum'), checksum);
  return octets;
}

/** @returns the octets the packet takes on the wire, its header included. */
export function packetOctets(packet: Packet): number {
  switch (packet.kind) {
    case 'Hello':
      return PACKET_HEADER_OCTETS + HelloHead.span + packet.neighbors.length * ROUTER_ID_OCTETS;
    case 'DatabaseDescription':
      return (
        PACKET_HEADER_OCTETS +
        DatabaseDescriptionHead.span +
        packet.lsaHeaders.length * LSA_HEADER_OCTETS
      );
    case 'LinkStateRequest':
      return PACKET_HEADER_OCTETS + packet.requests.length * RequestRecord.span;
    case 'LinkStateUpdate':
      return packet.lsas.reduce(
        (sum, lsa) => sum + lsa.header.length,
        PACKET_HEADER_OCTETS + LinkStateUpdateHead.span,
      );
    case 'LinkStateAcknowledgment':
      return PACKET_HEADER_OCTETS + packet.lsaHeaders.length * LSA_HEADER_OCTETS;
  }
}

function encodeBody(packet: Packet, view: DataView): void {
  let at = PACKET_HEADER_OCTETS;
  switch (packet.kind) {
    case 'Hello':
      at += HelloHead.encode(packet, view, at);
      for (const routerId of packet.neighbors) {
        view.setUint32(at, routerId);
        at += ROUTER_ID_OCTETS;
      }
      return;
    case 'DatabaseDescription':
      at += DatabaseDescriptionHead.encode(packet, view, at);
      for (const header of packet.lsaHeaders) at += LsaHeader.encode(header, view, at);
      return;
    case 'LinkStateRequest':
      for (const identity of packet.requests) at += RequestRecord.encode(identity, view, at);
      return;
    case 'LinkStateUpdate':
      at += LinkStateUpdateHead.encode({ lsaCount: packet.lsas.length }, view, at);
      for (const lsa of packet.lsas) at = lsa.encode(view, at);
      return;
    case 'LinkStateAcknowledgment':
      for (const header of packet.lsaHeaders) at += LsaHeader.encode(header, view, at);
      return;
  }
}
