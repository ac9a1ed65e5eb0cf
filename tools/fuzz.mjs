/**
 * `npm run fuzz -- [--seconds N] [--count N] [--seed N] [--epoch N]`: compiles `tools/fuzz/` and
 * `src/` to `dist-fuzz/` and feeds mutated captures to everything that reads octets. Exit status 1
 * on an uncaught error, a hang or growth, with what reproduces it.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
install();
const out = join(root, 'dist-fuzz');
rmSync(out, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tools/fuzz/tsconfig.json'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (compiled.status !== 0) process.exit(1);

const { status } = spawnSync(
  process.execPath,
  ['--expose-gc', join(out, 'tools', 'fuzz', 'main.js'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
