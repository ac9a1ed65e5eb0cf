/**
 * The fixed parts of the five packets behind their common header (RFC 5340 A.3.2 to A.3.6).
 * @module
 */
import { record, u8, u16, u24, u32, zero } from '../wire/record.ts';

/** A Hello without its list of neighbors (RFC 5340 A.3.2). */
export const HelloHead = record('Hello', {
  interfaceId: u32,
  routerPriority: u8,
  options: u24,
  helloIntervalS: u16,
  routerDeadIntervalS: u16,
  designatedRouter: u32,
  backupDesignatedRouter: u32,
});

/** A Database Description without its LSA headers (RFC 5340 A.3.3). */
export const DatabaseDescriptionHead = record('DatabaseDescription', {
  reserved: zero(1),
  options: u24,
  interfaceMtu: u16,
  reserved2: zero(1),
  flags: u8,
  ddSequenceNumber: u32,
});

/** One LSA asked for in a Link State Request (RFC 5340 A.3.4). */
export const RequestRecord = record('LinkStateRequest', {
  reserved: zero(2),
  lsType: u16,
  linkStateId: u32,
  advertisingRouter: u32,
});

/** A Link State Update without its LSAs (RFC 5340 A.3.5). */
export const LinkStateUpdateHead = record('LinkStateUpdate', { lsaCount: u32 });

export const ROUTER_ID_OCTETS = 4;
