/**
 * Type-length-value lists as LSAs and link-local signalling carry them: 16-bit type, 16-bit length
 * of the value, the value padded to 32 bits (RFC 7770 2.3, RFC 8362 3, RFC 5613 2.3). One walker.
 * @module
 */
import { DecodeError } from '../errors.ts';

/** One TLV; unknown types are kept as they came. */
export interface Tlv {
  readonly type: number;
  /** The value without padding, 0..65535 octets. */
  readonly value: Uint8Array;
}

const TLV_HEAD_OCTETS = 4;
const padded = (octets: number): number => (octets + 3) & ~3;

/**
 * Walks TLVs until `end`, and tells of each where its value begins and how long it is. The padding
 * of the last one may be missing.
 * @throws {DecodeError} `Short` when a head does not fit, `Length` when a value passes the end.
 */
export function walkTlvs(
  view: DataView,
  at: number,
  end: number,
  visit: (type: number, from: number, length: number) => void,
): void {
  let next = at;
  while (next < end) {
    if (next + TLV_HEAD_OCTETS > end) throw new DecodeError('Short', next, 'TLV needs 4 octets');
    const type = view.getUint16(next);
    const length = view.getUint16(next + 2);
    const from = next + TLV_HEAD_OCTETS;
    if (from + length > end) throw new DecodeError('Length', next, `TLV length ${length}`);
    visit(type, from, length);
    next = from + padded(length);
  }
}

/** Reads TLVs until `end`. @throws {DecodeError} as {@link walkTlvs} does. */
export function decodeTlvs(view: DataView, at: number, end: number): Tlv[] {
  const tlvs: Tlv[] = [];
  walkTlvs(view, at, end, (type, from, length) => {
    tlvs.push({ type, value: octetsOf(view, from, length) });
  });
  return tlvs;
}

/** A copy of octets; most values are so short that a typed array onto them would cost more. */
function octetsOf(view: DataView, at: number, octets: number): Uint8Array {
  const copy = new Uint8Array(octets);
  for (let i = 0; i < octets; i++) copy[i] = view.getUint8(at + i);
  return copy;
}

export const tlvsOctets = (tlvs: readonly Tlv[]): number =>
  tlvs.reduce((sum, tlv) => sum + TLV_HEAD_OCTETS + padded(tlv.value.length), 0);

export function encodeTlvs(tlvs: readonly Tlv[], view: DataView, at: number): number {
  let next = at;
  for (const { type, value } of tlvs) {
    if (value.length > 0xffff) throw new RangeError(`Tlv.value cannot be ${value.length} octets`);
    view.setUint16(next, type);
    view.setUint16(next + 2, value.length);
    next += TLV_HEAD_OCTETS;
    for (let i = 0; i < padded(value.length); i++) view.setUint8(next + i, value[i] ?? 0);
    next += padded(value.length);
  }
  return next;
}
