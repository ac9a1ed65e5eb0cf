import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { NEIGHBOR_STATES, NEIGHBOR_TABLE } from '../src/neighbor/state-table.ts';
import { rowFor } from '../src/neighbor/transition-table.ts';
import { type AnyRow, MACHINES, render } from './state-machines.ts';

const { UPDATE } = process.env;
const PAGE = join(__dirname, '../docs/state-machines.md');

test('docs/state-machines.md is what the tables say', () => {
  const page = render(MACHINES);
  if (UPDATE) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

/** Whether two rows could both apply to a state and event. */
function overlap(a: AnyRow, b: AnyRow): boolean {
  const states = a.from.some((state) => b.from.includes(state));
  const events = [a.on].flat().some((event) => [b.on].flat().includes(event));
  if (!states || !events) return false;
  if (typeof a.when === 'string' || typeof b.when === 'string') return a.when === b.when;
  const [first, second] = [a.when ?? {}, b.when ?? {}];
  return !Object.entries(first).some(
    ([question, answer]) => question in second && second[question] !== answer,
  );
}

// Neighbor Discovery's tables are read from the top, the first row that fits; these are not.
const UNORDERED = MACHINES.filter(({ source }) => !source.includes('neighbor-discovery'));

describe.each(UNORDERED)('$title', ({ table }) => {
  test('no pair of state and event has two rows that could both apply', () => {
    const twice = table.flatMap((a, at) => table.slice(at + 1).filter((b) => overlap(a, b)));
    expect(twice).toEqual([]);
  });

  test('a row that depends on a question has a twin for every other answer', () => {
    for (const row of table.filter((r) => typeof r.when === 'object')) {
      for (const state of row.from) {
        for (const event of [row.on].flat()) {
          const rows = table.filter((r) => r.from.includes(state) && [r.on].flat().includes(event));
          const questions = [
            ...new Set(
              rows.flatMap((r) => (typeof r.when === 'object' ? Object.keys(r.when) : [])),
            ),
          ];
          for (let answers = 0; answers < 2 ** questions.length; answers++) {
            const fits = rows.filter((r) =>
              questions.every((q, at) => {
                const wanted = typeof r.when === 'object' ? r.when[q] : undefined;
                return wanted === undefined || wanted === Boolean((answers >> at) & 1);
              }),
            );
            expect({ state, event, answers, rows: fits.length }).toMatchObject({ rows: 1 });
          }
        }
      }
    }
  });
});

describe('the neighbor state table (RFC 2328 10.3)', () => {
  const to = (
    state: (typeof NEIGHBOR_STATES)[number],
    event: Parameters<typeof rowFor<string, string, string, string>>[2],
  ) => rowFor<string, string, string, string>(NEIGHBOR_TABLE, state, event, () => true)?.to;

  test.each(['KillNbr', 'LLDown', 'InactivityTimer'])('%s leads every state to Down', (event) => {
    for (const state of NEIGHBOR_STATES) expect(to(state, event)).toBe('Down');
  });

  test('1-WayReceived leads every state from 2-Way on back to Init', () => {
    for (const state of NEIGHBOR_STATES.slice(2)) expect(to(state, 'OneWayReceived')).toBe('Init');
  });

  test('SeqNumberMismatch and BadLSReq start the exchange over, from Exchange on', () => {
    for (const event of ['SeqNumberMismatch', 'BadLSReq']) {
      for (const state of NEIGHBOR_STATES.slice(4)) expect(to(state, event)).toBe('ExStart');
      for (const state of NEIGHBOR_STATES.slice(0, 4)) expect(to(state, event)).toBeUndefined();
    }
  });

  test('a pair that the RFC does not list has no row', () => {
    expect(to('Full', 'LoadingDone')).toBeUndefined();
    expect(to('Down', 'TwoWayReceived')).toBeUndefined();
    expect(to('Init', 'NegotiationDone')).toBeUndefined();
  });
});
