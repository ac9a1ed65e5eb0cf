/**
 * Inter-Area-Prefix-LSA and Inter-Area-Router-LSA: what an area border router says of the other
 * areas (RFC 5340 A.4.5, A.4.6).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { type AddressPrefix, decodePrefix, encodePrefix, prefixOctets } from '../wire/prefix.ts';
import { record, u24, u32, zero } from '../wire/record.ts';

const InterAreaPrefixHead = record('InterAreaPrefixLsa', { reserved: zero(1), metric: u24 });

export interface InterAreaPrefixLsa {
  readonly kind: 'InterAreaPrefix';
  /** 24 bits; LSInfinity means unreachable. */
  readonly metric: number;
  readonly prefix: AddressPrefix;
}

/** @throws {DecodeError} `Short`, `PrefixLength`, or `Length` when octets are left behind. */
export function decodeInterAreaPrefixLsa(
  view: DataView,
  at: number,
  end: number,
): InterAreaPrefixLsa {
  const { metric } = InterAreaPrefixHead.decode(view, at, end);
  const from = at + InterAreaPrefixHead.span;
  const prefix = decodePrefix(view, from, end);
  const next = from + prefixOctets(prefix.prefixLength);
  if (next !== end) throw new DecodeError('Length', next, 'octets behind the prefix');
  return { kind: 'InterAreaPrefix', metric, prefix };
}

export const interAreaPrefixLsaOctets = (body: InterAreaPrefixLsa): number =>
  InterAreaPrefixHead.span + prefixOctets(body.prefix.prefixLength);

export function encodeInterAreaPrefixLsa(
  body: InterAreaPrefixLsa,
  view: DataView,
  at: number,
): number {
  const next = at + InterAreaPrefixHead.encode(body, view, at);
  return encodePrefix(body.prefix, 0, view, next);
}

const InterAreaRouterRecord = record('InterAreaRouterLsa', {
  reserved: zero(1),
  options: u24,
  reserved2: zero(1),
  metric: u24,
  destinationRouterId: u32,
});

export interface InterAreaRouterLsa {
  readonly kind: 'InterAreaRouter';
  /** 24 bits: what the destination router can do. */
  readonly options: number;
  /** 24 bits; LSInfinity means unreachable. */
  readonly metric: number;
  readonly destinationRouterId: number;
}

/** @throws {DecodeError} `Length` unless the body is exactly 12 octets. */
export function decodeInterAreaRouterLsa(
  view: DataView,
  at: number,
  end: number,
): InterAreaRouterLsa {
  if (end - at !== InterAreaRouterRecord.span) {
    throw new DecodeError('Length', at, 'Inter-Area-Router-LSA body is 12 octets');
  }
  const { options, metric, destinationRouterId } = InterAreaRouterRecord.decode(view, at, end);
  return { kind: 'InterAreaRouter', options, metric, destinationRouterId };
}

export const interAreaRouterLsaOctets = (): number => InterAreaRouterRecord.span;

export function encodeInterAreaRouterLsa(
  body: InterAreaRouterLsa,
  view: DataView,
  at: number,
): number {
  return at + InterAreaRouterRecord.encode(body, view, at);
}
