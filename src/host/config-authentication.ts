/**
 * Configuration of the authentication trailer (RFC 7166) of one interface.
 * @module
 */
import * as z from 'zod';
import type { AuthenticationConfig } from '../packet/authentication.ts';
import {
  type AuthenticationAlgorithm,
  type AuthenticationKey,
  DIGEST_OCTETS,
} from '../packet/key.ts';
import { flag, integer, list, mapping, oneOf, text } from './config-field.ts';
import { hmacDigest } from './digest.ts';

const ALGORITHMS = Object.keys(DIGEST_OCTETS) as [
  AuthenticationAlgorithm,
  ...AuthenticationAlgorithm[],
];

const TIME = 'a time such as 2027-01-31T00:00:00Z';

/** A point in time, as milliseconds since the Unix epoch. */
const time = () => z.iso.datetime({ offset: true, error: TIME }).meta({ allowed: TIME });

const keySchema = mapping({
  id: integer(0, 0xffff).describe('Security Association ID, by which packets name the key.'),
  algorithm: oneOf(...ALGORITHMS)
    .default('HMAC-SHA-256')
    .describe('Digest.'),
  secret: text().describe('The key. Keep the file readable to the daemon alone.'),
  sendFrom: time().optional().describe('Used for sending from then on.'),
  sendUntil: time().optional().describe('Not used for sending from then on.'),
  acceptFrom: time().optional().describe('Accepted from then on; before `sendFrom`.'),
  acceptUntil: time().optional().describe('Not accepted from then on; after `sendUntil`.'),
  frrUpTo9: flag()
    .default(false)
    .describe('Digest as FRR up to 9.0 computes it, which differs from the RFC.'),
});

export const authenticationSchema = mapping({
  keys: list(keySchema, 1).describe('Of the keys whose time it is, the newest is sent with.'),
  acceptUnauthenticated: flag()
    .default(false)
    .describe('Takes packets without a trailer, while a link is being moved.'),
});

export type AuthenticationSettings = z.output<typeof authenticationSchema>;

/** @param startedAtMs - since the Unix epoch; later at each start, as sequence numbers need. */
export function authenticationConfig(
  settings: AuthenticationSettings,
  startedAtMs: number,
): AuthenticationConfig {
  return {
    keys: settings.keys.map(keyOf),
    digest: hmacDigest,
    bootCount: Math.floor(startedAtMs / 1000) % 2 ** 32,
    acceptUnauthenticated: settings.acceptUnauthenticated,
  };
}

function keyOf(key: AuthenticationSettings['keys'][number]): AuthenticationKey {
  return {
    securityAssociationId: key.id,
    algorithm: key.algorithm,
    secret: new TextEncoder().encode(key.secret),
    protocolIdOrder: key.frrUpTo9 ? 'little-endian' : 'network',
    ...(key.sendFrom && { sendFromMs: Date.parse(key.sendFrom) }),
    ...(key.sendUntil && { sendUntilMs: Date.parse(key.sendUntil) }),
    ...(key.acceptFrom && { acceptFromMs: Date.parse(key.acceptFrom) }),
    ...(key.acceptUntil && { acceptUntilMs: Date.parse(key.acceptUntil) }),
  };
}
