/**
 * Configuration of the signals of a service, and the signals that it describes.
 * @module
 */
import { availableParallelism } from 'node:os';
import type * as z from 'zod';
import { decimal, httpUrl, integer, list, mapping, oneOf, text } from './config-field.ts';
import type { LivenessSignal, LoadSignal } from './load-signal.ts';
import { DnsTestQueries, ProbeTestQueries, type TestQueries } from './self-test.ts';
import type { ScheduledCheck, ServiceWatchConfig } from './service-watch.ts';
import { CommandLoadSignal, CommandSignal, FileLoadSignal } from './signal-command.ts';
import { CpuSignal } from './signal-cpu.ts';
import { DnsSignal, isRecordType } from './signal-dns.ts';
import { LatencySignal } from './signal-latency.ts';
import { CounterSignal } from './signal-nftables.ts';
import { PressureSignal } from './signal-pressure.ts';
import { ProcessSignal } from './signal-process.ts';
import { SocketsSignal } from './signal-sockets.ts';
import { StatisticsSignal } from './signal-statistics.ts';
import { HttpSignal, TcpSignal } from './signal-tcp.ts';
import { STATISTICS_KINDS, type StatisticsRoles } from './statistics.ts';

const port = () => integer(1, 65_535);
const host = () => text('a host name or address');
const command = () => list(text(), 1).describe('The program and its arguments; no shell.');

/** Labels of 63 octets at most, 253 in all without the last dot (RFC 1035 2.3.4). */
const domainName = () => {
  const error = 'a domain name';
  return text(error)
    .regex(/^(?=.{1,253}\.?$)(\.|([^.]{1,63}\.)*[^.]{1,63}\.?)$/, { error })
    .meta({ allowed: error });
};
const recordType = () => {
  const error = 'a type of DNS records';
  return text(error).refine(isRecordType, { error }).meta({ allowed: error });
};

const dns = mapping({
  server: host().default('::1').describe('Whom to ask; the anycast address is possible too.'),
  port: port().default(53).describe('Port to ask on.'),
  name: domainName().describe('Name to ask for.'),
  type: recordType().default('AAAA').describe('Type to ask for.'),
  transport: oneOf('udp', 'tcp').default('udp').describe('A truncated answer is asked for by TCP.'),
  rcode: oneOf('NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED')
    .default('NOERROR')
    .describe('Response code of a live service.'),
  answer: text().optional().describe('What the data of one answer must be.'),
  serial: integer(0, 0xffff_ffff).optional().describe('Least serial of the SOA record asked for.'),
});
const tcp = mapping({
  host: host().default('::1').describe('Whom to connect to.'),
  port: port().describe('Port to connect to.'),
});
const http = mapping({
  url: httpUrl().describe('What to get.'),
  status: integer(100, 599).optional().describe('Status of a live service; any 2xx by default.'),
  contains: text().optional().describe('Text that the body must contain.'),
});
const processKeys = {
  pid: integer(1, 2 ** 31 - 1)
    .optional()
    .describe('Id of the process.'),
  pidfile: text().optional().describe('File with the id.'),
  unit: text().optional().describe('systemd unit whose main process is meant.'),
} as const;
const process = mapping(processKeys).refine(exactlyOne, {
  error: 'exactly one of pid, pidfile, unit',
});

const PROBES = {
  dns: dns.optional().describe('A DNS query that must be answered.'),
  tcp: tcp.optional().describe('A TCP connection that must be taken.'),
  http: http.optional().describe('An HTTP request that must be answered.'),
} as const;
const LIVENESS_WAYS = [...Object.keys(PROBES), 'command', 'process'];

/** One liveness check: one way to look, and when. */
const checkSchema = mapping({
  ...PROBES,
  command: command().optional().describe('A command that must end with status 0.'),
  process: process.optional().describe('A process that must run; its end is seen at once.'),
  everyMs: integer(100, 3_600_000).default(1000).describe('Time between looks.'),
  timeoutMs: integer(10, 60_000).default(1000).describe('A look that takes longer has failed.'),
  rise: integer(1, 1000).default(2).describe('Looks in a row before the service is up.'),
  fall: integer(1, 1000).default(2).describe('Looks in a row before it is down.'),
}).refine((check) => exactlyOne(pick(check, LIVENESS_WAYS)), {
  error: `exactly one of ${LIVENESS_WAYS.join(', ')}`,
});

const names = (what: string) => list(text()).optional().describe(what);
const cpus = () =>
  decimal(0.01, 4096).optional().describe('CPUs of full use; all that it may use by default.');

const LOAD_WAYS = {
  cpu: mapping({
    cgroup: text('a path that begins with /')
      .startsWith('/')
      .optional()
      .describe('Control group, such as /system.slice/nsd.service.'),
    ...processKeys,
    cpus: cpus(),
  })
    .refine(({ cpus: _, ...choice }) => exactlyOne(choice), {
      error: 'exactly one of cgroup, pid, pidfile, unit',
    })
    .describe('CPU time of a control group or process, as utilization.'),
  pressure: mapping({
    resource: oneOf('cpu', 'memory', 'io').default('cpu').describe('What tasks wait for.'),
    cgroup: text('a path that begins with /')
      .startsWith('/')
      .optional()
      .describe('Control group, such as /system.slice/nsd.service.'),
    hotRatio: decimal(0.01, 1).default(0.5).describe('Hot when tasks stall for this part of time.'),
  }).describe('Pressure-stall information of the machine or a control group.'),
  sockets: mapping({
    port: port().describe('Port of the service.'),
    hotQueueOctets: integer(1, 2 ** 31 - 1)
      .default(100_000)
      .describe('Hot when so much waits in one UDP receive queue.'),
    hotBacklog: integer(1, 1_000_000)
      .default(64)
      .describe('Hot when so many TCP connections wait to be accepted.'),
  }).describe("Receive queues, drops and backlog of the service's sockets."),
  latency: mapping({
    ...PROBES,
    hotFactor: decimal(1.1, 1000).default(4).describe('Hot from so many times the baseline.'),
    hotMarginMs: decimal(0, 60_000).default(5).describe('And at least so much above it.'),
  })
    .refine((choice) => exactlyOne(pick(choice, Object.keys(PROBES))), {
      error: `exactly one of ${Object.keys(PROBES).join(', ')}`,
    })
    .describe('Latency of a probe against its own baseline.'),
  statistics: mapping({
    kind: oneOf(...STATISTICS_KINDS).describe('Whose statistics.'),
    command: command().optional().describe('What prints them; by default the tool of the kind.'),
    url: httpUrl().optional().describe('Where they are, when no command prints them.'),
    roles: mapping({
      queries: names('Counters of queries.'),
      errors: names('Counters of those that were dropped or failed.'),
      inFlight: names('Gauges of queries in the service.'),
      utilization: names('A gauge of utilization, 0..1.'),
      cpuSeconds: names('A counter of CPU seconds.'),
      latencySeconds: names('A gauge of seconds that an answer takes.'),
    })
      .prefault({})
      .describe('What counters mean; needed for Prometheus alone.'),
    cpus: cpus(),
  }).describe("The service's own counters."),
  counter: mapping({
    family: oneOf('ip6', 'inet', 'netdev', 'ip', 'bridge')
      .default('inet')
      .describe('Family of the table.'),
    table: text().describe('Table of nftables.'),
    name: text().describe('Named counter in it.'),
  }).describe('Packets to the anycast address, counted by nftables.'),
  command: command(),
  file: text(),
} as const;

/** One load signal. */
const loadSchema = mapping({
  cpu: LOAD_WAYS.cpu.optional(),
  pressure: LOAD_WAYS.pressure.optional(),
  sockets: LOAD_WAYS.sockets.optional(),
  latency: LOAD_WAYS.latency.optional(),
  statistics: LOAD_WAYS.statistics.optional(),
  counter: LOAD_WAYS.counter.optional(),
  command: command().optional().describe('Prints a load: utilization, or a JSON mapping.'),
  file: text().optional().describe('File with a load, as the command prints it.'),
  maxAgeS: decimal(0.1, 86_400).default(10).describe('An older file tells nothing.'),
  timeoutMs: integer(10, 60_000).default(1000).describe('A look that takes longer has failed.'),
}).refine((load) => exactlyOne(pick(load, Object.keys(LOAD_WAYS))), {
  error: `exactly one of ${Object.keys(LOAD_WAYS).join(', ')}`,
});

export const livenessSchema = list(checkSchema);
export const loadsSchema = list(loadSchema);

function exactlyOne(choices: object): boolean {
  return Object.values(choices).filter((choice) => choice !== undefined).length === 1;
}

function pick(mapping: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => keys.includes(key)));
}

type CheckSettings = z.output<typeof checkSchema>;
type LoadSettings = z.output<typeof loadSchema>;

type Probe = {
  readonly dns?: z.output<typeof dns> | undefined;
  readonly tcp?: z.output<typeof tcp> | undefined;
  readonly http?: z.output<typeof http> | undefined;
};

function probeOf(probe: Probe, timeoutMs: number): LivenessSignal | undefined {
  if (probe.dns) return new DnsSignal({ ...probe.dns, timeoutMs });
  if (probe.tcp) return new TcpSignal({ ...probe.tcp, timeoutMs });
  if (probe.http) return new HttpSignal({ ...probe.http, timeoutMs });
  return undefined;
}

function livenessSignal(check: CheckSettings): LivenessSignal {
  const { timeoutMs } = check;
  const probe = probeOf(check, timeoutMs);
  if (probe) return probe;
  if (check.command) return new CommandSignal({ command: check.command, timeoutMs });
  return new ProcessSignal({ ...check.process, timeoutMs });
}

function loadSignal(load: LoadSettings): LoadSignal {
  const { cpu, pressure, sockets, latency, statistics, counter, timeoutMs } = load;
  if (cpu) {
    const { cgroup, cpus: count, ...process } = cpu;
    return new CpuSignal({ cgroup, process, cpus: count, timeoutMs });
  }
  if (pressure) return new PressureSignal(pressure);
  if (sockets) return new SocketsSignal(sockets);
  const probe = latency && probeOf(latency, timeoutMs);
  if (latency && probe) return new LatencySignal(probe, latency);
  if (statistics) {
    const count = statistics.cpus ?? availableParallelism();
    return new StatisticsSignal({
      ...statistics,
      roles: given(statistics.roles) as Partial<StatisticsRoles>,
      cpus: count,
      timeoutMs,
    });
  }
  if (counter) return new CounterSignal({ ...counter, counter: counter.name, timeoutMs });
  if (load.command) return new CommandLoadSignal({ command: load.command, timeoutMs });
  return new FileLoadSignal(load.file ?? '', 1000 * load.maxAgeS);
}

/** What was given of a mapping. */
const given = <T extends object>(mapping: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(mapping).filter(([, value]) => value !== undefined),
  ) as Partial<T>;

/** Of the first probe that asks the service something; DNS is the lightest. */
function testQueriesOf(liveness: readonly CheckSettings[]): TestQueries | undefined {
  const asks = liveness.find((check) => check.dns) ?? liveness.find(({ http: web }) => web);
  if (asks?.dns) return new DnsTestQueries({ ...asks.dns, timeoutMs: asks.timeoutMs });
  const probe = asks && probeOf(asks, asks.timeoutMs);
  return probe && new ProbeTestQueries(probe);
}

/** The signals of a service, as it is configured. */
export function serviceWatchConfig(settings: {
  readonly liveness: readonly CheckSettings[];
  readonly load: readonly LoadSettings[];
  readonly loadEveryMs: number;
}): ServiceWatchConfig {
  return {
    checks: settings.liveness.map((check): ScheduledCheck => {
      const { everyMs, rise, fall } = check;
      return { signal: livenessSignal(check), schedule: { everyMs, rise, fall } };
    }),
    loads: settings.load.map(loadSignal),
    loadEveryMs: settings.loadEveryMs,
    testQueries: testQueriesOf(settings.liveness),
  };
}

/** Where a service tells of its load beside LSAs; nowhere unless a port is given. */
export const loadReportSchema = mapping({
  host: text().default('::').describe('Address to listen on.'),
  agentCheckPort: port().optional().describe("TCP port of HAProxy's agent-check."),
  reportPort: port().optional().describe('TCP port of the JSON report over HTTP.'),
});
