/**
 * One instance of an LSA: its octets as they came or were made, its header, and its body decoded
 * at first use. Comparison, checksum and flooding touch octets and header; SPF uses the body.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { lsaChecksum, lsaChecksumValid } from '../wire/checksum.ts';
import { keptSlabFor, type Slab, slabFor } from '../wire/slab.ts';
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
  #octets: Uint8Array | undefined;
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
    const checksum = lsaChecksum(slab.octets, at, at + length);
    slab.view.setUint16(at + CHECKSUM_AT, checksum);
    return new Lsa(slab, at, { ...blank, checksum }, body);
  }

  /** The same instance with another age: on its way out, or aged prematurely (RFC 2328 14.1). */
  withAge(ageS: number): Lsa {
    return new Lsa(this.#slab, this.#at, { ...this.header, ageS }, this.#body);
  }

  /** The same instance apart from what it came with, which is then held no longer. */
  kept(): Lsa {
    const slab = keptSlabFor(this.header.length);
    const at = slab.reserve(this.header.length);
    this.encode(slab.octets, at);
    return new Lsa(slab, at, this.header, this.#body);
  }

  /** The whole LSA, header included; exactly `header.length` octets. */
  get octets(): Uint8Array {
    this.#octets ??= this.#ownOctets();
    return this.#octets;
  }

  #ownOctets(): Uint8Array {
    const { ageS, length } = this.header;
    const { octets, view } = this.#slab;
    if (view.getUint16(this.#at + AGE_AT) === ageS) {
      return new Uint8Array(octets.buffer, this.#at, length);
    }
    const aged = new Uint8Array(length);
    this.encode(aged, 0);
    return aged;
  }

  /** Writes the whole LSA, its age as the header says; returns the offset behind it. */
  encode(target: Uint8Array, at: number): number {
    const { ageS, length } = this.header;
    target.set(this.#slab.octets.subarray(this.#at, this.#at + length), at);
    target[at + AGE_AT] = ageS >>> 8;
    target[at + AGE_AT + 1] = ageS & 0xff;
    return at + length;
  }

  /** Whether the checksum is right; 0 means "not computed" and is not (RFC 2328 12.1.7). */
  get checksumValid(): boolean {
    return lsaChecksumValid(this.#slab.octets, this.#at, this.#at + this.header.length);
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
