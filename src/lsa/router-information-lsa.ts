/**
 * Router Information LSA: what a router can do and says of itself, in TLVs that routers which do
 * not know them flood and ignore (RFC 7770).
 * @module
 */
import { decodeTlvs, encodeTlvs, type Tlv, tlvsOctets } from './tlv.ts';

/** TLV types of the Router Information LSA (IANA "OSPF Router Information (RI) TLVs"). */
export const RouterInformationTlv = {
  InformationalCapabilities: 1,
  /** RFC 5642. */
  DynamicHostname: 7,
  /** Ours, in the range for experimental use (RFC 7770, IANA Considerations): one anycast service's load. */
  ServiceLoad: 32768,
  /** Ours: this router spreads by advertised weights. */
  SpreadCapability: 32769,
} as const;

export interface RouterInformationLsa {
  readonly kind: 'RouterInformation';
  readonly tlvs: readonly Tlv[];
}

/** @throws {DecodeError} as {@link decodeTlvs} does. */
export const decodeRouterInformationLsa = (
  view: DataView,
  at: number,
  end: number,
): RouterInformationLsa => ({ kind: 'RouterInformation', tlvs: decodeTlvs(view, at, end) });

export const routerInformationLsaOctets = (body: RouterInformationLsa): number =>
  tlvsOctets(body.tlvs);

export const encodeRouterInformationLsa = (
  body: RouterInformationLsa,
  view: DataView,
  at: number,
): number => encodeTlvs(body.tlvs, view, at);
