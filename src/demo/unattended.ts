/**
 * The farm without a spectator: a scenario runs its course, everything is observed, and a verdict
 * is given on what was seen.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Farm } from './farm.ts';
import { QUERY_TIMEOUT_MS } from './load.ts';
import type { Row } from './screen.ts';
import { ROUTER_DEAD_INTERVAL_S } from './settings.ts';
import { type FarmObservation, failuresOf, type QueryCounts, type RunRecord } from './verdict.ts';

/**
 * `congestion`: at one third a server loses half its capacity, at two thirds one is killed without
 * goodbye. `steady`: nothing happens.
 */
export const SCENARIOS = ['steady', 'congestion'] as const;
export type Scenario = (typeof SCENARIOS)[number];

const OBSERVE_INTERVAL_MS = 250;
/** Which servers the scenario meets, by their order. */
const CONGESTED = 0;
const KILLED = 1;

/** What the last line of an unattended run says. */
export interface RunResult {
  readonly queries: QueryCounts;
  /** Every server at the end of each third. */
  readonly servers: readonly {
    readonly third: number;
    readonly name: string;
    readonly state: string;
    readonly cost: number | null;
    readonly weight: number | null;
    readonly wantedShare: number;
    readonly measuredShare: number;
    readonly utilization: number;
  }[];
  readonly lsas: {
    readonly originated: number;
    readonly received: number;
    readonly installed: number;
  };
  readonly routes: { readonly changes: number };
  readonly elapsedMs: number;
  /** What the farm failed to do; empty when it did its job. */
  readonly failures: readonly string[];
}

const rounded = (ratio: number): number => Math.round(ratio * 10_000) / 10_000;

/** Runs the scenario on a farm that has started. */
export async function runUnattended(
  farm: Farm,
  scenario: Scenario,
  durationS: number,
): Promise<RunResult> {
  const observer = new Observer(farm);
  const thirdMs = (durationS * 1000) / 3;
  const servers: RunResult['servers'][number][] = [];
  const endOfThird = (third: number): void => {
    servers.push(...observer.rows.map((row) => seenAt(third, row)));
  };
  observer.start();
  await sleep(thirdMs);
  endOfThird(1);
  const firstThird = farm.load.counts();
  const congested = scenario === 'congestion' ? farm.servers[CONGESTED] : undefined;
  const killed = scenario === 'congestion' ? farm.servers[KILLED] : undefined;
  const congestedAtMs = observer.elapsedMs();
  if (congested) farm.congest(congested);
  await sleep(2 * thirdMs - observer.elapsedMs());
  endOfThird(2);
  const killedAtMs = observer.elapsedMs();
  farm.load.mark();
  if (killed) farm.kill(killed);
  await sleep(3 * thirdMs - observer.elapsedMs());
  endOfThird(3);
  const elapsedMs = observer.elapsedMs();
  farm.load.stop();
  await sleep(QUERY_TIMEOUT_MS + 100); // queries under way are still answered or lost
  observer.stop();
  const lastSentMs = killed ? farm.router.traffic(killed.linkLocalAddress).lastSentMs : Number.NaN;
  const record: RunRecord = {
    observations: observer.observations,
    firstThird,
    routerDeadIntervalMs: ROUTER_DEAD_INTERVAL_S * 1000,
    ...(congested ? { congestedAtMs } : {}),
    ...(killed ? { killedAtMs } : {}),
    ...(killed && lastSentMs > 0 ? { lastSentToDeadMs: lastSentMs - observer.startedAtMs } : {}),
  };
  return resultOf(farm, record, servers, elapsedMs);
}

function seenAt(third: number, row: Row): RunResult['servers'][number] {
  const { name, state, cost, weight, wantedShare, measuredShare, utilization } = row;
  return {
    third,
    name,
    state,
    cost,
    weight,
    wantedShare: rounded(wantedShare),
    measuredShare: rounded(measuredShare),
    utilization: rounded(utilization),
  };
}

function resultOf(
  farm: Farm,
  record: RunRecord,
  servers: RunResult['servers'],
  elapsedMs: number,
): RunResult {
  const { sent, answered, lost } = farm.load.counts();
  const { lsasInstalled, lsasReceived, lsasOriginated, routeChanges } = farm.router.counts();
  const byServers = farm.servers.map((server) => server.status()?.lsasOriginated ?? 0);
  return {
    queries: { sent, answered, lost, lostAfterKill: farm.load.lostSinceMark },
    servers,
    lsas: {
      originated: byServers.reduce((sum, count) => sum + count, lsasOriginated),
      received: lsasReceived,
      installed: lsasInstalled,
    },
    routes: { changes: routeChanges },
    elapsedMs: Math.round(elapsedMs),
    failures: failuresOf(record),
  };
}

/** Looks at the farm at even intervals. */
class Observer {
  readonly #farm: Farm;
  readonly observations: FarmObservation[] = [];
  rows: readonly Row[] = [];
  startedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(farm: Farm) {
    this.#farm = farm;
  }

  /** Starts the load with the first look. */
  start(): void {
    this.startedAtMs = performance.now();
    this.#farm.load.start();
    this.#timer = setInterval(() => this.#look(), OBSERVE_INTERVAL_MS);
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  #look(): void {
    this.rows = this.#farm.rows();
    this.observations.push({ atMs: this.elapsedMs(), servers: this.rows });
  }
}
