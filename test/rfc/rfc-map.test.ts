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

/** Every sentence of RFC 5340 with a key word of RFC 2119, in its order: section and word. */
const KEY_WORDS = [
  '2.5 MUST', '2.5 MUST NOT', '2.8 MUST', '2.8 MUST', '2.8 MUST', '2.11 SHOULD NOT', '4.1.2 MUST',
  '4.2.1.1 MUST', '4.2.1.1 MUST', '4.2.1.2 MUST', '4.2.2 MUST', '4.2.2 MUST', '4.2.2 MUST',
  '4.2.2 SHOULD', '4.2.2 MUST', '4.2.2 SHOULD NOT', '4.4.3.4 MUST NOT', '4.4.3.8 SHOULD NOT',
  '4.4.3.9 SHOULD NOT', '4.4.3.9 SHOULD', '4.7 MUST', '4.7 SHOULD NOT', '4.8 MUST', '4.8.1 MUST',
  '4.8.1 MUST', '4.8.1 SHOULD NOT', '4.9 MUST', '4.9 MUST', '4.9 SHOULD', 'A.1 SHOULD',
  'A.1 SHOULD', 'A.3.1 SHOULD', 'A.3.1 MUST', 'A.4.7 MUST NOT', 'A.4.7 MUST', 'A.4.8 MUST',
  'C.1 SHOULD NOT', 'C.3 MUST', 'C.3 MUST', 'C.3 MUST', 'C.3 MUST',
] as const; // biome-ignore format: one list

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

  test.each([...new Set(KEY_WORDS)])('has a row for each of RFC 5340 %s', (keyWord) => {
    const [section = '', ...word] = keyWord.split(' ');
    const sections = (row: (typeof rows)[number]): string[] => row.section.split(', ');
    const counted = rows.filter(
      (row) =>
        sections(row).some((one) => one === section || one.startsWith(`${section} to `)) &&
        new RegExp(`\\b${word.join(' ')}\\b(?! NOT)`).test(row.what),
    );
    expect({ keyWord, rows: counted.length > 0 }).toEqual({ keyWord, rows: true });
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
