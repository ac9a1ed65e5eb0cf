/**
 * Link-layer addresses as octets, with the text form people write. Ethernet's 6 octets are usual;
 * other links have other lengths, so nothing here fixes one (RFC 4861 4.6.1).
 * @module
 */

/** 1..30 octets in the link's own order, never changed once made. */
export type LinkLayerAddress = Uint8Array;

const TEXT = /^[0-9a-f]{2}(:[0-9a-f]{2}){0,29}$/i;

/**
 * Reads `02:00:5e:10:00:01`.
 * @throws {RangeError} when the text is no link-layer address.
 */
export function parseLinkLayerAddress(text: string): LinkLayerAddress {
  if (!TEXT.test(text)) throw new RangeError(`not a link-layer address: ${text}`);
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));
}

/** The text form in lower case; equal addresses have equal text, so it serves as the key of maps. */
export function formatLinkLayerAddress(address: LinkLayerAddress): string {
  return Array.from(address, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}
