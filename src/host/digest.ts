/**
 * The keyed digests of the authentication trailer, by Node's cryptography.
 * @module
 */
import { createHmac } from 'node:crypto';
import type { AuthenticationAlgorithm, Digest } from '../packet/key.ts';

const HASH: Readonly<Record<AuthenticationAlgorithm, string>> = {
  'HMAC-SHA-1': 'sha1',
  'HMAC-SHA-256': 'sha256',
  'HMAC-SHA-384': 'sha384',
  'HMAC-SHA-512': 'sha512',
};

/** HMAC (RFC 2104) over the octets. */
export const hmacDigest: Digest = (algorithm, key, octets) =>
  createHmac(HASH[algorithm], key).update(octets).digest();
