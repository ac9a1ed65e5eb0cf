/**
 * Which paths to a prefix are the best: by path type, then by distance (RFC 2328 11, 16.2, 16.4),
 * and whether a transit area has better ones (16.3).
 * @module
 */
import type { Advertisements } from './advertisements.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { PATH_TYPES } from './route.ts';
import type { PathsView, Reached } from './route-next-hops.ts';
import { type Tree, UNREACHABLE } from './tree.ts';

const NO_RANK = PATH_TYPES.length;
const INTER_AREA = PATH_TYPES.indexOf('inter-area');
const EXTERNAL_1 = PATH_TYPES.indexOf('external-1');

/** The originators through which a prefix is reached by its best path type. */
export interface Chosen {
  /** Place of the path type in `PATH_TYPES`. */
  readonly rank: number;
  /** Nearest first; never empty. */
  readonly reached: readonly Reached[];
  /** How many of them are equally near, the nearest. */
  readonly best: number;
  /** Whether the nearest leads through a transit area; it counts as one of the backbone. */
  readonly transit: boolean;
}

/** What the choice needs to know of a vertex beyond the tree. */
export interface VertexFacts extends PathsView {
  /** Whether a path of that type may be taken through the vertex. */
  usable(vertex: number, rank: number): boolean;
  /** Whether an external path by the vertex goes before others (RFC 2328 16.4.1). */
  preferred(vertex: number): boolean;
  /** Whether there are transit areas or a virtual link of ours: 16.3 has something to do then. */
  readonly transit: boolean;
  inBackbone(vertex: number): boolean;
  /** Whether an Inter-Area LSA by the vertex tells of such a path. */
  leadsThroughTransit(vertex: number): boolean;
  /** The Area ID of a vertex; `undefined` when it stands for several areas. */
  areaIdOf(vertex: number): number | undefined;
  /** Whether a prefix is an active area address range of ours (RFC 2328 16.2 step 3). */
  isOwnRange(prefix: number): boolean;
}

/**
 * Compares all advertisements of a prefix.
 * @param first - the first of them.
 * @param leastRank - path types before this one are left out.
 * @returns `undefined` when no path leads there.
 */
export function choosePaths(
  said: Advertisements,
  first: number,
  tree: Tree,
  facts: VertexFacts,
  leastRank = 0,
): Chosen | undefined {
  const { rank, reached } = reachedBy(said, first, tree, facts, leastRank);
  const order = (a: Reached, b: Reached): number =>
    // 16.4 (6b): of type 2 paths the metric outside counts first.
    a.type2Metric - b.type2Metric ||
    // 16.4 (6c), 16.4.1
    (rank >= EXTERNAL_1
      ? Number(facts.preferred(b.vertex)) - Number(facts.preferred(a.vertex))
      : 0) ||
    a.distance - b.distance;
  reached.sort((a, b) => order(a, b) || byOriginator(a, b));
  const nearest = reached[0];
  if (nearest === undefined) return undefined;
  const best = reached.findLastIndex((other) => order(nearest, other) === 0) + 1;
  const chosen = { rank, reached, best, transit: false };
  if (!facts.transit || rank > INTER_AREA) return chosen;
  // 16.3: a path whose next hops are not found is discarded; external ones are looked at later.
  const examined = throughTransit(chosen, said, first, tree, facts);
  return examined ?? choosePaths(said, first, tree, facts, EXTERNAL_1);
}

/** The paths of the best type that lead somewhere. */
function reachedBy(
  said: Advertisements,
  first: number,
  { distance, nextHops }: Tree,
  facts: VertexFacts,
  leastRank: number,
): { rank: number; reached: Reached[] } {
  let rank: number = NO_RANK;
  let reached: Reached[] = [];
  for (let at = first; at >= 0; at = said.nextOfPrefix(at)) {
    const type = said.rankOf(at);
    const vertex = said.vertexOf(at);
    const near = distance[vertex]!;
    if (type < leastRank || type > rank || near === UNREACHABLE) continue;
    if (!facts.usable(vertex, type)) continue;
    if (type === INTER_AREA && facts.isOwnRange(said.prefixOf(at))) continue;
    const set = nextHops[vertex]!;
    if (set === NO_NEXT_HOPS && !facts.isRoot(vertex)) continue;
    // 11: a path of an earlier type wins whatever the distances.
    if (type < rank) {
      rank = type;
      reached = [];
    }
    const metric = said.metricOf(at);
    const type2Metric = said.type2MetricOf(at);
    const originator = said.originatorOf(at);
    const far = near + metric;
    reached.push({ vertex, originator, metric, type2Metric, distance: far, nextHops: set });
  }
  return { rank, reached };
}

/**
 * RFC 2328 16.3: what border routers of transit areas say of a prefix of the backbone may lead
 * there as well or better than the path so far; it also resolves next hops over virtual links.
 */
function throughTransit(
  so: Chosen,
  said: Advertisements,
  first: number,
  { distance, nextHops, sets }: Tree,
  facts: VertexFacts,
): Chosen | undefined {
  const least = so.reached[0]!.distance;
  const through: Reached[] = [];
  // 16.3 (3): of routes of the backbone alone.
  const ofBackbone = so.reached.slice(0, so.best).every((p) => facts.inBackbone(p.vertex));
  for (let at = ofBackbone ? first : -1; at >= 0; at = said.nextOfPrefix(at)) {
    const vertex = said.vertexOf(at);
    if (said.rankOf(at) !== INTER_AREA || !facts.leadsThroughTransit(vertex)) continue;
    const metric = said.metricOf(at);
    const far = distance[vertex]! + metric;
    const set = nextHops[vertex]!;
    if (distance[vertex] === UNREACHABLE || far > least || set === NO_NEXT_HOPS) continue;
    const originator = said.originatorOf(at);
    through.push({ vertex, originator, metric, type2Metric: 0, distance: far, nextHops: set });
  }
  const resolved = so.reached.flatMap((path) => {
    const set = sets.withoutVirtualLink(path.nextHops);
    const lost = set === NO_NEXT_HOPS && path.nextHops !== NO_NEXT_HOPS;
    return lost ? [] : [{ ...path, nextHops: set }];
  });
  const reached = [...resolved, ...through].sort(
    (a, b) => a.distance - b.distance || byOriginator(a, b),
  );
  const nearest = reached[0];
  // Longer paths do not stand in for one whose next hops are not found: they were never chosen.
  if (nearest === undefined || nearest.distance > least) return undefined;
  const best = reached.findLastIndex((path) => path.distance === nearest.distance) + 1;
  return { rank: so.rank, reached, best, transit: through.length > 0 };
}

const byOriginator = (a: Reached, b: Reached): number =>
  a.originator - b.originator || a.vertex - b.vertex;

/** Whether two choices are the same in everything that a route shows. */
export function sameChosen(a: Chosen, b: Chosen): boolean {
  return (
    a.rank === b.rank &&
    a.best === b.best &&
    a.transit === b.transit &&
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
