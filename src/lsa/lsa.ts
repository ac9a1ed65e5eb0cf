/**
 * One instance of an LSA: its octets as they came or were made, its header, and its body decoded
 * at first use. Comparison, checksum and flooding touch octets and header; SPF uses the body.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { type Address, decodeAddress } from '../wire/address.ts';
import { lsaChecksum, lsaChecksumValid } from '../wire/checksum.ts';
import { keptSlabFor, type Slab, slabFor } from '../wire/slab.ts';
import { copyOctets, sameOctets, viewOf } from '../wire/view.ts';
import { bodyOctets, decodeBody, encodeBody, type LsaBody } from './body.ts';
import { LSA_HEADER_OCTETS, LsaHeader, type LsaIdentity } from './header.ts';

const AGE_AT = LsaHeader.offsetOf('ageS');
const CHECKSUM_AT = LsaHeader.offsetOf('checksum');
const LENGTH_AT = LsaHeader.offsetOf('length');
const LSA_OCTETS_MAX = 0xffff;

/** An LSA instance; never changes once made, its age in the database is the database's. */
export class Lsa {
  /** The header as received or originated, or with the age that {@link withAge} gave. */
  readonly header: LsaHeader;
  /** Where the LSA lies; the age there may be another instance's. */
  readonly #slab: Slab;
  readonly #at: number;
  #body: LsaBody | undefined;

  private constructor(slab: Slab, at: number, header: LsaHeader, body: LsaBody | undefined) {
    this.#slab = slab;
    this.#at = at;
    this.header = header;
    this.#body = body;
  }

  /**
   * Reads the LSA that `octets` begin with; they are copied.
   * @throws {DecodeError} `Short` without a header, `Length` when the length field cannot be true.
   */
  static decode(octets: Uint8Array): Lsa {
    const slab = slabFor(octets.length);
    const at = slab.append(octets);
    try {
      return Lsa.decodeAt(slab, at, at + octets.length);
    } catch (error) {
      throw error instanceof DecodeError ? error.countedFrom(at) : error;
    }
  }

  /** As {@link decode}, of octets that are in a slab already; offsets of faults are the slab's. */
  static decodeAt(slab: Slab, at: number, end: number): Lsa {
    const header = LsaHeader.decode(slab.view, at, end);
    if (header.length < LSA_HEADER_OCTETS || at + header.length > end) {
      throw new DecodeError('Length', at + LENGTH_AT, `LSA length ${header.length}`);
    }
    return new Lsa(slab, at, header, undefined);
  }

  /**
   * Makes an instance to originate: encodes the body, computes length and checksum; age 0 unless
   * told otherwise.
   * @throws {RangeError} when a field cannot hold its value or the LSA passes 65535 octets.
   */
  static originate(identity: LsaIdentity, sequenceNumber: number, body: LsaBody, ageS = 0): Lsa {
    const length = LSA_HEADER_OCTETS + bodyOctets(body);
    if (length > LSA_OCTETS_MAX) throw new RangeError(`LsaHeader.length cannot hold ${length}`);
    const slab = slabFor(length);
    const at = slab.reserve(length);
    const { lsType, linkStateId, advertisingRouter } = identity;
    const blank = {
      ageS,
      lsType,
      linkStateId,
      advertisingRouter,
      sequenceNumber,
      checksum: 0,
      length,
    };
    LsaHeader.encode(blank, slab.view, at);
    encodeBody(body, slab.view, at + LSA_HEADER_OCTETS);
    const checksum = lsaChecksum(slab.view, at, at + length);
    slab.view.setUint16(at + CHECKSUM_AT, checksum);
    return new Lsa(slab, at, { ...blank, checksum }, body);
  }

  /** The same instance with another age: on its way out, or aged prematurely (RFC 2328 14.1). */
  withAge(ageS: number): Lsa {
    return new Lsa(this.#slab, this.#at, { ...this.header, ageS }, this.#body);
  }

  /** The same instance, of whose body nothing is read: as of a type that we do not know. */
  unread(): Lsa {
    const octets = new Uint8Array(this.octets.subarray(LSA_HEADER_OCTETS));
    return new Lsa(this.#slab, this.#at, this.header, { kind: 'Unknown', octets });
  }

  /** The same instance apart from what it came with, which is then held no longer. */
  kept(): Lsa {
    const slab = keptSlabFor(this.header.length);
    const at = slab.reserve(this.header.length);
    this.encode(slab.view, at);
    return new Lsa(slab, at, this.header, this.#body);
  }

  /** The whole LSA, header included; exactly `header.length` octets. */
  get octets(): Uint8Array {
    const { ageS, length } = this.header;
    const { octets, view } = this.#slab;
    if (view.getUint16(this.#at + AGE_AT) === ageS) {
      return new Uint8Array(octets.buffer, this.#at, length);
    }
    const aged = new Uint8Array(length);
    this.encode(viewOf(aged), 0);
    return aged;
  }

  /**
   * The octet that stands `at` octets behind the LSA's first one. Reading numbers where they lie is
   * for what looks at very many LSAs once; `body` is for all else. The age is the header's affair.
   */
  u8(at: number): number {
    return this.#slab.view.getUint8(this.#at + at);
  }

  /** As {@link u8}, of two octets. */
  u16(at: number): number {
    return this.#slab.view.getUint16(this.#at + at);
  }

  /** As {@link u8}, of four octets, as a signed number. */
  s32(at: number): number {
    return this.#slab.view.getInt32(this.#at + at);
  }

  /** As {@link u8}, of an address. */
  address(at: number): Address {
    return decodeAddress(this.#slab.view, this.#at + at);
  }

  /** Writes the whole LSA, its age as the header says; returns the offset behind it. */
  encode(target: DataView, at: number): number {
    const { ageS, length } = this.header;
    copyOctets(this.#slab.view, this.#at, target, at, length);
    target.setUint16(at + AGE_AT, ageS);
    return at + length;
  }

  /** Whether the body of another instance has the same octets. */
  hasBodyOf(other: Lsa): boolean {
    const { length } = this.header;
    if (length !== other.header.length) return false;
    const body = length - LSA_HEADER_OCTETS;
    const at = this.#at + LSA_HEADER_OCTETS;
    return sameOctets(this.#slab.view, at, other.#slab.view, other.#at + LSA_HEADER_OCTETS, body);
  }

  /** Whether the checksum is right; 0 means "not computed" and is not (RFC 2328 12.1.7). */
  get checksumValid(): boolean {
    return lsaChecksumValid(this.#slab.view, this.#at, this.#at + this.header.length);
  }

  /** What the LSA says. @throws {DecodeError} at first use, when it breaks its type's format. */
  get body(): LsaBody {
    this.#body ??= this.#decodeBody();
    return this.#body;
  }

  #decodeBody(): LsaBody {
    const { lsType, length } = this.header;
    const at = this.#at;
    try {
      return decodeBody(lsType, this.#slab.view, at + LSA_HEADER_OCTETS, at + length);
    } catch (error) {
      throw error instanceof DecodeError ? error.countedFrom(at) : error;
    }
  }
}
