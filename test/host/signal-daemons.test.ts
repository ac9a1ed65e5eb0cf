/**
 * The signals against real name servers, where they are installed: NSD, Unbound, Knot DNS, BIND.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { LifeReading } from '../../src/host/load-signal.ts';
import { DnsSignal } from '../../src/host/signal-dns.ts';
import { ProcessSignal } from '../../src/host/signal-process.ts';
import { SocketsSignal } from '../../src/host/signal-sockets.ts';
import { StatisticsSignal } from '../../src/host/signal-statistics.ts';
import type { StatisticsKind } from '../../src/host/statistics.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidecast-'));
const started: ChildProcess[] = [];
const at = (file: string): string => join(folder, file);

writeFileSync(
  at('example.test.zone'),
  `$ORIGIN example.test.
@ 60 IN SOA ns.example.test. host.example.test. 7 60 60 60 60
@ 60 IN NS ns
ns 60 IN AAAA ::1
www 60 IN AAAA 2001:db8:80::80
`,
);

interface NameServer {
  readonly kind: StatisticsKind;
  readonly program: string;
  readonly args: readonly string[];
  config(port: number, statisticsPort: number): string;
  readonly statistics: readonly string[] | 'url';
  readonly hasZone: boolean;
}

const SERVERS: readonly NameServer[] = [
  {
    kind: 'nsd',
    program: 'nsd',
    args: ['-d', '-c', at('nsd.conf')],
    config: (port) => `server:
  ip-address: ::1
  port: ${port}
  server-count: 1
  username: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${at('nsd.pid')}"
  xfrdfile: "${at('xfrd.state')}"
  zonelistfile: "${at('zone.list')}"
  xfrdir: "${folder}"
remote-control:
  control-enable: yes
  control-interface: ${at('nsd.sock')}
zone:
  name: example.test
  zonefile: example.test.zone
`,
    statistics: ['nsd-control', '-c', at('nsd.conf'), 'stats_noreset'],
    hasZone: true,
  },
  {
    kind: 'unbound',
    program: 'unbound',
    args: ['-d', '-c', at('unbound.conf')],
    config: (port) => `server:
  interface: ::1
  port: ${port}
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: "${at('unbound.pid')}"
  use-syslog: no
  do-daemonize: no
  extended-statistics: yes
  local-zone: "example.test." static
  local-data: "www.example.test. AAAA 2001:db8:80::80"
remote-control:
  control-enable: yes
  control-interface: ${at('unbound.sock')}
  control-use-cert: no
`,
    statistics: ['unbound-control', '-c', at('unbound.conf'), 'stats_noreset'],
    hasZone: false,
  },
  {
    kind: 'knot',
    program: 'knotd',
    args: ['-c', at('knot.conf')],
    config: (port) => `server:
  rundir: "${at('knot')}"
  listen: ::1@${port}
database:
  storage: "${at('knot')}"
mod-stats:
  - id: all
    server-operation: on
    response-code: on
template:
  - id: default
    global-module: mod-stats/all
    storage: "${folder}"
zone:
  - domain: example.test
    file: example.test.zone
`,
    statistics: ['knotc', '-c', at('knot.conf'), 'stats'],
    hasZone: true,
  },
  {
    kind: 'bind',
    program: 'named',
    args: ['-g', '-c', at('bind.conf')],
    config: (port, statisticsPort) => `options {
  directory "${folder}"; listen-on-v6 port ${port} { ::1; }; listen-on { none; };
  pid-file "${at('named.pid')}"; session-keyfile "${at('session.key')}"; recursion no;
};
statistics-channels { inet 127.0.0.1 port ${statisticsPort} allow { 127.0.0.1; }; };
controls { };
zone "example.test" { type primary; file "example.test.zone"; };
`,
    statistics: 'url',
    hasZone: true,
  },
];

function installed(program: string): boolean {
  const { PATH = '' } = process.env;
  const path = `${PATH}:/usr/sbin:/sbin`;
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { env: { PATH: path } });
    Object.assign(process.env, { PATH: path });
    return true;
  } catch {
    console.log(`${program} is not installed: its signals are not tested here`);
    return false;
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp6').bind(0, '::1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

const probe = (port: number, more: { type?: string; serial?: number } = {}) =>
  new DnsSignal({
    server: '::1',
    port,
    name: more.serial === undefined ? 'www.example.test' : 'example.test',
    type: 'AAAA',
    transport: 'udp',
    rcode: 'NOERROR',
    timeoutMs: 500,
    ...more,
  });

async function untilAlive(port: number): Promise<LifeReading> {
  for (let tries = 0; ; tries++) {
    const seen = await probe(port).look();
    if (seen.life === 'alive' || tries > 100) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isAnswer = { answer: '2001:db8:80::80' };
const QUERIES = 40;

afterAll(async () => {
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

for (const server of SERVERS) {
  const { kind, program } = server;
  const run = installed(program) ? describe : describe.skip;
  run(`beside ${program}`, () => {
    it('signals see it live, count its queries, and see it end', async () => {
      const port = await freePort();
      const statisticsPort = await freePort();
      mkdirSync(at('knot'), { recursive: true });
      writeFileSync(at(`${kind}.conf`), server.config(port, statisticsPort));
      const child = spawn(program, [...server.args], { stdio: 'ignore' });
      started.push(child);
      expect(await untilAlive(port)).toMatchObject({ life: 'alive' });
      for (const transport of ['udp', 'tcp'] as const) {
        const check = {
          server: '::1',
          port,
          name: 'www.example.test',
          type: 'AAAA',
          rcode: 'NOERROR',
          timeoutMs: 1000,
        };
        const seen = await new DnsSignal({ ...check, transport, ...isAnswer }).look();
        expect(seen).toMatchObject({ life: 'alive' });
      }
      if (server.hasZone) {
        const serial = (least: number) => probe(port, { type: 'SOA', serial: least }).look();
        expect(await serial(7)).toMatchObject({ life: 'alive' });
        expect(await serial(8)).toMatchObject({ life: 'dead', reason: 'serial 7 is before 8' });
      }

      const statistics = new StatisticsSignal({
        kind,
        ...(server.statistics === 'url'
          ? { url: `http://127.0.0.1:${statisticsPort}/json/v1/server` }
          : { command: server.statistics }),
        cpus: 1,
        timeoutMs: 5000,
      });
      const sockets = new SocketsSignal({ port, hotQueueOctets: 100_000, hotBacklog: 50 });
      await sockets.look(0);
      await statistics.look(0);
      for (let i = 0; i < QUERIES; i++) await probe(port).look();
      // Two seconds later, as far as the signal is told.
      const { queriesPerSecond } = await statistics.look(2000);
      expect(queriesPerSecond).toBe(QUERIES / 2);
      expect(await sockets.look(2000)).toMatchObject({ errorsPerSecond: 0, hot: false });

      const watched = new ProcessSignal({ pid: child.pid, timeoutMs: 1000 });
      const ended = new Promise<string>((resolve) => {
        watched.watch(resolve);
      });
      expect(await watched.look()).toMatchObject({ life: 'alive' });
      child.kill('SIGKILL');
      expect(await ended).toContain('ended');
    }, 30_000);
  });
}
