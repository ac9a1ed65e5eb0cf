import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { registerExplain } from '../../src/cli/explain.ts';
import { registerNeighborDiscovery } from '../../src/cli/neighbor-discovery.ts';
import { registerServiceCommands } from '../../src/cli/service-commands.ts';
import { registerShow } from '../../src/cli/show.ts';
import { registerStubRouter } from '../../src/cli/stub-router.ts';
import { statusOf, watchedTerminal } from './terminal.ts';

/** An Intra-Area-Prefix-LSA without prefixes. */
const LSA = '00002009000000010000000100000001820f0020000020010000000000000001';

const terminal = watchedTerminal();

/** What a daemon was asked. */
let asked: string[];
let answer: { status: number; body?: unknown; text?: string; length?: number };
let folder: string;
let socket: string;
let daemon: Server;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: {} };
  folder = mkdtempSync(join(tmpdir(), 'tidecast-verbs-'));
  socket = join(folder, 'socket');
  daemon = createServer(async (request, reply) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks)}`.trimEnd());
    if (answer.text === undefined) {
      reply.writeHead(answer.status).end(JSON.stringify(answer.body));
    } else {
      reply.writeHead(answer.status, { 'content-length': answer.length });
      reply.write(answer.text, () => reply.destroy());
    }
  });
  await new Promise<void>((listening) => daemon.listen(socket, listening));
});

afterEach(async () => {
  await new Promise((closed) => daemon.close(closed));
  rmSync(folder, { recursive: true });
});

const VERBS = [
  registerExplain,
  registerNeighborDiscovery,
  registerServiceCommands,
  registerShow,
  registerStubRouter,
];

const tidecast = (...words: string[]): Promise<number> =>
  statusOf([...words, '--socket', socket], ...VERBS);

describe('an answer that is none', () => {
  test('is repeated, when it is no JSON', async () => {
    answer = { status: 200, text: 'It works!', length: 9 };
    expect(await tidecast('show', 'status')).toBe(1);
    expect(terminal.stderr).toBe('the daemon answers 200: It works!\n');
  });

  test('is said to be cut short, when the daemon ends meanwhile', async () => {
    answer = { status: 200, text: '{ "role":', length: 100 };
    expect(await tidecast('show', 'status')).toBe(1);
    expect(terminal.stderr).toBe(`the daemon on ${socket} ended (aborted)\n`);
  });
});

describe('verbs that command a running daemon', () => {
  test.each([
    [['drain', 'dns'], 'POST /v1/services/dns/drain'],
    [['undrain', 'a/b'], 'POST /v1/services/a%2Fb/undrain'],
    [['disable', 'dns'], 'POST /v1/services/dns/disable'],
    [['enable', 'dns'], 'POST /v1/services/dns/enable'],
    [['stub-router', 'on'], 'POST /v1/stub-router/on'],
    [
      ['advertise', 'dns', 'neighbor-discovery'],
      'POST /v1/services/dns/advertise/neighbor-discovery',
    ],
    [
      ['neighbor-discovery', 'eth0', '--mode', 'single'],
      'POST /v1/neighbor-discovery/eth0 {"mode":"single"}',
    ],
  ])('%j', async (words, request) => {
    expect(await tidecast(...words)).toBe(0);
    expect(asked).toEqual([request]);
  });

  test('neighbor-discovery without anything to change asks nobody', async () => {
    expect(await tidecast('neighbor-discovery', 'eth0')).toBe(2);
    expect(terminal.stderr).toContain('--mode, --delivery or both');
    expect(asked).toEqual([]);
  });

  test('what the daemon refuses is told, with status 1', async () => {
    answer = { status: 404, body: { error: 'no service x' } };
    expect(await tidecast('drain', 'x')).toBe(1);
    expect(terminal.stderr).toBe('no service x\n');
  });

  test.each(['drain', 'undrain'])(
    '%s of what stays disabled says so, with status 1',
    async (verb) => {
      answer.body = { state: 'DISABLED' };
      expect(await tidecast(verb, 'dns')).toBe(1);
      expect(terminal.stderr).toBe('dns stays disabled; tidecast enable dns offers it again\n');
    },
  );

  test('without a daemon the socket is named, with status 1', async () => {
    await new Promise((closed) => daemon.close(closed));
    expect(await tidecast('show', 'routes')).toBe(1);
    expect(terminal.stderr).toContain(`no daemon answers on ${socket}`);
    daemon.listen(socket);
  });
});

describe('verbs that ask it', () => {
  test('show prints a table, or JSON', async () => {
    answer.body = [{ prefix: '2001:db8::1/128', nextHops: ['fe80::1', 'fe80::2'] }];
    expect(await tidecast('show', 'routes')).toBe(0);
    expect(terminal.stdout).toMatch(/prefix.*nextHops/);
    expect(terminal.stdout).toContain('2001:db8::1/128');
    terminal.stdout = '';
    expect(await tidecast('show', 'routes', '--json')).toBe(0);
    expect(JSON.parse(terminal.stdout)).toEqual(answer.body);
    expect(asked).toEqual(['GET /v1/routes', 'GET /v1/routes']);
  });

  test('show names the LS types, and tells of a load what people look for', async () => {
    const entry = { lsType: 0x2009, checksum: 0xa5, octets: LSA };
    answer.body = [entry];
    expect(await tidecast('show', 'database')).toBe(0);
    expect(terminal.stdout).toContain('0x2009 Intra-Area-Prefix');
    expect(terminal.stdout).toContain('0x00a5');
    terminal.stdout = '';
    const load = {
      stateSinceMs: 1795814711335.0156,
      offeredQueriesPerSecond: 12.34,
      utilizationRatio: 0.4,
      capacityQueriesPerSecond: 30,
    };
    answer.body = [{ service: 'dns', reason: 'new in the farm', load }];
    expect(await tidecast('show', 'services')).toBe(0);
    expect(terminal.stdout).toContain('12.3 q/s of 30.0 q/s, utilization 40 %');
    expect(terminal.stdout).not.toContain('1795814711335');
    terminal.stdout = '';
    expect(await tidecast('show', 'services', '--json')).toBe(0);
    expect(JSON.parse(terminal.stdout)).toEqual(answer.body);
  });

  test('explain prints the lines', async () => {
    answer.body = { lines: ['up, weight 100', 'no limiter acts'] };
    expect(await tidecast('explain', 'dns')).toBe(0);
    expect(terminal.stdout).toBe('up, weight 100\nno limiter acts\n');
    expect(asked).toEqual(['GET /v1/services/dns/explain']);
  });
});
