/**
 * LSAs as objects in the field terms of the RFCs, for `tidecast decode` and `tidecast replay`.
 * @module
 */
import type { LsaBody } from '../lsa/body.ts';
import type { ExtendedLsa } from '../lsa/extended-lsa.ts';
import { ExtendedSubTlvType, type ExtendedTlv } from '../lsa/extended-tlv.ts';
import { RESTART_REASONS } from '../lsa/grace-lsa.ts';
import type { LsaHeader, LsaIdentity } from '../lsa/header.ts';
import { hostnameOf } from '../lsa/hostname.ts';
import { functionCodeOf, scopeOf, uBitOf } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { RouterInformationTlv } from '../lsa/router-information-lsa.ts';
import { decodeServiceLoad } from '../lsa/service-load.ts';
import type { Tlv } from '../lsa/tlv.ts';
import { lsaFault } from '../lsa/validate.ts';
import { addressFamilyOf } from '../packet/address-family.ts';
import { ADDRESS_OCTETS, type Address, formatAddress, formatDottedQuad } from '../wire/address.ts';
import { type AddressPrefix, formatIpv4Prefix, formatPrefix } from '../wire/prefix.ts';
import {
  externalFlagNames,
  hexadecimal,
  lsTypeName,
  octetsText,
  optionNames,
  prefixOptionNames,
  routerFlagNames,
} from './names.ts';

/** A JSON object. */
export interface Json {
  readonly [field: string]: unknown;
}

/** What names an LSA, with its type taken apart. */
export const identityJson = (identity: LsaIdentity): Json => ({
  lsType: hexadecimal(identity.lsType, 4),
  uBit: uBitOf(identity.lsType) ? 1 : 0,
  scope: scopeOf(identity.lsType) ?? 'reserved',
  functionCode: functionCodeOf(identity.lsType),
  lsTypeName: lsTypeName(identity.lsType),
  linkStateId: formatDottedQuad(identity.linkStateId),
  advertisingRouter: formatDottedQuad(identity.advertisingRouter),
});

export const lsaHeaderJson = (header: LsaHeader): Json => ({
  lsAge: header.ageS,
  ...identityJson(header),
  lsSequenceNumber: hexadecimal(header.sequenceNumber, 8),
  lsChecksum: hexadecimal(header.checksum, 4),
  length: header.length,
});

/**
 * A whole LSA; a faulty one has `fault` and no `body`.
 * @param instanceId - says whether its prefixes are IPv4 (RFC 5838).
 */
export function lsaJson(lsa: Lsa, instanceId: number): Json {
  const fault = lsaFault(lsa);
  const json = { ...lsaHeaderJson(lsa.header), checksumValid: lsa.checksumValid };
  if (fault?.startsWith('LsaBody')) return { ...json, fault };
  return {
    ...json,
    ...(fault === undefined ? {} : { fault }),
    body: bodyJson(lsa.body, addressFamilyOf(instanceId)?.startsWith('ipv4') ?? false),
  };
}

const optionsJson = (options: number): Json => ({ options, optionBits: optionNames(options) });

const prefixJson = (prefix: AddressPrefix, isIpv4: boolean): Json => ({
  prefix: isIpv4 && prefix.prefixLength <= 32 ? formatIpv4Prefix(prefix) : formatPrefix(prefix),
  prefixLength: prefix.prefixLength,
  prefixOptions: prefix.prefixOptions,
  prefixOptionBits: prefixOptionNames(prefix.prefixOptions),
});

const addressJson = (address: Address, isIpv4: boolean): string =>
  isIpv4 ? address.slice(0, 4).join('.') : formatAddress(address);

function bodyJson(body: LsaBody, isIpv4: boolean): Json {
  switch (body.kind) {
    case 'Router':
      return {
        flags: body.flags,
        flagBits: routerFlagNames(body.flags),
        ...optionsJson(body.options),
        links: body.links.map((link) => ({
          ...link,
          neighborRouterId: formatDottedQuad(link.neighborRouterId),
        })),
      };
    case 'Network':
      return {
        ...optionsJson(body.options),
        attachedRouters: body.attachedRouters.map(formatDottedQuad),
      };
    case 'InterAreaPrefix':
      return { metric: body.metric, ...prefixJson(body.prefix, isIpv4) };
    case 'InterAreaRouter':
      return {
        ...optionsJson(body.options),
        metric: body.metric,
        destinationRouterId: formatDottedQuad(body.destinationRouterId),
      };
    case 'AsExternal':
    case 'Nssa':
      return {
        flags: body.flags,
        flagBits: externalFlagNames(body.flags),
        metric: body.metric,
        ...prefixJson(body.prefix, isIpv4),
        referencedLsType: hexadecimal(body.referencedLsType, 4),
        ...(body.forwardingAddress && {
          forwardingAddress: addressJson(body.forwardingAddress, isIpv4),
        }),
        ...(body.externalRouteTag !== undefined && { externalRouteTag: body.externalRouteTag }),
        ...(body.referencedLinkStateId !== undefined && {
          referencedLinkStateId: formatDottedQuad(body.referencedLinkStateId),
        }),
      };
    case 'Link':
      return {
        routerPriority: body.routerPriority,
        ...optionsJson(body.options),
        // In an IPv4 instance the IPv4 address stands in the first 32 bits (RFC 5838 2.5).
        linkLocalAddress: addressJson(body.linkLocalAddress, isIpv4),
        numberOfPrefixes: body.prefixes.length,
        prefixes: body.prefixes.map((prefix) => prefixJson(prefix, isIpv4)),
      };
    case 'IntraAreaPrefix':
      return {
        referencedLsType: hexadecimal(body.referencedLsType, 4),
        referencedLinkStateId: formatDottedQuad(body.referencedLinkStateId),
        referencedAdvertisingRouter: formatDottedQuad(body.referencedAdvertisingRouter),
        numberOfPrefixes: body.prefixes.length,
        prefixes: body.prefixes.map((prefix) => ({
          ...prefixJson(prefix, isIpv4),
          metric: prefix.metric,
        })),
      };
    case 'RouterInformation': {
      const hostname = hostnameOf(body);
      return { ...(hostname && { hostname }), tlvs: body.tlvs.map(routerInformationTlvJson) };
    }
    case 'Grace':
      return {
        gracePeriod: body.gracePeriodS,
        restartReason: body.restartReason,
        restartReasonName: RESTART_REASONS[body.restartReason] ?? 'reserved',
        tlvs: body.tlvs.map(tlvJson),
      };
    case 'Unknown':
      return { octets: octetsText(body.octets) };
  }
  return extendedJson(body, isIpv4);
}

export const tlvJson = ({ type, value }: Tlv): Json => ({
  type,
  length: value.length,
  value: octetsText(value),
});

function routerInformationTlvJson(tlv: Tlv): Json {
  if (tlv.type !== RouterInformationTlv.ServiceLoad) return tlvJson(tlv);
  try {
    const { address, ...load } = decodeServiceLoad(tlv.value);
    return { ...tlvJson(tlv), serviceLoad: { address: formatAddress(address), ...load } };
  } catch {
    return tlvJson(tlv); // octets of someone else in the experimental range
  }
}

function extendedJson(body: ExtendedLsa, isIpv4: boolean): Json {
  const tlvs = body.tlvs.map((tlv) => extendedTlvJson(tlv, isIpv4));
  switch (body.kind) {
    case 'ExtendedRouter':
      return {
        flags: body.flags,
        flagBits: routerFlagNames(body.flags),
        ...optionsJson(body.options),
        tlvs,
      };
    case 'ExtendedNetwork':
      return { ...optionsJson(body.options), tlvs };
    case 'ExtendedLink':
      return { routerPriority: body.routerPriority, ...optionsJson(body.options), tlvs };
    case 'ExtendedIntraAreaPrefix':
      return {
        referencedLsType: hexadecimal(body.referencedLsType, 4),
        referencedLinkStateId: formatDottedQuad(body.referencedLinkStateId),
        referencedAdvertisingRouter: formatDottedQuad(body.referencedAdvertisingRouter),
        tlvs,
      };
    default:
      return { tlvs };
  }
}

function subTlvJson(tlv: Tlv): Json {
  const { type, value } = tlv;
  const json = tlvJson(tlv);
  if (type === ExtendedSubTlvType.Ipv6ForwardingAddress && value.length === ADDRESS_OCTETS) {
    return { ...json, forwardingAddress: formatAddress(value) };
  }
  if (value.length !== 4) return json;
  if (type === ExtendedSubTlvType.Ipv4ForwardingAddress) {
    return { ...json, forwardingAddress: value.join('.') };
  }
  if (type !== ExtendedSubTlvType.RouteTag) return json;
  return { ...json, routeTag: Buffer.from(value).readUInt32BE() };
}

function extendedTlvJson(tlv: ExtendedTlv, isIpv4: boolean): Json {
  if (tlv.kind === 'Unknown') return tlvJson(tlv);
  if (tlv.kind === 'AttachedRouters') {
    return { name: tlv.kind, attachedRouters: tlv.attachedRouters.map(formatDottedQuad) };
  }
  const { kind: name } = tlv;
  const subTlvs = tlv.subTlvs.map(subTlvJson);
  switch (tlv.kind) {
    case 'RouterLink': {
      const { kind: _kind, subTlvs: _subTlvs, ...link } = tlv;
      return { name, ...link, neighborRouterId: formatDottedQuad(link.neighborRouterId), subTlvs };
    }
    case 'InterAreaRouter':
      return {
        name,
        ...optionsJson(tlv.options),
        metric: tlv.metric,
        destinationRouterId: formatDottedQuad(tlv.destinationRouterId),
        subTlvs,
      };
    case 'Ipv6LinkLocalAddress':
      return { name, address: formatAddress(tlv.address), subTlvs };
    case 'Ipv4LinkLocalAddress':
      return { name, address: tlv.address.join('.'), subTlvs };
    default:
      return {
        name,
        flags: tlv.flags,
        metric: tlv.metric,
        ...prefixJson(tlv.prefix, isIpv4),
        subTlvs,
      };
  }
}
