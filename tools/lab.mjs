/**
 * `npm run test:lab`: the scenarios that time nothing narrowly, some files beside each other, then
 * the timed ones, one after the other (`test/lab/lanes.json`). Both run whatever the first finds.
 * With arguments, which are jest's, only what they name runs, one after the other.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const JEST = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const SUFFIX = '.lab.ts';

/** Whether jest found nothing wrong. */
function passes(what, ...words) {
  process.stderr.write(`tidecast: lab: ${what}\n`);
  const line = [JEST, '-c', 'jest.lab.config.json', ...words];
  return spawnSync(process.execPath, line, { cwd: root, stdio: 'inherit' }).status === 0;
}

function lanes() {
  const folder = join(root, 'test', 'lab');
  const { workers, untimed } = JSON.parse(readFileSync(join(folder, 'lanes.json'), 'utf8'));
  const all = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
  const strange = untimed.filter((name) => !all.includes(name));
  if (strange.length > 0) throw new Error(`lanes.json names what is not there: ${strange}`);
  const timed = all.filter((name) => !untimed.includes(name));
  const paths = (names) => names.map((name) => join(folder, `${name}${SUFFIX}`));
  return { workers, untimed: paths(untimed), timed: paths(timed) };
}

const asked = process.argv.slice(2);
if (asked.length > 0) {
  process.exit(passes(asked.join(' '), '-i', ...asked) ? 0 : 1);
}
const { workers, untimed, timed } = lanes();
const results = [
  passes(
    `${untimed.length} files, ${workers} at a time`,
    '-w',
    String(workers),
    '--runTestsByPath',
    ...untimed,
  ),
  passes(`${timed.length} files, one at a time`, '-i', '--runTestsByPath', ...timed),
];
process.exit(results.every(Boolean) ? 0 : 1);
