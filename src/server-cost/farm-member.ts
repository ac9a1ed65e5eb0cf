/**
 * A server of the farm as the link-state database shows it. Every server reads the same members
 * and so computes the same plan.
 * @module
 */

export type FarmMemberState = 'up' | 'congested' | 'standby' | 'draining';

export interface FarmMember {
  readonly routerId: number;
  readonly state: FarmMemberState;
  /** Queries per second; 0 while not known. */
  readonly capacityQueriesPerSecond: number;
  readonly offeredQueriesPerSecond: number;
  readonly utilizationRatio: number;
  /** 1..255. */
  readonly weight: number;
  /** Of its prefix; undefined while it tells of load but advertises no prefix. */
  readonly metric: number | undefined;
}

/** Whether two views of the farm say the same of everything that is decided by. */
export function isSameFarm(a: readonly FarmMember[], b: readonly FarmMember[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => {
      const other = b[index]!;
      return (
        one === other ||
        (one.routerId === other.routerId &&
          one.state === other.state &&
          one.metric === other.metric &&
          one.weight === other.weight &&
          one.capacityQueriesPerSecond === other.capacityQueriesPerSecond &&
          one.offeredQueriesPerSecond === other.offeredQueriesPerSecond)
      );
    })
  );
}
