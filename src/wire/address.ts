/**
 * IPv6 addresses as 16 octets and 32-bit identifiers as numbers, with their text forms.
 * Inside, an address is always octets; text is for people and configuration (RFC 4291, 5952).
 * @module
 */
import { Address6 } from 'ip-address';
import { addressOfWords } from './address-table.ts';

/** An IPv6 address: 16 octets in network order, never changed once made. */
export type Address = Uint8Array;

export const ADDRESS_OCTETS = 16;

/**
 * Reads the text form of an IPv6 address; a zone (`%eth0`) is refused.
 * @throws {RangeError} when the text is no IPv6 address.
 */
export function parseAddress(text: string): Address {
  if (text.includes('%') || text.includes('/') || !Address6.isValid(text)) {
    throw new RangeError(`not an IPv6 address: ${text}`);
  }
  return Uint8Array.from(new Address6(text).toByteArray());
}

/** So many texts are kept; a sender that makes addresses up gets no more room. */
const MAX_TEXTS = 4096;
const texts = new Map<string, string>();

/**
 * The text form of RFC 5952. The same few addresses are named over and over, as keys of next hops
 * and routes: their texts are kept.
 */
export function formatAddress(address: Address): string {
  const key = addressKey(address);
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = writtenOut(address);
  if (texts.size >= MAX_TEXTS) texts.clear();
  texts.set(key, text);
  return text;
}

/**
 * Written by hand: a run over a new area names tens of thousands of prefixes, for which ip-address
 * takes as long as all the rest together. `test/wire` holds it to ip-address.
 */
function writtenOut(address: Address): string {
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! << 8) | address[2 * i + 1]!);
  // RFC 5952 4.2: the longest run of zeros, the first of equal ones, but not one group alone.
  let [from, length] = [0, 1];
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > length) [from, length] = [i, end - i];
    i = end;
  }
  const hex = (some: readonly number[]): string => some.map((one) => one.toString(16)).join(':');
  if (length === 1) return hex(groups);
  return `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}

/** Reads the 16 octets of an address that the caller knows to be there. */
export const decodeAddress = (view: DataView, at: number): Address =>
  addressOfWords(
    view.getInt32(at),
    view.getInt32(at + 4),
    view.getInt32(at + 8),
    view.getInt32(at + 12),
  );

/**
 * Reads the first 32-bit words of an address, as many as `octets` has, and takes the rest as zero.
 * @param octets - 0, 4, 8, 12 or 16, which the caller knows to be there.
 */
export const decodeAddressWords = (view: DataView, at: number, octets: number): Address =>
  addressOfWords(
    octets > 0 ? view.getInt32(at) : 0,
    octets > 4 ? view.getInt32(at + 4) : 0,
    octets > 8 ? view.getInt32(at + 8) : 0,
    octets > 12 ? view.getInt32(at + 12) : 0,
  );

/**
 * Writes an address and returns the offset behind it.
 * @throws {RangeError} unless it is 16 octets.
 */
export function encodeAddress(address: Address, view: DataView, at: number): number {
  if (address.length !== ADDRESS_OCTETS) {
    throw new RangeError(`Address cannot be ${address.length} octets`);
  }
  for (let i = 0; i < ADDRESS_OCTETS; i++) view.setUint8(at + i, address[i]!);
  return at + ADDRESS_OCTETS;
}

/** A string that is equal for equal addresses; made for map keys, not for people. */
export function addressKey(address: Address): string {
  return String.fromCharCode(
    (address[0]! << 8) | address[1]!,
    (address[2]! << 8) | address[3]!,
    (address[4]! << 8) | address[5]!,
    (address[6]! << 8) | address[7]!,
    (address[8]! << 8) | address[9]!,
    (address[10]! << 8) | address[11]!,
    (address[12]! << 8) | address[13]!,
    (address[14]! << 8) | address[15]!,
  );
}

export function sameAddress(a: Address, b: Address): boolean {
  for (let i = 0; i < ADDRESS_OCTETS; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether the address is in fe80::/10 (RFC 4291 2.5.6). */
export function isLinkLocal(address: Address): boolean {
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
}

/** Whether the address is in ff00::/8. */
export function isMulticast(address: Address): boolean {
  return address[0] === 0xff;
}

/** ff02::5, to which every OSPF router listens (RFC 5340 A.1). */
export const ALL_SPF_ROUTERS: Address = parseAddress('ff02::5');
/** ff02::6, to which the designated router and its backup listen (RFC 5340 A.1). */
export const ALL_D_ROUTERS: Address = parseAddress('ff02::6');
export const UNSPECIFIED: Address = new Uint8Array(ADDRESS_OCTETS);

/**
 * Reads a dotted quad, the text form of Router IDs, Area IDs and Link State IDs.
 * @returns the identifier, 0..2^32-1.
 * @throws {RangeError} when the text is no dotted quad.
 */
export function parseDottedQuad(text: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const octets = parts?.slice(1).map(Number) ?? [];
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) {
    throw new RangeError(`not a dotted quad: ${text}`);
  }
  return octets.reduce((id, octet) => id * 256 + octet, 0);
}

/** The dotted quad of a 32-bit identifier. */
export function formatDottedQuad(id: number): string {
  return `${id >>> 24}.${(id >>> 16) & 255}.${(id >>> 8) & 255}.${id & 255}`;
}
