/**
 * Which of two instances of an LSA is newer (RFC 2328 13.1).
 * @module
 */
import { MAX_AGE_DIFF_S, MAX_AGE_S } from './constants.ts';
import type { LsaHeader } from './header.ts';

type Instance = Pick<LsaHeader, 'sequenceNumber' | 'checksum' | 'ageS'>;

/**
 * Compares two instances of one LSA.
 * @returns positive when `a` is newer, negative when `b` is, 0 when they are the same instance.
 */
export function compareInstances(a: Instance, b: Instance): number {
  if (a.sequenceNumber !== b.sequenceNumber) return a.sequenceNumber > b.sequenceNumber ? 1 : -1;
  if (a.checksum !== b.checksum) return a.checksum > b.checksum ? 1 : -1;
  const aIsMaxAge = a.ageS >= MAX_AGE_S;
  const bIsMaxAge = b.ageS >= MAX_AGE_S;
  if (aIsMaxAge !== bIsMaxAge) return aIsMaxAge ? 1 : -1;
  if (Math.abs(a.ageS - b.ageS) > MAX_AGE_DIFF_S) return a.ageS < b.ageS ? 1 : -1;
  return 0;
}
