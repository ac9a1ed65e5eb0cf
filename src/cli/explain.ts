/**
 * `tidecast explain SERVICE`: why a server says what it says of a service.
 * @module
 */
import type { Command } from 'commander';
import { askDaemon, DaemonUnreachable, DEFAULT_SOCKET } from './daemon-socket.ts';

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('Say why a server advertises what it does: load, limits, plan, signals.')
    .argument('<service>', 'name of a service in the configuration')
    .option('--json', 'print JSON')
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action(async (service: string, options: { json?: boolean; socket: string }) => {
      try {
        const path = `/v1/services/${encodeURIComponent(service)}/explain`;
        const answer = (await askDaemon(options.socket, path)) as { lines: string[] };
        const text = options.json ? JSON.stringify(answer, undefined, 2) : answer.lines.join('\n');
        process.stdout.write(`${text}\n`);
      } catch (error) {
        if (!(error instanceof DaemonUnreachable)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}
