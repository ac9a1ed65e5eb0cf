/**
 * The routes that there are, one per prefix, by the best of its paths (`path-choice.ts`). They are
 * kept as numbers; the values that others see are made when they are asked for.
 * @module
 */
import { formatPrefix } from '../wire/prefix.ts';
import type { Advertisements } from './advertisements.ts';
import { IndexSet } from './index-set.ts';
import { FIRST_LENGTH, grown, type PrefixTable } from './key-table.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { type Chosen, choosePaths, sameChosen, type VertexFacts } from './path-choice.ts';
import { PATH_TYPES, type Route } from './route.ts';
import { nextHopsOf, type Reached } from './route-next-hops.ts';
import { type Tree, UNREACHABLE } from './tree.ts';

const BACKBONE = 0;
const NO_ROUTE = 255;
/** Path type of a prefix that a single advertisement of this kind leads to. */
const SINGLE_INTRA_AREA = PATH_TYPES.indexOf('intra-area');
/** Added to the path type where `#several` holds what is reached. */
const SEVERAL = 0x40;
const EXTERNAL_1 = PATH_TYPES.indexOf('external-1');
const EXTERNAL_2 = PATH_TYPES.indexOf('external-2');

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
  /** Per prefix, of one reached by a single advertisement; `Several` has the others. */
  #rank = new Uint8Array(FIRST_LENGTH).fill(NO_ROUTE);
  #distance = new Int32Array(FIRST_LENGTH);
  #nextHops = new Int32Array(FIRST_LENGTH);
  #vertex = new Int32Array(FIRST_LENGTH);
  #originator = new Uint32Array(FIRST_LENGTH);
  #metric = new Int32Array(FIRST_LENGTH);
  #type2Metric = new Int32Array(FIRST_LENGTH);
  readonly #several = new Map<number, Chosen>();
  readonly #text: string[] = [];
  /** Routes that there are. */
  size = 0;
  /** The prefixes changed since the last `takeChanges`, and how each was reached before. */
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
    const count = dirty.size;
    this.#reserve();
    for (let i = 0; i < count; i++) this.#update(dirty.at(i));
    dirty.clear();
    return count;
  }

  /** The prefixes that changed since the last {@link takeChanges}. */
  get changed(): Pick<IndexSet, 'size' | 'at'> {
    return this.#changed;
  }

  takeChanges(): ChoiceChange[] {
    const changes = this.#before.map((before, i) => ({ prefix: this.#changed.at(i), before }));
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
      if (this.#rank[prefix]! & SEVERAL) {
        for (const { nextHops } of this.#several.get(prefix)!.reached) yield nextHops;
      } else yield this.#nextHops[prefix]!;
    }
  }

  /** The prefixes that have a route. */
  *prefixes(): Generator<number> {
    for (let prefix = 0; prefix < this.#rank.length; prefix++) {
      if (this.#rank[prefix] !== NO_ROUTE) yield prefix;
    }
  }

  /** The path type of a prefix's route as its place in `PATH_TYPES`, or -1. */
  rankOf(prefix: number): number {
    const rank = this.#rank[prefix] ?? NO_ROUTE;
    return rank === NO_ROUTE ? -1 : rank & ~SEVERAL;
  }

  /** How a prefix is reached now. */
  chosen(prefix: number): Chosen | undefined {
    const rank = this.rankOf(prefix);
    if (rank < 0) return undefined;
    if (this.#rank[prefix]! & SEVERAL) return this.#several.get(prefix);
    const single: Reached = {
      vertex: this.#vertex[prefix]!,
      originator: this.#originator[prefix]!,
      metric: this.#metric[prefix]!,
      type2Metric: this.#type2Metric[prefix]!,
      distance: this.#distance[prefix]!,
      nextHops: this.#nextHops[prefix]!,
    };
    return { rank, reached: [single], best: 1, transit: false };
  }

  /** The route that a choice makes. @param maximumPaths - the most next hops it may have. */
  route(prefix: number, chosen: Chosen, maximumPaths: number): Route {
    const { rank, reached, best, transit } = chosen;
    const nearest = reached[0]!;
    const pathType = PATH_TYPES[rank]!;
    const { sets } = this.#tree;
    return {
      key: this.key(prefix),
      prefix: {
        prefixLength: this.#prefixes.prefixLength(prefix),
        prefixOptions: 0,
        address: this.#prefixes.address(prefix),
      },
      pathType,
      distance: nearest.distance,
      ...(rank === EXTERNAL_2 && { type2Metric: nearest.type2Metric }),
      ...this.#areaOf(rank, nearest.vertex, transit),
      nextHops: nextHopsOf(reached.slice(0, best), sets, maximumPaths, this.#facts),
      candidates: reached.map(({ originator, metric, distance, nextHops }) => ({
        originator,
        metric,
        distance,
        nextHops: sets.nextHops(nextHops),
      })),
    };
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
    const single = at >= 0 && said.nextOfPrefix[at]! < 0 && said.rank[at] === SINGLE_INTRA_AREA;
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
    const { distance, nextHops } = this.#tree;
    const vertex = said.vertex[at]!;
    const near = distance[vertex]!;
    const set = nextHops[vertex]!;
    if (near === UNREACHABLE || (set === NO_NEXT_HOPS && !this.#facts.isRoot(vertex))) {
      this.#clear(prefix);
      return;
    }
    const metric = said.metric[at]!;
    if (
      this.#distance[prefix] === near + metric &&
      this.#nextHops[prefix] === set &&
      this.#vertex[prefix] === vertex &&
      this.#originator[prefix] === said.originator[at] &&
      this.#metric[prefix] === metric &&
      this.#rank[prefix] === SINGLE_INTRA_AREA
    ) {
      return;
    }
    this.#changing(prefix);
    if (this.#rank[prefix] !== NO_ROUTE) this.#several.delete(prefix);
    this.#rank[prefix] = SINGLE_INTRA_AREA;
    this.#distance[prefix] = near + metric;
    this.#nextHops[prefix] = set;
    this.#vertex[prefix] = vertex;
    this.#originator[prefix] = said.originator[at]!;
    this.#metric[prefix] = metric;
    this.#type2Metric[prefix] = 0;
  }

  #setSeveral(prefix: number, chosen: Chosen): void {
    const before = this.#several.get(prefix);
    if (before !== undefined && sameChosen(before, chosen)) return;
    this.#changing(prefix);
    this.#several.set(prefix, chosen);
    this.#rank[prefix] = chosen.rank | SEVERAL;
  }

  #clear(prefix: number): void {
    if (this.#rank[prefix] === NO_ROUTE) return;
    this.#changing(prefix);
    this.#several.delete(prefix);
    this.#rank[prefix] = NO_ROUTE;
    this.size--;
  }

  #changing(prefix: number): void {
    const before = this.chosen(prefix);
    if (before === undefined) this.size++;
    if (this.#changed.has(prefix)) {
      this.#again = true;
      return;
    }
    this.#changed.add(prefix);
    this.#before.push(before);
  }

  #areaOf(rank: number, vertex: number, transit: boolean): { areaId: number | undefined } {
    if (rank >= EXTERNAL_1) return { areaId: undefined };
    return { areaId: transit ? BACKBONE : this.#facts.areaIdOf(vertex) };
  }

  #reserve(): void {
    const { size } = this.#prefixes;
    if (size <= this.#rank.length) return;
    const length = size + (size >>> 1);
    this.#changed.reserve(size);
    this.#rank = grown(this.#rank, length, NO_ROUTE);
    this.#distance = grown(this.#distance, length);
    this.#nextHops = grown(this.#nextHops, length);
    this.#vertex = grown(this.#vertex, length);
    this.#originator = grown(this.#originator, length);
    this.#metric = grown(this.#metric, length);
    this.#type2Metric = grown(this.#type2Metric, length);
  }
}
