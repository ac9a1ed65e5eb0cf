import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(__dirname, '..', '..');
const main = join(root, 'dist', 'cli', 'main.js');
let folder: string;

/** A server on an interface that is not there: it waits, needs no privilege and says nothing. */
const CONFIG = `role: server
routerId: 10.0.0.11
interfaces:
  - { name: nowhere0, area: 0.0.0.0 }
`;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'tools', 'setup.mjs'), '--build']);
  folder = mkdtempSync(join(tmpdir(), 'tidecast-run-'));
  writeFileSync(join(folder, 'server.yaml'), CONFIG);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

/** @param whenHeard - called once the words were said on stderr. */
async function run(
  file: string,
  words = '',
  whenHeard?: (daemon: ChildProcess) => void,
): Promise<Ended> {
  const daemon = spawn(process.execPath, [main, 'run', file, '--socket', join(folder, 'socket')]);
  let stderr = '';
  let heard = false;
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (heard || words === '' || !stderr.includes(words)) return;
    heard = true;
    whenHeard?.(daemon);
  });
  const [status] = (await once(daemon, 'close')) as [number | null];
  return { status, stderr };
}

describe('tidecast run', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s: it says goodbye and ends with status 0',
    async (signal) => {
      const ended = await run(join(folder, 'server.yaml'), 'control API open', (daemon) =>
        daemon.kill(signal),
      );
      expect(ended.stderr).toContain('"msg":"stopped"');
      expect(ended.status).toBe(0);
    },
    30_000,
  );

  test.each([
    ['is not there', 'absent.yaml', /absent\.yaml/],
    ['is a folder', '.', /^\/.*: EISDIR/],
  ])(
    'a file that %s is named, with status 2',
    async (_, name, said) => {
      const ended = await run(join(folder, name));
      expect(ended.stderr).toMatch(said);
      expect(ended.status).toBe(2);
    },
    30_000,
  );
});
