/**
 * Which neighbors have to be looked at, and when. On a link with many hosts nearly all neighbors
 * stay in 2-Way and have an inactivity timer and nothing else; looking at each of them after every
 * packet would make a link's work grow with the square of its hosts.
 * @module
 */
import type { Neighbor } from '../neighbor/neighbor.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class NeighborWatch {
  /** Neighbors that are or become adjacent, or have just come or gone. */
  readonly #busy = new Map<number, Neighbor>();
  /** No inactivity timer fires before this. */
  #inactivityFromMs = NEVER;

  /** Takes note of a neighbor that is new or whose state has changed. */
  note(neighbor: Neighbor): void {
    const { routerId, state, inactivityAtMs } = neighbor;
    // A timer is only ever put off; by how much is seen when this time has come.
    this.#inactivityFromMs = Math.min(this.#inactivityFromMs, inactivityAtMs);
    if (state === 'Init' || state === 'TwoWay') this.#busy.delete(routerId);
    else this.#busy.set(routerId, neighbor);
  }

  forget(routerId: number): void {
    this.#busy.delete(routerId);
  }

  /** The neighbors that may have something to do when an input has been handled. */
  busy(): IterableIterator<Neighbor> {
    return this.#busy.values();
  }

  /** When a neighbor may have something to do, never too late. */
  deadlineMs(): number {
    let deadline = this.#inactivityFromMs;
    for (const neighbor of this.#busy.values()) {
      deadline = Math.min(deadline, neighbor.deadlineMs());
    }
    return deadline;
  }

  /** Looks at all inactivity timers again, when the first of them may have been due. */
  renew(neighbors: Iterable<Neighbor>, nowMs: number): void {
    if (nowMs < this.#inactivityFromMs) return;
    this.#inactivityFromMs = NEVER;
    for (const { inactivityAtMs } of neighbors) {
      this.#inactivityFromMs = Math.min(this.#inactivityFromMs, inactivityAtMs);
    }
  }
}
