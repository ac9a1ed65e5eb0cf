/**
 * Octets as a view that reads numbers out of them.
 * @module
 */

/** A view of exactly these octets; the two share them. */
export const viewOf = (octets: Uint8Array): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.byteLength);

/**
 * Copies octets from one view to another, word by word: what is as short as an LSA is copied before
 * a typed array of it could be made.
 */
export function copyOctets(
  from: DataView,
  fromAt: number,
  to: DataView,
  toAt: number,
  octets: number,
): void {
  let i = 0;
  // Either order of octets would do: this is the one of most machines.
  for (; i + 4 <= octets; i += 4) to.setInt32(toAt + i, from.getInt32(fromAt + i, true), true);
  for (; i < octets; i++) to.setUint8(toAt + i, from.getUint8(fromAt + i));
}

/** Whether two views have the same octets at these places. */
export function sameOctets(
  a: DataView,
  aAt: number,
  b: DataView,
  bAt: number,
  octets: number,
): boolean {
  let i = 0;
  for (; i + 4 <= octets; i += 4) {
    if (a.getInt32(aAt + i, true) !== b.getInt32(bAt + i, true)) return false;
  }
  for (; i < octets; i++) if (a.getUint8(aAt + i) !== b.getUint8(bAt + i)) return false;
  return true;
}
