/**
 * Authentication keys and their lifetimes (RFC 7166 3). Which key is used depends only on the time
 * handed in.
 * @module
 */

/** The digests of RFC 7166 4.3, by the names of its registry. */
export type AuthenticationAlgorithm =
  | 'HMAC-SHA-1'
  | 'HMAC-SHA-256'
  | 'HMAC-SHA-384'
  | 'HMAC-SHA-512';

/** Octets of each digest. */
export const DIGEST_OCTETS: Readonly<Record<AuthenticationAlgorithm, number>> = {
  'HMAC-SHA-1': 20,
  'HMAC-SHA-256': 32,
  'HMAC-SHA-384': 48,
  'HMAC-SHA-512': 64,
};

/** Computes a keyed digest (RFC 2104); a port, since the core has no cryptography of its own. */
export type Digest = (
  algorithm: AuthenticationAlgorithm,
  key: Uint8Array,
  octets: Uint8Array,
) => Uint8Array;

/** One security association (RFC 7166 3). */
export interface AuthenticationKey {
  /** What packets name the key by, 0..65535. */
  readonly securityAssociationId: number;
  readonly algorithm: AuthenticationAlgorithm;
  /** The key as configured, without the protocol id that is appended to it. */
  readonly secret: Uint8Array;
  /** Lifetime for sending, in the time base of `nowMs`; unlimited where absent. */
  readonly sendFromMs?: number;
  readonly sendUntilMs?: number;
  /** Lifetime for accepting; should begin before and end after that for sending. */
  readonly acceptFromMs?: number;
  readonly acceptUntilMs?: number;
  /**
   * How the cryptographic protocol id 1 is appended to the key: as RFC 7166 4.4 says, or in the
   * octet order of FRR up to 9.0 on little-endian machines. Default `network`.
   */
  readonly protocolIdOrder?: 'network' | 'little-endian';
}

const within = (nowMs: number, from = -Infinity, until = Infinity): boolean =>
  from <= nowMs && nowMs < until;

/**
 * The key to send with: of those whose lifetime holds, the one that began last. When all have
 * expired, the one that expired last goes on, for sending nothing authenticated is no alternative
 * (RFC 7166 3, on the last key).
 */
export function sendKey(
  keys: readonly AuthenticationKey[],
  nowMs: number,
): AuthenticationKey | undefined {
  return (
    best(
      keys.filter((key) => within(nowMs, key.sendFromMs, key.sendUntilMs)),
      (key) => key.sendFromMs ?? -Infinity,
    ) ??
    best(
      keys.filter((key) => (key.sendUntilMs ?? Infinity) <= nowMs),
      (key) => key.sendUntilMs ?? Infinity,
    )
  );
}

/** The key a packet names, when it may be used for accepting now; the last expired one included. */
export function acceptKey(
  keys: readonly AuthenticationKey[],
  securityAssociationId: number,
  nowMs: number,
): AuthenticationKey | undefined {
  const named = keys.filter((key) => key.securityAssociationId === securityAssociationId);
  const valid = named.find((key) => within(nowMs, key.acceptFromMs, key.acceptUntilMs));
  if (valid) return valid;
  if (keys.some((key) => within(nowMs, key.acceptFromMs, key.acceptUntilMs))) return undefined;
  const last = best(
    keys.filter((key) => (key.acceptUntilMs ?? Infinity) <= nowMs),
    (key) => key.acceptUntilMs ?? Infinity,
  );
  return last?.securityAssociationId === securityAssociationId ? last : undefined;
}

function best(
  keys: readonly AuthenticationKey[],
  rank: (key: AuthenticationKey) => number,
): AuthenticationKey | undefined {
  let found: AuthenticationKey | undefined;
  for (const key of keys) if (found === undefined || rank(key) > rank(found)) found = key;
  return found;
}

const PROTOCOL_ID = { network: [0, 1], 'little-endian': [1, 0] } as const;

/** The key with the cryptographic protocol id behind it (RFC 7166 4.4). */
export function protocolKey(key: AuthenticationKey): Uint8Array {
  const octets = new Uint8Array(key.secret.length + 2);
  octets.set(key.secret);
  octets.set(PROTOCOL_ID[key.protocolIdOrder ?? 'network'], key.secret.length);
  return octets;
}
