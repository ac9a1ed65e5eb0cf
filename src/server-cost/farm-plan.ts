/**
 * The farm plan, for routers that spread evenly over the least cost whatever we tell of weights:
 * which servers should have that cost. Every server computes it from the same database and so
 * arrives at the same answer; each applies only its own part.
 *
 * With an even split, the best set of n servers is the n largest. So the servers are ordered by
 * capacity, each n is tried with the whole farm's offered load D, and the n with the least
 * overload wins, then the one with the least worst utilization.
 * @module
 */
import type { FarmMember } from './farm-member.ts';

export interface PlanConfig {
  /** Metric of a server that is in. */
  readonly baseMetric: number;
  /** Utilization that a server is planned for at most. */
  readonly planUtilizationRatio: number;
  /** The set changes only if that takes away overload of at least this part of D … */
  readonly planOverloadGainRatio: number;
  /** … or lowers the worst utilization by this. */
  readonly planUtilizationGain: number;
  /** Servers that are in at least, as long as there are so many. */
  readonly minimumInSet: number;
  /** Part of the farm's capacity that is in at least: a plan that leaves out more is a mistake. */
  readonly panicRatio: number;
}

/** What a set of servers would have to bear under an even split. */
export interface SetForecast {
  readonly routerIds: readonly number[];
  /** Queries per second that each would get. */
  readonly eachQueriesPerSecond: number;
  /** Queries per second above what the set is planned for. */
  readonly overloadQueriesPerSecond: number;
  /** `Infinity` where nobody is in, or nobody's capacity is known. */
  readonly worstUtilizationRatio: number;
}

export interface FarmPlan {
  /** The set that would be best. */
  readonly best: SetForecast;
  /** The set that is in now. */
  readonly present: SetForecast;
  /** Those that are to enter now; all at once, since that relieves everybody. */
  readonly enter: readonly number[];
  /** The one that is to leave now: the neediest, and only when nobody has to enter. */
  readonly leave: number | undefined;
  readonly reason: string;
}

interface Candidate {
  readonly routerId: number;
  readonly capacity: number;
  readonly isIn: boolean;
}

/** Those that can be in, largest first, equals by Router ID. */
function candidatesOf(members: readonly FarmMember[], baseMetric: number): Candidate[] {
  // In one order before anything is summed up: rounding must not differ between servers.
  const able = members
    .filter(({ state }) => state === 'up' || state === 'congested')
    .sort((a, b) => a.routerId - b.routerId);
  const known = able.filter((member) => member.capacityQueriesPerSecond > 0);
  const sum = known.reduce((total, member) => total + member.capacityQueriesPerSecond, 0);
  // A newcomer counts as an average server until it knows better (Envoy's rule for weights).
  const average = known.length > 0 ? sum / known.length : 0;
  return able
    .map(({ routerId, capacityQueriesPerSecond, metric }) => ({
      routerId,
      capacity: capacityQueriesPerSecond > 0 ? capacityQueriesPerSecond : average,
      isIn: metric !== undefined && metric <= baseMetric,
    }))
    .sort((a, b) => b.capacity - a.capacity || a.routerId - b.routerId);
}

/** What a set would bear of an offered load. */
function forecast(
  set: readonly Candidate[],
  offered: number,
  planUtilizationRatio: number,
): SetForecast {
  const each = set.length > 0 ? offered / set.length : 0;
  let overload = set.length > 0 ? 0 : offered;
  let worst = set.length > 0 ? 0 : Number.POSITIVE_INFINITY;
  for (const { capacity } of set) {
    overload += Math.max(0, each - planUtilizationRatio * capacity);
    worst = Math.max(worst, capacity > 0 ? each / capacity : Number.POSITIVE_INFINITY);
  }
  return {
    routerIds: set.map(({ routerId }) => routerId),
    eachQueriesPerSecond: each,
    overloadQueriesPerSecond: overload,
    worstUtilizationRatio: worst,
  };
}

/** The first `n` of the candidates for the best `n`. */
function bestOf(candidates: readonly Candidate[], offered: number, config: PlanConfig) {
  const total = candidates.reduce((sum, { capacity }) => sum + capacity, 0);
  let inside = 0;
  let best: SetForecast | undefined;
  for (let n = 1; n <= candidates.length; n++) {
    inside += candidates[n - 1]!.capacity;
    const tooSmall = n < config.minimumInSet || inside < config.panicRatio * total;
    if (tooSmall && n < candidates.length) continue;
    const one = forecast(candidates.slice(0, n), offered, config.planUtilizationRatio);
    const better =
      best === undefined ||
      one.overloadQueriesPerSecond < best.overloadQueriesPerSecond ||
      (one.overloadQueriesPerSecond === best.overloadQueriesPerSecond &&
        one.worstUtilizationRatio <= best.worstUtilizationRatio);
    if (better) best = one;
  }
  return best ?? forecast([], offered, config.planUtilizationRatio);
}

const percent = (ratio: number): string => `${Math.round(100 * ratio)} %`;

/** Why the best set is worth a change; undefined when it is not. */
function gainOf(best: SetForecast, present: SetForecast, offered: number, config: PlanConfig) {
  if (present.routerIds.length < Math.min(config.minimumInSet, best.routerIds.length)) {
    return 'too few servers are in';
  }
  const relieved = present.overloadQueriesPerSecond - best.overloadQueriesPerSecond;
  if (relieved > config.planOverloadGainRatio * offered) {
    return `${percent(relieved / offered)} of all queries are too many where they go now`;
  }
  const easier = present.worstUtilizationRatio - best.worstUtilizationRatio;
  if (relieved >= 0 && easier > config.planUtilizationGain) {
    const from = percent(present.worstUtilizationRatio);
    return `worst utilization ${from} to ${percent(best.worstUtilizationRatio)}`;
  }
  return undefined;
}

/**
 * Which servers should be in, and who moves now.
 * @param members - in any order.
 * @param offeredQueriesPerSecond - D, the load of the whole farm.
 */
export function planFarm(
  members: readonly FarmMember[],
  offeredQueriesPerSecond: number,
  config: PlanConfig,
): FarmPlan {
  const candidates = candidatesOf(members, config.baseMetric);
  const inside = candidates.filter(({ isIn }) => isIn);
  const present = forecast(inside, offeredQueriesPerSecond, config.planUtilizationRatio);
  const stay = (reason: string): FarmPlan => ({
    best: present,
    present,
    enter: [],
    leave: undefined,
    reason,
  });
  if (candidates.every(({ capacity }) => capacity === 0)) {
    const enter = candidates.filter(({ isIn }) => !isIn).map(({ routerId }) => routerId);
    return { ...stay('no capacity is known: everybody is in'), enter };
  }
  const best = bestOf(candidates, offeredQueriesPerSecond, config);
  const gain = gainOf(best, present, offeredQueriesPerSecond, config);
  if (gain === undefined) return { ...stay('no set is clearly better than the present one'), best };
  const wanted = new Set(best.routerIds);
  const isIn = new Set(present.routerIds);
  const enter = best.routerIds.filter((routerId) => !isIn.has(routerId));
  // All get the same, so the neediest is the smallest: the last in the order of capacities.
  const leavers = present.routerIds.filter((routerId) => !wanted.has(routerId));
  return {
    best,
    present,
    enter,
    leave: enter.length > 0 ? undefined : leavers.at(-1),
    reason: gain,
  };
}
