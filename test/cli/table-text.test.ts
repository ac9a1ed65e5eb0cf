import { expect, test } from '@jest/globals';
import { tableText } from '../../src/cli/table-text.ts';

const ROWS = [
  { name: 'alfa', state: 'Full', hops: [{ via: 'fe80::1', weight: 1 }] },
  { name: 'bravo', state: 'Init', hops: [], load: 0.5 },
];
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

test('a table has a row for each value and a column for each key of any of them', () => {
  expect(tableText(ROWS)).toBe(`\
┌───────┬───────┬───────────────────────┬──────┐
│ name  │ state │ hops                  │ load │
├───────┼───────┼───────────────────────┼──────┤
│ alfa  │ Full  │ via fe80::1, weight 1 │ -    │
│ bravo │ Init  │                       │ 0.5  │
└───────┴───────┴───────────────────────┴──────┘`);
});

test('one that is as wide as the terminal stays, a wider one has a row for each key', () => {
  expect(tableText(ROWS, 48)).toBe(tableText(ROWS));
  expect(tableText(ROWS, 47)).toBe(`\
┌───────┬───────────────────────┐
│ name  │ alfa                  │
│ state │ Full                  │
│ hops  │ via fe80::1, weight 1 │
│ load  │ -                     │
└───────┴───────────────────────┘
┌───────┬───────┐
│ name  │ bravo │
│ state │ Init  │
│ hops  │       │
│ load  │ 0.5   │
└───────┴───────┘`);
});

test.each([40, 80])(
  'nothing is wider than a terminal of %i columns, and nothing is lost',
  (columns) => {
    const words = [...Array(40).keys()].map((i) => `word${i}`);
    const text = tableText([{ words: words.join(' '), long: 'x'.repeat(200) }], columns);
    expect(widest(text)).toBeLessThanOrEqual(columns);
    for (const word of words) expect(text).toMatch(new RegExp(`\\b${word}\\b`));
    expect(text.match(/x/g)).toHaveLength(200);
  },
);

test('figures have no more places than people read, and what is empty is a dash', () => {
  const [row] = tableText([
    { ratio: 1 / 3, share: 0.27885676, ageMs: 10266.02880859375, whole: 65535, drops: {} },
  ])
    .split('\n')
    .slice(3);
  expect(row).toBe('│ 0.3333 │ 0.2789 │ 10266 │ 65535 │ -     │');
});

test('nothing is said to be none', () => {
  expect(tableText([])).toBe('none');
  expect(tableText({})).toBe('none');
});
