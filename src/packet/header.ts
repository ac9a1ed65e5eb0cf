/**
 * The 16-octet header that every OSPFv3 packet begins with (RFC 5340 A.3.1).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { type RecordOf, record, u8, u16, u32, zero } from '../wire/record.ts';

export const OSPF_VERSION = 3;

/** The header as it stands on the wire. */
export const PacketHead = record('PacketHeader', {
  version: u8,
  type: u8,
  packetLength: u16,
  routerId: u32,
  areaId: u32,
  checksum: u16,
  instanceId: u8,
  reserved: zero(1),
});
export type PacketHead = RecordOf<typeof PacketHead>;

export const PACKET_HEADER_OCTETS = PacketHead.span;

/**
 * Reads the header and holds the datagram to it. Octets behind `packetLength` are allowed: a
 * link-local signalling block (RFC 5613) and an authentication trailer (RFC 7166) stand there.
 * @param end - where the datagram ends.
 * @throws {DecodeError} `Short`, `Version`, or `Length` when the packet cannot be that long.
 */
export function decodePacketHead(view: DataView, at = 0, end = view.byteLength): PacketHead {
  const head = PacketHead.decode(view, at, end);
  if (head.version !== OSPF_VERSION) {
    throw new DecodeError('Version', at, `version ${head.version}`);
  }
  if (head.packetLength < PacketHead.span || at + head.packetLength > end) {
    throw new DecodeError('Length', at + 2, `packet length ${head.packetLength}`);
  }
  return head;
}
