/**
 * Address families by instance id (RFC 5838): one instance carries the routes of one family, and
 * its number says which.
 * @module
 */

/** What an instance routes for; `undefined` ranges are not assigned. */
export type AddressFamily = 'ipv6-unicast' | 'ipv6-multicast' | 'ipv4-unicast' | 'ipv4-multicast';

/** Instance ids per range (RFC 5838 2.1). */
const RANGE_LENGTH = 32;
const FAMILIES: readonly AddressFamily[] = [
  'ipv6-unicast',
  'ipv6-multicast',
  'ipv4-unicast',
  'ipv4-multicast',
];

/** The family of an instance id 0..255, or `undefined` above 127, which are not assigned. */
export const addressFamilyOf = (instanceId: number): AddressFamily | undefined =>
  FAMILIES[Math.floor(instanceId / RANGE_LENGTH)];

/**
 * Whether neighbors of the instance must have the AF-bit set: all but those of the base family,
 * which a router without RFC 5838 speaks too (RFC 5838 2.4).
 */
export const needsAfBit = (instanceId: number): boolean =>
  addressFamilyOf(instanceId) !== 'ipv6-unicast';
