/**
 * `tidecast run FILE`: a role from a configuration file, or one for each YAML document in it, until
 * it is told to stop.
 * @module
 */
import type { Command } from 'commander';
import type { ControlServer } from '../control/control-server.ts';
import { ConfigError } from '../errors.ts';
import type { Config } from '../host/config.ts';
import { readDocuments } from '../host/config-documents.ts';
import { Daemon } from '../host/daemon.ts';
import { openLog } from '../host/log.ts';
import { DEFAULT_SOCKET } from './daemon-socket.ts';

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run the role, or roles, of a configuration file until SIGTERM, SIGINT or SIGHUP')
    .argument('<file>', 'configuration file (YAML, a document for each instance)')
    .option('--socket <path>', 'Unix socket of the control API', DEFAULT_SOCKET)
    .option('--check', 'only check the file')
    .action(async (file: string, options: { socket: string; check?: boolean }) => {
      process.exitCode = await run(file, options);
    });
}

/** Each ends it with a goodbye. SIGHUP too: nothing is reloaded, and a server must not just vanish. */
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

/** @returns the exit status: 0 after an orderly end, 2 for a configuration that cannot be used. */
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
    for (const signal of END_SIGNALS) process.once(signal, () => resolve(signal));
  });
  const daemons = await Promise.all(configs.map((config, i) => start(config, i, configs.length)));
  const controls: ControlServer[] = [];
  let status = 0;
  try {
    await Promise.race([...daemons.map(firstAdjacency), told]);
    const { openControl } = await import('../control/control-server.ts');
    for (const daemon of daemons) {
      const socket = daemon.config.socket ?? options.socket;
      controls.push(await openControl({ daemon, socket }));
      daemon.log.info({ socket }, 'control API open');
    }
    const signal = await told;
    for (const { log } of daemons) log.info({ signal }, 'told to stop');
  } catch (error) {
    for (const { log } of daemons) log.fatal(`control API: ${(error as Error).message}`);
    status = 1;
  }
  await Promise.all(daemons.map((daemon) => daemon.stop()));
  await Promise.all(controls.map((control) => control.close()));
  return status;
}

/** Starts the daemon of one document; of several, each says in its log which it is, from 1. */
function start(config: Config, at: number, of: number): Promise<Daemon> {
  const log = openLog(config.logLevel);
  return Daemon.start(config, of > 1 ? log.child({ document: at + 1 }) : log);
}
