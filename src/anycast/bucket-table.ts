/**
 * A table of buckets, each owned by one next hop: a flow's hash names its bucket, the bucket its
 * next hop. Counts of buckets follow the weights exactly (largest remainder); a change moves only
 * the buckets it must, so flows keep their server (resilient hashing), and which ones move follows
 * each next hop's own permutation (Maglev, NSDI 2016 3.4), so that routers tend to agree.
 *
 * A bucket has a home, which follows from weights, and an owner, which differs from its home only
 * while load is bounded (see bounded-load.ts).
 * @module
 */
import { apportion } from './apportion.ts';
import { spill } from './bounded-load.ts';
import { bucketOf, textHash } from './flow-hash.ts';

/** A next hop by its key, and the share wanted for it relative to the others. */
export interface WeightedKey {
  readonly key: string;
  /** Finite and above 0. */
  readonly weight: number;
}

export interface BucketTableConfig {
  /**
   * A power of two, 1..65536; by default 1024: at 16 next hops a share is then off by 1.6 % at most
   * for rounding (6 % with 256), and a kernel group of that size is still made in a millisecond.
   */
  readonly bucketCount?: number;
  /**
   * `resilient`: no flow of a remaining next hop moves unless weights demand it; depends on history.
   * `agreed`: a function of keys and weights alone, so several routers place every flow alike; a
   * few needless moves are its price.
   */
  readonly placement?: 'resilient' | 'agreed';
  /** Shares are put right when one is off by more than this part of itself; by default 0.05,
   * the least change that a server tells: a coarser gate behind it would keep its news for itself. */
  readonly refillErrorRatio?: number;
}

/** One bucket that changed hands; undefined when nobody owned or owns it. */
export interface BucketMove {
  readonly bucket: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What a change did to flows. */
export interface BucketChange {
  readonly moves: readonly BucketMove[];
  /** Moves that had to be: their owner left, or owned more than its share. */
  readonly necessary: number;
  /** Moves beyond the least that reaches the wanted shares; always 0 when `resilient`. */
  readonly needless: number;
}

/** A next hop's share of the table. */
export interface BucketShare {
  readonly key: string;
  readonly weight: number;
  /** Weight over the sum of weights, 0..1. */
  readonly wantedRatio: number;
  /** Buckets it owns. */
  readonly buckets: number;
  /** Buckets it owns over all buckets, 0..1. */
  readonly bucketRatio: number;
}

const NOBODY = 0xffff;
export const DEFAULT_BUCKET_COUNT = 1024;
export const DEFAULT_REFILL_ERROR_RATIO = 0.05;

interface Member {
  readonly key: string;
  weight: number;
  /** Buckets that its weight entitles it to. */
  quota: number;
  /** Buckets whose home it is. */
  homes: number;
  /** Start and step of its permutation of the buckets. */
  readonly offset: number;
  readonly step: number;
}

/** A member that is due more buckets, walking its permutation. */
interface Claimant {
  readonly slot: number;
  readonly member: Member;
  readonly due: number;
  taken: number;
  walked: number;
}

export class BucketTable {
  readonly bucketCount: number;
  readonly #placement: 'resilient' | 'agreed';
  readonly #refillErrorRatio: number;
  /** By slot; holes are slots that are free. */
  readonly #members: (Member | undefined)[] = [];
  readonly #slotOf = new Map<string, number>();
  readonly #home: Uint16Array;
  readonly #owner: Uint16Array;

  constructor(config: BucketTableConfig = {}) {
    const { bucketCount = DEFAULT_BUCKET_COUNT } = config;
    if (!Number.isInteger(Math.log2(bucketCount)) || bucketCount > 0x10000) {
      throw new RangeError(`bucketCount must be a power of two, 1..65536, not ${bucketCount}`);
    }
    this.bucketCount = bucketCount;
    this.#placement = config.placement ?? 'resilient';
    this.#refillErrorRatio = config.refillErrorRatio ?? DEFAULT_REFILL_ERROR_RATIO;
    this.#home = new Uint16Array(bucketCount).fill(NOBODY);
    this.#owner = new Uint16Array(bucketCount).fill(NOBODY);
  }

  /** The next hop of a flow by its hash (0..2^32-1); undefined when there is none. */
  pick(hash: number): string | undefined {
    return this.ownerOf(bucketOf(hash, this.bucketCount));
  }

  /** The next hop that owns a bucket, 0..bucketCount-1. */
  ownerOf(bucket: number): string | undefined {
    return this.#members[this.#owner[bucket]!]?.key;
  }

  /** Every next hop's share, by key. */
  shares(): BucketShare[] {
    const owned = new Uint32Array(this.#members.length);
    const owner = this.#owner;
    for (let bucket = 0; bucket < owner.length; bucket++) {
      const slot = owner[bucket]!;
      if (slot !== NOBODY) owned[slot]!++;
    }
    const sum = this.#present().reduce((all, { weight }) => all + weight, 0);
    return this.#present()
      .map(({ key, weight }) => {
        const buckets = owned[this.#slotOf.get(key)!]!;
        const bucketRatio = buckets / this.bucketCount;
        return { key, weight, wantedRatio: weight / sum, buckets, bucketRatio };
      })
      .sort(byKey);
  }

  /**
   * Makes these the next hops.
   * @param exact - put shares right whatever their error; by default only when it is too large.
   * @throws {RangeError} for a weight that is not finite and above 0, and for a key given twice.
   */
  update(wanted: readonly WeightedKey[], exact = false): BucketChange {
    checkWanted(wanted);
    const ownerBefore = this.#owner.slice();
    const keysBefore = this.#keys();
    this.#enter([...wanted].sort(byKey));
    const homeBefore = this.#home.slice(); // what gone members left is nobody's already
    const orphans = this.#countHomes();
    const surplus = this.#surplus();
    const agreed = this.#placement === 'agreed';
    if (agreed) {
      this.#home.fill(NOBODY);
      this.#countHomes();
    }
    if (agreed || orphans > 0) this.#claim('orphans');
    const refill = agreed || exact || this.#mustRefill();
    if (refill && this.#surplus() > 0) this.#claim('surplus');
    const sentHome = this.#settle(homeBefore);
    const moves = movesBetween(ownerBefore, this.#owner, keysBefore, this.#keys());
    const least = orphans + sentHome + (refill ? surplus : 0);
    const necessary = Math.min(moves.length, least);
    return { moves, necessary, needless: moves.length - necessary };
  }

  /**
   * Bounds load: no next hop keeps more than (1 + ε) of its wanted share of the measured load,
   * busiest buckets moved first; buckets moved earlier go home when that fits.
   * @param load - load per bucket lately, in any unit; as many numbers as buckets.
   * @param epsilon - above 0.
   */
  boundLoad(load: ArrayLike<number>, epsilon: number): BucketChange {
    if (!(epsilon > 0)) throw new RangeError(`epsilon must be above 0, not ${epsilon}`);
    const before = this.#owner.slice();
    const weights = this.#members.map((member) => member?.weight ?? 0);
    spill({ home: this.#home, owner: this.#owner, weights, load, epsilon });
    const keys = this.#keys();
    const moves = movesBetween(before, this.#owner, keys, keys);
    return { moves, necessary: moves.length, needless: 0 };
  }

  /** Keys by slot. */
  #keys(): (string | undefined)[] {
    return this.#members.map((member) => member?.key);
  }

  #present(): Member[] {
    return this.#members.filter((member) => member !== undefined);
  }

  /** Takes the new set in: gone members leave their buckets to nobody, quotas follow weights. */
  #enter(wanted: readonly WeightedKey[]): void {
    const keep = new Set(wanted.map(({ key }) => key));
    for (const [key, slot] of this.#slotOf) {
      if (keep.has(key)) continue;
      this.#slotOf.delete(key);
      this.#members[slot] = undefined;
      replace(this.#home, slot);
      replace(this.#owner, slot);
    }
    const weights = wanted.map(({ weight }) => weight);
    const quotas = apportion(weights, this.bucketCount);
    wanted.forEach(({ key, weight }, index) => {
      const slot = this.#slotOf.get(key) ?? this.#newSlot(key);
      Object.assign(this.#members[slot]!, { weight, quota: quotas[index]! });
    });
  }

  #newSlot(key: string): number {
    const free = this.#members.indexOf(undefined);
    const slot = free === -1 ? this.#members.length : free;
    if (slot === NOBODY) throw new RangeError(`more than ${NOBODY} next hops`);
    const offset = textHash(key, 1) % this.bucketCount;
    const step = textHash(key, 2) | 1; // odd, hence coprime to a power of two: a permutation
    this.#members[slot] = { key, weight: 0, quota: 0, homes: 0, offset, step };
    this.#slotOf.set(key, slot);
    return slot;
  }

  /** @returns the number of homes that are nobody's. */
  #countHomes(): number {
    const home = this.#home;
    const homes = new Uint32Array(this.#members.length);
    let orphans = 0;
    for (let bucket = 0; bucket < home.length; bucket++) {
      const slot = home[bucket]!;
      if (slot === NOBODY) orphans++;
      else homes[slot]!++;
    }
    for (const [slot, member] of this.#members.entries()) {
      if (member !== undefined) member.homes = homes[slot]!;
    }
    return orphans;
  }

  /** Homes beyond what their members are entitled to. */
  #surplus(): number {
    return this.#present().reduce((n, { homes, quota }) => n + Math.max(0, homes - quota), 0);
  }

  /** Whether a share is off by more than is tolerated. */
  #mustRefill(): boolean {
    return this.#present().some(
      ({ homes, quota }) => Math.abs(homes - quota) > this.#refillErrorRatio * quota,
    );
  }

  /**
   * Members below their quota take, in turns, the next bucket of their permutation that may go:
   * one that is nobody's, or one of a member that has too many.
   */
  #claim(what: 'orphans' | 'surplus'): void {
    const claimants = this.#claimants();
    const most = claimants.reduce((max, { due }) => Math.max(max, due), 0);
    for (let round = 1; round <= most; round++) {
      for (const claimant of claimants) {
        const turns = Math.floor((round * claimant.due) / most);
        while (claimant.taken < turns && this.#takeNext(claimant, what)) claimant.taken++;
      }
    }
  }

  #claimants(): Claimant[] {
    const claimants: Claimant[] = [];
    for (const [slot, member] of this.#members.entries()) {
      if (member === undefined || member.homes >= member.quota) continue;
      const due = member.quota - member.homes;
      claimants.push({ slot, member, due, taken: 0, walked: 0 });
    }
    // By key: slots depend on history, and routers with another one shall agree.
    return claimants.sort((a, b) => byKey(a.member, b.member));
  }

  #takeNext(claimant: Claimant, what: 'orphans' | 'surplus'): boolean {
    const { member, slot } = claimant;
    const { offset, step } = member;
    const home = this.#home;
    const members = this.#members;
    const mask = home.length - 1;
    // Whatever may not be taken now cannot become free later in this claim, so the walk goes on.
    while (claimant.walked < home.length) {
      const bucket = (offset + Math.imul(claimant.walked++, step)) & mask;
      const from = home[bucket]!;
      if (what === 'orphans') {
        if (from !== NOBODY) continue;
      } else {
        const giver = from === NOBODY ? undefined : members[from];
        if (giver === undefined || giver.homes <= giver.quota) continue;
        giver.homes--;
      }
      home[bucket] = slot;
      member.homes++;
      return true;
    }
    return false;
  }

  /**
   * Owners follow homes; a bucket lent for bounded load stays lent while its home is the same.
   * @returns the number of lent buckets that had to go home because their owner left.
   */
  #settle(homeBefore: Uint16Array): number {
    const homes = this.#home;
    const owners = this.#owner;
    let sentHome = 0;
    for (let bucket = 0; bucket < homes.length; bucket++) {
      const home = homes[bucket]!;
      const sameHome = home !== NOBODY && home === homeBefore[bucket];
      if (sameHome && owners[bucket] !== NOBODY) continue;
      if (sameHome) sentHome++;
      owners[bucket] = home;
    }
    return sentHome;
  }
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

function checkWanted(wanted: readonly WeightedKey[]): void {
  const seen = new Set<string>();
  for (const { key, weight } of wanted) {
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new RangeError(`weight of ${key} must be above 0, not ${weight}`);
    }
    if (seen.has(key)) throw new RangeError(`next hop ${key} is given twice`);
    seen.add(key);
  }
}

function replace(slots: Uint16Array, gone: number): void {
  for (let i = 0; i < slots.length; i++) if (slots[i] === gone) slots[i] = NOBODY;
}

/** @param keysBefore - by slot, as `keysAfter`: a slot may have been given to another next hop. */
function movesBetween(
  before: Uint16Array,
  after: Uint16Array,
  keysBefore: readonly (string | undefined)[],
  keysAfter: readonly (string | undefined)[],
): BucketMove[] {
  const anew = keysAfter.some((key, slot) => key !== keysBefore[slot]);
  const moves: BucketMove[] = [];
  for (let bucket = 0; bucket < after.length; bucket++) {
    if (before[bucket] === after[bucket] && !anew) continue;
    const from = keysBefore[before[bucket]!];
    const to = keysAfter[after[bucket]!];
    if (from !== to) moves.push({ bucket, from, to });
  }
  return moves;
}
