/**
 * Whether one LSA out of a good packet may be looked at any further (RFC 2328 13 steps 1 to 3,
 * RFC 5340 4.5.1). A faulty one is dropped alone and not acknowledged; the rest goes on.
 * Whether the area or link may hold its type is the receiving interface's question, not asked here.
 * @module
 */
import { DecodeError, type DecodeErrorCode } from '../errors.ts';
import { INITIAL_SEQUENCE_NUMBER, MAX_AGE_S } from './constants.ts';
import { functionCodeOf, LsType, scopeOf } from './ls-type.ts';
import type { Lsa } from './lsa.ts';

/** Why an LSA was dropped; a closed set, so that each has its own counter. */
export type LsaFault =
  | 'LsaChecksum' // wrong, or 0: "not computed" (RFC 2328 12.1.7)
  | 'LsaReservedScope' // flooding scope bits 11 (RFC 5340 A.4.2.1)
  | 'LsaAge' // older than MaxAge, to which ages are bound (RFC 2328 12.1.1)
  | 'LsaSequenceNumber' // 0x80000000, reserved and unused (RFC 2328 12.1.6)
  | `LsaBody${DecodeErrorCode}`; // the body breaks its type's format

/** The fault of an LSA as received, or `undefined` when it has none. Decodes its body. */
export function lsaFault(lsa: Lsa): LsaFault | undefined {
  const { header } = lsa;
  // 13 (1)
  if (!lsa.checksumValid) return 'LsaChecksum';
  // 13 (3), in the form of RFC 5340 4.5.1: unknown types go on, a reserved scope does not.
  if (scopeOf(header.lsType) === undefined) return 'LsaReservedScope';
  if (header.ageS > MAX_AGE_S) return 'LsaAge';
  if (header.sequenceNumber < INITIAL_SEQUENCE_NUMBER) return 'LsaSequenceNumber';
  try {
    void lsa.body;
  } catch (error) {
    if (error instanceof DecodeError) return `LsaBody${error.code}`;
    throw error;
  }
  return undefined;
}

/**
 * What is taken in of an LSA with a fault, if anything is. Routers that do not know the type of
 * Router Information flood it whatever it says (RFC 7770 2, RFC 5340 4.5.2). One that refused it
 * would ask such a neighbor for it again and again, and never be adjacent.
 */
export function unreadOf(lsa: Lsa, fault: LsaFault): Lsa | undefined {
  const { lsType } = lsa.header;
  const ofInformation = functionCodeOf(lsType) === functionCodeOf(LsType.RouterInformation);
  return ofInformation && fault.startsWith('LsaBody') ? lsa.unread() : undefined;
}
