/**
 * Address prefixes as LSAs carry them (RFC 5340 A.4.1): a length in bits, options, one 16-bit
 * field whose meaning is the LSA's, then as many 32-bit words of address as the length needs.
 * @module
 */
import { DecodeError } from '../errors.ts';
import {
  ADDRESS_OCTETS,
  type Address,
  decodeAddressWords,
  formatAddress,
  parseAddress,
} from './address.ts';
import { record, u8, u16 } from './record.ts';

/** PrefixOptions bits (RFC 5340 A.4.1.1; N of RFC 8362, AC of RFC 9513). */
export const PrefixOption = { NU: 0x01, LA: 0x02, P: 0x08, DN: 0x10, N: 0x20, AC: 0x80 } as const;

/** An address prefix with its options. */
export interface AddressPrefix {
  /** Bits, 0..128. */
  readonly prefixLength: number;
  /** 8 bits, see {@link PrefixOption}; bits we do not know are kept. */
  readonly prefixOptions: number;
  /** 16 octets; those past the prefix's last 32-bit word are zero. */
  readonly address: Address;
}

/** A prefix with the cost of reaching it from what the LSA refers to. */
export interface MetricPrefix extends AddressPrefix {
  /** 0..65535. */
  readonly metric: number;
}

const PrefixHead = record('AddressPrefix', { prefixLength: u8, prefixOptions: u8, special: u16 });

/** @returns the octets of address that a prefix of this length has on the wire: 0, 4, 8, 12 or 16. */
export const prefixAddressOctets = (prefixLength: number): number =>
  4 * ((prefixLength + 31) >>> 5);

/** @returns the octets a prefix takes on the wire, its 4-octet head included. */
export const prefixOctets = (prefixLength: number): number =>
  PrefixHead.span + prefixAddressOctets(prefixLength);

/**
 * Reads one prefix at `at`, which must end at or before `end`; the next octet is `prefixOctets` of
 * its length further on.
 * @throws {DecodeError} `Short` past the end, `PrefixLength` above 128.
 */
export function decodePrefix(view: DataView, at: number, end: number): AddressPrefix {
  const { prefixLength, prefixOptions } = PrefixHead.decode(view, at, end);
  const octets = examinePrefix(prefixLength, at, end);
  const address = decodeAddressWords(view, at + PrefixHead.span, octets);
  return { prefixLength, prefixOptions, address };
}

/** As {@link decodePrefix}, of a prefix whose 16-bit field is its metric. */
export function decodeMetricPrefix(view: DataView, at: number, end: number): MetricPrefix {
  const { prefixLength, prefixOptions, special } = PrefixHead.decode(view, at, end);
  const octets = examinePrefix(prefixLength, at, end);
  const address = decodeAddressWords(view, at + PrefixHead.span, octets);
  return { prefixLength, prefixOptions, address, metric: special };
}

/** Judges the length before any size is computed from it. @returns octets of address. */
function examinePrefix(prefixLength: number, at: number, end: number): number {
  if (prefixLength > 128) {
    throw new DecodeError('PrefixLength', at, `prefix length ${prefixLength}`);
  }
  const from = at + PrefixHead.span;
  const octets = prefixAddressOctets(prefixLength);
  if (from + octets > end) throw new DecodeError('Short', from, `prefix needs ${octets} octets`);
  return octets;
}

/**
 * The 16-bit field of a prefix that {@link decodePrefix} has read: Referenced LS Type or reserved;
 * the LSA says which.
 */
export const decodePrefixSpecial = (view: DataView, at: number): number => view.getUint16(at + 2);

/** Writes one prefix and returns the offset behind it. */
export function encodePrefix(
  prefix: AddressPrefix,
  special: number,
  view: DataView,
  at: number,
): number {
  const { prefixLength, prefixOptions, address } = prefix;
  if (!(prefixLength >= 0 && prefixLength <= 128)) {
    throw new RangeError(`AddressPrefix.prefixLength cannot be ${prefixLength}`);
  }
  let next = at + PrefixHead.encode({ prefixLength, prefixOptions, special }, view, at);
  for (let i = 0; i < prefixAddressOctets(prefixLength); i++) view.setUint8(next++, address[i]!);
  return next;
}

/** The same address with all bits behind the prefix length cleared; 16 octets. */
export function maskedAddress(address: Address, prefixLength: number): Address {
  const masked = new Uint8Array(ADDRESS_OCTETS);
  const whole = prefixLength >>> 3;
  masked.set(address.subarray(0, whole));
  const rest = prefixLength & 7;
  if (rest) masked[whole] = address[whole]! & (0xff << (8 - rest));
  return masked;
}

/**
 * Reads `2001:db8::/32`; bits behind the length are cleared.
 * @throws {RangeError} when the text is no IPv6 prefix.
 */
export function parsePrefix(text: string, prefixOptions = 0): AddressPrefix {
  const [addressText = '', lengthText = ''] = text.split('/');
  const prefixLength = /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : Number.NaN;
  if (!(prefixLength <= 128)) throw new RangeError(`not an IPv6 prefix: ${text}`);
  return {
    prefixLength,
    prefixOptions,
    address: maskedAddress(parseAddress(addressText), prefixLength),
  };
}

/** The text form; equal prefixes have equal text, so it serves as the key of tables. */
export function formatPrefix(prefix: Pick<AddressPrefix, 'prefixLength' | 'address'>): string {
  return `${formatAddress(maskedAddress(prefix.address, prefix.prefixLength))}/${prefix.prefixLength}`;
}

/**
 * The text form of an IPv4 prefix, whose address stands in the first 32 bits (RFC 5838 2.3).
 * @throws {RangeError} when the length is above 32.
 */
export function formatIpv4Prefix(prefix: Pick<AddressPrefix, 'prefixLength' | 'address'>): string {
  const { address, prefixLength } = prefix;
  if (prefixLength > 32) throw new RangeError(`not an IPv4 prefix length: ${prefixLength}`);
  return `${maskedAddress(address, prefixLength).slice(0, 4).join('.')}/${prefixLength}`;
}
