/**
 * The live table: one row per server and the last events, as text. Drawing it is the caller's.
 * @module
 */
import Table from 'cli-table3';
import type { Latency } from './load.ts';
import type { ServerObservation } from './verdict.ts';

/** One server's row. */
export interface Row extends ServerObservation {
  readonly queriesPerSecond: number;
  readonly latency: Latency | undefined;
  /** Why it last changed what it says. */
  readonly cause: string;
  readonly chosen: boolean;
}

export interface Screen {
  readonly rows: readonly Row[];
  /** Queries per second offered to the farm now. */
  readonly loadQueriesPerSecond: number;
  readonly answered: number;
  readonly lost: number;
  readonly listening: string;
  readonly events: readonly string[];
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
const orDash = (value: number | null | undefined, digits = 0): string =>
  value === null || value === undefined ? '–' : value.toFixed(digits);

const KEYS = '1-4 choose · c congest · k kill · r revive · d drain · + - load · q quit';
const CAUSE_COLUMNS = 38;

const shortened = (text: string): string =>
  text.length <= CAUSE_COLUMNS ? text : `${text.slice(0, CAUSE_COLUMNS - 1)}…`;

/** The whole screen as text, a table and the lines below it. */
export function drawScreen(screen: Screen): string {
  const table = new Table({
    head: [
      'server',
      'state',
      'cost',
      'weight',
      'wanted',
      'measured',
      'utilization',
      'q/s',
      'p50 ms',
      'p99 ms',
      'last change',
    ],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', ...new Array<'right'>(8).fill('right'), 'left'],
  });
  for (const row of screen.rows) {
    table.push([
      `${row.chosen ? '▸' : ' '} ${row.name}`,
      row.state,
      orDash(row.cost),
      orDash(row.weight),
      percent(row.wantedShare),
      percent(row.measuredShare),
      percent(row.utilization),
      row.queriesPerSecond.toFixed(0),
      orDash(row.latency?.p50Ms, 1),
      orDash(row.latency?.p99Ms, 1),
      shortened(row.cause),
    ]);
  }
  return [
    `tidecast · ${screen.listening} · load ${screen.loadQueriesPerSecond.toFixed(0)} q/s` +
      ` · answered ${screen.answered} · lost ${screen.lost}`,
    table.toString(),
    KEYS,
    '',
    ...screen.events,
  ].join('\n');
}
