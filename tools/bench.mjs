/**
 * `npm run bench -- [NAME…] [--quick] [--json]`: sets the clone up, compiles `bench/` and `src/` to
 * `dist-bench/`, and runs the programs named, or all. A program is `bench/NAME.ts` and exports
 * `bench`; each row is a measurement beside a named alternative of the same run. Exit status is 1
 * when a program fails; a goal that is not met is shown, not failed, since machines differ.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('-'));
const unknown = flags.filter((flag) => flag !== '--quick' && flag !== '--json');
const names = args.filter((arg) => !arg.startsWith('-'));
/** Files of bench/ that serve the programs and are none themselves. */
const PARTS = /^(harness|run|.*\.d)\.ts$|^parts-/;
const all = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts') && !PARTS.test(file))
  .map((file) => file.slice(0, -3))
  .sort();

if (unknown.length > 0 || names.some((name) => !all.includes(name))) {
  process.stderr.write(`usage: npm run bench -- [${all.join(' | ')}]… [--quick] [--json]\n`);
  process.exit(2);
}

install();
const out = join(root, 'dist-bench');
rmSync(out, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'bench/tsconfig.json'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (compiled.status !== 0) process.exit(1);

// A process of its own with room to collect garbage when asked, so that runs are alike.
const chosen = names.length > 0 ? names : all;
const { status } = spawnSync(
  process.execPath,
  ['--expose-gc', join(out, 'bench', 'run.js'), ...flags, ...chosen],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
