/**
 * Everything an instance gives, to be carried out or shown in the order in which it comes.
 * @module
 */
import type { DecodeErrorCode } from '../errors.ts';
import type { InterfaceState } from '../interface/state-table.ts';
import type { LsaIdentity } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { LsaFault } from '../lsa/validate.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import type { BfdState } from '../neighbor/bfd-packet.ts';
import type { NeighborState } from '../neighbor/state-table.ts';
import type { AuthenticationFault } from '../packet/authentication.ts';
import type { Address } from '../wire/address.ts';

/** Why a datagram, or one LSA in it, was not used; each has its own counter. */
export type DropReason =
  | DecodeErrorCode
  | LsaFault
  | 'InterfaceUnknown' // no such interface, or one that is down or passive
  | 'OwnDatagram' // our own copy came back
  | 'SourceNotLinkLocal' // RFC 5340 4.2.2
  | 'DestinationForeign' // neither ours nor a group we are in (RFC 5340 4.2.2)
  | 'PacketChecksum' // the Internet checksum over packet and pseudo-header
  | 'AreaMismatch'
  | 'InstanceIdMismatch' // another instance on the same link (RFC 5340 2.4)
  | 'RouterIdZero'
  | 'DuplicateRouterId' // another router uses our Router ID
  | 'HelloIntervalMismatch' // RFC 2328 10.5
  | 'RouterDeadIntervalMismatch' // RFC 2328 10.5
  | 'OptionsMismatch' // E- or N-bit: the area is of another type (RFC 2328 10.5, RFC 3101 2.1)
  | 'NeighborTooMany' // more routers on a link than a Hello can name
  | 'NeighborUnknown' // not a Hello, and no Hello came before
  | 'NeighborState' // a packet that the neighbor's state does not allow
  | 'MtuMismatch' // Database Description with a larger Interface MTU (RFC 2328 10.6)
  | AuthenticationFault // missing, wrong or replayed authentication trailer (RFC 7166)
  | 'AuthenticationUnexpected' // a trailer instead of the checksum, and no keys here
  | 'LsaScope' // an LSA that the area or link may not hold
  | 'LsaUnread' // of Router Information that breaks its format: kept and flooded, but not read
  | 'LsaTooMany' // too many LSAs waiting for MinLSArrival
  | 'BfdHopLimit' // a BFD packet that crossed a router (RFC 5881 5)
  | 'BfdPacket' // one that breaks its format (RFC 5880 6.8.6)
  | 'BfdSession' // one for a session that we do not have
  | 'LsaOlder'; // an older instance that is not even answered (RFC 2328 13 step 8)

/** What happened, for logs, metrics and tests. */
export type InstanceEvent =
  | {
      readonly name: 'interfaceState';
      readonly interfaceId: number;
      readonly from: InterfaceState;
      readonly to: InterfaceState;
    }
  | {
      readonly name: 'designatedRouter';
      readonly interfaceId: number;
      /** Router IDs, 0 for none. */
      readonly designatedRouter: number;
      readonly backupDesignatedRouter: number;
    }
  | {
      readonly name: 'neighborState';
      readonly interfaceId: number;
      readonly neighbor: number;
      readonly from: NeighborState;
      readonly to: NeighborState;
      /** The RFC's event that caused it. */
      readonly because: string;
    }
  | {
      readonly name: 'datagramDropped';
      readonly interfaceId: number;
      readonly source: Address;
      readonly reason: DropReason;
      /** In words, for people. */
      readonly detail: string;
    }
  | { readonly name: 'lsaOriginated'; readonly scope: LsdbScope; readonly lsa: Lsa }
  | { readonly name: 'lsaFlushed'; readonly scope: LsdbScope; readonly lsa: Lsa }
  /** A newer instance of an LSA of ours came in; ours goes past it (RFC 2328 13.4). */
  | { readonly name: 'lsaFoughtBack'; readonly scope: LsdbScope; readonly lsa: LsaIdentity }
  /** Another router seems to use our Router ID; `source` when it is on a link of ours. */
  | {
      readonly name: 'duplicateRouterId';
      readonly routerId: number;
      readonly interfaceId?: number;
      readonly source?: Address;
    }
  | {
      readonly name: 'bfdState';
      readonly interfaceId: number;
      readonly neighbor: number;
      readonly from: BfdState;
      readonly to: BfdState;
      /** See `BfdDiagnostic`. */
      readonly diagnostic: number;
    }
  /** After `stop`: the last packet is out, nothing more will come. */
  | { readonly name: 'stopped' };

/** Send these octets from the interface's link-local address, hop limit 1. */
export interface TransmitOutput {
  readonly kind: 'transmit';
  readonly interfaceId: number;
  readonly destination: Address;
  /** Never touched again by the instance. */
  readonly octets: Uint8Array;
}

/**
 * Send this to UDP port 3784 from a port of 49152 or above that stays the same for the
 * destination, from the interface's link-local address, hop limit 255 (RFC 5881 4, 5).
 */
export interface TransmitBfdOutput {
  readonly kind: 'transmitBfd';
  readonly interfaceId: number;
  readonly destination: Address;
  /** The UDP payload. */
  readonly octets: Uint8Array;
}

/**
 * A database changed. An LSA that reaches MaxAge is reported as installed with age MaxAge and no
 * longer counts for routes; `removed` follows when every neighbor has acknowledged it.
 */
export interface LsaOutput {
  readonly kind: 'lsa';
  readonly scope: LsdbScope;
  readonly change: 'installed' | 'removed';
  readonly lsa: Lsa;
  readonly previous?: Lsa;
  /** Whether routes must be computed again (RFC 2328 13.2); false for a mere refresh. */
  readonly contentsChanged: boolean;
}

export interface EventOutput {
  readonly kind: 'event';
  readonly event: InstanceEvent;
}

export type InstanceOutput = TransmitOutput | TransmitBfdOutput | LsaOutput | EventOutput;
