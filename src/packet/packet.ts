/**
 * The five OSPFv3 packets as plain values (RFC 5340 A.3).
 * @module
 */
import type { LsaHeader, LsaIdentity } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';

/** Packet types in the order of their numbers (RFC 5340 A.3.1). */
export const PacketType = {
  Hello: 1,
  DatabaseDescription: 2,
  LinkStateRequest: 3,
  LinkStateUpdate: 4,
  LinkStateAcknowledgment: 5,
} as const;

/** What every packet says first (RFC 5340 A.3.1). */
export interface PacketHeader {
  readonly routerId: number;
  readonly areaId: number;
  /** 0..255; packets of other instances are not ours (RFC 5340 2.4). */
  readonly instanceId: number;
}

export interface Hello extends PacketHeader {
  readonly kind: 'Hello';
  readonly interfaceId: number;
  readonly routerPriority: number;
  readonly options: number;
  readonly helloIntervalS: number;
  readonly routerDeadIntervalS: number;
  /** Router ID, 0 when there is none. */
  readonly designatedRouter: number;
  readonly backupDesignatedRouter: number;
  /** Router IDs heard lately on the link. */
  readonly neighbors: readonly number[];
}

/** Bits of the Database Description packet (RFC 5340 A.3.3). */
export const DatabaseDescriptionFlag = { MS: 0x01, M: 0x02, I: 0x04 } as const;

export interface DatabaseDescription extends PacketHeader {
  readonly kind: 'DatabaseDescription';
  readonly options: number;
  readonly interfaceMtu: number;
  /** See {@link DatabaseDescriptionFlag}. */
  readonly flags: number;
  readonly ddSequenceNumber: number;
  readonly lsaHeaders: readonly LsaHeader[];
}

export interface LinkStateRequest extends PacketHeader {
  readonly kind: 'LinkStateRequest';
  readonly requests: readonly LsaIdentity[];
}

export interface LinkStateUpdate extends PacketHeader {
  readonly kind: 'LinkStateUpdate';
  /** Each with the age to send in `header.ageS` of the instance, or as received. */
  readonly lsas: readonly Lsa[];
}

export interface LinkStateAcknowledgment extends PacketHeader {
  readonly kind: 'LinkStateAcknowledgment';
  readonly lsaHeaders: readonly LsaHeader[];
}

export type Packet =
  | Hello
  | DatabaseDescription
  | LinkStateRequest
  | LinkStateUpdate
  | LinkStateAcknowledgment;
