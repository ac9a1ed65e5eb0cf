/**
 * Configuration of the signals of a service, and the signals that it describes.
 * @module
 */
import type { z } from 'zod';
import { decimal, integer, list, mapping, oneOf, text } from './config-field.ts';
import type { LivenessSignal, LoadSignal } from './load-signal.ts';
import type { ScheduledCheck, ServiceWatchConfig } from './service-watch.ts';
import { CommandLoadSignal, CommandSignal, FileLoadSignal } from './signal-command.ts';
import { DnsSignal } from './signal-dns.ts';
import { ProcessSignal } from './signal-process.ts';
import { HttpSignal, TcpSignal } from './signal-tcp.ts';

const port = () => integer(1, 65_535);
const host = () => text('a host name or address');
const command = () => list(text(), 1).describe('The program and its arguments; no shell.');

const dns = mapping({
  server: host().default('::1').describe('Whom to ask; the anycast address is possible too.'),
  port: port().default(53).describe('Port to ask on.'),
  name: text().describe('Name to ask for.'),
  type: text().default('AAAA').describe('Type to ask for.'),
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
  url: text('an http or https URL')
    .regex(/^https?:\/\/[^/]/, { error: 'an http or https URL' })
    .describe('What to get.'),
  status: integer(100, 599).optional().describe('Status of a live service; any 2xx by default.'),
  contains: text().optional().describe('Text that the body must contain.'),
});
const process = mapping({
  pid: integer(1, 2 ** 31 - 1)
    .optional()
    .describe('Id of the process.'),
  pidfile: text().optional().describe('File with the id.'),
  unit: text().optional().describe('systemd unit whose main process is meant.'),
}).refine(exactlyOne, { error: 'exactly one of pid, pidfile, unit' });

const WAYS = { dns, tcp, http, command: command(), process } as const;

/** One liveness check: one way to look, and when. */
const checkSchema = mapping({
  dns: dns.optional().describe('A DNS query that must be answered.'),
  tcp: tcp.optional().describe('A TCP connection that must be taken.'),
  http: http.optional().describe('An HTTP request that must be answered.'),
  command: WAYS.command.optional().describe('A command that must end with status 0.'),
  process: process.optional().describe('A process that must run; its end is seen at once.'),
  everyMs: integer(100, 3_600_000).default(1000).describe('Time between looks.'),
  timeoutMs: integer(10, 60_000).default(1000).describe('A look that takes longer has failed.'),
  rise: integer(1, 1000).default(2).describe('Looks in a row before the service is up.'),
  fall: integer(1, 1000).default(2).describe('Looks in a row before it is down.'),
}).refine((check) => exactlyOne(pick(check, Object.keys(WAYS))), {
  error: `exactly one of ${Object.keys(WAYS).join(', ')}`,
});

/** One load signal. */
const loadSchema = mapping({
  command: command().optional().describe('Prints a load: utilization, or a JSON mapping.'),
  file: text().optional().describe('File with a load, as the command prints it.'),
  maxAgeS: decimal(0.1, 86_400).default(10).describe('An older file tells nothing.'),
  timeoutMs: integer(10, 60_000).default(1000).describe('A look that takes longer has failed.'),
}).refine((load) => exactlyOne(pick(load, ['command', 'file'])), {
  error: 'exactly one of command, file',
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

function livenessSignal(check: CheckSettings): LivenessSignal {
  const { timeoutMs } = check;
  if (check.dns) return new DnsSignal({ ...check.dns, timeoutMs });
  if (check.tcp) return new TcpSignal({ ...check.tcp, timeoutMs });
  if (check.http) return new HttpSignal({ ...check.http, timeoutMs });
  if (check.command) return new CommandSignal({ command: check.command, timeoutMs });
  return new ProcessSignal({ ...check.process, timeoutMs });
}

function loadSignal(load: LoadSettings): LoadSignal {
  if (load.command)
    return new CommandLoadSignal({ command: load.command, timeoutMs: load.timeoutMs });
  return new FileLoadSignal(load.file ?? '', 1000 * load.maxAgeS);
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
  };
}
