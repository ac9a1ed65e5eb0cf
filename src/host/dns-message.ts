/**
 * The little of a DNS message that a relay must read and write: the id, the response bit, and where
 * the question ends (RFC 1035 4.1). Everything else passes through untouched.
 * @module
 */

/** Octets of a DNS header. */
const HEADER_OCTETS = 12;
const QR_OCTET = 2;
const QR = 0x80;
const MAX_LABEL_OCTETS = 63;
const MAX_NAME_OCTETS = 255;

export const dnsId = (message: Uint8Array): number => (message[0]! << 8) | message[1]!;

/** Puts another id into a message, in place. */
export function setDnsId(message: Uint8Array, id: number): void {
  message[0] = id >>> 8;
  message[1] = id & 255;
}

export const isDnsResponse = (message: Uint8Array): boolean => (message[QR_OCTET]! & QR) !== 0;

/**
 * A hash of the question section's first question, letters folded to lower case, so that an answer
 * can be told from a forged or late one.
 * @returns undefined when the message has no well-formed question.
 */
export function questionHash(message: Uint8Array): number | undefined {
  if (message.length < HEADER_OCTETS || ((message[4]! << 8) | message[5]!) === 0) return undefined;
  const end = questionEnd(message);
  if (end === undefined) return undefined;
  let hash = 0x811c9dc5;
  for (let at = HEADER_OCTETS; at < end; at++) {
    const octet = message[at]!;
    hash = Math.imul(hash ^ (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet), 0x01000193);
  }
  return hash >>> 0;
}

/** The offset behind the first question; undefined when it does not fit or is compressed. */
function questionEnd(message: Uint8Array): number | undefined {
  let at = HEADER_OCTETS;
  while (at < message.length && at - HEADER_OCTETS < MAX_NAME_OCTETS) {
    const label = message[at]!;
    if (label > MAX_LABEL_OCTETS) return undefined;
    at += 1 + label;
    if (label !== 0) continue;
    const end = at + 4; // type and class
    return end <= message.length ? end : undefined;
  }
  return undefined;
}
