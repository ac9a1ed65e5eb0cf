/**
 * AS-External-LSA and NSSA-LSA: routes from outside the autonomous system (RFC 5340 A.4.7, A.4.8).
 * Both have one format; three bits say which optional parts follow the prefix.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { ADDRESS_OCTETS, type Address, decodeAddress, encodeAddress } from '../wire/address.ts';
import {
  type AddressPrefix,
  decodePrefix,
  decodePrefixSpecial,
  encodePrefix,
  prefixOctets,
} from '../wire/prefix.ts';
import { record, u8, u24 } from '../wire/record.ts';

/** Bits of the first octet (RFC 5340 A.4.7). */
export const ExternalFlag = {
  /** A route tag is present. */
  T: 0x01,
  /** A forwarding address is present. */
  F: 0x02,
  /** Type 2 metric: larger than any path within the autonomous system. */
  E: 0x04,
} as const;

const ExternalHead = record('AsExternalLsa', { flags: u8, metric: u24 });

export interface AsExternalLsa {
  readonly kind: 'AsExternal' | 'Nssa';
  /** 8 bits, see {@link ExternalFlag}. F and T follow the parts present when encoded. */
  readonly flags: number;
  /** 24 bits; LSInfinity means unreachable. */
  readonly metric: number;
  readonly prefix: AddressPrefix;
  /** LS type of the LSA that tells more, or 0. */
  readonly referencedLsType: number;
  readonly forwardingAddress?: Address;
  readonly externalRouteTag?: number;
  /** Present when `referencedLsType` is not 0. */
  readonly referencedLinkStateId?: number;
}

/** @throws {DecodeError} `Short`, `PrefixLength`, or `Length` when octets are left behind. */
export function decodeAsExternalLsa(
  kind: AsExternalLsa['kind'],
  view: DataView,
  at: number,
  end: number,
): AsExternalLsa {
  const { flags, metric } = ExternalHead.decode(view, at, end);
  const from = at + ExternalHead.span;
  const prefix = decodePrefix(view, from, end);
  const referencedLsType = decodePrefixSpecial(view, from);
  const next = from + prefixOctets(prefix.prefixLength);
  const forwardingOctets = flags & ExternalFlag.F ? ADDRESS_OCTETS : 0;
  const tagOctets = flags & ExternalFlag.T ? 4 : 0;
  const referenceOctets = referencedLsType === 0 ? 0 : 4;
  const announced = forwardingOctets + tagOctets + referenceOctets;
  if (next + announced > end) throw new DecodeError('Short', next, `${announced} octets announced`);
  if (next + announced < end) {
    throw new DecodeError('Length', next + announced, 'octets behind the external route');
  }
  const tagAt = next + forwardingOctets;
  const body: Writable<AsExternalLsa> = { kind, flags, metric, prefix, referencedLsType };
  if (forwardingOctets > 0) body.forwardingAddress = decodeAddress(view, next);
  if (tagOctets > 0) body.externalRouteTag = view.getUint32(tagAt);
  if (referenceOctets > 0) body.referencedLinkStateId = view.getUint32(tagAt + tagOctets);
  return body;
}

/** A value while it is made. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const asExternalLsaOctets = (body: AsExternalLsa): number =>
  ExternalHead.span +
  prefixOctets(body.prefix.prefixLength) +
  (body.forwardingAddress ? ADDRESS_OCTETS : 0) +
  (body.externalRouteTag === undefined ? 0 : 4) +
  (body.referencedLsType === 0 ? 0 : 4);

export function encodeAsExternalLsa(body: AsExternalLsa, view: DataView, at: number): number {
  const present =
    (body.forwardingAddress ? ExternalFlag.F : 0) |
    (body.externalRouteTag === undefined ? 0 : ExternalFlag.T);
  const flags = (body.flags & ~(ExternalFlag.F | ExternalFlag.T)) | present;
  let next = at + ExternalHead.encode({ flags, metric: body.metric }, view, at);
  next = encodePrefix(body.prefix, body.referencedLsType, view, next);
  if (body.forwardingAddress) next = encodeAddress(body.forwardingAddress, view, next);
  if (body.externalRouteTag !== undefined) {
    view.setUint32(next, body.externalRouteTag);
    next += 4;
  }
  if (body.referencedLsType !== 0) {
    view.setUint32(next, body.referencedLinkStateId ?? 0);
    next += 4;
  }
  return next;
}
