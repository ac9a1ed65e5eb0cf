/**
 * Which path to each prefix is the best: by path type, then by distance (RFC 2328 11, 16.2, 16.4).
 * Routes are kept as numbers; the values that others see are made when they are asked for.
 * @module
 */
import { formatPrefix } from '../wire/prefix.ts';
import type { Advertisements } from './advertisements.ts';
import { IndexSet } from './index-set.ts';
import { grown, type PrefixTable } from './key-table.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { PATH_TYPES, type Route } from './route.ts';
import { nextHopsOf, type PathsView, type Reached } from './route-next-hops.ts';
import { type Tree, UNREACHABLE } from './tree.ts';

const NO_ROUTE = 255;
/** Path type of a prefix that a single advertisement of this kind leads to. */
const SINGLE_INTRA_AREA = PATH_TYPES.indexOf('intra-area');
/** Added to the path type where `#several` holds what is reached. */
const SEVERAL = 0x40;
const EXTERNAL_1 = PATH_TYPES.indexOf('external-1');
const EXTERNAL_2 = PATH_TYPES.indexOf('external-2');

/** The originators through which a prefix is reached by its best path type. */
export interface Chosen {
  /** Place of the path type in `PATH_TYPES`. */
  readonly rank: number;
  /** Nearest first; never empty. */
  readonly reached: readonly Reached[];
  /** How many of them are equally near, the nearest. */
  readonly best: number;
}

/** What the choice needs to know of a vertex beyond the tree. */
export interface VertexFacts extends PathsView {
  /** Whether a path of that type may be taken through the vertex. */
  usable(vertex: number, rank: number): boolean;
  /** Whether an external path by the vertex goes before others (RFC 2328 16.4.1). */
  preferred(vertex: number): boolean;
  /** The Area ID of a vertex; `undefined` when it stands for several areas. */
  areaIdOf(vertex: number): number | undefined;
}

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
  #rank = new Uint8Array(64).fill(NO_ROUTE);
  #distance = new Int32Array(64);
  #nextHops = new Int32Array(64);
  #vertex = new Int32Array(64);
  #originator = new Uint32Array(64);
  #metric = new Int32Array(64);
  #type2Metric = new Int32Array(64);
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

  /** Chooses anew for every prefix. @returns how many those were. */
  updateAll(): number {
    // What is announced has then been looked at, and below only the tree can have changed.
    this.updateDirty();
    const count = this.#prefixes.size;
    const rank = this.#rank;
    const vertex = this.#vertex;
    const metric = this.#metric;
    const known = this.#distance;
    const hops = this.#nextHops;
    const { distance, nextHops } = this.#tree;
    for (let prefix = 0; prefix < count; prefix++) {
      // Most prefixes are announced once, within the area; most of those stay where they were.
      if (rank[prefix] === SINGLE_INTRA_AREA) {
        const v = vertex[prefix]!;
        const set = nextHops[v]!;
        const same = distance[v]! + metric[prefix]! === known[prefix] && set === hops[prefix];
        if (same && set !== NO_NEXT_HOPS) continue;
      }
      this.#update(prefix);
    }
    return count;
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
    return { rank, reached: [single], best: 1 };
  }

  /** The route that a choice makes. @param maximumPaths - the most next hops it may have. */
  route(prefix: number, chosen: Chosen, maximumPaths: number): Route {
    const { rank, reached, best } = chosen;
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
      areaId: rank < EXTERNAL_1 ? this.#facts.areaIdOf(nearest.vertex) : undefined,
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
    if (at >= 0 && said.nextOfPrefix[at]! < 0 && said.rank[at] === SINGLE_INTRA_AREA) {
      this.#setSingle(prefix, at);
      return;
    }
    const chosen = at < 0 ? undefined : this.#choose(at);
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

  /** Compares all advertisements of a prefix. */
  #choose(first: number): Chosen | undefined {
    const said = this.#advertisements;
    const { distance, nextHops } = this.#tree;
    let rank = NO_ROUTE;
    let reached: Reached[] = [];
    for (let at = first; at >= 0; at = said.nextOfPrefix[at]!) {
      const type = said.rank[at]!;
      const vertex = said.vertex[at]!;
      const near = distance[vertex]!;
      if (type > rank || near === UNREACHABLE || !this.#facts.usable(vertex, type)) continue;
      const set = nextHops[vertex]!;
      if (set === NO_NEXT_HOPS && !this.#facts.isRoot(vertex)) continue;
      // 11: a path of an earlier type wins whatever the distances.
      if (type < rank) {
        rank = type;
        reached = [];
      }
      const metric = said.metric[at]!;
      const type2Metric = said.type2Metric[at]!;
      const originator = said.originator[at]!;
      const far = near + metric;
      reached.push({ vertex, originator, metric, type2Metric, distance: far, nextHops: set });
    }
    const external = rank >= EXTERNAL_1;
    const order = (a: Reached, b: Reached): number =>
      // 16.4 (6b): of type 2 paths the metric outside counts first.
      a.type2Metric - b.type2Metric ||
      // 16.4 (6c), 16.4.1
      (external
        ? Number(this.#facts.preferred(b.vertex)) - Number(this.#facts.preferred(a.vertex))
        : 0) ||
      a.distance - b.distance;
    reached.sort((a, b) => order(a, b) || a.originator - b.originator || a.vertex - b.vertex);
    const nearest = reached[0];
    if (nearest === undefined) return undefined;
    const best = reached.findLastIndex((other) => order(nearest, other) === 0) + 1;
    return { rank, reached, best };
  }

  #reserve(): void {
    const { size } = this.#prefixes;
    if (size <= this.#rank.length) return;
    const length = size + (size >>> 1);
    this.#rank = grown(this.#rank, length, NO_ROUTE);
    this.#distance = grown(this.#distance, length);
    this.#nextHops = grown(this.#nextHops, length);
    this.#vertex = grown(this.#vertex, length);
    this.#originator = grown(this.#originator, length);
    this.#metric = grown(this.#metric, length);
    this.#type2Metric = grown(this.#type2Metric, length);
  }
}

function sameChosen(a: Chosen, b: Chosen): boolean {
  return (
    a.rank === b.rank &&
    a.best === b.best &&
    a.reached.length === b.reached.length &&
    a.reached.every((mine, i) => {
      const other = b.reached[i]!;
      return (
        mine.vertex === other.vertex &&
        mine.originator === other.originator &&
        mine.metric === other.metric &&
        mine.type2Metric === other.type2Metric &&
        mine.distance === other.distance &&
        mine.nextHops === other.nextHops
      );
    })
  );
}
