/**
 * Recorded production counters as demand: CSV with a time column and a rate or a growing counter.
 * @module
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../errors.ts';
import type { DemandShape } from '../sim/demand.ts';

type Trace = Extract<DemandShape, { kind: 'trace' }>;

/** Column names: seconds (of any epoch), and either queries per second or queries so far. */
const COLUMNS = { time: 'time', rate: 'queriesPerSecond', counter: 'queries' } as const;

/** Queries per second: what a thousand of the largest servers of a scenario could answer. */
const MAX_RATE = 1e9;

function refuse(file: string, line: number, key: string, found: string, allowed: string): never {
  throw new ConfigError([{ file, line, key, found, allowed }]);
}

/** @throws {ConfigError} naming the line; Node's error when the file cannot be read. */
export function readTrace(file: string): Trace {
  const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const head = (lines[0] ?? '').split(',').map((name) => name.trim());
  const timeAt = head.indexOf(COLUMNS.time);
  const rateAt = head.indexOf(COLUMNS.rate);
  const counterAt = head.indexOf(COLUMNS.counter);
  if (timeAt === -1 || (rateAt === -1 && counterAt === -1)) {
    const allowed = `a first line with '${COLUMNS.time}' and '${COLUMNS.rate}' or '${COLUMNS.counter}'`;
    refuse(file, 1, '(columns)', lines[0] ?? 'nothing', allowed);
  }
  const rows = lines.slice(1).map((text, index) => {
    const cells = text.split(',').map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
    const row = {
      atS: cells[timeAt] ?? Number.NaN,
      value: cells[rateAt === -1 ? counterAt : rateAt],
    };
    if (!Number.isFinite(row.atS) || !Number.isFinite(row.value) || Number(row.value) < 0) {
      refuse(file, index + 2, '(row)', text, 'numbers, not below 0');
    }
    return { atS: row.atS, value: Number(row.value) };
  });
  const firstS = rows[0]?.atS ?? refuse(file, 2, '(row)', 'nothing', 'at least one row');
  for (const [index, row] of rows.entries()) {
    if (index === 0 || row.atS > rows[index - 1]!.atS) continue;
    refuse(file, index + 2, COLUMNS.time, String(row.atS), 'a time after the one before');
  }
  const bounded = (rate: number, index: number): number => {
    if (rate <= MAX_RATE) return rate;
    const key = rateAt === -1 ? COLUMNS.counter : COLUMNS.rate;
    return refuse(file, index + 2, key, `${rate} a second`, `at most ${MAX_RATE} a second`);
  };
  if (rateAt !== -1) {
    const points = rows.map(({ atS, value }, index) => ({
      atS: atS - firstS,
      queriesPerSecond: bounded(value, index),
    }));
    return { kind: 'trace', points };
  }
  if (rows.length < 2) refuse(file, 2, '(row)', 'one row', 'two rows or more of a counter');
  const points = rows.slice(1).map((row, index) => {
    const before = rows[index]!;
    // A counter that fell was started anew: what it shows is what came since.
    const grown = row.value >= before.value ? row.value - before.value : row.value;
    const rate = bounded(grown / (row.atS - before.atS), index + 1);
    return { atS: before.atS - firstS, queriesPerSecond: rate };
  });
  return { kind: 'trace', points };
}
