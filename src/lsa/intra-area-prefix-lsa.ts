/**
 * Intra-Area-Prefix-LSA: prefixes that hang on a router or on a transit network of the area, each
 * with its metric (RFC 5340 A.4.10). An anycast service is one such LSA of its own.
 * @module
 */
import { DecodeError } from '../errors.ts';
import {
  decodeMetricPrefix,
  encodePrefix,
  type MetricPrefix,
  prefixOctets,
} from '../wire/prefix.ts';
import { record, u16, u32 } from '../wire/record.ts';

const IntraAreaPrefixHead = record('IntraAreaPrefixLsa', {
  prefixCount: u16,
  referencedLsType: u16,
  referencedLinkStateId: u32,
  referencedAdvertisingRouter: u32,
});

export interface IntraAreaPrefixLsa {
  readonly kind: 'IntraAreaPrefix';
  /** 0x2001: the prefixes hang on a router; 0x2002: on a transit network. */
  readonly referencedLsType: number;
  readonly referencedLinkStateId: number;
  readonly referencedAdvertisingRouter: number;
  readonly prefixes: readonly MetricPrefix[];
}

/** @throws {DecodeError} `Short`, `PrefixLength`, or `Count` when the number of prefixes lies. */
export function decodeIntraAreaPrefixLsa(
  view: DataView,
  at: number,
  end: number,
): IntraAreaPrefixLsa {
  const { prefixCount, referencedLsType, referencedLinkStateId, referencedAdvertisingRouter } =
    IntraAreaPrefixHead.decode(view, at, end);
  let next = at + IntraAreaPrefixHead.span;
  // A prefix has at least 4 octets, so a larger count is a lie before any loop starts.
  if (prefixCount > (end - next) / 4) {
    throw new DecodeError('Count', at, `${prefixCount} prefixes announced`);
  }
  const prefixes = new Array<MetricPrefix>(prefixCount);
  for (let i = 0; i < prefixCount; i++) {
    const prefix = decodeMetricPrefix(view, next, end);
    prefixes[i] = prefix;
    next += prefixOctets(prefix.prefixLength);
  }
  if (next !== end) throw new DecodeError('Count', next, 'octets behind the last prefix');
  return {
    kind: 'IntraAreaPrefix',
    referencedLsType,
    referencedLinkStateId,
    referencedAdvertisingRouter,
    prefixes,
  };
}

export const intraAreaPrefixLsaOctets = (body: IntraAreaPrefixLsa): number =>
  IntraAreaPrefixHead.span +
  body.prefixes.reduce((sum, prefix) => sum + prefixOctets(prefix.prefixLength), 0);

export function encodeIntraAreaPrefixLsa(
  body: IntraAreaPrefixLsa,
  view: DataView,
  at: number,
): number {
  const head = { ...body, prefixCount: body.prefixes.length };
  let next = at + IntraAreaPrefixHead.encode(head, view, at);
  for (const prefix of body.prefixes) next = encodePrefix(prefix, prefix.metric, view, next);
  return next;
}
