import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { ServerNode } from '../../src/demo/server-node.ts';
import { SERVERS } from '../../src/demo/settings.ts';
import { openUdpLink } from '../../src/host/link-udp.ts';

const root = join(__dirname, '..', '..');
const source = readFileSync(join(root, 'examples', 'embed.ts'), 'utf8');
const ended: (() => void)[] = [];

/** The example as JavaScript, where `tidecast` means this package. */
function compiled(): string {
  execFileSync(process.execPath, [join(root, 'tools', 'setup.mjs'), '--build']);
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const folder = join(root, 'dist', 'examples');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'embed.js'), code);
  return join(folder, 'embed.js');
}

/** Resolves with the first line of output that matches. */
function line(program: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    program.stdout?.on('data', (octets: Buffer) => {
      seen += octets.toString();
      const match = seen.split('\n').find((each) => pattern.test(each));
      if (match !== undefined) resolve(match);
    });
    program.stderr?.on('data', (octets: Buffer) => {
      seen += octets.toString();
    });
    program.on('exit', () => reject(new Error(`the example ended:\n${seen}`)));
  });
}

afterEach(() => {
  for (const end of ended.splice(0)) end();
});

describe('examples/embed.ts', () => {
  it('has at most 20 lines', () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('passes the strictest type check, of what we declare too', () => {
    compiled();
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      module: 'nodenext',
      target: 'es2023',
      types: ['node'],
      noEmit: true,
    };
    const project = join(root, 'dist', 'examples', 'tsconfig.json');
    const files = ['../../examples/embed.ts'];
    writeFileSync(project, JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
    expect(stdout).toBe('');
  }, 60_000);

  it('prints the route to a service and where a flow goes', async () => {
    const port = 15_000 + (process.pid % 5000);
    const program = spawn(process.execPath, [compiled(), String(port)]);
    ended.push(() => program.kill());
    const route = line(program, /^added 2001:db8:53::53\/128 at \d+$/);
    const spread = line(program, /this flow goes to fe80::/);
    for (const config of SERVERS.slice(0, 2)) {
      const link = await openUdpLink({ interfaceId: 1, name: config.name, port });
      const node = new ServerNode(config, link, () => {});
      ended.push(() => node.kill());
      await node.start();
    }
    expect(await route).toContain('2001:db8:53::53/128');
    expect(await spread).toContain('fe80::');
  }, 30_000);
});
