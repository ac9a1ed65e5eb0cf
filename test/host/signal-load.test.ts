import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CounterRate, type LifeReading, type LivenessSignal } from '../../src/host/load-signal.ts';
import { parseLoad } from '../../src/host/signal-command.ts';
import { CpuSignal, parseCgroupV2, parseProcessStat } from '../../src/host/signal-cpu.ts';
import { LatencySignal } from '../../src/host/signal-latency.ts';
import { parseCounter } from '../../src/host/signal-nftables.ts';
import { parsePressure } from '../../src/host/signal-pressure.ts';
import { parseSockets, SocketsSignal } from '../../src/host/signal-sockets.ts';
import { StatisticsSignal } from '../../src/host/signal-statistics.ts';
import {
  KINDS,
  parseAssignments,
  parsePrometheus,
  type StatisticsKind,
} from '../../src/host/statistics.ts';

const TIMEOUT_MS = 1000;

describe('a counter', () => {
  it('has a rate from its second look on, and none across a restart', () => {
    const rate = new CounterRate();
    expect(rate.add(1000, 50)).toBeUndefined();
    expect(rate.add(3000, 90)).toBe(20);
    expect(rate.add(4000, 5)).toBeUndefined();
    expect(rate.add(5000, 6)).toBe(1);
  });
});

describe('CPU time', () => {
  it('of a version 2 control group is over the CPUs of its limit', () => {
    const stat = 'usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n';
    expect(parseCgroupV2(stat, '150000 100000\n')).toEqual({ seconds: 2.5, cpus: 1.5 });
    expect(parseCgroupV2(stat, 'max 100000\n')).toEqual({ seconds: 2.5, cpus: undefined });
    expect(() => parseCgroupV2('nr_periods 0', '')).toThrow('usage_usec');
  });

  it('of a process is its own and the system’s for it (proc(5)), whatever its name', () => {
    const stat = '7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 5 1 1';
    expect(parseProcessStat(stat).seconds).toBe(3);
  });

  it('of a busy process is one CPU', async () => {
    const signal = new CpuSignal({ process: { pid: process.pid }, cpus: 1, timeoutMs: TIMEOUT_MS });
    const usedBefore = process.cpuUsage();
    const startMs = performance.now();
    expect(await signal.look(startMs)).toEqual({});
    while (performance.now() < startMs + 300);
    const { user, system } = process.cpuUsage(usedBefore);
    const endMs = performance.now();
    const { utilizationRatio } = await signal.look(endMs);
    // The kernel counts in ticks of 10 ms; what this process used it says itself.
    const used = (user + system) / 1e6 / ((endMs - startMs) / 1000);
    expect(Math.abs(utilizationRatio! - used)).toBeLessThan(0.15 * availableParallelism());
  });
});

describe('CPU time of a process that lets children work', () => {
  it('counts theirs', async () => {
    const work = 'while :; do :; done & echo $!; wait';
    const parent = spawn('sh', ['-c', work], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const signal = new CpuSignal({ process: { pid: parent.pid }, cpus: 1, timeoutMs: TIMEOUT_MS });
    await signal.look(0);
    // Until it shows; the parent itself only waits.
    let { utilizationRatio = 0 } = await signal.look(1);
    while (utilizationRatio === 0)
      ({ utilizationRatio = 0 } = await signal.look(performance.now()));
    expect(utilizationRatio).toBeGreaterThan(0);
    process.kill(Number(text));
    parent.kill();
  });
});

describe('pressure', () => {
  it('is the time in which some task stalled', () => {
    const text =
      'some avg10=27.81 avg60=37.20 avg300=34.67 total=343240273\n' +
      'full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';
    expect(parsePressure(text)).toBe(343240273);
    expect(() => parsePressure('')).toThrow();
  });
});

describe('sockets of a port', () => {
  // Lines as the kernel writes them; port 53 is 0035.
  const UDP = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1234: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000D00 00:00000000 00000000     0        0 4711 2 0000000000000000 17
 1235: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07 00000000:00034000 00:00000000 00000000     0        0 4712 2 0000000000000000 3
 1236: 00000000000000000000000001000000:1535 00000000000000000000000000000000:0000 07 00000000:00FF0000 00:00000000 00000000     0        0 4713 2 0000000000000000 99
`;
  const TCP = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000005 00:00000000 00000000     0        0 4714 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000001000000:0035 00000000000000000000000001000000:9C40 01 00000000:00000400 00:00000000 00000000     0        0 4715 1 0000000000000000 20 0 0 10 -1
`;

  it('tell of the longest queue, of drops, and of connections not accepted', () => {
    const udp = parseSockets(UDP, 'udp', 53);
    expect(udp).toEqual({ sockets: 2, longestQueueOctets: 0x34000, drops: 20, backlog: 0 });
    expect(parseSockets(TCP, 'tcp', 53, udp)).toEqual({ ...udp, sockets: 3, backlog: 5 });
  });

  it('are hot when a real queue is long, and nothing is told of a port without sockets', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const limits = { port, hotBacklog: 100 };
    const long = new SocketsSignal({ ...limits, hotQueueOctets: 0 });
    const short = new SocketsSignal({ ...limits, hotQueueOctets: 1 << 30 });
    await long.look(0);
    expect(await long.look(1000)).toEqual({ errorsPerSecond: 0, inFlight: 0, hot: true });
    expect(await short.look(0)).toMatchObject({ hot: false });
    socket.close();
    await once(socket, 'close');
    await expect(long.look(2000)).rejects.toThrow(`no socket has port ${port}`);
  });
});

describe('latency against its baseline', () => {
  const lastOf = async (latencies: readonly number[]) => {
    let i = 0;
    const probe: LivenessSignal = {
      name: 'probe',
      look: async (): Promise<LifeReading> => ({
        life: 'alive',
        reason: '',
        latencyMs: latencies[i++]!,
      }),
    };
    const signal = new LatencySignal(probe, { hotFactor: 4, hotMarginMs: 5 });
    let last = {};
    for (const _ of latencies) last = await signal.look();
    return last;
  };

  it('is hot when the median of five is four times the baseline', async () => {
    expect(await lastOf([2, 2, 2, 2, 2, 20, 20])).toMatchObject({ latencyMs: 2, hot: false });
    expect(await lastOf([2, 2, 2, 2, 2, 20, 20, 20])).toMatchObject({ latencyMs: 20, hot: true });
  });

  it('is not hot for jitter of short times', async () => {
    expect(await lastOf([0.1, 0.1, 0.1, 0.1, 0.1, 2, 2, 2])).toMatchObject({ hot: false });
  });
});

describe('statistics', () => {
  const text = (file: string) =>
    readFileSync(join(__dirname, '../fixtures/statistics', file), 'utf8');

  it.each<[StatisticsKind, string]>([
    ['nsd', 'nsd.txt'],
    ['unbound', 'unbound.txt'],
    ['knot', 'knot.txt'],
    ['bind', 'bind.json'],
  ])('of %s count the two queries of the capture', (kind, file) => {
    const { parse, roles } = KINDS[kind];
    const statistics = parse(text(file));
    expect(roles.queries.map((name) => statistics.get(name))).toEqual([2]);
  });

  it('in the Prometheus format can be read by name and by series', () => {
    const statistics = parsePrometheus(
      '# HELP q Queries.\n# TYPE q counter\nq{proto="udp"} 7\nq{proto="tcp"} 3 1700000000\nbad NaN\nup 1\n',
    );
    expect([...statistics]).toEqual([
      ['q{proto="udp"}', 7],
      ['q', 10],
      ['q{proto="tcp"}', 3],
      ['up', 1],
    ]);
  });

  it('of an endpoint become rates, by the roles that are configured', async () => {
    let queries = 100;
    const server = createHttpServer((_, response) => {
      response.end(
        `q_total ${queries}\nfailed_total ${queries / 10}\ncpu_seconds ${queries / 100}\nwaiting 4\n`,
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const signal = new StatisticsSignal({
      kind: 'prometheus',
      url: `http://127.0.0.1:${port}/metrics`,
      roles: {
        queries: ['q_total'],
        errors: ['failed_total'],
        inFlight: ['waiting'],
        cpuSeconds: ['cpu_seconds'],
      },
      cpus: 2,
      timeoutMs: TIMEOUT_MS,
    });
    expect(await signal.look(0)).toEqual({ inFlight: 4 });
    queries = 200;
    expect(await signal.look(1000)).toEqual({
      queriesPerSecond: 90,
      errorsPerSecond: 10,
      inFlight: 4,
      utilizationRatio: 0.5,
    });
    server.close();
    server.closeAllConnections();
  });
});

describe('an nftables counter', () => {
  it('is read from the answer of nft', () => {
    const json =
      '{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}}, {"counter":' +
      ' {"family": "inet", "name": "dns", "table": "tidecast", "handle": 1, "packets": 42, "bytes": 4242}}]}';
    expect(parseCounter(json)).toBe(42);
    expect(() => parseCounter('{"nftables": []}')).toThrow('no counter');
  });
});

describe('whatever a program or the kernel writes', () => {
  it('is read or refused, never more', () => {
    const readers: ((text: string) => unknown)[] = [
      parseAssignments,
      parsePrometheus,
      (text) => parseSockets(text, 'udp', 53),
      (text) => parseSockets(text, 'tcp', 53),
    ];
    const lines = fc.array(
      fc.oneof(
        fc.string(),
        fc.stringMatching(/^[a-z_.[\]{}="]{0,20}[ =]{1,2}[0-9.eE+-]{0,8}$/),
        fc.stringMatching(/^ *[0-9]{1,3}: [0-9A-F]{4}:0035 [0-9A-F: ]{0,60}$/),
      ),
    );
    fc.assert(
      fc.property(lines, (all) => {
        const text = all.join('\n');
        for (const read of readers) read(text);
        const queues = parseSockets(text, 'udp', 53);
        expect(queues.longestQueueOctets).toBeGreaterThanOrEqual(0);
        for (const value of parsePrometheus(text).values()) expect(value).not.toBeNaN();
        for (const read of [parseLoad, parsePressure, parseCounter]) {
          try {
            read(text);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });
});
