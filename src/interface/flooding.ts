/**
 * Flooding one LSA out of one interface (RFC 2328 13.3). Which interfaces are eligible is the
 * instance's question (RFC 5340 4.5.2).
 * @module
 */
import { compareInstances } from '../lsa/newer.ts';
import type { LsdbEntry } from '../lsdb/lsdb.ts';
import type { Neighbor } from '../neighbor/neighbor.ts';
import type { Interface } from './interface.ts';

/** Where an LSA came from. */
export interface Reception {
  readonly on: Interface;
  readonly from: Neighbor;
}

/**
 * Floods an LSA that was just installed.
 * @param reception - left out when the LSA is our own.
 * @returns whether it is sent out of this interface.
 */
export function floodOut(
  on: Interface,
  entry: LsdbEntry,
  nowMs: number,
  reception?: Reception,
): boolean {
  let added = 0;
  let early = 0;
  // (1)
  for (const neighbor of on.neighbors.values()) {
    if (!needs(neighbor, entry, reception)) continue;
    // (1d)
    added++;
    if (!neighbor.retransmissions.add(entry, nowMs, on.rxmtIntervalMs)) early++;
  }
  // (2)
  if (added === 0) return false;
  if (reception?.on === on) {
    const { routerId } = reception.from;
    // (3) The designated router or its backup sent it: the others have it, too.
    if (routerId === on.designatedRouter || routerId === on.backupDesignatedRouter) return false;
    // (4) The designated router will flood it.
    if (on.state === 'Backup') return false;
  }
  // Every neighbor would drop it now; it goes to each when its second is over. To the one that
  // sent it that is no acknowledgment.
  if (early === added) return reception?.on !== on;
  // (5)
  on.out.updates.add(on.floodingDestination, entry);
  for (const neighbor of on.neighbors.values()) {
    if (neighbor.retransmissions.get(entry.key) === entry) {
      neighbor.retransmissions.noteFlooded(entry, nowMs);
    }
  }
  return true;
}

/**
 * 13.3 (1a) to (1c). The further decision of RFC 5340 4.5.2, on types that we know and a neighbor
 * may not, never comes up: those without U-bit that we know are known to everybody.
 */
function needs(neighbor: Neighbor, entry: LsdbEntry, reception: Reception | undefined): boolean {
  // (1a)
  if (!neighbor.isAtLeast('Exchange')) return false;
  const { header } = entry.lsa;
  // (1b)
  if (neighbor.state !== 'Full') {
    const requested = neighbor.requests.get(header);
    if (requested !== undefined) {
      const newer = compareInstances(header, requested);
      if (newer < 0) return false;
      neighbor.requestSatisfied(header);
      if (newer === 0) return false;
    }
  }
  // (1c)
  return neighbor !== reception?.from;
}
