/**
 * One instance of an LSA: its octets as they came or were made, its header, and its body decoded
 * at first use. Comparison, checksum and flooding touch octets and header; SPF uses the body.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { lsaChecksum } from '../wire/checksum.ts';
import { bodyOctets, decodeBody, encodeBody, type LsaBody } from './body.ts';
import { LSA_HEADER_OCTETS, LsaHeader, type LsaIdentity } from './header.ts';

const AGE_AT = LsaHeader.offsetOf('ageS');
const CHECKSUM_AT = LsaHeader.offsetOf('checksum');
const LSA_OCTETS_MAX = 0xffff;

/**
 * Where an LSA lies while its body is read or written. A DataView over the LSA's own octets would
 * first move small arrays out of the engine's heap, which takes longer than reading them
 * (measured: a third of all decoding). Nothing that is read keeps a view of it, and what is
 * written fills it octet for octet.
 */
const scratch = new Uint8Array(LSA_OCTETS_MAX);
const scratchViews: (DataView | undefined)[] = [];

/** A view of exactly as many octets, so that nothing behind them can be read. */
function scratchView(length: number): DataView {
  const view = scratchViews[length] ?? new DataView(scratch.buffer, 0, length);
  // LSAs come in few lengths; those of unusual ones are not worth keeping a view for.
  if (length < 2048) scratchViews[length] = view;
  return view;
}

/** An LSA instance; never changes once made, its age in the database is the database's. */
export class Lsa {
  /** The whole LSA, header included; exactly `header.length` octets. */
  readonly octets: Uint8Array;
  /** The header as received or originated. */
  readonly header: LsaHeader;
  #body: LsaBody | undefined;

  private constructor(octets: Uint8Array, header: LsaHeader, body: LsaBody | undefined) {
    this.octets = octets;
    this.header = header;
    this.#body = body;
  }

  /**
   * Takes one LSA out of a packet; the octets are copied.
   * @throws {DecodeError} `Short` without a header, `Length` when the length field cannot be true.
   */
  static decode(packet: Uint8Array, view: DataView, at: number, end: number): Lsa {
    const header = LsaHeader.decode(view, at);
    if (header.length < LSA_HEADER_OCTETS || at + header.length > end) {
      throw new DecodeError('Length', at + 18, `LSA length ${header.length}`);
    }
    // Not `slice`, of which Node's Buffer makes a view instead of a copy.
    const octets = new Uint8Array(header.length);
    octets.set(packet.subarray(at, at + header.length));
    return new Lsa(octets, header, undefined);
  }

  /**
   * Makes an instance to originate: encodes the body, computes length and checksum; age 0 unless
   * told otherwise.
   * @throws {RangeError} when a field cannot hold its value or the LSA passes 65535 octets.
   */
  static originate(identity: LsaIdentity, sequenceNumber: number, body: LsaBody, ageS = 0): Lsa {
    const length = LSA_HEADER_OCTETS + bodyOctets(body);
    if (length > LSA_OCTETS_MAX) throw new RangeError(`LsaHeader.length cannot hold ${length}`);
    const view = scratchView(length);
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
    LsaHeader.encode(blank, view, 0);
    encodeBody(body, view, LSA_HEADER_OCTETS);
    const octets = scratch.slice(0, length);
    const checksum = lsaChecksum(octets);
    octets[CHECKSUM_AT] = checksum >>> 8;
    octets[CHECKSUM_AT + 1] = checksum & 0xff;
    return new Lsa(octets, { ...blank, checksum }, body);
  }

  /** The same instance with another age, for premature aging (RFC 2328 14.1). */
  withAge(ageS: number): Lsa {
    const octets = this.octets.slice();
    octets[AGE_AT] = ageS >>> 8;
    octets[AGE_AT + 1] = ageS & 0xff;
    return new Lsa(octets, { ...this.header, ageS }, this.#body);
  }

  /** What the LSA says. @throws {DecodeError} at first use, when it breaks its type's format. */
  get body(): LsaBody {
    if (this.#body === undefined) {
      const view = scratchView(this.octets.length);
      scratch.set(this.octets);
      this.#body = decodeBody(this.header.lsType, view, LSA_HEADER_OCTETS, view.byteLength);
    }
    return this.#body;
  }
}
