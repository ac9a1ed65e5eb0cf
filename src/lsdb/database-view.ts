/**
 * The databases that one link takes part in: its own, its area's, and the autonomous system's
 * where the area takes that (RFC 5340 4.5.3).
 * @module
 */
import type { LsaIdentity } from '../lsa/header.ts';
import { floodingScopeOf } from '../lsa/ls-type.ts';
import type { Lsdb, LsdbEntry } from './lsdb.ts';

/** What can be exchanged with the neighbors on a link. */
export class DatabaseView {
  readonly link: Lsdb;
  readonly area: Lsdb;
  /** Absent in stub areas and NSSAs, which take no LSAs of AS scope (RFC 5340 4.5.1 step 2). */
  readonly as: Lsdb | undefined;

  constructor(link: Lsdb, area: Lsdb, as: Lsdb | undefined) {
    this.link = link;
    this.area = area;
    this.as = as;
  }

  /** The database for an LS type, or `undefined` when this link may not carry it. */
  of(lsType: number): Lsdb | undefined {
    const scope = floodingScopeOf(lsType);
    return scope === undefined ? undefined : this[scope];
  }

  get(identity: LsaIdentity): LsdbEntry | undefined {
    return this.of(identity.lsType)?.get(identity);
  }

  /** Every entry of every database. */
  *entries(): Generator<LsdbEntry, void> {
    yield* this.link.entries();
    yield* this.area.entries();
    if (this.as) yield* this.as.entries();
  }
}
