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

/** The oracle's 99th percentile for the same scenario and seed; null when it was not run. */
export type OracleP99Of = (result: TuneResult) => number | null;

interface Column {
  readonly head: string;
  readonly cell: (result: TuneResult, oracleP99: number | null) => string;
}

const COLUMNS: readonly Column[] = [
  { head: 'scenario', cell: ({ scenario }) => scenario },
  { head: 'policy', cell: ({ job }) => job.policy },
  { head: 'seed', cell: ({ job }) => `${job.seed}` },
  { head: 'settings', cell: ({ job }) => settingsOf(job.overrides) },
  { head: 'overload %', cell: ({ figures }) => percent(figures.overloadRatio) },
  { head: 'lost %', cell: ({ figures }) => percent(figures.lostRatio) },
  { head: 'p50 ms', cell: ({ figures }) => milliseconds(figures.latencyMs.p50) },
  { head: 'p99 ms', cell: ({ figures }) => milliseconds(figures.latencyMs.p99) },
  { head: 'oracle p99 ms', cell: (_, oracleP99) => milliseconds(oracleP99) },
  { head: 'worst util.', cell: ({ figures }) => figures.worstUtilization.toFixed(2) },
  { head: 'LSAs/min/server', cell: ({ figures }) => figures.lsasPerServerPerMin.toFixed(2) },
  { head: 'set changes/min', cell: ({ figures }) => figures.setChangesPerMin.toFixed(2) },
  { head: 'needless %', cell: ({ figures }) => percent(figures.needlessMovesRatio) },
  { head: 'recovery s', cell: ({ figures }) => figures.recoveryS?.toFixed(0) ?? 'never' },
  { head: 'oscillation', cell: ({ figures }) => figures.oscillationIndex.toFixed(2) },
];

/** A dash where nobody was answered, or nothing ran. */
const milliseconds = (value: number | null): string =>
  value === null || Number.isNaN(value) ? '-' : value.toFixed(1);

const settingsOf = (overrides: TuneResult['job']['overrides']): string =>
  Object.entries(overrides)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

/** Runs as cells, the column heads first; settings only where some were tried. */
export function rowsOf(results: readonly TuneResult[], oracleP99Of: OracleP99Of): string[][] {
  const swept = results.some(({ job }) => Object.keys(job.overrides).length > 0);
  const columns = COLUMNS.filter(({ head }) => swept || head !== 'settings');
  return [
    columns.map(({ head }) => head),
    ...results.map((result) => columns.map(({ cell }) => cell(result, oracleP99Of(result)))),
  ];
}

/** Runs as a table for the terminal. */
export function tableOf(results: readonly TuneResult[], oracleP99Of: OracleP99Of): string {
  const [head = [], ...rows] = rowsOf(results, oracleP99Of);
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
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
