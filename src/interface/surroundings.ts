/**
 * What an interface needs of its instance, the layer above, known here by this description alone.
 * @module
 */
import type { NeighborTransition } from '../neighbor/attachment.ts';
import type { Address } from '../wire/address.ts';
import type { InterfaceState } from './state-table.ts';

export interface Surroundings {
  readonly routerId: number;
  /** The time of the input being handled. */
  readonly nowMs: number;
  /** Options for Hellos and Database Descriptions in an area. */
  optionsOf(areaId: number): number;
  /** A number to start a database exchange with, 0..2^32-1. */
  drawSequenceNumber(): number;
  transmit(interfaceId: number, destination: Address, octets: Uint8Array): void;
  interfaceChanged(interfaceId: number, from: InterfaceState, to: InterfaceState): void;
  designatedRouterChanged(interfaceId: number): void;
  neighborChanged(interfaceId: number, routerId: number, transition: NeighborTransition): void;
  illegalTransition(machine: 'interface' | 'neighbor', state: string, event: string): void;
}
