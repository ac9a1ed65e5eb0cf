/**
 * `tidecast explain SERVICE`: why a server says what it says of a service.
 * @module
 */
import type { Command } from 'commander';
import { askDaemon, DEFAULT_SOCKET, whenReachable } from './daemon-socket.ts';

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('say why a server advertises what it does: load, limits, plan, signals')
    .argument('<service>', 'name of a service in the configuration')
    .option('--json', 'print JSON')
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action((service: string, options: { json?: boolean; socket: string }) =>
      whenReachable(async () => {
        const path = `/v1/services/${encodeURIComponent(service)}/explain`;
        const answer = (await askDaemon(options.socket, path)) as { lines: string[] };
        const text = options.json ? JSON.stringify(answer, undefined, 2) : answer.lines.join('\n');
        process.stdout.write(`${text}\n`);
      }),
    );
}
