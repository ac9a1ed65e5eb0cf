/**
 * Results of runs as a table for people and as objects for programs.
 * @module
 */
import Table from 'cli-table3';
import type { TuneResult } from './tune-jobs.ts';

const rounded = (value: number, digits = 4): number => Number(value.toFixed(digits));

/** A run as one JSON object. @param oracleP99 - of the same scenario and seed; null if not run. */
export function jsonOf(result: TuneResult, oracleP99: number | null) {
  const { figures, job, scenario, wallS } = result;
  const { latencyMs, recoveryS } = figures;
  return {
    scenario,
    policy: job.policy,
    seed: job.seed,
    ...(Object.keys(job.overrides).length > 0 ? { settings: job.overrides } : {}),
    overloadRatio: rounded(figures.overloadRatio, 6),
    lostRatio: rounded(figures.lostRatio, 6),
    latencyMs: {
      p50: rounded(latencyMs.p50, 2),
      p99: rounded(latencyMs.p99, 2),
      oracleP99: oracleP99 === null ? null : rounded(oracleP99, 2),
    },
    worstUtilization: rounded(figures.worstUtilization),
    lsasPerServerPerMin: rounded(figures.lsasPerServerPerMin),
    setChangesPerMin: rounded(figures.setChangesPerMin),
    needlessMovesRatio: rounded(figures.needlessMovesRatio),
    recoveryS,
    oscillationIndex: rounded(figures.oscillationIndex),
    wallS: rounded(wallS, 3),
  };
}

const percent = (ratio: number): string => (100 * ratio).toFixed(2);

/** Runs as rows of a table. */
export function tableOf(results: readonly TuneResult[]): string {
  const table = new Table({
    head: [
      'scenario',
      'policy',
      'seed',
      'settings',
      'overload %',
      'lost %',
      'p50 ms',
      'p99 ms',
      'worst util.',
      'LSAs/min/server',
      'set changes/min',
      'needless %',
      'recovery s',
      'oscillation',
    ],
    style: { head: [], border: [], compact: true },
  });
  for (const { scenario, job, figures } of results) {
    table.push([
      scenario,
      job.policy,
      job.seed,
      Object.entries(job.overrides)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
      percent(figures.overloadRatio),
      percent(figures.lostRatio),
      figures.latencyMs.p50.toFixed(1),
      figures.latencyMs.p99.toFixed(1),
      figures.worstUtilization.toFixed(2),
      figures.lsasPerServerPerMin.toFixed(2),
      figures.setChangesPerMin.toFixed(2),
      percent(figures.needlessMovesRatio),
      figures.recoveryS === null ? 'never' : figures.recoveryS.toFixed(0),
      figures.oscillationIndex.toFixed(2),
    ]);
  }
  return table.toString();
}

/** Better runs first: less overload, less lost, lower latency, fewer LSAs. */
export function ranked(results: readonly TuneResult[]): TuneResult[] {
  const judged = ({ figures }: TuneResult): number[] => [
    rounded(figures.overloadRatio, 3),
    rounded(figures.lostRatio, 3),
    rounded(figures.latencyMs.p99, 0),
    figures.lsasPerServerPerMin,
  ];
  return [...results].sort((a, b) => {
    const [x, y] = [judged(a), judged(b)];
    const at = x.findIndex((value, i) => value !== y[i]);
    return at === -1 ? 0 : x[at]! - y[at]!;
  });
}
