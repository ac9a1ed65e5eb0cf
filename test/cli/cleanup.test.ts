import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';

const root = join(__dirname, '..', '..');
let folder: string;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'tools', 'setup.mjs'), '--build']);
}, 60_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-cleanup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs it where `ip` and `nft` are programs that do this. */
function cleanup(ip: string, nft: string) {
  for (const [name, script] of Object.entries({ ip, nft })) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const { PATH = '' } = process.env;
  return spawnSync(
    process.execPath,
    [join(root, 'dist', 'cli', 'main.js'), 'cleanup', '--socket', join(folder, 'socket')],
    { encoding: 'utf8', env: { ...process.env, PATH: `${folder}${delimiter}${PATH}` } },
  );
}

test('without the privilege to look says what is missing, with status 2', () => {
  const { status, stderr } = cleanup('echo "[]"', 'echo "Operation not permitted" >&2; exit 1');
  expect(stderr).toBe(
    'the kernel cannot be looked at; CAP_NET_ADMIN is needed (nft -j list tables: Operation not permitted)\n',
  );
  expect(status).toBe(2);
}, 30_000);
