/**
 * What a neighbor needs of the interface on which it was heard. The interface is the layer above,
 * so it is known here by this description alone.
 * @module
 */
import type { DatabaseView } from '../lsdb/database-view.ts';
import type { LsdbEntry } from '../lsdb/lsdb.ts';
import type { Packet, PacketHeader } from '../packet/packet.ts';
import type { Address } from '../wire/address.ts';
import type { NeighborEvent, NeighborState } from './state-table.ts';

/** A change of a neighbor's state, with the event that caused it. */
export interface NeighborTransition {
  readonly from: NeighborState;
  readonly to: NeighborState;
  readonly because: NeighborEvent;
}

export interface Attachment {
  /** Our Router ID, the area and the instance, as every packet says them. */
  readonly packetHeader: PacketHeader;
  /** Our Options in Hellos and Database Descriptions. */
  readonly options: number;
  /** Interface MTU as Database Descriptions say it. */
  readonly mtu: number;
  readonly mtuIgnore: boolean;
  /** The most octets an OSPF packet may have on this link. */
  readonly maxPacketOctets: number;
  readonly rxmtIntervalMs: number;
  readonly routerDeadIntervalMs: number;
  readonly databases: DatabaseView;
  /** Whether we should become adjacent with the neighbor (RFC 2328 10.4). */
  adjacencyWanted(routerId: number): boolean;
  /** A number to start a database exchange with, 0..2^32-1. */
  drawSequenceNumber(): number;
  /** Sends to one neighbor (RFC 2328 8.1). */
  sendTo(address: Address, packet: Packet): void;
  /** Sends LSAs to one neighbor in Link State Updates, soon. */
  sendLsas(address: Address, entries: readonly LsdbEntry[]): void;
  neighborChanged(routerId: number, transition: NeighborTransition, nowMs: number): void;
  illegalTransition(machine: 'neighbor', state: string, event: string): void;
}
