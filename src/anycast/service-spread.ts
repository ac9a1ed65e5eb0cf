/**
 * The spread of one anycast service: next hops in, a bucket table out. It applies the policy, eases
 * new next hops in, replaces one that has failed before routes are computed again, bounds load, and
 * says which buckets changed hands. Sans-IO: the caller gives the time and drains `poll()`.
 * @module
 */
import {
  type BucketMove,
  type BucketShare,
  BucketTable,
  type BucketTableConfig,
  type WeightedKey,
} from './bucket-table.ts';
import {
  type SpreadMember,
  type SpreadPolicy,
  type WeightSource,
  wantedWeights,
} from './policy.ts';
import { nextRampStepMs, rampedWeight } from './slow-start.ts';

export interface ServiceSpreadConfig extends BucketTableConfig {
  /** By default `weighted`. */
  readonly policy?: SpreadPolicy;
  /**
   * A next hop keeps at most (1 + ε) of its wanted share of the measured load; without it load is
   * not bounded.
   */
  readonly boundedLoadEpsilon?: number;
}

export type ServiceSpreadInput =
  /** The next hops, all of them, as routes and servers have them now. */
  | {
      readonly kind: 'nextHops';
      readonly nowMs: number;
      readonly members: readonly SpreadMember[];
    }
  /** A neighbor entry or BFD session failed or came back; holds until told otherwise. */
  | {
      readonly kind: 'usable';
      readonly nowMs: number;
      readonly key: string;
      readonly usable: boolean;
    }
  /** Flows or queries per bucket lately; only of use with `boundedLoadEpsilon`. */
  | { readonly kind: 'load'; readonly nowMs: number; readonly load: ArrayLike<number> }
  | { readonly kind: 'deadline'; readonly nowMs: number };

/** The table has changed. */
export interface BucketsOutput {
  readonly kind: 'buckets';
  readonly cause: ServiceSpreadInput['kind'];
  readonly moves: readonly BucketMove[];
  /** Moves beyond the least that reaches the wanted shares. */
  readonly needless: number;
  readonly shares: readonly BucketShare[];
  /** What the weights were derived from. */
  readonly source: WeightSource;
}
export type ServiceSpreadOutput = BucketsOutput;

/** Counted since the beginning. */
export interface SpreadCounts {
  readonly changes: number;
  readonly moves: number;
  readonly needlessMoves: number;
}

export class ServiceSpread {
  readonly #policy: SpreadPolicy;
  readonly #epsilon: number | undefined;
  readonly #table: BucketTable;
  readonly #outputs: ServiceSpreadOutput[] = [];
  #members: readonly SpreadMember[] = [];
  /** When each next hop that is in use came into use; -Infinity for those of the first set. */
  #since = new Map<string, number>();
  /** Keys of next hops that were told to have failed. */
  readonly #failed = new Set<string>();
  #source: WeightSource = 'equal';
  #rampDeadlineMs = Number.POSITIVE_INFINITY;
  #counts = { changes: 0, moves: 0, needlessMoves: 0 };

  constructor(config: ServiceSpreadConfig = {}) {
    this.#policy = config.policy ?? 'weighted';
    this.#epsilon = config.boundedLoadEpsilon;
    this.#table = new BucketTable(config);
  }

  /** @throws {RangeError} when a custom policy returns a weight or key that cannot be. */
  handle(input: ServiceSpreadInput): void {
    switch (input.kind) {
      case 'nextHops':
        this.#members = input.members.map((member) => this.#judged(member));
        this.#refresh(input.nowMs, input.kind);
        break;
      case 'usable':
        if (input.usable) this.#failed.delete(input.key);
        else this.#failed.add(input.key);
        this.#members = this.#members.map((member) =>
          member.key === input.key ? { ...member, usable: input.usable } : member,
        );
        this.#refresh(input.nowMs, input.kind);
        break;
      case 'deadline':
        if (input.nowMs >= this.#rampDeadlineMs) this.#refresh(input.nowMs, input.kind);
        break;
      case 'load':
        this.#boundLoad(input.load);
    }
  }

  poll(): ServiceSpreadOutput | undefined {
    return this.#outputs.shift();
  }

  /** When the next step of easing in is due; `Infinity` when nobody is being eased in. */
  deadlineMs(): number {
    return this.#rampDeadlineMs;
  }

  /** The next hop of a flow by its hash (0..2^32-1); undefined when there is none. */
  pick(hash: number): string | undefined {
    return this.#table.pick(hash);
  }

  /** The next hop that owns a bucket. */
  ownerOf(bucket: number): string | undefined {
    return this.#table.ownerOf(bucket);
  }

  get bucketCount(): number {
    return this.#table.bucketCount;
  }

  /** Wanted share and share of the table, by next hop. */
  shares(): BucketShare[] {
    return this.#table.shares();
  }

  get counts(): SpreadCounts {
    return this.#counts;
  }

  /** A next hop that failed stays failed when routes are computed again. */
  #judged(member: SpreadMember): SpreadMember {
    return this.#failed.has(member.key) ? { ...member, usable: false } : member;
  }

  #refresh(nowMs: number, cause: ServiceSpreadInput['kind']): void {
    const wanted = wantedWeights(this.#policy, this.#members);
    this.#enter(wanted.members, nowMs);
    const wasRamping = this.#rampDeadlineMs !== Number.POSITIVE_INFINITY;
    const ramped = this.#ramp(wanted.members, nowMs);
    // The last step of a ramp leaves no rest behind that a tolerance would keep.
    const exact = wasRamping && this.#rampDeadlineMs === Number.POSITIVE_INFINITY;
    const change = this.#table.update(ramped, exact);
    const sourceChanged = wanted.source !== this.#source;
    this.#source = wanted.source;
    if (change.moves.length > 0 || sourceChanged) this.#emit(cause, change);
  }

  /** Notes who joined. A whole first set is not eased in: there is nobody else to serve. */
  #enter(wanted: readonly WeightedKey[], nowMs: number): void {
    const first = this.#since.size === 0;
    const established = new Set(
      this.#members.filter((member) => member.established).map(({ key }) => key),
    );
    this.#since = new Map(
      wanted.map(({ key }) => {
        const always = first || established.has(key);
        return [key, this.#since.get(key) ?? (always ? Number.NEGATIVE_INFINITY : nowMs)];
      }),
    );
  }

  #ramp(wanted: readonly WeightedKey[], nowMs: number): WeightedKey[] {
    const windowOf = new Map(this.#members.map((member) => [member.key, member.rampWindowS ?? 0]));
    this.#rampDeadlineMs = Number.POSITIVE_INFINITY;
    return wanted.map(({ key, weight }) => {
      const windowS = windowOf.get(key) ?? 0;
      const sinceMs = this.#since.get(key) ?? nowMs;
      const stepMs = nextRampStepMs(windowS, sinceMs, nowMs);
      this.#rampDeadlineMs = Math.min(this.#rampDeadlineMs, stepMs);
      return { key, weight: rampedWeight(weight, windowS, sinceMs, nowMs) };
    });
  }

  #boundLoad(load: ArrayLike<number>): void {
    if (this.#epsilon === undefined) return;
    const change = this.#table.boundLoad(load, this.#epsilon);
    if (change.moves.length > 0) this.#emit('load', change);
  }

  #emit(
    cause: ServiceSpreadInput['kind'],
    change: { readonly moves: readonly BucketMove[]; readonly needless: number },
  ): void {
    const { moves, needless } = change;
    this.#counts = {
      changes: this.#counts.changes + 1,
      moves: this.#counts.moves + moves.length,
      needlessMoves: this.#counts.needlessMoves + needless,
    };
    const shares = this.shares();
    this.#outputs.push({ kind: 'buckets', cause, moves, needless, shares, source: this.#source });
  }
}
