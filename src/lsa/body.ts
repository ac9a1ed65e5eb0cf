/**
 * The body of an LSA by its LS type: one table of decoders and encoders (RFC 5340 A.4).
 * @module
 */
import {
  type AsExternalLsa,
  asExternalLsaOctets,
  decodeAsExternalLsa,
  encodeAsExternalLsa,
} from './as-external-lsa.ts';
import {
  decodeExtendedLsa,
  type ExtendedLsa,
  encodeExtendedLsa,
  extendedLsaOctets,
} from './extended-lsa.ts';
import { decodeGraceLsa, type GraceLsa } from './grace-lsa.ts';
import {
  decodeInterAreaPrefixLsa,
  decodeInterAreaRouterLsa,
  encodeInterAreaPrefixLsa,
  encodeInterAreaRouterLsa,
  type InterAreaPrefixLsa,
  type InterAreaRouterLsa,
  interAreaPrefixLsaOctets,
  interAreaRouterLsaOctets,
} from './inter-area-lsa.ts';
import {
  decodeIntraAreaPrefixLsa,
  encodeIntraAreaPrefixLsa,
  type IntraAreaPrefixLsa,
  intraAreaPrefixLsaOctets,
} from './intra-area-prefix-lsa.ts';
import { decodeLinkLsa, encodeLinkLsa, type LinkLsa, linkLsaOctets } from './link-lsa.ts';
import { functionCodeOf, LsType } from './ls-type.ts';
import {
  decodeNetworkLsa,
  encodeNetworkLsa,
  type NetworkLsa,
  networkLsaOctets,
} from './network-lsa.ts';
import {
  decodeRouterInformationLsa,
  encodeRouterInformationLsa,
  type RouterInformationLsa,
  routerInformationLsaOctets,
} from './router-information-lsa.ts';
import { decodeRouterLsa, encodeRouterLsa, type RouterLsa, routerLsaOctets } from './router-lsa.ts';
import { encodeTlvs, tlvsOctets } from './tlv.ts';

/** An LSA of a type we do not decode: stored and flooded octet for octet. */
interface UnknownLsa {
  readonly kind: 'Unknown';
  readonly octets: Uint8Array;
}

/** What an LSA says, by kind. */
export type LsaBody =
  | RouterLsa
  | NetworkLsa
  | InterAreaPrefixLsa
  | InterAreaRouterLsa
  | AsExternalLsa
  | LinkLsa
  | IntraAreaPrefixLsa
  | RouterInformationLsa
  | GraceLsa
  | ExtendedLsa
  | UnknownLsa;

/** Reads the body between `at` and `end`. @throws {DecodeError} when it breaks its type's format. */
export function decodeBody(lsType: number, view: DataView, at: number, end: number): LsaBody {
  switch (lsType) {
    case LsType.Router:
      return decodeRouterLsa(view, at, end);
    case LsType.Network:
      return decodeNetworkLsa(view, at, end);
    case LsType.InterAreaPrefix:
      return decodeInterAreaPrefixLsa(view, at, end);
    case LsType.InterAreaRouter:
      return decodeInterAreaRouterLsa(view, at, end);
    case LsType.AsExternal:
      return decodeAsExternalLsa('AsExternal', view, at, end);
    case LsType.Nssa:
      return decodeAsExternalLsa('Nssa', view, at, end);
    case LsType.Link:
      return decodeLinkLsa(view, at, end);
    case LsType.IntraAreaPrefix:
      return decodeIntraAreaPrefixLsa(view, at, end);
    case LsType.Grace:
      return decodeGraceLsa(view, at, end);
  }
  if (functionCodeOf(lsType) === functionCodeOf(LsType.RouterInformation)) {
    return decodeRouterInformationLsa(view, at, end);
  }
  const extended = decodeExtendedLsa(lsType, view, at, end);
  if (extended) return extended;
  const octets = new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice();
  return { kind: 'Unknown', octets };
}

/** @returns the octets the body takes on the wire. */
export function bodyOctets(body: LsaBody): number {
  switch (body.kind) {
    case 'Router':
      return routerLsaOctets(body);
    case 'Network':
      return networkLsaOctets(body);
    case 'InterAreaPrefix':
      return interAreaPrefixLsaOctets(body);
    case 'InterAreaRouter':
      return interAreaRouterLsaOctets();
    case 'AsExternal':
    case 'Nssa':
      return asExternalLsaOctets(body);
    case 'Link':
      return linkLsaOctets(body);
    case 'IntraAreaPrefix':
      return intraAreaPrefixLsaOctets(body);
    case 'RouterInformation':
      return routerInformationLsaOctets(body);
    case 'Grace':
      return tlvsOctets(body.tlvs);
    case 'Unknown':
      return body.octets.length;
  }
  return extendedLsaOctets(body);
}

/** Writes the body at `at` and returns the offset behind it. */
export function encodeBody(body: LsaBody, view: DataView, at: number): number {
  switch (body.kind) {
    case 'Router':
      return encodeRouterLsa(body, view, at);
    case 'Network':
      return encodeNetworkLsa(body, view, at);
    case 'InterAreaPrefix':
      return encodeInterAreaPrefixLsa(body, view, at);
    case 'InterAreaRouter':
      return encodeInterAreaRouterLsa(body, view, at);
    case 'AsExternal':
    case 'Nssa':
      return encodeAsExternalLsa(body, view, at);
    case 'Link':
      return encodeLinkLsa(body, view, at);
    case 'IntraAreaPrefix':
      return encodeIntraAreaPrefixLsa(body, view, at);
    case 'RouterInformation':
      return encodeRouterInformationLsa(body, view, at);
    case 'Grace':
      return encodeTlvs(body.tlvs, view, at);
    case 'Unknown':
      body.octets.forEach((octet, i) => {
        view.setUint8(at + i, octet);
      });
      return at + body.octets.length;
  }
  return encodeExtendedLsa(body, view, at);
}
