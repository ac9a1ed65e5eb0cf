/**
 * Puts the command-line program into `dist/cli`: a few files instead of some six hundred modules,
 * since finding, reading and linking each of them is most of what a start takes. A verb stays a
 * chunk of its own, which is loaded when it is asked for.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist', 'cli');

// What the library does not need was compiled for its types alone.
for (const folder of ['cli', 'control', 'demo']) {
  rmSync(join(root, 'dist', folder), { recursive: true, force: true });
}
const common = {
  absWorkingDir: root,
  outdir: out,
  entryNames: '[name]', // beside each other: they start one another by a relative name
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  // A native library, WebAssembly, and files that are read: they stay in their packages.
  external: ['koffi', '@viz-js/viz', 'uplot'],
  // For the packages that are CommonJS and ask for Node's own modules.
  banner: {
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};
/** Leaves the daemon's verb to a bundle of its own. */
const runApart = {
  name: 'run-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/run\.ts$/ }, () => ({ path: './run.js', external: true })),
};
const program = await build({
  ...common,
  entryPoints: ['src/cli/main.ts', 'src/cli/tune-worker.ts', 'src/demo/server-process.ts'],
  plugins: [runApart],
});
// What several verbs share is cut into chunks by who shares it, some fifty of them for a daemon.
const run = await build({ ...common, entryPoints: ['src/cli/run.ts'] });
writeFileSync(join(out, 'LICENSES.txt'), licensesOf([program.metafile, run.metafile]));

/** The licenses of the packages that came into the bundle: each wants to go with its copies. */
function licensesOf(metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap(
    (path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  const parts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
    const text = file
      ? readFileSync(join(root, folder, file), 'utf8').trim()
      : `License: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
  });
  return parts.join(`\n${'-'.repeat(72)}\n\n`);
}
