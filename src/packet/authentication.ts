/**
 * Authentication of packets on one interface (RFC 7166): appends trailers to what is sent, verifies
 * those of what is received, and remembers the sequence numbers of each neighbor per packet type.
 *
 * Keys longer than a digest are taken as HMAC takes them (RFC 2104: hashed when longer than a
 * block), as other implementations do; RFC 7166 4.5 would hash them when longer than a digest.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { Option } from '../lsa/options.ts';
import { type Address, addressKey } from '../wire/address.ts';
import { PacketHead } from './header.ts';
import { type AuthenticationKey, acceptKey, DIGEST_OCTETS, type Digest, sendKey } from './key.ts';
import { optionsOffset } from './link-local-signaling.ts';
import {
  AUTHENTICATION_TYPE_HMAC,
  type AuthenticationTrailer,
  decodeTrailer,
  TrailerHead,
  trailerDigest,
} from './trailer.ts';

/** Why a packet failed authentication; a closed set, so that each has its own counter. */
export type AuthenticationFault =
  | 'AuthenticationMissing' // no trailer where one is required
  | 'AuthenticationTrailer' // a trailer that breaks its format, or of another type than HMAC
  | 'AuthenticationKey' // no such key, or outside its lifetime
  | 'AuthenticationDigest'
  | 'AuthenticationReplay'; // a sequence number not above the last one accepted

type SequenceNumber = Pick<TrailerHead, 'sequenceNumberHigh' | 'sequenceNumberLow'>;
/** The last sequence number accepted, per packet type. */
type Accepted = Map<number, SequenceNumber>;

export interface AuthenticationConfig {
  readonly keys: readonly AuthenticationKey[];
  readonly digest: Digest;
  /**
   * The high half of the sequence numbers sent: must be larger at each start of the process
   * (RFC 7166 4.1), such as a boot count kept on disk or the seconds of the clock. 32 bits.
   */
  readonly bootCount: number;
  /** Accept packets without a trailer while a link is being moved to authentication. */
  readonly acceptUnauthenticated?: boolean;
}

/** Makes and verifies the trailers of one interface. */
export class Authentication {
  readonly #config: AuthenticationConfig;
  readonly #accepted = new Map<string, Accepted>();
  #high: number;
  #low = 0;

  /** @throws {RangeError} without keys. */
  constructor(config: AuthenticationConfig) {
    if (config.keys.length === 0) throw new RangeError('AuthenticationConfig.keys cannot be empty');
    this.#config = config;
    this.#high = config.bootCount >>> 0;
  }

  /** Octets to leave free behind a packet for the trailer. */
  trailerOctets(nowMs: number): number {
    const key = sendKey(this.#config.keys, nowMs);
    return key ? TrailerHead.span + DIGEST_OCTETS[key.algorithm] : 0;
  }

  /**
   * The packet with its trailer, ready to be sent: sets the AT-bit of Hellos and Database
   * Descriptions and clears the checksum, which is not computed then (RFC 7166 4.2).
   * @param packet - what `encodePacket` made, a link-local signalling block behind it included.
   * @returns `undefined` while no key's lifetime for sending has begun: nothing may be sent then.
   */
  seal(packet: Uint8Array, source: Address, nowMs: number): Uint8Array | undefined {
    const key = sendKey(this.#config.keys, nowMs);
    if (key === undefined) return undefined;
    const authDataLength = TrailerHead.span + DIGEST_OCTETS[key.algorithm];
    const octets = new Uint8Array(packet.length + authDataLength);
    octets.set(packet);
    const view = new DataView(octets.buffer);
    view.setUint16(PacketHead.offsetOf('checksum'), 0);
    const optionsAt = optionsOffset(octets[1]!);
    if (optionsAt !== undefined) octets[optionsAt + 1]! |= Option.AT >>> 8;
    this.#advance();
    const head: TrailerHead = {
      authenticationType: AUTHENTICATION_TYPE_HMAC,
      authDataLength,
      securityAssociationId: key.securityAssociationId,
      sequenceNumberHigh: this.#high,
      sequenceNumberLow: this.#low,
    };
    TrailerHead.encode(head, view, packet.length);
    const data = trailerDigest(octets, packet.length, source, key, this.#config.digest);
    octets.set(data, packet.length + TrailerHead.span);
    return octets;
  }

  /**
   * Verifies a datagram as received (RFC 7166 4.6).
   * @returns its fault, or `undefined` when it is authentic. With `acceptUnauthenticated`, one
   * without a trailer has no fault either; its checksum must be verified then.
   */
  verify(datagram: Uint8Array, source: Address, nowMs: number): AuthenticationFault | undefined {
    let trailer: AuthenticationTrailer | undefined;
    try {
      trailer = decodeTrailer(datagram);
    } catch (error) {
      if (error instanceof DecodeError) return 'AuthenticationTrailer';
      throw error;
    }
    if (trailer === undefined) {
      return this.#config.acceptUnauthenticated ? undefined : 'AuthenticationMissing';
    }
    if (trailer.authenticationType !== AUTHENTICATION_TYPE_HMAC) return 'AuthenticationTrailer';
    const { keys, digest } = this.#config;
    const key = acceptKey(keys, trailer.securityAssociationId, nowMs);
    if (key === undefined) return 'AuthenticationKey';
    if (trailer.authenticationData.length !== DIGEST_OCTETS[key.algorithm]) {
      return 'AuthenticationTrailer';
    }
    const packetType = datagram[1]!;
    const last = this.#accepted.get(addressKey(source))?.get(packetType);
    if (last !== undefined && !above(trailer, last)) return 'AuthenticationReplay';
    const expected = trailerDigest(datagram, trailer.at, source, key, digest);
    if (!sameOctets(expected, trailer.authenticationData)) return 'AuthenticationDigest';
    // Remembered only now: an unauthentic packet must not move the window.
    this.#remember(source, packetType, trailer);
    return undefined;
  }

  /** Forgets what a neighbor has sent; for when the neighbor is gone (state Down). */
  forget(source: Address): void {
    this.#accepted.delete(addressKey(source));
  }

  #advance(): void {
    this.#low = (this.#low + 1) >>> 0;
    if (this.#low === 0) this.#high = (this.#high + 1) >>> 0;
  }

  #remember(source: Address, packetType: number, trailer: AuthenticationTrailer): void {
    const key = addressKey(source);
    const accepted: Accepted = this.#accepted.get(key) ?? new Map();
    const { sequenceNumberHigh, sequenceNumberLow } = trailer;
    accepted.set(packetType, { sequenceNumberHigh, sequenceNumberLow });
    this.#accepted.set(key, accepted);
  }
}

const above = (a: SequenceNumber, b: SequenceNumber): boolean =>
  a.sequenceNumberHigh > b.sequenceNumberHigh ||
  (a.sequenceNumberHigh === b.sequenceNumberHigh && a.sequenceNumberLow > b.sequenceNumberLow);

/** Compares in a time that does not depend on where the octets differ. */
function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}
