/**
 * The routes that there are, one per prefix, by the best of its paths (`path-choice.ts`). They are
 * kept as numbers; the values that others see are made when they are asked for.
 * @module
 */
import { formatPrefix } from '../wire/prefix.ts';
import type { Advertisements } from './advertisements.ts';
import { IndexSet } from './index-set.ts';
import type { PrefixTable } from './key-table.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { type Chosen, choosePaths, sameChosen, type VertexFacts } from './path-choice.ts';
import { PATH_TYPES, type Route } from './route.ts';
import { nextHopsOf, type Reached } from './route-next-hops.ts';
import { type Tree, UNREACHABLE } from './tree.ts';
import { grownWords, newWords } from './words.ts';

const BACKBONE = 0;
const EXTERNAL_1 = PATH_TYPES.indexOf('external-1');
const EXTERNAL_2 = PATH_TYPES.indexOf('external-2');

/** Words of a route. */
const WORDS = 6;
/** How it is kept: below. Of a single one the others say what is reached. */
const KEPT = 0;
const DISTANCE = 1;
/** A set of `NextHopSets`. */
const NEXT_HOPS = 2;
const VERTEX = 3;
const ORIGINATOR = 4;
const METRIC = 5;

const NO_ROUTE = 0;
/** A prefix that a single advertisement leads to, by a path within the area. */
const SINGLE = 1;
const SINGLE_RANK = PATH_TYPES.indexOf('intra-area');
/** Added to the path type where `#several` holds what is reached. */
const SEVERAL = 2;

/** A prefix whose route is not what it was, and that. */
export interface ChoiceChange {
  readonly prefix: number;
  readonly before: Chosen | undefined;
}

/** The best path to every prefix. */
export class RouteChoice {
  readonly #prefixes: PrefixTable;
  readonly #advertisements: Advertisements;
  readonly #tree: Tree;
  readonly #facts: VertexFacts;
  /** Per prefix the words above. */
  #rows = newWords(0);
  readonly #several = new Map<number, Chosen>();
  readonly #text: string[] = [];
  /** Routes that there are. */
  size = 0;
  /**
   * The prefixes changed since the last `takeChanges`, and how each was reached before: of those
   * behind the last that was reached, nothing is kept.
   */
  readonly #changed = new IndexSet();
  #before: (Chosen | undefined)[] = [];
  /** Whether one of them changed more than once. */
  #again = false;

  constructor(
    prefixes: PrefixTable,
    advertisements: Advertisements,
    tree: Tree,
    facts: VertexFacts,
  ) {
    this.#prefixes = prefixes;
    this.#advertisements = advertisements;
    this.#tree = tree;
    this.#facts = facts;
  }

  /** Chooses anew for every prefix that is marked. @returns how many those were. */
  updateDirty(): number {
    const { dirty } = this.#advertisements;
    this.#reserve();
    const count = dirty.all ? this.#updateAll() : dirty.size;
    for (let i = 0; i < dirty.size; i++) this.#update(dirty.at(i));
    dirty.clear();
    return count;
  }

  #updateAll(): number {
    let announced = 0;
    for (let prefix = 0; prefix < this.#prefixes.size; prefix++) {
      if (this.#advertisements.firstOfPrefix(prefix) >= 0) announced++;
      this.#update(prefix);
    }
    return announced;
  }

  /** The prefixes that changed since the last {@link takeChanges}. */
  get changed(): Pick<IndexSet, 'size' | 'at'> {
    return this.#changed;
  }

  takeChanges(): ChoiceChange[] {
    const changes: ChoiceChange[] = [];
    for (let i = 0; i < this.#changed.size; i++) {
      changes.push({ prefix: this.#changed.at(i), before: this.#before[i] });
    }
    this.#changed.clear();
    this.#before = [];
    if (!this.#again) return changes;
    this.#again = false;
    // What changed twice may be what it was.
    return changes.filter(({ prefix, before }) => {
      const now = this.chosen(prefix);
      return now === undefined || before === undefined ? now !== before : !sameChosen(before, now);
    });
  }

  /** The sets of next hops that routes have now. */
  *nextHopSets(): Generator<number> {
    for (const prefix of this.prefixes()) {
      const row = WORDS * prefix;
      if (this.#rows[row + KEPT] === SINGLE) yield this.#rows[row + NEXT_HOPS]!;
      else for (const { nextHops } of this.#several.get(prefix)!.reached) yield nextHops;
    }
  }

  /** The prefixes that have a route. */
  *prefixes(): Generator<number> {
    for (let prefix = 0; WORDS * prefix < this.#rows.length; prefix++) {
      if (this.#rows[WORDS * prefix] !== NO_ROUTE) yield prefix;
    }
  }

  /** The path type of a prefix's route as its place in `PATH_TYPES`, or -1. */
  rankOf(prefix: number): number {
    const kept = this.#rows[WORDS * prefix] ?? NO_ROUTE;
    if (kept === SINGLE) return SINGLE_RANK;
    return kept === NO_ROUTE ? -1 : kept - SEVERAL;
  }

  /** How a prefix is reached now. */
  chosen(prefix: number): Chosen | undefined {
    const rows = this.#rows;
    const row = WORDS * prefix;
    const kept = rows[row] ?? NO_ROUTE;
    if (kept === NO_ROUTE) return undefined;
    if (kept !== SINGLE) return this.#several.get(prefix);
    const single: Reached = {
      vertex: rows[row + VERTEX]!,
      originator: rows[row + ORIGINATOR]! >>> 0,
      metric: rows[row + METRIC]!,
      type2Metric: 0,
      distance: rows[row + DISTANCE]! >>> 0,
      nextHops: rows[row + NEXT_HOPS]!,
    };
    return { rank: SINGLE_RANK, reached: [single], best: 1, transit: false };
  }

  /** The route that a choice makes. @param maximumPaths - the most next hops it may have. */
  route(prefix: number, chosen: Chosen, maximumPaths: number): Route {
    const { rank, reached, best, transit } = chosen;
    const nearest = reached[0]!;
    const pathType = PATH_TYPES[rank]!;
    const { sets } = this.#tree;
    // Named one by one: to spread objects into a new one takes the engine several times as long.
    const route = {
      key: this.key(prefix),
      prefix: {
        prefixLength: this.#prefixes.prefixLength(prefix),
        prefixOptions: 0,
        address: this.#prefixes.address(prefix),
      },
      pathType,
      distance: nearest.distance,
      areaId: this.#areaIdOf(rank, nearest.vertex, transit),
      nextHops: nextHopsOf(reached.slice(0, best), sets, maximumPaths, this.#facts),
      candidates: reached.map(({ originator, metric, distance, nextHops }) => ({
        originator,
        metric,
        distance,
        nextHops: sets.nextHops(nextHops),
      })),
    };
    return rank === EXTERNAL_2 ? { ...route, type2Metric: nearest.type2Metric } : route;
  }

  /** The prefix as text. */
  key(prefix: number): string {
    this.#text[prefix] ??= formatPrefix({
      prefixLength: this.#prefixes.prefixLength(prefix),
      address: this.#prefixes.address(prefix),
    });
    return this.#text[prefix];
  }

  #update(prefix: number): void {
    const said = this.#advertisements;
    const at = said.firstOfPrefix(prefix);
    // Most prefixes are announced once, and by a plain path within the area.
    const single = at >= 0 && said.nextOfPrefix(at) < 0 && said.rankOf(at) === SINGLE_RANK;
    if (single && !this.#facts.transit) {
      this.#setSingle(prefix, at);
      return;
    }
    const chosen = at < 0 ? undefined : choosePaths(said, at, this.#tree, this.#facts);
    if (chosen === undefined) this.#clear(prefix);
    else this.#setSeveral(prefix, chosen);
  }

  #setSingle(prefix: number, at: number): void {
    const said = this.#advertisements;
    const vertex = said.vertexOf(at);
    const near = this.#tree.distance[vertex]!;
    const set = this.#tree.nextHops[vertex]!;
    if (near === UNREACHABLE || (set === NO_NEXT_HOPS && !this.#facts.isRoot(vertex))) {
      this.#clear(prefix);
      return;
    }
    const rows = this.#rows;
    const row = WORDS * prefix;
    const metric = said.metricOf(at);
    const originator = said.originatorOf(at) | 0;
    const distance = near + metric;
    const kept = rows[row + KEPT]!;
    if (
      rows[row + DISTANCE]! >>> 0 === distance &&
      rows[row + NEXT_HOPS] === set &&
      rows[row + VERTEX] === vertex &&
      rows[row + ORIGINATOR] === originator &&
      rows[row + METRIC] === metric &&
      kept === SINGLE
    ) {
      return;
    }
    this.#changing(prefix);
    if (kept >= SEVERAL) this.#several.delete(prefix);
    rows[row + KEPT] = SINGLE;
    rows[row + DISTANCE] = distance;
    rows[row + NEXT_HOPS] = set;
    rows[row + VERTEX] = vertex;
    rows[row + ORIGINATOR] = originator;
    rows[row + METRIC] = metric;
  }

  #setSeveral(prefix: number, chosen: Chosen): void {
    const before = this.#several.get(prefix);
    if (before !== undefined && sameChosen(before, chosen)) return;
    this.#changing(prefix);
    this.#several.set(prefix, chosen);
    this.#rows[WORDS * prefix] = SEVERAL + chosen.rank;
  }

  #clear(prefix: number): void {
    if (this.#rows[WORDS * prefix] === NO_ROUTE) return;
    this.#changing(prefix);
    this.#several.delete(prefix);
    this.#rows[WORDS * prefix] = NO_ROUTE;
    this.size--;
  }

  #changing(prefix: number): void {
    const none = this.#rows[WORDS * prefix] === NO_ROUTE;
    if (none) this.size++;
    if (this.#changed.has(prefix)) {
      this.#again = true;
      return;
    }
    if (!none) {
      while (this.#before.length < this.#changed.size) this.#before.push(undefined);
      this.#before.push(this.chosen(prefix));
    }
    this.#changed.add(prefix);
  }

  #areaIdOf(rank: number, vertex: number, transit: boolean): number | undefined {
    if (rank >= EXTERNAL_1) return undefined;
    return transit ? BACKBONE : this.#facts.areaIdOf(vertex);
  }

  #reserve(): void {
    const { size } = this.#prefixes;
    if (WORDS * size <= this.#rows.length) return;
    this.#changed.reserve(size);
    this.#rows = grownWords(this.#rows, WORDS * (size + (size >>> 3)));
  }
}
