import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('docs/operating.md names every metric, and none that there is not', () => {
  const names = (text: string) => [...new Set(text.match(/tidecast_[a-z_]+[a-z]/g) ?? [])].sort();
  const sources = readdirSync('src/control').map((file) =>
    readFileSync(`src/control/${file}`, 'utf8'),
  );
  const page = readFileSync('docs/operating.md', 'utf8');
  expect(names(page)).toEqual(names(sources.join('\n')));
});
