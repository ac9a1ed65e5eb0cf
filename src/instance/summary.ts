/**
 * What is shown of neighbors and interfaces: plain values, copied.
 * @module
 */
import type { InterfaceType } from '../interface/config.ts';
import type { Interface } from '../interface/interface.ts';
import type { InterfaceState } from '../interface/state-table.ts';
import type { BfdState } from '../neighbor/bfd-packet.ts';
import type { Neighbor } from '../neighbor/neighbor.ts';
import type { NeighborState } from '../neighbor/state-table.ts';
import type { Address } from '../wire/address.ts';
import type { AddressPrefix } from '../wire/prefix.ts';

export interface NeighborSummary {
  readonly interfaceId: number;
  readonly routerId: number;
  readonly state: NeighborState;
  readonly address: Address;
  /** The neighbor's own Interface ID. */
  readonly neighborInterfaceId: number;
  readonly priority: number;
  /** Options of its last Hello (RFC 5340 A.2). */
  readonly options: number;
  /** Router IDs, 0 for none. */
  readonly designatedRouter: number;
  readonly backupDesignatedRouter: number;
  /** Time until it counts as dead, unless a Hello comes. */
  readonly deadInMs: number;
  /** How long it has been Full, or `undefined`. */
  readonly fullForMs: number | undefined;
  /** LSAs flooded to it and not acknowledged. */
  readonly retransmissions: number;
  /** LSAs it has and we still need. */
  readonly requests: number;
  /** The BFD session with it, or `undefined` when there is none. */
  readonly bfd: BfdState | undefined;
}

export interface InterfaceSummary {
  readonly interfaceId: number;
  readonly name: string;
  readonly areaId: number;
  readonly type: InterfaceType;
  readonly passive: boolean;
  readonly state: InterfaceState;
  readonly cost: number;
  readonly priority: number;
  readonly mtu: number;
  readonly linkLocalAddress: Address | undefined;
  readonly prefixes: readonly AddressPrefix[];
  /** Our own global addresses on it. */
  readonly addresses: readonly Address[];
  /** Router IDs, 0 for none. */
  readonly designatedRouter: number;
  readonly backupDesignatedRouter: number;
  readonly neighbors: number;
  readonly fullNeighbors: number;
}

export function neighborSummary(
  on: Interface,
  neighbor: Neighbor,
  nowMs: number,
  bfd: BfdState | undefined,
): NeighborSummary {
  return {
    interfaceId: on.config.interfaceId,
    routerId: neighbor.routerId,
    state: neighbor.state,
    address: neighbor.address,
    neighborInterfaceId: neighbor.interfaceId,
    priority: neighbor.priority,
    options: neighbor.options,
    designatedRouter: neighbor.designatedRouter,
    backupDesignatedRouter: neighbor.backupDesignatedRouter,
    deadInMs: Math.max(0, neighbor.inactivityAtMs - nowMs),
    fullForMs: neighbor.fullSinceMs === undefined ? undefined : nowMs - neighbor.fullSinceMs,
    retransmissions: neighbor.retransmissions.size,
    requests: neighbor.requests.size,
    bfd,
  };
}

export function interfaceSummary(on: Interface): InterfaceSummary {
  const { interfaceId, name, areaId, type, passive, priority } = on.config;
  const neighbors = [...on.neighbors.values()];
  return {
    interfaceId,
    name,
    areaId,
    type,
    passive,
    priority,
    state: on.state,
    cost: on.cost,
    mtu: on.mtu,
    linkLocalAddress: on.out.linkLocalAddress,
    prefixes: on.prefixes,
    addresses: on.addresses,
    designatedRouter: on.designatedRouter,
    backupDesignatedRouter: on.backupDesignatedRouter,
    neighbors: neighbors.length,
    fullNeighbors: neighbors.filter((neighbor) => neighbor.state === 'Full').length,
  };
}
