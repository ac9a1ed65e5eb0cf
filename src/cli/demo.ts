/**
 * `tidecast demo`: a whole farm on this machine, live or unattended.
 * @module
 */
import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import logUpdate from 'log-update';
import { runAttended, type Terminal } from '../demo/attended.ts';
import { Farm } from '../demo/farm.ts';
import { type RunResult, runUnattended, SCENARIOS, type Scenario } from '../demo/unattended.ts';

interface DemoOptions {
  readonly link: 'memory' | 'udp';
  readonly port: number;
  readonly scenario: Scenario;
  readonly duration?: number;
  readonly json?: boolean;
  readonly seed: number;
}

const EVENTS_KEPT = 100;
const DEFAULT_PORT = 5300;
/** Each third must be long enough for what is judged in it. */
const CONGESTION_LEAST_S = 30;

function integer(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < from || value > to) {
      throw new InvalidArgumentError(`allowed is a whole number, ${from} to ${to}`);
    }
    return value;
  };
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('run a whole farm on this machine: four DNS servers, a router, a relay, a load')
    .addOption(
      new Option('--link <kind>', 'how nodes are joined: in this process, or over loopback')
        .choices(['memory', 'udp'])
        .default('memory'),
    )
    .option(
      '--port <port>',
      'UDP and TCP port of the relay on ::1',
      integer(0, 65535),
      DEFAULT_PORT,
    )
    .addOption(
      new Option('--scenario <name>', 'what happens in an unattended run')
        .choices([...SCENARIOS])
        .default('steady'),
    )
    .option('--duration <seconds>', 'run unattended for so long', integer(3, 86_400))
    .option('--json', 'of an unattended run, print one JSON object as the last line')
    .option('--seed <number>', 'of the load', integer(0, 2 ** 32 - 1), 1)
    .action(runDemo);
}

async function runDemo(options: DemoOptions): Promise<void> {
  const { scenario, duration } = options;
  if (scenario === 'congestion' && duration !== undefined && duration < CONGESTION_LEAST_S) {
    process.stderr.write(
      `tidecast demo: --duration: found ${duration}, allowed with congestion is ` +
        `${CONGESTION_LEAST_S} or more, since shares are given 10 s to follow\n`,
    );
    process.exitCode = 2;
    return;
  }
  const events: string[] = [];
  const attended = options.duration === undefined;
  const live = attended && process.stdout.isTTY && process.stdin.isTTY;
  const startedMs = performance.now();
  const onEvent = (text: string): void => {
    const line = `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(7)} s  ${text}`;
    events.push(line);
    if (events.length > EVENTS_KEPT) events.shift();
    if (!live) (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  };
  const farm = new Farm({ ...options, onEvent });
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  try {
    await Promise.race([farm.start(), once(ended.signal, 'abort')]);
    if (ended.signal.aborted) return;
    if (attended) await runAttended(farm, events, live ? liveTerminal() : noTerminal, ended.signal);
    else await unattended(farm, options, ended.signal);
  } catch (error) {
    process.stderr.write(`tidecast demo: ${inWords(error, options)}\n`);
    process.exitCode = 1;
  } finally {
    farm.stop();
    if (live) {
      process.stdin.setRawMode(false);
      process.stdin.pause();
    }
  }
}

async function unattended(farm: Farm, options: DemoOptions, ended: AbortSignal): Promise<void> {
  const run = runUnattended(farm, options.scenario, options.duration ?? 0);
  const result = await Promise.race([run, once(ended, 'abort').then(() => undefined)]);
  if (result === undefined) {
    process.exitCode = 1;
    return;
  }
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : inText(result));
  for (const failure of result.failures) process.stderr.write(`tidecast demo: ${failure}\n`);
  if (result.failures.length > 0) process.exitCode = 1;
}

function inText({ queries, servers, lsas, failures }: RunResult): string {
  const rows = servers.map(
    ({ third, name, state, wantedShare, measuredShare }) =>
      `third ${third}  ${name.padEnd(8)} ${state.padEnd(9)} wanted ${wantedShare.toFixed(3)}  ` +
      `measured ${measuredShare.toFixed(3)}\n`,
  );
  return [
    ...rows,
    `queries: ${queries.sent} sent, ${queries.answered} answered, ${queries.lost} lost, `,
    `${queries.lostAfterKill} of them after the kill\n`,
    `LSAs: ${lsas.originated} originated, ${lsas.installed} installed by the router\n`,
    failures.length === 0 ? 'the farm did its job\n' : 'the farm did not do its job\n',
  ].join('');
}

function inWords(error: unknown, { port }: DemoOptions): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${port} on ::1 is taken; --port names another`;
  return error.message;
}

function liveTerminal(): Terminal {
  return {
    draw: (text) => logUpdate(text),
    onKey: (pressed) => {
      process.stdin.setRawMode(true);
      process.stdin.setEncoding('utf8');
      process.stdin.on('data', (keys: string) => {
        for (const key of keys) pressed(key);
      });
    },
  };
}

/** Without a terminal, events are lines and there are no keys. */
const noTerminal: Terminal = { draw: () => {}, onKey: () => {} };
