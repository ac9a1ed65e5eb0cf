/**
 * The edges of one vertex while they are being read from its LSAs.
 * @module
 */
import { FIRST_LENGTH, grown } from './key-table.ts';

/** A list of edges that is filled again and again. */
export class EdgeList {
  size = 0;
  neighbor = new Int32Array(FIRST_LENGTH);
  cost = new Uint16Array(FIRST_LENGTH);
  interfaceId = new Uint32Array(FIRST_LENGTH);
  neighborInterfaceId = new Uint32Array(FIRST_LENGTH);
  /** 1 of a virtual link. */
  virtual = new Uint8Array(FIRST_LENGTH);

  add(
    neighbor: number,
    cost: number,
    interfaceId: number,
    neighborInterfaceId: number,
    virtual = 0,
  ): void {
    const at = this.size++;
    if (at === this.neighbor.length) this.#grow();
    this.neighbor[at] = neighbor;
    this.cost[at] = cost;
    this.interfaceId[at] = interfaceId;
    this.neighborInterfaceId[at] = neighborInterfaceId;
    this.virtual[at] = virtual;
  }

  #grow(): void {
    const length = 2 * this.neighbor.length;
    this.neighbor = grown(this.neighbor, length);
    this.cost = grown(this.cost, length);
    this.interfaceId = grown(this.interfaceId, length);
    this.neighborInterfaceId = grown(this.neighborInterfaceId, length);
    this.virtual = grown(this.virtual, length);
  }
}
