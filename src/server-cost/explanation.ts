/**
 * Why a service says what it says: what went in, what smoothing made of it, which limit acted, what
 * the plan wants, and when something can change. As a value for machines and as lines for people.
 * @module
 */
import type { Advertisement } from './advertisement.ts';
import type { CapacityEstimate } from './capacity-estimate.ts';
import type { CostConfig } from './config.ts';
import type { ControllerStatus } from './controller-messages.ts';
import type { DrainProgress } from './drain.ts';
import type { FarmMember } from './farm-member.ts';
import type { SetForecast } from './farm-plan.ts';
import type { PlanFollower } from './plan-follower.ts';
import type { WeightScale } from './weight.ts';

export interface Explanation {
  readonly state: string;
  readonly stateReason: string;
  /** What the last check of the service said; empty before the first. */
  readonly liveness: string;
  readonly said: Advertisement | undefined;
  readonly saidAtMs: number | undefined;
  readonly load: {
    readonly offeredQueriesPerSecond: number;
    readonly utilizationRatio: number;
    readonly errorRatio: number;
    readonly inFlight: number;
  };
  readonly capacity: {
    /** Queries per second; undefined while not known. */
    readonly queriesPerSecond: number | undefined;
    /** `unknown`, `blackout` (not believed yet), `steady`, or `settling` after a change. */
    readonly phase: 'unknown' | 'blackout' | 'steady' | 'settling';
    readonly believedFromMs: number | undefined;
    /** Weight per query per second; undefined while the configured weight is used. */
    readonly scale: WeightScale | undefined;
  };
  /** A drain that is wanted or under way. */
  readonly drain: DrainProgress | undefined;
  readonly policy: string;
  /** Every server that tells of the service and can be reached, ourselves among them. */
  readonly farm: readonly FarmMember[];
  /** The farm plan; undefined when another policy decides or no plan was made. */
  readonly plan:
    | {
        readonly isIn: boolean;
        readonly reason: string;
        readonly best: SetForecast | undefined;
        readonly present: SetForecast | undefined;
      }
    | undefined;
  /** What holds a change back now; undefined when nothing does. */
  readonly limiter: string | undefined;
  /** When something is looked at again without news; undefined for never. */
  readonly nextLookMs: number | undefined;
}

interface Known {
  readonly config: CostConfig;
  readonly status: ControllerStatus;
  readonly aliveReason: string;
  readonly saidAtMs: number | undefined;
  readonly limiter: string | undefined;
  readonly capacity: Pick<CapacityEstimate, 'sinceMs' | 'queriesPerSecond' | 'settlingSinceMs'>;
  readonly scale: WeightScale | undefined;
  readonly farm: readonly FarmMember[];
  readonly plan: PlanFollower;
  readonly deadlineMs: number;
}

function capacityOf({ capacity, config, status, scale }: Known): Explanation['capacity'] {
  const { sinceMs, queriesPerSecond, settlingSinceMs } = capacity;
  const believedFromMs = sinceMs === undefined ? undefined : sinceMs + config.blackoutMs;
  const isBelieved = (status.advertisement?.load.capacityQueriesPerSecond ?? 0) > 0;
  let phase: Explanation['capacity']['phase'] = 'unknown';
  if (queriesPerSecond !== undefined) phase = isBelieved || scale ? 'steady' : 'blackout';
  if (settlingSinceMs !== undefined) phase = 'settling';
  return { queriesPerSecond, phase, believedFromMs, scale };
}

/** Puts together what the parts of a controller know. */
export function explanationOf(known: Known): Explanation {
  const { status, plan, config, deadlineMs } = known;
  const { offeredQueriesPerSecond, utilizationRatio, errorRatio, inFlight } = status;
  return {
    state: status.state,
    stateReason: status.stateReason,
    liveness: known.aliveReason,
    said: status.advertisement,
    saidAtMs: known.saidAtMs,
    load: { offeredQueriesPerSecond, utilizationRatio, errorRatio, inFlight },
    capacity: capacityOf(known),
    drain: status.drain,
    policy: config.policy,
    farm: known.farm,
    plan:
      config.policy === 'plan'
        ? {
            isIn: plan.isIn,
            reason: plan.reason,
            best: plan.plan?.best,
            present: plan.plan?.present,
          }
        : undefined,
    limiter: known.limiter,
    nextLookMs: deadlineMs === Number.POSITIVE_INFINITY ? undefined : deadlineMs,
  };
}

const rate = (queriesPerSecond: number): string => `${queriesPerSecond.toFixed(1)} q/s`;
const percent = (ratio: number): string => `${(100 * ratio).toFixed(0)} %`;

/** How far a drain is, and when it ends or begins at the latest. */
function drainLines(
  { drain, state, load }: Explanation,
  seconds: (atMs: number) => string,
  nameOf: (routerId: number) => string,
): string[] {
  if (drain === undefined) return [];
  const latest = `in ${seconds(drain.timeoutMs)} at the latest`;
  if (state === 'DRAINING') {
    const since = `since ${seconds(drain.sinceMs)}`;
    return [`drain: ${since}, ${rate(load.offeredQueriesPerSecond)} still come, ends ${latest}`];
  }
  const { behindRouterId: behind } = drain;
  return [
    `drain: ${behind === undefined ? 'next' : `behind that of ${nameOf(behind)}`}, ${latest}`,
  ];
}

/** How many servers of the farm tell of each state, such as `2 up, 1 standby`. */
function farmLine({ farm }: Explanation): string {
  const counts = new Map<string, number>();
  for (const { state } of farm) counts.set(state, (counts.get(state) ?? 0) + 1);
  const told = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  return `farm: ${told || 'no server tells of it'}`;
}

function planLines(explanation: Explanation): string[] {
  const { plan } = explanation;
  if (plan === undefined) return [`cost: by the rule "${explanation.policy}"`];
  const lines = [`plan: ${plan.isIn ? 'in' : 'out'}: ${plan.reason}`];
  for (const [name, set] of [
    ['now', plan.present],
    ['best', plan.best],
  ] as const) {
    if (set === undefined) continue;
    const each = rate(set.eachQueriesPerSecond);
    const { length } = set.routerIds;
    const worst = Number.isFinite(set.worstUtilizationRatio)
      ? `worst utilization ${percent(set.worstUtilizationRatio)}`
      : 'utilization not known';
    lines.push(
      `  ${name}: ${length} ${length === 1 ? 'server' : 'servers'}, ${each} each, ${worst}`,
    );
  }
  return lines;
}

/**
 * The explanation as lines of text; times are told relative to `nowMs`.
 * @param nameOf - of another server, by Router ID.
 */
export function explainLines(
  explanation: Explanation,
  nowMs: number,
  nameOf: (routerId: number) => string = String,
): string[] {
  const { state, stateReason, liveness, said, saidAtMs, load, capacity } = explanation;
  const seconds = (atMs: number): string => `${(Math.abs(atMs - nowMs) / 1000).toFixed(1)} s`;
  const lines = [`state: ${state}: ${stateReason}`];
  if (liveness !== '') lines.push(`last verdict: ${liveness}`);
  if (said !== undefined) {
    const ago = saidAtMs === undefined ? '' : `, since ${seconds(saidAtMs)}`;
    lines.push(`says: cost ${said.metric}, weight ${said.weight}${ago}: ${said.reason}`);
  } else lines.push(state === 'STANDBY' ? 'says: that it stands by' : 'says: nothing');
  lines.push(
    `load: ${rate(load.offeredQueriesPerSecond)} offered, utilization ` +
      `${percent(load.utilizationRatio)}, errors ${percent(load.errorRatio)}, ` +
      `${load.inFlight} in flight`,
  );
  const { queriesPerSecond, phase, believedFromMs, scale } = capacity;
  const known =
    queriesPerSecond === undefined ? 'not known' : `${rate(queriesPerSecond)}, ${phase}`;
  const until =
    phase === 'blackout' && believedFromMs !== undefined
      ? `, believed in ${seconds(believedFromMs)}`
      : '';
  lines.push(`capacity: ${known}${until}`);
  if (scale !== undefined) lines.push(`weight scale: 1 for ${rate(1 / scale)}`);
  lines.push(...drainLines(explanation, seconds, nameOf));
  lines.push(farmLine(explanation), ...planLines(explanation));
  if (explanation.limiter !== undefined) lines.push(`held: ${explanation.limiter}`);
  if (explanation.nextLookMs !== undefined) {
    lines.push(`next look without news: in ${seconds(explanation.nextLookMs)}`);
  }
  return lines;
}
