import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { daemonDatabase, daemonRouterId } from '../../src/cli/spf-database.ts';
import { openControl } from '../../src/control/control-server.ts';
import { type HeldControl, holdControl } from '../../src/control/held-server.ts';
import { VIEW_NAMES } from '../../src/control/view-names.ts';
import { configSchema } from '../../src/host/config.ts';
import { checkConfig } from '../../src/host/config-read.ts';
import { Daemon } from '../../src/host/daemon.ts';
import { openLog } from '../../src/host/log.ts';

// The interface does not exist: the daemon waits for it, and everything else works.
const SERVER = `role: server
routerId: 10.0.0.11
interfaces:
  - { name: no-such-one, area: 0.0.0.1, helloIntervalS: 1, deadIntervalS: 4 }
services:
  - { name: dns, address: "2001:db8:53::53", weight: 50 }
`;
const ROUTER = `role: router
routerId: 10.0.0.1
interfaces:
  - { name: no-such-one, area: 0.0.0.0, helloIntervalS: 1, deadIntervalS: 4 }
routeTable: none
`;

const JSON_TYPE = { 'content-type': 'application/json' };

let directory: string;
let socket: string;
const open: { close(): Promise<void> }[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-control-'));
  socket = join(directory, 'control.sock');
});

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(directory, { recursive: true });
});

async function hold(yaml: string): Promise<{ held: HeldControl; answer: () => Promise<void> }> {
  const config = checkConfig('f', yaml, configSchema);
  const held = await holdControl(socket, config.control);
  open.push(held);
  const answer = async () => {
    const daemon = await Daemon.start(config, openLog('silent'));
    open.push({ close: () => daemon.stop() });
    await openControl(daemon, held);
  };
  return { held, answer };
}

async function start(yaml: string): Promise<void> {
  await (await hold(yaml)).answer();
}

/** What a killed process leaves behind: a socket on which nobody listens. */
async function staleSocket(): Promise<void> {
  const made = join(directory, 'made');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(made, resolve));
  renameSync(made, socket);
  await new Promise((resolve) => server.close(resolve));
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function ask(
  path: string,
  options: { method?: string; headers?: object; port?: number; body?: string } = {},
): Promise<Answer> {
  const { port, body, ...rest } = options;
  const where = port === undefined ? { socketPath: socket } : { host: '::1', port };
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, ...(rest as object) }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test.each([
  ['server', SERVER],
  ['router', ROUTER],
])('a %s answers every view with JSON', async (role, yaml) => {
  await start(yaml);
  for (const name of VIEW_NAMES) {
    const { status, text } = await ask(`/v1/${name}`);
    expect([name, status]).toEqual([name, 200]);
    expect(() => JSON.parse(text)).not.toThrow();
  }
  expect(JSON.parse((await ask('/v1/status')).text)).toMatchObject({ role });
});

test('interfaces are shown as configured, down while there is none of the name', async () => {
  await start(SERVER);
  expect(JSON.parse((await ask('/v1/interfaces')).text)).toMatchObject([
    { name: 'no-such-one', area: '0.0.0.1', state: 'Down', priority: 0, neighbors: 0 },
  ]);
});

test('what-if calculations ask the daemon who it is and for its databases', async () => {
  await start(ROUTER);
  expect(await daemonRouterId(socket)).toBe(0x0a000001);
  // Without interfaces there is no area yet, and nothing in the others.
  expect(await daemonDatabase(socket)).toEqual([]);
});

test('a service is drained and taken back by command', async () => {
  await start(SERVER);
  const service = async () => JSON.parse((await ask('/v1/services')).text)[0];
  expect(await service()).toMatchObject({ service: 'dns', metric: 10, weight: 50 });
  expect(await ask('/v1/services/dns/drain', { method: 'POST' })).toMatchObject({ status: 200 });
  expect(await service()).toMatchObject({ metric: 65535 });
  await ask('/v1/services/dns/undrain', { method: 'POST' });
  expect(await service()).toMatchObject({ metric: 10 });
});

test('a router becomes a stub router on request, and one like the others again (RFC 6987)', async () => {
  await start(ROUTER);
  const stubRouter = async () => JSON.parse((await ask('/v1/status')).text).stubRouter;
  expect(await stubRouter()).toBe(false);
  const answer = await ask('/v1/stub-router/on', { method: 'POST' });
  expect(answer).toEqual({ status: 200, text: '{"stubRouter":true}' });
  expect(await stubRouter()).toBe(true);
  await ask('/v1/stub-router/off', { method: 'POST' });
  expect(await stubRouter()).toBe(false);
});

test.each([
  [ROUTER, '/v1/stub-router/perhaps', 400, 'on or off, not perhaps'],
  [SERVER, '/v1/services/web/drain', 404, 'no service web; there are: dns'],
  [SERVER, '/v1/services/dns/explode', 400, 'drain, undrain, disable, enable'],
  [ROUTER, '/v1/services/dns/drain', 404, 'this is a router: ask the daemons of the servers'],
])('what cannot be commanded is refused in words', async (yaml, path, status, words) => {
  await start(yaml);
  const answer = await ask(path, { method: 'POST' });
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(words);
});

test('metrics tell what is advertised', async () => {
  await start(SERVER);
  const { text } = await ask('/metrics');
  expect(text).toMatch(/^tidecast_service_weight\{service="dns"\} 50$/m);
  expect(text).toMatch(/^tidecast_lsas\{scope="area 0\.0\.0\.1"\} \d+$/m);
  expect(text).toMatch(/^tidecast_neighbors\{interface="no-such-one",state="Full"\} 0$/m);
});

test('on TCP a token is asked for', async () => {
  const port = 20_000 + (process.pid % 20_000);
  const token = '0123456789abcdef';
  await start(`${ROUTER}control: { port: ${port}, token: ${token} }\n`);
  expect((await ask('/v1/status', { port })).status).toBe(401);
  const wrong = { authorization: `Bearer ${token}x` };
  expect((await ask('/metrics', { port, headers: wrong })).status).toBe(401);
  const right = { authorization: `Bearer ${token}` };
  expect((await ask('/v1/status', { port, headers: right })).status).toBe(200);
});

test('the socket is closed to others, a stale one is replaced, one in use is left alone', async () => {
  await staleSocket();
  await start(ROUTER);
  expect(statSync(socket).mode & 0o777).toBe(0o660);
  await expect(start(ROUTER)).rejects.toThrow(`another daemon listens on ${socket}`);
  expect((await ask('/v1/status')).status).toBe(200);
});

test('a file that is no socket is left as it is', async () => {
  writeFileSync(socket, 'role: server');
  await expect(start(ROUTER)).rejects.toThrow(`${socket} is there and is no socket`);
  expect(readFileSync(socket, 'utf8')).toBe('role: server');
});

test('what is asked while the daemon begins is answered when it has', async () => {
  const { answer } = await hold(ROUTER);
  const [first, second] = [ask('/v1/status'), ask('/v1/routes')];
  await answer();
  expect(JSON.parse((await first).text)).toMatchObject({ role: 'router' });
  expect((await second).status).toBe(200);
});

test('a port in use leaves no socket behind', async () => {
  const port = 20_000 + (process.pid % 20_000);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '::1', resolve));
  open.push({ close: () => new Promise((resolve) => other.close(() => resolve())) });
  const yaml = `${ROUTER}control: { port: ${port}, token: 0123456789abcdef }\n`;
  await expect(start(yaml)).rejects.toThrow('EADDRINUSE');
  expect(existsSync(socket)).toBe(false);
});

test.each([
  ['/v1/nonsense', 'GET', {}, '', 404, 'nothing here by GET /v1/nonsense'],
  ['/v1/status', 'DELETE', {}, '', 404, 'nothing here by DELETE /v1/status'],
  ['/v1/services/%zz/drain', 'POST', {}, '', 400, "'/v1/services/%zz/drain'"],
  ['/v1/services/..%2f..%2fetc/drain', 'POST', {}, '', 404, 'no service ../../etc'],
  ['/v1/load', 'POST', JSON_TYPE, '{', 400, 'JSON'],
  ['/v1/load', 'POST', JSON_TYPE, JSON.stringify('x'.repeat(2 << 20)), 413, 'too large'],
  ['/v1/load', 'POST', { 'content-type': 'text/xml' }, '<load/>', 415, 'Unsupported Media Type'],
])('%s by %s that cannot be done is refused in words', async (...asked) => {
  const [path, method, headers, body, status, words] = asked;
  await start(SERVER);
  const answer = await ask(path, { method, headers, body });
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toEqual({ error: expect.stringContaining(words) });
  expect((await ask('/v1/status')).status).toBe(200);
});

test('the answer to a command says what the service is now', async () => {
  await start(SERVER);
  const states: string[] = [];
  for (const command of ['undrain', 'drain', 'undrain', 'disable', 'undrain', 'enable']) {
    const { text } = await ask(`/v1/services/dns/${command}`, { method: 'POST' });
    states.push((JSON.parse(text) as { state: string }).state);
  }
  expect(states).toEqual(['UP', 'DRAINING', 'UP', 'DISABLED', 'DISABLED', 'UP']);
});

test('load of a server that is not there is refused with those that are', async () => {
  const service = '2001:db8:5::53';
  await start(
    ROUTER.replace('deadIntervalS: 4', `$&, neighborDiscovery: { services: ["${service}"] }`),
  );
  const body = JSON.stringify({ service, server: 'fe80::1', weight: 40 });
  const { status, text } = await ask('/v1/load', { method: 'POST', headers: JSON_TYPE, body });
  expect(status).toBe(404);
  const error = 'no server fe80::1 of 2001:db8:5::53; there are: none';
  expect(JSON.parse(text)).toEqual({ error });
});

test('a socket path that cannot be used is an error of its own', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(socket, resolve));
  open.push({ close: () => new Promise((resolve) => other.close(() => resolve())) });
  await expect(start(ROUTER)).rejects.toThrow('another daemon');
});

test('a service is explained, in lines for people and as a value', async () => {
  await start(SERVER.replace('weight: 50', 'weight: 50, load: [{ file: /nonexistent/load }]'));
  const { status, text } = await ask('/v1/services/dns/explain');
  expect(status).toBe(200);
  const answer = JSON.parse(text) as { state: string; lines: string[] };
  expect(answer.state).toBe('UP');
  expect(answer.lines).toContain('state: UP: no liveness is configured');
  expect(answer.lines).toContain('capacity: not known');
  expect(answer.lines.join('\n')).toMatch(/signal file \/nonexistent\/load: unknown: .*/);
  expect((await ask('/v1/services/web/explain')).status).toBe(404);
});

test('routers in an explanation are named as everywhere, and a drain says how far it is', async () => {
  await start(SERVER);
  await ask('/v1/services/dns/drain', { method: 'POST' });
  const { text } = await ask('/v1/services/dns/explain');
  const answer = JSON.parse(text) as {
    farm: { routerId: string; state: string }[];
    drain: { sinceMs: number; timeoutMs: number; behindRouterId: null };
    lines: string[];
  };
  expect(answer.farm).toMatchObject([{ routerId: '10.0.0.11', state: 'draining' }]);
  expect(answer.drain.timeoutMs).toBeGreaterThan(answer.drain.sinceMs);
  expect(answer.drain.behindRouterId).toBeNull();
  expect(answer.lines.join('\n')).toMatch(/^drain: since .* s, 0\.0 q\/s still come, ends in/m);
  const [service] = JSON.parse((await ask('/v1/services')).text);
  expect(service.load.drain).toMatchObject({ behindRouterId: null });
});

test('what a service decides and how it is counts as metrics', async () => {
  await start(SERVER);
  const { text } = await ask('/metrics');
  expect(text).toContain('tidecast_service_state{service="dns",state="UP"} 1');
  expect(text).toContain('tidecast_service_state{service="dns",state="DOWN"} 0');
  expect(text).toContain('tidecast_service_weight{service="dns"} 50');
  await ask('/v1/services/dns/disable', { method: 'POST' });
  expect((await ask('/metrics')).text).toContain(
    'tidecast_service_decisions_total{service="dns",decision="withdraw"} 1',
  );
});
