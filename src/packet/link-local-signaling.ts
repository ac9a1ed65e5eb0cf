/**
 * The link-local signalling block behind a Hello or Database Description whose L-bit is set
 * (RFC 5613): a checksum, a length in 32-bit words, then TLVs. Its octets are not counted in the
 * packet length. Nothing in it is acted on here; it is verified, shown and stepped over.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { Option } from '../lsa/options.ts';
import { decodeTlvs, encodeTlvs, type Tlv, tlvsOctets } from '../lsa/tlv.ts';
import { octetsChecksum } from '../wire/checksum.ts';
import { type RecordOf, record, u16 } from '../wire/record.ts';
import { viewOf } from '../wire/view.ts';
import { decodePacketHead, PACKET_HEADER_OCTETS } from './header.ts';
import { PacketType } from './packet.ts';

const LinkLocalSignalingHead = record('LinkLocalSignaling', { checksum: u16, lengthWords: u16 });
type LinkLocalSignalingHead = RecordOf<typeof LinkLocalSignalingHead>;

/** Octets of one unit of the block's length field. */
const WORD_OCTETS = 4;

/** TLV types (RFC 5613 2.4, 2.5). */
export const LinkLocalSignalingTlv = {
  ExtendedOptions: 1,
  CryptographicAuthentication: 2,
} as const;

/** A link-local signalling block. */
export interface LinkLocalSignaling {
  /** As received; 0 when an authentication trailer covers the block (RFC 7166 4.2). */
  readonly checksum: number;
  readonly tlvs: readonly Tlv[];
}

/** The offset of the Options field, or `undefined` for packets that have none (RFC 5340 A.3). */
export function optionsOffset(packetType: number): number | undefined {
  if (packetType === PacketType.Hello) return PACKET_HEADER_OCTETS + 5;
  if (packetType === PacketType.DatabaseDescription) return PACKET_HEADER_OCTETS + 1;
  return undefined;
}

/**
 * Whether a bit is set in the packet's Options; never for packets without the field.
 * @param octets - a datagram of at least the packet's length.
 */
export function hasOption(octets: Uint8Array, option: number): boolean {
  const at = optionsOffset(octets[1]!);
  if (at === undefined || at + 3 > octets.length) return false;
  const options = (octets[at]! << 16) | (octets[at + 1]! << 8) | octets[at + 2]!;
  return (options & option) !== 0;
}

/**
 * The octets of a datagram's link-local signalling block, or `undefined` when it has none.
 * @throws {DecodeError} `Short`, or `Length` when the block's length cannot be true.
 */
export function linkLocalSignalingOctets(datagram: Uint8Array): Uint8Array | undefined {
  const view = viewOf(datagram);
  const { packetLength } = decodePacketHead(view);
  if (!hasOption(datagram, Option.L)) return undefined;
  const { lengthWords } = LinkLocalSignalingHead.decode(view, packetLength);
  const lengthOctets = lengthWords * WORD_OCTETS;
  const end = packetLength + lengthOctets;
  if (lengthOctets < LinkLocalSignalingHead.span || end > datagram.length) {
    throw new DecodeError('Length', packetLength + 2, `LLS length ${lengthWords} words`);
  }
  return datagram.subarray(packetLength, end);
}

/** Reads a block. @throws {DecodeError} as `decodeTlvs` does. */
export function decodeLinkLocalSignaling(block: Uint8Array): LinkLocalSignaling {
  const view = viewOf(block);
  const { checksum } = LinkLocalSignalingHead.decode(view, 0);
  return { checksum, tlvs: decodeTlvs(view, LinkLocalSignalingHead.span, block.length) };
}

/** Whether the checksum over the block is right (RFC 5613 2.2). */
export const linkLocalSignalingChecksumValid = (block: Uint8Array): boolean =>
  octetsChecksum(viewOf(block)) === 0;

/**
 * Makes a block to append to a packet whose L-bit is set.
 * @param authenticated - a trailer follows, so the checksum stays 0 (RFC 7166 4.2).
 */
export function encodeLinkLocalSignaling(tlvs: readonly Tlv[], authenticated = false): Uint8Array {
  const octets = new Uint8Array(LinkLocalSignalingHead.span + tlvsOctets(tlvs));
  const view = viewOf(octets);
  const head: LinkLocalSignalingHead = { checksum: 0, lengthWords: octets.length / WORD_OCTETS };
  LinkLocalSignalingHead.encode(head, view, 0);
  encodeTlvs(tlvs, view, LinkLocalSignalingHead.span);
  if (!authenticated) view.setUint16(0, octetsChecksum(view));
  return octets;
}
