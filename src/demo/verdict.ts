/**
 * What the unattended run must show, as a pure function of what was observed: the demonstration in
 * real time and the simulated farm in virtual time are judged by the same words.
 * @module
 */

/** A server as seen at one moment. */
export interface ServerObservation {
  readonly name: string;
  readonly state: string;
  /** The metric it advertises; null when it advertises none. */
  readonly cost: number | null;
  /** The weight it advertises, 1..255; null when it advertises none. */
  readonly weight: number | null;
  /** Share of the flows the router wants it to have, 0..1. */
  readonly wantedShare: number;
  /** Share of the queries that it was sent lately, 0..1. */
  readonly measuredShare: number;
  readonly utilization: number;
  /** What it can serve now, queries per second; 0 when dead. */
  readonly capacityQueriesPerSecond: number;
}

export interface FarmObservation {
  /** Since the load began, milliseconds. */
  readonly atMs: number;
  readonly servers: readonly ServerObservation[];
}

export interface QueryCounts {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly lostAfterKill: number;
}

/** Everything the judgement rests on. */
export interface RunRecord {
  readonly observations: readonly FarmObservation[];
  /** When the server lost half its capacity; undefined when none did. */
  readonly congestedAtMs?: number;
  /** When a server was killed; undefined when none was. */
  readonly killedAtMs?: number;
  /** When the dead server was last sent a query; undefined when never after the kill. */
  readonly lastSentToDeadMs?: number;
  /** Queries sent and lost by the end of the first third. */
  readonly firstThird: { readonly sent: number; readonly lost: number };
  readonly routerDeadIntervalMs: number;
}

export const FIRST_THIRD_LOSS_LIMIT = 0.001;
export const SHARE_TOLERANCE = 0.1;
export const SHARES_BACK_WITHIN_MS = 10_000;
/** Allowed behind RouterDeadInterval until nothing is sent to a dead server. */
export const DEAD_GRACE_MS = 1000;

/** Whether every server's wanted and measured share is within 10 % of its share of capacity. */
export function sharesMatchCapacities(observation: FarmObservation): boolean {
  const { servers } = observation;
  const total = servers.reduce((sum, server) => sum + server.capacityQueriesPerSecond, 0);
  return servers.every(({ capacityQueriesPerSecond, wantedShare, measuredShare }) => {
    const due = capacityQueriesPerSecond / total;
    const near = (share: number): boolean => Math.abs(share - due) <= SHARE_TOLERANCE * due;
    return near(wantedShare) && near(measuredShare);
  });
}

/** When after the congestion shares first matched capacities; undefined when they never did. */
export function sharesBackAfterMs(record: RunRecord): number | undefined {
  const { congestedAtMs } = record;
  if (congestedAtMs === undefined) return undefined;
  const match = record.observations.find(
    (observation) => observation.atMs > congestedAtMs && sharesMatchCapacities(observation),
  );
  return match === undefined ? undefined : match.atMs - congestedAtMs;
}

/** What the farm failed to do, in words; empty when it did its job. */
export function failuresOf(record: RunRecord): string[] {
  const failures: string[] = [];
  const { sent, lost } = record.firstThird;
  if (sent === 0) failures.push('no query was sent');
  else if (lost / sent >= FIRST_THIRD_LOSS_LIMIT) {
    failures.push(`${lost} of ${sent} queries were lost in the first third`);
  }
  if (record.congestedAtMs !== undefined) {
    const backMs = sharesBackAfterMs(record);
    if (backMs === undefined || backMs > SHARES_BACK_WITHIN_MS) {
      failures.push('shares did not follow capacities within 10 s of the congestion');
    }
  }
  const { killedAtMs, lastSentToDeadMs, routerDeadIntervalMs } = record;
  if (killedAtMs !== undefined && lastSentToDeadMs !== undefined) {
    const lateMs = lastSentToDeadMs - killedAtMs - routerDeadIntervalMs - DEAD_GRACE_MS;
    if (lateMs > 0) {
      failures.push(`the dead server was sent queries ${Math.round(lateMs)} ms too long`);
    }
  }
  return failures;
}
