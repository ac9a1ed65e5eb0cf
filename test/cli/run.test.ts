import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** In the place of `ip`: there is nothing in the kernel, until it is broken. */
const IP_UNTIL_BROKEN = `#!/bin/sh
broken() { if [ -e "$(dirname "$0")/broken" ]; then echo no kernel >&2; exit 1; fi; }
broken
case "$*" in
  *monitor*) exec sleep 600 ;;
  *-batch*) while read -r line; do broken; echo '[]'; done ;;
  *) echo '[]' ;;
esac
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
  env = process.env,
): Promise<Ended> {
  const args = [main, 'run', file, '--socket', join(folder, 'socket')];
  const daemon = spawn(process.execPath, args, { env });
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

  test('it says goodbye though it is told twice, as timeout(1) and npx do', async () => {
    const ended = await run(join(folder, 'server.yaml'), 'control API open', (daemon) => {
      daemon.kill('SIGINT');
      setTimeout(() => daemon.kill('SIGINT'), 1);
    });
    expect(ended.stderr).toContain('"msg":"stopped"');
    expect(ended.status).toBe(0);
  }, 30_000);

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

  test('a second one on the same socket ends before it says a word, with status 1', async () => {
    const file = join(folder, 'server.yaml');
    let second: Ended | undefined;
    const first = await run(file, 'control API open', async (daemon) => {
      second = await run(file);
      daemon.kill();
    });
    expect(second?.stderr).toMatch(/^\{"level":60,.*another daemon listens on [^\n]*\}\n$/);
    expect(second?.status).toBe(1);
    expect(first.status).toBe(0);
  }, 30_000);

  test('a router on a machine without iproute2 says so and ends with status 1', async () => {
    const file = join(folder, 'router.yaml');
    writeFileSync(file, CONFIG.replace('role: server', 'role: router'));
    const { stderr, status } = await run(file, '', undefined, { PATH: folder });
    expect(stderr).toContain('"msg":"cannot run: spawn ip ENOENT"');
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(status).toBe(1);
  }, 30_000);

  test('a router whose kernel refuses to be cleaned up says so, and says goodbye', async () => {
    const bin = join(folder, 'bin');
    const { PATH } = process.env;
    mkdirSync(bin);
    writeFileSync(join(bin, 'ip'), IP_UNTIL_BROKEN, { mode: 0o755 });
    const file = join(folder, 'router.yaml');
    writeFileSync(file, CONFIG.replace('role: server', 'role: router'));
    const whenOpen = (daemon: ChildProcess) => {
      writeFileSync(join(bin, 'broken'), '');
      daemon.kill();
    };
    const { stderr, status } = await run(file, 'control API open', whenOpen, {
      PATH: `${bin}:${PATH}`,
    });
    expect(stderr).toMatch(/"msg":"kernel: Error: ip ended \(1\): no kernel/);
    expect(stderr).toContain('"msg":"stopped"');
    expect(status).toBe(0);
  }, 30_000);

  test('it ends at once though a check hangs', async () => {
    const file = join(folder, 'hanging.yaml');
    const check = '{ command: [sleep, "600"], timeoutMs: 60000 }';
    const service = `{ name: dns, address: "2001:db8::53", liveness: [${check}] }`;
    writeFileSync(file, `${CONFIG}services: [${service}]\n`);
    const ended = await run(file, 'control API open', (daemon) => daemon.kill());
    expect(ended.status).toBe(0);
  }, 30_000);

  test('what cannot be found out is said once, not every second', async () => {
    const words = 'interfaces of this machine cannot be read: spawn ip ENOENT';
    const file = join(folder, 'server.yaml');
    const heard = (daemon: ChildProcess) => setTimeout(() => daemon.kill(), 2500);
    const { stderr } = await run(file, words, heard, { PATH: folder });
    expect(stderr.split(words).length - 1).toBe(1);
  }, 30_000);
});
