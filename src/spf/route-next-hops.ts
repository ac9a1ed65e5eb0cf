/**
 * From originators to the next hops of a route (RFC 5340 4.8.2): who is reached through which.
 * @module
 */
import { addressKey } from '../wire/address.ts';
import type { NextHopSets } from './next-hop-sets.ts';
import type { NextHop, RouteNextHop } from './route.ts';

/** One originator of a prefix, with the paths to it. */
export interface Reached {
  /** The vertex that the prefix hangs on. */
  readonly vertex: number;
  /** Router ID. */
  readonly originator: number;
  readonly metric: number;
  readonly type2Metric: number;
  readonly distance: number;
  /** A set of {@link NextHopSets}. */
  readonly nextHops: number;
}

export interface PathsView {
  /** Whether the vertex is the calculating router itself. */
  isRoot(vertex: number): boolean;
}

const hopKey = ({ interfaceId, address }: NextHop): string =>
  `${String(interfaceId).padStart(10, '0')} ${address === undefined ? '' : addressKey(address)}`;

/**
 * The next hops to all of several originators, ordered by interface and address. Of more than
 * `maximumPaths` the first are taken, so that the choice depends on nothing but the set.
 */
export function nextHopsOf(
  reached: readonly Reached[],
  sets: NextHopSets,
  maximumPaths: number,
  view: PathsView,
): RouteNextHop[] {
  // What is here is not sent on.
  if (reached.some(({ vertex }) => view.isRoot(vertex))) return [];
  const [first] = reached;
  if (first !== undefined && reached.length === 1) {
    // Most prefixes have one originator; the members of a set are in order.
    const hops = sets.nextHops(first.nextHops).slice(0, maximumPaths);
    const originators = [first.originator];
    return hops.map(({ interfaceId, address }) => ({ interfaceId, address, originators }));
  }
  const hops = new Map<string, { readonly hop: NextHop; readonly originators: Set<number> }>();
  for (const { originator, nextHops } of reached) {
    for (const hop of sets.nextHops(nextHops)) {
      const key = hopKey(hop);
      const known = hops.get(key);
      if (known === undefined) hops.set(key, { hop, originators: new Set([originator]) });
      else known.originators.add(originator);
    }
  }
  return [...hops]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maximumPaths)
    .map(([, { hop, originators }]) => ({
      ...hop,
      originators: [...originators].sort((a, b) => a - b),
    }));
}
