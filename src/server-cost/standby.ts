/**
 * Silence of servers that nobody needs: who may fall silent and what wakes them, from the farm as
 * the others see it. A silent server is in no database, so each decides for itself; a floor of
 * active servers is kept.
 * @module
 */
import type { FarmMember } from './farm-member.ts';

export interface StandbyConfig {
  /** Without a query for so long a server may fall silent, milliseconds; 0 for never. */
  readonly standbyAfterMs: number;
  /** Servers that stay active at least. */
  readonly minimumActive: number;
  /** Predicted utilization of the active servers from which one more is woken. */
  readonly wakeRatio: number;
}

/** Servers other than ours that serve. */
export function activeOthers(
  members: readonly FarmMember[],
  routerId: number,
): readonly FarmMember[] {
  return members.filter(
    (member) =>
      member.routerId !== routerId &&
      member.metric !== undefined &&
      (member.state === 'up' || member.state === 'congested'),
  );
}

/** Utilization of the given servers if they shared their load by capacity; 0 for none known. */
export function predictedUtilization(active: readonly FarmMember[]): number {
  let offered = 0;
  let capacity = 0;
  for (const { capacityQueriesPerSecond, offeredQueriesPerSecond } of active) {
    if (capacityQueriesPerSecond <= 0) continue;
    offered += offeredQueriesPerSecond;
    capacity += capacityQueriesPerSecond;
  }
  return capacity > 0 ? offered / capacity : 0;
}

/** Why a silent server must come back; undefined when it need not. */
export function wakeReason(
  members: readonly FarmMember[],
  routerId: number,
  config: StandbyConfig,
): string | undefined {
  const active = activeOthers(members, routerId);
  if (active.length < config.minimumActive) {
    return `${active.length} servers are active, ${config.minimumActive} are the least`;
  }
  const utilization = predictedUtilization(active);
  if (utilization < config.wakeRatio) return undefined;
  return `the active servers' utilization is ${Math.round(100 * utilization)} %`;
}
