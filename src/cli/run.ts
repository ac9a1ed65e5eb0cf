/**
 * `tidecast run FILE`: a role from a configuration file, or one for each YAML document in it, until
 * it is told to stop.
 * @module
 */
import type { Command } from 'commander';
import { type HeldControl, holdControl } from '../control/held-server.ts';
import { ConfigError } from '../errors.ts';
import type { Config } from '../host/config.ts';
import { readDocuments } from '../host/config-documents.ts';
import { Daemon } from '../host/daemon.ts';
import { type Logger, openLog } from '../host/log.ts';
import { DEFAULT_SOCKET } from './daemon-socket.ts';

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run the role, or roles, of a configuration file until SIGTERM, SIGINT or SIGHUP')
    .argument('<file>', 'configuration file (YAML, a document for each instance)')
    .option('--socket <path>', 'Unix socket of the control API', DEFAULT_SOCKET)
    .option('--check', 'only check the file')
    .action(async (file: string, options: { socket: string; check?: boolean }) => {
      // Whatever still looks at something, such as a check that hangs, has no more to say.
      process.exit(await run(file, options));
    });
}

/**
 * Each ends it with a goodbye, also when it comes twice: whoever runs it may send it to the group as
 * well. SIGHUP too: nothing is reloaded, and a server must not just vanish.
 */
const END_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** How long the control API waits for the first adjacency. */
const NEIGHBORS_FIRST_MS = 500;

/**
 * Until the first neighbor is Full, or the time for it is over: loading the HTTP server takes all
 * of Node for longer than an adjacency takes to form.
 */
function firstAdjacency({ events }: Daemon): Promise<void> {
  return new Promise((resolve) => {
    const over = setTimeout(resolve, NEIGHBORS_FIRST_MS);
    events.on('event', function told(event) {
      if (event.name !== 'neighborState' || event.to !== 'Full') return;
      events.off('event', told);
      clearTimeout(over);
      resolve();
    });
  });
}

/**
 * @returns the exit status: 0 after an orderly end, 1 when it cannot run or not be asked, 2 for a
 *   configuration that cannot be used.
 */
async function run(file: string, options: { socket: string; check?: boolean }): Promise<number> {
  let configs: Config[];
  try {
    configs = await readDocuments(file);
  } catch (error) {
    if (!(error instanceof ConfigError) && (error as { code?: string }).code === undefined) {
      throw error;
    }
    const { message } = error as Error;
    process.stderr.write(`${message.includes(file) ? message : `${file}: ${message}`}\n`);
    return 2;
  }
  if (options.check) return 0;
  const told = new Promise<string>((resolve) => {
    for (const signal of END_SIGNALS) process.on(signal, () => resolve(signal));
  });
  const plans = configs.map((config, i) => ({
    config,
    log: logOf(config, i, configs.length),
    socket: config.socket ?? options.socket,
  }));
  const controls: HeldControl[] = [];
  const daemons: Daemon[] = [];
  let status = 0;
  try {
    // First of all: whoever cannot be asked, or runs already, is not to be heard by anybody.
    for (const { config, socket } of plans) {
      controls.push(await holdControl(socket, config.control));
    }
    for (const { config, log } of plans) daemons.push(await Daemon.start(config, log));
    await Promise.race([...daemons.map(firstAdjacency), told]);
    const { openControl } = await import('../control/control-server.ts');
    for (const [i, daemon] of daemons.entries()) {
      await openControl(daemon, controls[i]!);
      daemon.log.info({ socket: plans[i]!.socket }, 'control API open');
    }
    const signal = await told;
    for (const { log } of daemons) log.info({ signal }, 'told to stop');
  } catch (error) {
    for (const { log } of plans) log.fatal(`cannot run: ${wordsOf(error)}`);
    status = 1;
  }
  await Promise.all(daemons.map((daemon) => daemon.stop()));
  await Promise.all(controls.map((control) => control.close()));
  return status;
}

/** What the machine says, with what it says of the reason. */
function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

/** Of several documents, each says in its log which it is, from 1. */
function logOf(config: Config, at: number, of: number): Logger {
  const log = openLog(config.logLevel);
  return of > 1 ? log.child({ document: at + 1 }) : log;
}
