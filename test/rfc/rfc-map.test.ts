import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const MAP = 'docs/rfc-map.md';

/** The rows of the tables, in cells; a bar within a cell is escaped. */
const rows = readFileSync(MAP, 'utf8')
  .split('\n')
  .map((line, i) => ({ line: i + 1, text: line }))
  .filter(({ text }) => text.startsWith('| ') && !/^\| (section|source) \|/.test(text))
  .map(({ line, text }) => {
    const cells = text.replaceAll('\\|', '\u0000').split('|').slice(1, -1);
    const [section = '', what = '', where = '', shown = ''] = cells.map((cell) =>
      cell.trim().replaceAll('\u0000', '|'),
    );
    return { line, cells: cells.length, section, what, where, shown };
  });

/** The places that a cell names: `file: text`. */
const placesOf = (cell: string): { file: string; text: string }[] =>
  [...cell.matchAll(/`((?:src|test)\/[\w./-]+\.ts): ([^`]+)`/g)].map(
    ([, file = '', text = '']) => ({ file, text }),
  );

describe(`${MAP}`, () => {
  test('has a row for every requirement: RFC 5340 alone has more than fifty', () => {
    expect(rows.length).toBeGreaterThan(110);
    for (const { cells, line } of rows) expect({ line, cells }).toEqual({ line, cells: 4 });
  });

  test.each(rows)('line $line, $section: the place and the test named are there', (row) => {
    const isSupported = !row.where.startsWith('not supported');
    const places = placesOf(row.where);
    const tests = placesOf(row.shown);
    if (isSupported) {
      expect(places.length).toBeGreaterThan(0);
      expect(tests.length).toBeGreaterThan(0);
    } else expect(row.where).toMatch(/^not supported[^:]*: \w/);
    for (const { file } of places) expect(file).toMatch(/^src\//);
    for (const { file } of tests) expect(file).toMatch(/^test\//);
    for (const { file, text } of [...places, ...tests]) {
      expect({ file, exists: existsSync(file) }).toEqual({ file, exists: true });
      const found = readFileSync(file, 'utf8').includes(text);
      expect({ file, text, found }).toEqual({ file, text, found: true });
    }
  });
});
