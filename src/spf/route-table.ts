/**
 * Routes kept up to date, without clock: the calculation and its timing in one machine. A change
 * of prefixes alone comes out at once; a change of the topology waits as RFC 8405 says, so that
 * several are one run.
 *
 * Input `handle`, then take `poll` until it is empty, then come back at `deadlineMs`.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import type { LsaIdentity } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import type { CalculationRange } from './area-ranges.ts';
import { Calculation, type FullRunReason } from './calculation.ts';
import { SPF_DELAY_DEFAULTS, SpfDelay, type SpfDelayConfig } from './delay.ts';
import type { Route, RouteOutput } from './route.ts';
import type { ChoiceChange } from './route-choice.ts';

/** What is configured. */
export interface RouteTableConfig {
  readonly routerId: number;
  /** The most next hops of a route; 64 by default. */
  readonly maximumPaths?: number;
  readonly delay?: SpfDelayConfig;
  /** The address ranges configured for our areas; none by default. */
  readonly ranges?: readonly CalculationRange[];
  /** Area IDs of the NSSAs that we send no summaries into; none by default. */
  readonly nssasWithoutSummaries?: readonly number[];
  /**
   * A number that neighbors do not know, so that names they make up do not slow look-ups down (see
   * `key-table.ts`); no route depends on it. 0 by default.
   */
  readonly secret?: number;
  /** Milliseconds, to say how long runs take; no route depends on it. */
  readonly stopwatch?: () => number;
}

/** A database changed; `LsaOutput` of an instance with the time. */
export interface LsaInput {
  readonly kind: 'lsa';
  readonly nowMs: number;
  readonly scope: LsdbScope;
  readonly change: 'installed' | 'removed';
  readonly lsa: Lsa;
  readonly contentsChanged: boolean;
}

export type RouteTableInput = LsaInput | { readonly kind: 'deadline'; readonly nowMs: number };

/** One run over the databases. */
export interface Run {
  readonly atMs: number;
  /** `partial`: prefixes only; `incremental`: the part of the tree affected; `full`: all of it. */
  readonly kind: 'full' | 'incremental' | 'partial';
  /**
   * What changed: `prefixes`, or the `topology`; of a full run why it was one: the `first` tree,
   * our `ownPlace` in an area, `manyChanges` at once, or `linksOfNoCost`.
   */
  readonly reason: 'prefixes' | 'topology' | FullRunReason;
  /** The LSAs that made it necessary, at most {@link TRIGGERS_KEPT}. */
  readonly triggers: readonly LsaIdentity[];
  /** How many LSAs there were. */
  readonly triggerCount: number;
  /** Vertices looked at. */
  readonly vertices: number;
  /** Prefixes looked at. */
  readonly prefixes: number;
  /** Routes that came, went or changed. */
  readonly changes: number;
  /** `undefined` without a stopwatch. */
  readonly durationMs: number | undefined;
}

export interface RunOutput {
  readonly kind: 'run';
  readonly run: Run;
}

const MAXIMUM_PATHS = 64;
const RUNS_KEPT = 32;
const TRIGGERS_KEPT = 16;

interface Pending {
  readonly triggers: LsaIdentity[];
  count: number;
}

const nothingPending = (): Pending => ({ triggers: [], count: 0 });

export class RouteTable {
  readonly calculation: Calculation;
  readonly #maximumPaths: number;
  readonly #delay: SpfDelay;
  readonly #stopwatch: (() => number) | undefined;
  /** Whether a tree was ever made: before, prefixes wait for it. */
  #hasTree = false;
  #pending = nothingPending();
  readonly #runs: Run[] = [];
  #changes: ChoiceChange[] = [];
  #nextChange = 0;
  #runOutput: Run[] = [];

  constructor(config: RouteTableConfig) {
    this.calculation = new Calculation(
      config.routerId,
      config.ranges,
      config.nssasWithoutSummaries,
      config.secret,
    );
    this.#maximumPaths = config.maximumPaths ?? MAXIMUM_PATHS;
    this.#delay = new SpfDelay(config.delay ?? SPF_DELAY_DEFAULTS);
    this.#stopwatch = config.stopwatch;
  }

  handle(input: RouteTableInput): void {
    const { nowMs } = input;
    // Changes that nobody has taken yet hold on to sets of next hops.
    const taken = this.#nextChange === this.#changes.length;
    if (taken && this.calculation.sets.crowded) this.calculation.forgetUnused();
    if (this.#delay.advance(nowMs)) this.#runTree(nowMs);
    if (input.kind === 'deadline') return;
    if (input.contentsChanged) this.#handleLsa(input);
    else this.calculation.refresh(input.scope, input.lsa);
  }

  /** The next output, or `undefined` when everything was taken. */
  poll(): RouteOutput | RunOutput | undefined {
    while (this.#nextChange < this.#changes.length) {
      const output = this.#output(this.#changes[this.#nextChange++]!);
      if (output !== undefined) return output;
    }
    this.#changes = [];
    this.#nextChange = 0;
    const run = this.#runOutput.shift();
    return run && { kind: 'run', run };
  }

  /** When `handle` wants to be called with `deadline`, milliseconds; `Infinity` for never. */
  deadlineMs(): number {
    return this.#delay.deadlineMs();
  }

  /** Whether LSAs have changed that no run has taken in yet. */
  get pending(): boolean {
    return this.#pending.count > 0;
  }

  /** Router IDs of all that announce a prefix, reachable or not. @param key - the prefix as text. */
  originatorsOf(key: string): Set<number> {
    return this.calculation.originatorsOf(key);
  }

  /** Every route there is now. */
  *routes(): Generator<Route> {
    const { routes } = this.calculation;
    for (const prefix of routes.prefixes()) {
      yield routes.route(prefix, routes.chosen(prefix)!, this.#maximumPaths);
    }
  }

  /** How many routes there are. */
  get size(): number {
    return this.calculation.routes.size;
  }

  /** The route to a prefix. @param key - the prefix as text. */
  route(key: string): Route | undefined {
    const prefix = this.calculation.prefixOf(key);
    const chosen = prefix < 0 ? undefined : this.calculation.routes.chosen(prefix);
    return chosen && this.calculation.routes.route(prefix, chosen, this.#maximumPaths);
  }

  /** The last runs, newest last; at most 32. */
  runs(): readonly Run[] {
    return this.#runs;
  }

  #handleLsa({ nowMs, scope, change, lsa }: LsaInput): void {
    // RFC 2328 12.2: LSAs of age MaxAge are not used in the calculation.
    const present = change === 'installed' && lsa.header.ageS < MAX_AGE_S;
    const effect = this.calculation.change(scope, lsa, present);
    if (effect === 'none') return;
    if (effect === 'topology' || !this.#hasTree) {
      this.#pending.count++;
      if (this.#pending.triggers.length < TRIGGERS_KEPT) this.#pending.triggers.push(lsa.header);
      if (effect === 'topology') this.#delay.igpEvent(nowMs);
      // Delays of 0 are over at once.
      if (this.#delay.advance(nowMs)) this.#runTree(nowMs);
      return;
    }
    const from = this.#stopwatch?.();
    const work = this.calculation.runPrefixes();
    this.#log(
      { atMs: nowMs, kind: 'partial', reason: 'prefixes', triggers: [lsa.header], triggerCount: 1 },
      work,
      from,
    );
  }

  #runTree(nowMs: number): void {
    const { triggers, count } = this.#pending;
    this.#pending = nothingPending();
    const from = this.#stopwatch?.();
    const work = this.#hasTree
      ? this.calculation.runIncremental()
      : ({ ...this.calculation.runFull(), kind: 'full', reason: 'first' } as const);
    this.#hasTree = true;
    const { kind } = work;
    const reason = work.kind === 'full' ? work.reason : 'topology';
    this.#log({ atMs: nowMs, kind, reason, triggers, triggerCount: count }, work, from);
  }

  #log(
    about: Pick<Run, 'atMs' | 'kind' | 'reason' | 'triggers' | 'triggerCount'>,
    work: { readonly vertices: number; readonly prefixes: number },
    fromMs: number | undefined,
  ): void {
    const changes = this.calculation.routes.takeChanges();
    // A prefix that changed before and was not taken yet was before what it was then.
    const untaken = new Set(this.#changes.slice(this.#nextChange).map(({ prefix }) => prefix));
    for (const change of changes) if (!untaken.has(change.prefix)) this.#changes.push(change);
    const { vertices, prefixes } = work;
    const durationMs = fromMs === undefined ? undefined : this.#stopwatch!() - fromMs;
    const run: Run = { ...about, vertices, prefixes, changes: changes.length, durationMs };
    this.#runs.push(run);
    if (this.#runs.length > RUNS_KEPT) this.#runs.shift();
    this.#runOutput.push(run);
  }

  #output({ prefix, before }: ChoiceChange): RouteOutput | undefined {
    const { routes } = this.calculation;
    const chosen = routes.chosen(prefix);
    const route = chosen && routes.route(prefix, chosen, this.#maximumPaths);
    const previous = before && routes.route(prefix, before, this.#maximumPaths);
    if (route === undefined) {
      return previous && { kind: 'route', change: 'removed', route: previous };
    }
    if (previous === undefined) return { kind: 'route', change: 'added', route };
    return { kind: 'route', change: 'changed', route, previous };
  }
}
