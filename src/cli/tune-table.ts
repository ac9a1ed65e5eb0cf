/**
 * Results of runs as a table for people and as objects for programs.
 * @module
 */
import Table from 'cli-table3';
import type { TuneResult } from './tune-jobs.ts';
import type { MeasuredRun } from './tune-measure.ts';

const rounded = (value: number, digits = 4): number => Number(value.toFixed(digits));

/** A run as one JSON object. */
export function jsonOf({ result, oracleP99 }: MeasuredRun) {
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
      oracleP99: rounded(oracleP99, 2),
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

interface Column {
  readonly head: string;
  readonly cell: (result: TuneResult, oracleP99: number) => string;
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

/** A dash where nobody was answered. */
const milliseconds = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(1));

const settingsOf = (overrides: TuneResult['job']['overrides']): string =>
  Object.entries(overrides)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

/** Runs as cells, the column heads first; settings only where some were tried. */
export function rowsOf(runs: readonly MeasuredRun[]): string[][] {
  const swept = runs.some(({ result: { job } }) => Object.keys(job.overrides).length > 0);
  const columns = COLUMNS.filter(({ head }) => swept || head !== 'settings');
  return [
    columns.map(({ head }) => head),
    ...runs.map(({ result, oracleP99 }) => columns.map(({ cell }) => cell(result, oracleP99))),
  ];
}

/** Runs as a table for the terminal. */
export function tableOf(runs: readonly MeasuredRun[]): string {
  const [head = [], ...rows] = rowsOf(runs);
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

/** Better runs first: less overload, less lost, lower latency, fewer LSAs. */
export function ranked(runs: readonly MeasuredRun[]): MeasuredRun[] {
  return [...runs].sort((a, b) => better(a.result, b.result));
}

/** Below 0 when the first did better. */
export function better(a: TuneResult, b: TuneResult): number {
  const judged = ({ figures }: TuneResult): number[] => [
    rounded(figures.overloadRatio, 3),
    rounded(figures.lostRatio, 3),
    rounded(figures.latencyMs.p99, 0),
    figures.lsasPerServerPerMin,
  ];
  const [x, y] = [judged(a), judged(b)];
  const at = x.findIndex((value, i) => value !== y[i]);
  return at === -1 ? 0 : x[at]! - y[at]!;
}
