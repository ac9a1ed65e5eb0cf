import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DnsService } from '../../src/demo/dns-service.ts';
import {
  CommandLoadSignal,
  CommandSignal,
  FileLoadSignal,
  parseLoad,
} from '../../src/host/signal-command.ts';
import { type DnsCheck, DnsSignal } from '../../src/host/signal-dns.ts';
import { ProcessSignal, watchProcessEnd } from '../../src/host/signal-process.ts';
import { StatisticsSignal } from '../../src/host/signal-statistics.ts';
import { HttpSignal, TcpSignal } from '../../src/host/signal-tcp.ts';

const TIMEOUT_MS = 500;

describe('a DNS query', () => {
  const service = new DnsService({
    name: 'alfa',
    address: '::1',
    port: 0,
    capacityQueriesPerSecond: 10_000,
    seed: 1,
  });
  beforeAll(() => service.open());
  afterAll(() => service.close());
  const look = (more: Partial<DnsCheck> = {}) =>
    new DnsSignal({
      server: '::1',
      port: service.port,
      name: 'whoami.tidecast.test',
      type: 'TXT',
      transport: 'udp',
      rcode: 'NOERROR',
      timeoutMs: TIMEOUT_MS,
      ...more,
    }).look();

  it.each(['udp', 'tcp'] as const)('that is answered over %s is life', async (transport) => {
    const { life, latencyMs } = await look({ transport });
    expect(life).toBe('alive');
    expect(latencyMs).toBeLessThan(TIMEOUT_MS);
  });

  it('may ask for the response code and for an answer', async () => {
    expect(await look({ name: 'nobody.tidecast.test', rcode: 'NXDOMAIN' })).toMatchObject({
      life: 'alive',
    });
    expect(await look({ name: 'nobody.tidecast.test' })).toMatchObject({
      life: 'dead',
      reason: 'answered NXDOMAIN, not NOERROR',
    });
    expect(await look({ answer: 'alfa' })).toMatchObject({ life: 'alive' });
    expect(await look({ answer: 'bravo' })).toMatchObject({
      life: 'dead',
      reason: 'no answer is bravo',
    });
  });

  it.each(['udp', 'tcp'] as const)('to a closed port is no life, over %s', async (transport) => {
    const closed = createServer().listen(0, '::1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    expect(await look({ port, transport, timeoutMs: 300 })).toMatchObject({ life: 'dead' });
  });

  it.each([
    ['a name that nobody has', 'nobody.invalid', /^getaddrinfo E/],
    ['a link-local address without its interface', 'fe80::1', /^connect EINVAL/],
  ])('to %s is no life, at once', async (_, server, reason) => {
    const looked = await look({ server, timeoutMs: 60_000 });
    expect(looked).toEqual({ life: 'dead', reason: expect.stringMatching(reason) });
  });
});

describe('a TCP connection and an HTTP request', () => {
  it('are life when they are taken and answered as asked', async () => {
    const server = createHttpServer((request, response) => {
      response.statusCode = request.url === '/health' ? 200 : 503;
      response.end('all is well');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const http = (path: string, more = {}) =>
      new HttpSignal({ url: `${url}${path}`, timeoutMs: TIMEOUT_MS, ...more }).look();
    const tcp = new TcpSignal({ host: '127.0.0.1', port, timeoutMs: TIMEOUT_MS });
    expect(await tcp.look()).toMatchObject({ life: 'alive' });
    expect(await http('/health', { contains: 'well' })).toMatchObject({ life: 'alive' });
    expect(await http('/health', { contains: 'ill' })).toMatchObject({ life: 'dead' });
    expect(await http('/')).toMatchObject({ life: 'dead', reason: 'status 503' });
    expect(await http('/', { status: 503 })).toMatchObject({ life: 'alive' });
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect(await tcp.look()).toMatchObject({ life: 'dead' });
    expect(await http('/health')).toMatchObject({ life: 'dead' });
  });

  it('may be asked with a password, which is shown to nobody', async () => {
    const given: (string | undefined)[] = [];
    const server = createHttpServer((request, response) => {
      given.push(request.headers.authorization);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://probe:secr@t@127.0.0.1:${port}/health?as=me@example.test`;
    const signal = new HttpSignal({ url, timeoutMs: TIMEOUT_MS });
    expect(await signal.look()).toMatchObject({ life: 'alive' });
    expect(given).toEqual([`Basic ${Buffer.from('probe:secr@t').toString('base64')}`]);
    expect(signal.name).toBe(`http http://127.0.0.1:${port}/health?as=me@example.test`);
    const statistics = { kind: 'prometheus', url, cpus: 1, timeoutMs: TIMEOUT_MS } as const;
    expect(new StatisticsSignal(statistics).name).not.toContain('secr');
    server.close();
    server.closeAllConnections();
  });

  it('that hangs is no life when its time is over', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    expect(await new HttpSignal({ url, timeoutMs: 100 }).look()).toEqual({
      life: 'dead',
      reason: 'no answer in 100 ms',
    });
    server.close();
  });
});

describe('a command', () => {
  const look = (...command: string[]) => new CommandSignal({ command, timeoutMs: 400 }).look();

  it('is life when it ends with status 0', async () => {
    expect(await look('true')).toMatchObject({ life: 'alive' });
    expect(await look('sh', '-c', 'echo no zone >&2; exit 3')).toEqual({
      life: 'dead',
      reason: 'exit status 3: no zone',
    });
    expect(await look('sleep', '5')).toEqual({ life: 'dead', reason: 'not done in 400 ms' });
  });

  it.each([
    ['is not there', '/nonexistent/probe', 'ENOENT'],
    ['is below a file', '/etc/passwd/probe', 'ENOTDIR'],
    ['is a folder', tmpdir(), 'EACCES'],
    ['has a name that no file can have', 'pro\0be', 'ERR_INVALID_ARG_VALUE'],
  ])('that %s says nothing of the service', async (_, program, code) => {
    expect(await look(program)).toEqual({ life: 'unknown', reason: `cannot be run: ${code}` });
  });

  it('is judged by its status, however much it writes', async () => {
    const much = 'head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2';
    expect(await look('sh', '-c', `${much}; exit 0`)).toMatchObject({ life: 'alive' });
    expect(await look('sh', '-c', `${much}; echo >&2; echo full >&2; exit 4`)).toEqual({
      life: 'dead',
      reason: 'exit status 4: full',
    });
  });

  it('takes what it started along when its time is over', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const pidfile = join(folder, 'pid');
    const script = `sleep 60 & echo $! > ${pidfile}; wait`;
    expect(await look('sh', '-c', script)).toMatchObject({ reason: 'not done in 400 ms' });
    const pid = Number(await readFile(pidfile, 'utf8'));
    await new Promise<void>((ended) => watchProcessEnd(pid, ended));
    await rm(folder, { recursive: true });
  });

  it('that ended is judged, though what it left behind holds its output open', async () => {
    expect(await look('sh', '-c', 'sleep 5 & exit 0')).toMatchObject({ life: 'alive' });
  });

  it('may print load: the utilization alone, or a mapping', async () => {
    const load = (text: string) =>
      new CommandLoadSignal({ command: ['echo', text], timeoutMs: 400 }).look();
    expect(await load('0.25')).toEqual({ utilizationRatio: 0.25 });
    expect(await load('{"queriesPerSecond":80,"hot":true}')).toEqual({
      queriesPerSecond: 80,
      hot: true,
    });
    await expect(load('{"load":1}')).rejects.toThrow('none of utilizationRatio');
    expect(() => parseLoad('{"inFlight":-1}')).toThrow('inFlight is not a number');
  });
});

describe('a file', () => {
  it('tells of load until it is too old', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const path = join(folder, 'load.json');
    await writeFile(path, '{"utilizationRatio":0.5,"queriesPerSecond":10}');
    expect(await new FileLoadSignal(path, 60_000).look()).toEqual({
      utilizationRatio: 0.5,
      queriesPerSecond: 10,
    });
    await expect(new FileLoadSignal(path, -1).look()).rejects.toThrow('written 0 s ago');
    await rm(folder, { recursive: true });
    await expect(new FileLoadSignal(path, 60_000).look()).rejects.toThrow('ENOENT');
  });
});

describe('a process', () => {
  it('lives while it runs; its end is told when it happens', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const signal = new ProcessSignal({ pid: child.pid, timeoutMs: TIMEOUT_MS });
    const ended = new Promise<string>((resolve) => {
      signal.watch(resolve);
    });
    expect(await signal.look()).toMatchObject({ life: 'alive' });
    child.kill('SIGKILL');
    // Nobody looks in between: the system tells.
    expect(await ended).toBe(`process ${child.pid} ended`);
    expect(await signal.look()).toMatchObject({ life: 'dead' });
  });

  it('is found by its pidfile; one without a number says nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidecast-'));
    const pidfile = join(folder, 'nsd.pid');
    const signal = new ProcessSignal({ pidfile, timeoutMs: TIMEOUT_MS });
    expect(await signal.look()).toEqual({ life: 'dead', reason: 'no pidfile' });
    await writeFile(pidfile, `${process.pid}\n`);
    expect(await signal.look()).toMatchObject({ life: 'alive' });
    await writeFile(pidfile, '');
    expect(await signal.look()).toMatchObject({ life: 'unknown' });
    await rm(folder, { recursive: true });
  });

  it('that is gone already is told of at once', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    await new Promise<void>((resolve) => {
      watchProcessEnd(child.pid!, resolve);
    });
  });
});
