import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';

const root = join(__dirname, '..', '..');
let packed: ReadonlySet<string>;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'tools', 'setup.mjs'), '--build']);
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const said = execFileSync('npm', args, { cwd: root, encoding: 'utf8' });
  const [found] = JSON.parse(said) as { files: { path: string }[] }[];
  packed = new Set(found!.files.map(({ path }) => path));
}, 120_000);

describe('the package that npm installs', () => {
  test('has what it promises, and nothing else', () => {
    expect(new Set([...packed].map((path) => path.split('/')[0]))).toEqual(
      new Set([
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'dist',
        'docs',
        'examples',
        'package.json',
        'scenarios',
      ]),
    );
  });

  test('has the command and the library that package.json names', () => {
    const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const path of [bin.tidecast, exports['.'].default, exports['.'].types]) {
      expect(packed).toContain(path.replace(/^\.\//, ''));
    }
    expect(readFileSync(join(root, bin.tidecast), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test.each(['-V', '--version'])('has a command that says its version at %s', (flag) => {
    const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const said = execFileSync(process.execPath, [join(root, bin.tidecast), flag]);
    expect(`${said}`).toBe(`${version}\n`);
  });

  test('has every document that the README leads to', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(5);
    for (const path of links) expect(packed).toContain(path);
  });

  test('has every module that its own import or start', () => {
    const missing = [...packed]
      .filter((path) => path.startsWith('dist/') && path.endsWith('.js'))
      .flatMap((path) => {
        const text = readFileSync(join(root, path), 'utf8');
        const imports = text.matchAll(
          /(?:from|import|import\(|new URL\()\s*['"](\.[^'"]+\.js(?:on)?)['"]/g,
        );
        return [...imports].map(([, to]) => join(path, '..', to!));
      })
      .filter((path) => !packed.has(path));
    expect(missing).toEqual([]);
  });

  test('has a program that brings its packages, but for those that stay whole', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const asked = programTexts().flatMap((text) =>
      [...text.matchAll(/^import .*?["']([^."'][^"']*)["'];$/gm)].map(([, name]) => name!),
    );
    const packages = new Set(asked.filter((name) => !isBuiltin(name)));
    expect([...packages].sort()).toEqual(['@viz-js/viz', 'koffi']);
    for (const name of packages) expect(Object.keys(dependencies)).toContain(name);
  });

  test('has the license of every package that its program holds a copy of', () => {
    const licenses = readFileSync(join(root, 'dist', 'cli', 'LICENSES.txt'), 'utf8');
    expect(packed).toContain('dist/cli/LICENSES.txt');
    const held = mappedSources().flatMap((source) => {
      const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
      return name ?? [];
    });
    expect(held).toEqual(expect.arrayContaining(['commander', 'fastify', 'zod']));
    for (const name of new Set(held)) expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  test('has source maps that name the sources of the program', () => {
    const sources = mappedSources();
    for (const source of ['cli/main.ts', 'host/daemon.ts', 'control/control-server.ts']) {
      expect(sources).toContain(`../../src/${source}`);
    }
  });
});

/** The modules of the command, and of what it starts. */
function programTexts(): string[] {
  return [...packed]
    .filter((path) => /^dist\/cli\/.*\.js$/.test(path))
    .map((path) => readFileSync(join(root, path), 'utf8'));
}

/** The files that source maps say the program was made of, relative to it. */
function mappedSources(): string[] {
  return programTexts().flatMap((text) => {
    const [, map] = /^\/\/# sourceMappingURL=(.+)$/m.exec(text)!;
    expect(packed).toContain(`dist/cli/${map}`);
    return JSON.parse(readFileSync(join(root, 'dist', 'cli', map!), 'utf8')).sources as string[];
  });
}
