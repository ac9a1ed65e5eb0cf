/**
 * Authentication keys as the command line takes them.
 * @module
 */
import { InvalidArgumentError } from 'commander';
import {
  type AuthenticationAlgorithm,
  type AuthenticationKey,
  DIGEST_OCTETS,
} from '../packet/key.ts';

const isAlgorithm = (name: string): name is AuthenticationAlgorithm => name in DIGEST_OCTETS;

/**
 * Reads `ID:ALGORITHM:SECRET`, or `ID:ALGORITHM:little-endian:SECRET` for FRR up to 9.0; collects
 * what was given before.
 * @throws {InvalidArgumentError} naming what is allowed.
 */
export function collectKey(
  text: string,
  before: readonly AuthenticationKey[],
): AuthenticationKey[] {
  const parts = /^(\d{1,5}):([^:]+):(?:(little-endian):)?(.+)$/.exec(text);
  const [, id = '', name = '', order, secretText = ''] = parts ?? [];
  const algorithm = name.toUpperCase();
  if (!parts || Number(id) > 0xffff || !isAlgorithm(algorithm)) {
    throw new InvalidArgumentError(
      `ID:ALGORITHM:SECRET, ID 0..65535, ALGORITHM one of ${Object.keys(DIGEST_OCTETS).join(', ')}`,
    );
  }
  const key: AuthenticationKey = {
    securityAssociationId: Number(id),
    algorithm,
    secret: new TextEncoder().encode(secretText),
    protocolIdOrder: order === undefined ? 'network' : 'little-endian',
  };
  return [...before, key];
}
