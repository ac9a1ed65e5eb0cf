/**
 * The 20-octet header that every LSA begins with (RFC 5340 A.4.2).
 * @module
 */
import { type RecordOf, record, s32, u16, u32 } from '../wire/record.ts';

/** The LSA header; the sequence number is signed, so `<` orders instances (RFC 2328 12.1.6). */
export const LsaHeader = record('LsaHeader', {
  ageS: u16,
  lsType: u16,
  linkStateId: u32,
  advertisingRouter: u32,
  sequenceNumber: s32,
  checksum: u16,
  length: u16,
});
export type LsaHeader = RecordOf<typeof LsaHeader>;

export const LSA_HEADER_OCTETS = LsaHeader.span;

/** What names an LSA; its instances share it (RFC 2328 12.1). */
export type LsaIdentity = Pick<LsaHeader, 'lsType' | 'linkStateId' | 'advertisingRouter'>;

/** A string that is equal for equal identities; made for map keys, not for people. */
export const identityKey = (lsa: LsaIdentity): string =>
  String.fromCharCode(
    lsa.lsType,
    lsa.linkStateId >>> 16,
    lsa.linkStateId & 0xffff,
    lsa.advertisingRouter >>> 16,
    lsa.advertisingRouter & 0xffff,
  );
