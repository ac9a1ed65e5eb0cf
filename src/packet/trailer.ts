/**
 * The octets of the authentication trailer (RFC 7166 4.1) and the digest over a datagram (4.5).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { ADDRESS_OCTETS, type Address } from '../wire/address.ts';
import { type RecordOf, record, u16, u32, zero } from '../wire/record.ts';
import { viewOf } from '../wire/view.ts';
import { decodePacketHead, PacketHead } from './header.ts';
import { type AuthenticationKey, DIGEST_OCTETS, type Digest, protocolKey } from './key.ts';
import { linkLocalSignalingOctets } from './link-local-signaling.ts';

/** The trailer without its authentication data. */
export const TrailerHead = record('AuthenticationTrailer', {
  authenticationType: u16,
  /** Octets of the whole trailer, this head included. */
  authDataLength: u16,
  reserved: zero(2),
  securityAssociationId: u16,
  sequenceNumberHigh: u32,
  sequenceNumberLow: u32,
});
export type TrailerHead = RecordOf<typeof TrailerHead>;

/** The one authentication type there is (RFC 7166 4.1). */
export const AUTHENTICATION_TYPE_HMAC = 1;

/** A trailer as received. */
export interface AuthenticationTrailer extends TrailerHead {
  /** Offset within the datagram. */
  readonly at: number;
  /** A view of the datagram. */
  readonly authenticationData: Uint8Array;
}

/**
 * Finds the trailer: behind the packet, and behind the link-local signalling block if there is one.
 * @returns `undefined` when nothing follows.
 * @throws {DecodeError} `Short` or `Length` when what follows is no trailer.
 */
export function decodeTrailer(datagram: Uint8Array): AuthenticationTrailer | undefined {
  const view = viewOf(datagram);
  const { packetLength } = decodePacketHead(view);
  const at = packetLength + (linkLocalSignalingOctets(datagram)?.length ?? 0);
  if (at === datagram.length) return undefined;
  const head = TrailerHead.decode(view, at);
  const end = at + head.authDataLength;
  if (head.authDataLength <= TrailerHead.span || end > datagram.length) {
    throw new DecodeError('Length', at + 2, `trailer length ${head.authDataLength}`);
  }
  return { ...head, at, authenticationData: datagram.subarray(at + TrailerHead.span, end) };
}

/** What fills the authentication data while the digest is taken (RFC 7166 4.5). */
const APAD = [0x87, 0x8f, 0xe1, 0xf3] as const;

/**
 * The digest of a datagram up to the end of its trailer (RFC 7166 4.5). The packet's checksum
 * counts as zero, and the source address stands in the authentication data.
 * @param at - where the trailer starts; whatever its authentication data holds is ignored.
 */
export function trailerDigest(
  datagram: Uint8Array,
  at: number,
  source: Address,
  key: AuthenticationKey,
  digest: Digest,
): Uint8Array {
  const from = at + TrailerHead.span;
  const octets = new Uint8Array(from + DIGEST_OCTETS[key.algorithm]);
  octets.set(datagram.subarray(0, from));
  new DataView(octets.buffer).setUint16(PacketHead.offsetOf('checksum'), 0);
  octets.set(source, from);
  for (let i = from + ADDRESS_OCTETS; i < octets.length; i++) octets[i] = APAD[(i - from) & 3]!;
  return digest(key.algorithm, protocolKey(key), octets);
}
