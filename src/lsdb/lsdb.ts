/**
 * A link-state database: all LSAs of one flooding scope, each with its age (RFC 2328 12.2, 13.2,
 * 14). It stores and ages; who floods, acknowledges or originates is decided elsewhere.
 * @module
 */
import { assert } from '../errors.ts';
import { CHECK_AGE_S, MAX_AGE_S } from '../lsa/constants.ts';
import { identityKey, type LsaHeader, type LsaIdentity } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { DeadlineHeap } from './deadline-heap.ts';

/** Which database: that of a link, of an area, or of the whole autonomous system. */
export type LsdbScope =
  | { readonly kind: 'link'; readonly interfaceId: number }
  | { readonly kind: 'area'; readonly areaId: number }
  | { readonly kind: 'as' };

/** A map key that is equal for equal scopes. */
export function scopeKey(scope: LsdbScope): string {
  if (scope.kind === 'link') return `link ${scope.interfaceId}`;
  return scope.kind === 'area' ? `area ${scope.areaId}` : 'as';
}

/** One LSA in a database; replaced as a whole when a newer instance is installed. */
export interface LsdbEntry {
  readonly lsa: Lsa;
  /** `identityKey` of the LSA. */
  readonly key: string;
  readonly installedAtMs: number;
  /** Whether a neighbor flooded it: from then MinLSArrival counts (RFC 2328 13 step 5a). */
  readonly flooded: boolean;
}

/** What an installation did. */
export interface Installation {
  readonly entry: LsdbEntry;
  readonly previous: LsdbEntry | undefined;
  /** Whether routes must be computed again (RFC 2328 13.2). */
  readonly contentsChanged: boolean;
}

/** The age of an entry now, seconds, 0..MaxAge. */
export function ageS(entry: LsdbEntry, nowMs: number): number {
  const held = Math.floor((nowMs - entry.installedAtMs) / 1000);
  return Math.min(MAX_AGE_S, entry.lsa.header.ageS + held);
}

/** The header of an entry as it is now, to be compared with that of another instance. */
export const headerNow = (entry: LsdbEntry, nowMs: number): LsaHeader => ({
  ...entry.lsa.header,
  ageS: ageS(entry, nowMs),
});

/** Whether two instances differ in what they say (RFC 2328 13.2). */
export function contentsDiffer(a: Lsa, b: Lsa): boolean {
  // The LS age of one is MaxAge and that of the other is not.
  if (a.header.ageS >= MAX_AGE_S !== b.header.ageS >= MAX_AGE_S) return true;
  // The length has changed, or the body has. Options are part of the body in OSPFv3.
  return !a.hasBodyOf(b);
}

const NONE: ReadonlyMap<string, LsdbEntry> = new Map();

/** All LSAs of one scope. */
export class Lsdb {
  readonly scope: LsdbScope;
  readonly #entries = new Map<string, LsdbEntry>();
  readonly #byType = new Map<number, Map<string, LsdbEntry>>();
  readonly #deadlines = new DeadlineHeap<LsdbEntry>();
  readonly #maxAge = new Map<string, LsdbEntry>();

  constructor(scope: LsdbScope) {
    this.scope = scope;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(identity: LsaIdentity): LsdbEntry | undefined {
    return this.#entries.get(identityKey(identity));
  }

  /** Every entry, those of age MaxAge included. */
  entries(): IterableIterator<LsdbEntry> {
    return this.#entries.values();
  }

  /** Every entry of one LS type, those of age MaxAge included. */
  ofType(lsType: number): IterableIterator<LsdbEntry> {
    return (this.#byType.get(lsType) ?? NONE).values();
  }

  /** The entries of age MaxAge, kept until every neighbor has acknowledged them (RFC 2328 14). */
  maxAgeEntries(): IterableIterator<LsdbEntry> {
    return this.#maxAge.values();
  }

  get holdsMaxAge(): boolean {
    return this.#maxAge.size > 0;
  }

  /**
   * Puts an instance in the place of the one before (RFC 2328 13.2). The entry has a copy of it.
   * @param flooded - whether a neighbor flooded it; false for our own and for what we asked for.
   */
  install(lsa: Lsa, nowMs: number, flooded = false): Installation {
    const key = identityKey(lsa.header);
    const previous = this.#entries.get(key);
    const entry: LsdbEntry = { lsa: lsa.kept(), key, installedAtMs: nowMs, flooded };
    this.#entries.set(key, entry);
    const type = lsa.header.lsType;
    const sameType = this.#byType.get(type);
    if (sameType === undefined) this.#byType.set(type, new Map([[key, entry]]));
    else sameType.set(key, entry);
    if (lsa.header.ageS >= MAX_AGE_S) this.#maxAge.set(key, entry);
    else {
      if (this.holdsMaxAge) this.#maxAge.delete(key);
      this.#deadlines.push(this.#checkAtMs(entry, nowMs), entry);
    }
    // Replaced entries stay in the heap until due; many of them are swept out at once.
    if (this.#deadlines.size > 2 * this.#entries.size + 64) {
      this.#deadlines.retain((kept) => this.#entries.get(kept.key) === kept);
    }
    const contentsChanged = previous === undefined || contentsDiffer(previous.lsa, lsa);
    return { entry, previous, contentsChanged };
  }

  /** Takes an LSA out. @returns the entry that was there. */
  remove(identity: LsaIdentity): LsdbEntry | undefined {
    const key = identityKey(identity);
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    this.#byType.get(identity.lsType)?.delete(key);
    this.#maxAge.delete(key);
    return entry;
  }

  /** When an entry next needs to be looked at; `Infinity` when there is none. */
  nextDeadlineMs(): number {
    return this.#deadlines.nextMs;
  }

  /**
   * Verifies the checksum of every entry whose age passed a multiple of CheckAge.
   * @returns the entries that have come to MaxAge, still in the database (RFC 2328 14).
   */
  agedOut(nowMs: number): LsdbEntry[] {
    const aged: LsdbEntry[] = [];
    for (;;) {
      const entry = this.#deadlines.popDue(nowMs);
      if (entry === undefined) return aged;
      if (this.#entries.get(entry.key) !== entry) continue;
      assert(entry.lsa.checksumValid, 'an LSA in the database keeps its octets (14)');
      if (ageS(entry, nowMs) >= MAX_AGE_S) aged.push(entry);
      // Times have fractions, and rounding may bring an entry up a moment before its next second.
      else this.#deadlines.push(Math.max(nowMs + 1, this.#checkAtMs(entry, nowMs)), entry);
    }
  }

  /** When the age of the entry next passes a multiple of CheckAge; MaxAge is one of them. */
  #checkAtMs(entry: LsdbEntry, nowMs: number): number {
    const checks = Math.floor(ageS(entry, nowMs) / CHECK_AGE_S) + 1;
    return entry.installedAtMs + 1000 * (checks * CHECK_AGE_S - entry.lsa.header.ageS);
  }
}
