import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configReference } from '../../src/host/config-reference.ts';

const FILE = 'docs/operating.md';
const BEGIN =
  '<!-- reference: begin (rendered from the schema; UPDATE=1 npx jest config-reference) -->';
const END = '<!-- reference: end -->';

const { UPDATE } = process.env;

test('the configuration reference in docs/operating.md is that of the schema', () => {
  const text = readFileSync(FILE, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  expect(from).toBeGreaterThan(0);
  expect(to).toBeGreaterThan(from);
  const fresh = `${text.slice(0, from)}${BEGIN}\n\n${configReference()}\n\n${text.slice(to)}`;
  if (UPDATE === '1') writeFileSync(FILE, fresh);
  expect(readFileSync(FILE, 'utf8')).toBe(fresh);
});

test('every key has a meaning and says what it allows', () => {
  const rows = configReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.length).toBeGreaterThan(60);
  for (const row of rows) {
    const [, key, allowed, , meaning] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    expect([key, allowed, meaning]).not.toContain('');
  }
});
