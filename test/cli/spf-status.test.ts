import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registerSpf } from '../../src/cli/spf.ts';
import { statusOf, watchedTerminal } from './terminal.ts';

const CAPTURE = 'test/fixtures/frr-bird/a-bcast-frr-3.pcap';
const KILLED = '10.255.0.1';
const ENDS = '10.255.0.1:10.255.0.2';

let folder: string;
const terminal = watchedTerminal();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-spf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const spf = (...args: string[]): Promise<number> => statusOf(['spf', ...args], registerSpf);

const file = (name: string, octets: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
};

describe('a database that cannot be read is named, with status 2', () => {
  const read = async (path: string): Promise<string> => {
    expect(await spf('--database', path)).toBe(2);
    expect(terminal.stderr.startsWith(`${path}: `)).toBe(true);
    return terminal.stderr.slice(path.length + 2).trimEnd();
  };

  test('one that is not there', async () => {
    expect(await read(join(folder, 'none'))).toBe('ENOENT: no such file or directory');
  });

  test('a folder', async () => {
    expect(await read(folder)).toBe('EISDIR: illegal operation on a directory, read');
  });

  test('a capture that was cut short', async () => {
    const octets = readFileSync(CAPTURE);
    expect(await read(file('cut.pcap', octets.subarray(0, 10)))).toMatch(/header/);
    expect(await read(file('cut.pcap', octets.subarray(0, -1)))).toMatch(/octets/);
  });

  test('a capture without a packet', async () => {
    const head = readFileSync(CAPTURE).subarray(0, 24);
    expect(await read(file('head.pcap', head))).toBe('no OSPFv3 in the capture');
  });
});

describe('what is asked for and cannot be is told, with status 2', () => {
  test.each([
    ['two drawings on standard output', ['--dot', '-', '--svg', '-'], /--dot - and --svg -/],
    ['a drawing and JSON on it', ['--json', '--svg', '-'], /--svg - and --json/],
    ['a cost given twice', ['--cost', `${ENDS}=5=7`], /ROUTER-ID:ROUTER-ID=0\.\.65535/],
    ['a cost between three', ['--cost', `${ENDS}:10.255.0.3=5`], /ROUTER-ID:ROUTER-ID=/],
    ['a link of three', ['--down', `${ENDS}:10.255.0.3`], /ROUTER-ID:ROUTER-ID or ROUTER-ID/],
    ['a router that is not there', ['--root', '10.9.9.9'], /no router 10\.9\.9\.9; there are/],
  ])('%s', async (_, args, told) => {
    expect(await spf('--database', CAPTURE, ...args)).toBe(2);
    expect(terminal.stderr).toMatch(told);
    expect(terminal.stdout).toBe('');
  });
});

test('routers that cannot be reached are named below the tree', async () => {
  // The first router was killed, and what it said is still in the database when the capture ends.
  expect(await spf('--database', CAPTURE, '--root', KILLED)).toBe(0);
  expect(terminal.stdout).toMatch(/^not reached: 10\.255\.0\.2, 10\.255\.0\.3$/m);
  terminal.stdout = '';
  expect(await spf('--database', CAPTURE, '--root', '10.255.0.2')).toBe(0);
  expect(terminal.stdout).toMatch(/^not reached: 10\.255\.0\.1$/m);
});
