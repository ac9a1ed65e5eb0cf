/**
 * Link-LSA: a router's link-local address and prefixes on one link (RFC 5340 A.4.9).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { ADDRESS_OCTETS, type Address, decodeAddress, encodeAddress } from '../wire/address.ts';
import { type AddressPrefix, decodePrefix, encodePrefix, prefixOctets } from '../wire/prefix.ts';
import { record, u8, u24 } from '../wire/record.ts';

const LinkLsaHead = record('LinkLsa', { routerPriority: u8, options: u24 });
const COUNT_OCTETS = 4;

export interface LinkLsa {
  readonly kind: 'Link';
  /** 0..255; 0 never becomes designated router. */
  readonly routerPriority: number;
  /** 24 bits: what the router would like the Network-LSA to say. */
  readonly options: number;
  /** The next hop through this router on this link. */
  readonly linkLocalAddress: Address;
  readonly prefixes: readonly AddressPrefix[];
}

/** @throws {DecodeError} `Short`, `PrefixLength`, or `Count` when the number of prefixes lies. */
export function decodeLinkLsa(view: DataView, at: number, end: number): LinkLsa {
  const head = LinkLsaHead.decode(view, at, end);
  let next = at + LinkLsaHead.span;
  if (next + ADDRESS_OCTETS + COUNT_OCTETS > end) {
    throw new DecodeError('Short', next, 'Link-LSA needs an address and a count');
  }
  const linkLocalAddress = decodeAddress(view, next);
  next += ADDRESS_OCTETS;
  const count = view.getUint32(next);
  next += COUNT_OCTETS;
  // A prefix has at least 4 octets, so a larger count is a lie before any loop starts.
  if (count > (end - next) / 4) throw new DecodeError('Count', next, `${count} prefixes announced`);
  const prefixes = new Array<AddressPrefix>(count);
  for (let i = 0; i < count; i++) {
    const prefix = decodePrefix(view, next, end);
    prefixes[i] = prefix;
    next += prefixOctets(prefix.prefixLength);
  }
  if (next !== end) throw new DecodeError('Count', next, 'octets behind the last prefix');
  const { routerPriority, options } = head;
  return { kind: 'Link', routerPriority, options, linkLocalAddress, prefixes };
}

export const linkLsaOctets = (body: LinkLsa): number =>
  LinkLsaHead.span +
  ADDRESS_OCTETS +
  COUNT_OCTETS +
  body.prefixes.reduce((sum, prefix) => sum + prefixOctets(prefix.prefixLength), 0);

export function encodeLinkLsa(body: LinkLsa, view: DataView, at: number): number {
  let next = at + LinkLsaHead.encode(body, view, at);
  next = encodeAddress(body.linkLocalAddress, view, next);
  view.setUint32(next, body.prefixes.length);
  next += COUNT_OCTETS;
  for (const prefix of body.prefixes) next = encodePrefix(prefix, 0, view, next);
  return next;
}
