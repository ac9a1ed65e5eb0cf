import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/method.md'), 'utf8');
const CLAIMS = [...PAGE.matchAll(/^- `(test\/[^`]+)`: "(.+)"$/gm)].map(
  ([, file, title]) => [file!, title!] as const,
);

/** As a title stands in a source file, whichever quotes it is in. */
const inSource = (title: string): string[] => [title, title.replaceAll("'", "\\'")];

test('docs/method.md answers all 22 rules', () => {
  const numbers = [...PAGE.matchAll(/\*\*(\d[\d, ]*)\./g)].flatMap(([, list]) =>
    list!.split(',').map(Number),
  );
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 22 }, (_, i) => i + 1));
});

test.each(CLAIMS)('%s has: %s', (file, title) => {
  const source = readFileSync(join(ROOT, file), 'utf8');
  expect(inSource(title).some((text) => source.includes(text))).toBe(true);
});

test('every source file that is named exists', () => {
  const named = [...PAGE.matchAll(/`(src\/[^`*]+\.ts)`/g)].map(([, file]) => file!);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
