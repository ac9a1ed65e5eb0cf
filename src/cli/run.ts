/**
 * `tidecast run FILE`: a role from a configuration file, until it is told to stop.
 * @module
 */
import type { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import { configSchema } from '../host/config.ts';
import { readConfig } from '../host/config-read.ts';
import { Daemon } from '../host/daemon.ts';
import { openLog } from '../host/log.ts';
import { DEFAULT_SOCKET } from './daemon-socket.ts';

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('Run the role that a configuration file describes, until SIGTERM or SIGINT.')
    .argument('<file>', 'configuration file (YAML)')
    .option('--socket <path>', 'Unix socket of the control API', DEFAULT_SOCKET)
    .option('--check', 'only check the file')
    .action(async (file: string, options: { socket: string; check?: boolean }) => {
      process.exitCode = await run(file, options);
    });
}

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
  let config: ReturnType<typeof readConfig<typeof configSchema>>;
  try {
    config = readConfig(file, configSchema);
  } catch (error) {
    if (!(error instanceof ConfigError) && (error as { code?: string }).code === undefined) {
      throw error;
    }
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  if (options.check) return 0;
  const log = openLog(config.logLevel);
  const told = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => resolve(signal));
  });
  const daemon = await Daemon.start(config, log);
  try {
    await Promise.race([firstAdjacency(daemon), told]);
    const { openControl } = await import('../control/control-server.ts');
    const control = await openControl({ daemon, socket: options.socket });
    log.info({ socket: options.socket }, 'control API open');
    log.info({ signal: await told }, 'told to stop');
    await daemon.stop();
    await control.close();
    return 0;
  } catch (error) {
    log.fatal(`control API: ${(error as Error).message}`);
    await daemon.stop();
    return 1;
  }
}
