/**
 * Makes a fresh clone ready: installs what is missing or stale, and nothing otherwise.
 * Runs on Node alone; says what it does on stderr, so that stdout stays the program's.
 * With --build it also compiles `src` to `dist`, and bundles the program, when a source is newer than
 * the last build.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = join('tools', 'bundle.mjs');

function run(command, args) {
  process.stderr.write(`tidecast: ${command} ${args.join(' ')}\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error || status !== 0) {
    process.stderr.write(`tidecast: '${command}' failed${error ? `: ${error.message}` : ''}\n`);
    process.exit(1);
  }
}

/** Whether every package of the lock file that this platform needs stands in node_modules. */
function installed() {
  const held = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(held)) return false;
  const { packages: have } = JSON.parse(readFileSync(held, 'utf8'));
  const { packages: want } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(want).every(
    ([path, entry]) => path === '' || entry.optional || have[path]?.version === entry.version,
  );
}

function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(path).map((name) => newestMs(join(path, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

/** Installs the dependencies when they are not as the lock file says. */
export function install() {
  if (!installed()) run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Compiles and bundles `src` when it is newer than what was compiled last. */
export function build() {
  const stamp = join(root, 'dist', '.built');
  const sources = ['src', 'tsconfig.json', 'package-lock.json', BUNDLE].map((name) =>
    join(root, name),
  );
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= Math.max(...sources.map(newestMs))) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.json',
  ]);
  run(process.execPath, [join(root, BUNDLE)]);
  writeFileSync(stamp, '');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  install();
  if (process.argv.includes('--build')) build();
}
