/**
 * The name a router gives itself, in a TLV of its Router Information LSA (RFC 5642). It is for
 * people to read and identifies nothing.
 * @module
 */
import { type RouterInformationLsa, RouterInformationTlv } from './router-information-lsa.ts';
import type { Tlv } from './tlv.ts';

const HOSTNAME_OCTETS_MAX = 255;

/** The TLV that says it. @throws {RangeError} unless it is 1..255 characters of printable ASCII. */
export function hostnameTlv(hostname: string): Tlv {
  const printable = /^[\x21-\x7e]+$/.test(hostname);
  if (!printable || hostname.length > HOSTNAME_OCTETS_MAX) {
    throw new RangeError(`hostname cannot be ${JSON.stringify(hostname)}`);
  }
  const value = Uint8Array.from(hostname, (character) => character.charCodeAt(0));
  return { type: RouterInformationTlv.DynamicHostname, value };
}

/**
 * The name in a Router Information LSA, or `undefined`: the first TLV counts (RFC 5642 3). Octets
 * that are no printable ASCII become `?`, so that a name cannot write into a terminal.
 */
export function hostnameOf(body: RouterInformationLsa): string | undefined {
  const tlv = body.tlvs.find(({ type }) => type === RouterInformationTlv.DynamicHostname);
  if (tlv === undefined || tlv.value.length === 0) return undefined;
  const octets = [...tlv.value.subarray(0, HOSTNAME_OCTETS_MAX)];
  return octets
    .map((octet) => (octet > 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '?'))
    .join('');
}
