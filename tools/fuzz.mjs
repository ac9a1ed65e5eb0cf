/**
 * `npm run fuzz -- [--seconds N] [--count N] [--seed N] [--epoch N]`: compiles `tools/fuzz/` and
 * `src/` to `dist-fuzz/` and feeds mutated captures to everything that reads octets. Exit status 1
 * on an uncaught error, a hang or growth, with what reproduces it.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns what is wrong with the words given, if anything. */
function complaint() {
  const whole = { type: 'string' };
  try {
    const { values } = parseArgs({
      options: { seconds: whole, count: whole, seed: whole, epoch: whole },
    });
    const wrong = Object.entries(values).find(([, value]) => !/^\d+$/.test(value));
    return wrong && `--${wrong[0]} takes a whole number, not ${wrong[1]}`;
  } catch (error) {
    return error.message;
  }
}

const wrong = complaint();
if (wrong) {
  process.stderr.write(`${wrong}
usage: npm run fuzz -- [--seconds N] [--count N] [--seed N] [--epoch N]\n`);
  process.exit(2);
}

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
