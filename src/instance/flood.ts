/**
 * Installing an LSA and flooding it on all eligible interfaces (RFC 2328 13 step 5b to 5d, 13.3;
 * RFC 5340 4.5.2, 4.5.3), and letting go of MaxAge LSAs that everybody has (RFC 2328 14).
 * @module
 */
import { floodOut, type Reception } from '../interface/flooding.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { Lsdb, LsdbEntry } from '../lsdb/lsdb.ts';
import type { InstanceState } from './state.ts';

/** What became of an LSA. */
export interface Flooded {
  /** Whether it left through the interface on which it had come. */
  readonly back: boolean;
  /** Whether any neighbor was sent it. */
  readonly heard: boolean;
}

/** Puts an instance in its database and sends it on. */
export function installAndFlood(
  state: InstanceState,
  lsdb: Lsdb,
  lsa: Lsa,
  reception?: Reception,
): Flooded {
  const { nowMs } = state;
  const { scope } = lsdb;
  // What we asked for did not come by flooding, so MinLSArrival does not count from it.
  const flooded = reception !== undefined && !reception.from.requests.get(lsa.header);
  // (5d) before (5b): the lists of the neighbors hold entries of the database.
  const { entry, previous, contentsChanged } = lsdb.install(lsa, nowMs, flooded);
  let back = false;
  let heard = false;
  for (const on of state.eligible(scope)) {
    // (5c)
    for (const neighbor of on.neighbors.values()) neighbor.retransmissions.remove(entry.key);
    // (5b)
    if (floodOut(on, entry, nowMs, reception)) {
      heard = true;
      if (on === reception?.on) back = true;
    }
  }
  if (lsa.header.ageS >= MAX_AGE_S) state.sweepMaxAge = true;
  // What a designated router says of its link follows from the Link-LSAs, its own among them.
  if (contentsChanged && scope.kind === 'link') state.changed(scope.interfaceId);
  const what = { lsa: entry.lsa, ...(previous && { previous: previous.lsa }) };
  state.outbox.put({ kind: 'lsa', scope, change: 'installed', ...what, contentsChanged });
  return { back, heard };
}

/**
 * Removes MaxAge LSAs that no neighbor has still to acknowledge, unless a database exchange is
 * going on that may have described them (RFC 2328 14).
 * @param removed - told of each one that has gone.
 */
export function sweepMaxAge(
  state: InstanceState,
  removed: (lsdb: Lsdb, entry: LsdbEntry) => void,
): void {
  if (!state.sweepMaxAge || state.exchanging) return;
  state.sweepMaxAge = false;
  for (const lsdb of state.lsdbs) {
    if (!lsdb.holdsMaxAge) continue;
    const neighbors = [...state.neighborsIn(lsdb.scope)];
    for (const entry of [...lsdb.maxAgeEntries()]) {
      if (neighbors.some((neighbor) => neighbor.retransmissions.get(entry.key))) continue;
      lsdb.remove(entry.lsa.header);
      const { scope } = lsdb;
      state.outbox.put({
        kind: 'lsa',
        scope,
        change: 'removed',
        lsa: entry.lsa,
        contentsChanged: false,
      });
      removed(lsdb, entry);
    }
  }
}
