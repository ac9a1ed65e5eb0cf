/**
 * `tidecast drain SERVICE` and its kin: commands to the services of a running server.
 * @module
 */
import type { Command } from 'commander';
import { askDaemon, DaemonUnreachable, DEFAULT_SOCKET } from './daemon-socket.ts';

const VERBS = {
  drain: 'Send no new queries to this server; it goes on answering.',
  undrain: 'Take new queries again.',
  disable: 'Withdraw the service from this server.',
  enable: 'Offer the service again.',
} as const;

export function registerServiceCommands(program: Command): void {
  for (const [verb, description] of Object.entries(VERBS)) {
    program
      .command(verb)
      .description(description)
      .argument('<service>', 'name of a service in the configuration')
      .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
      .action(async (service: string, options: { socket: string }) => {
        try {
          await askDaemon(
            options.socket,
            `/v1/services/${encodeURIComponent(service)}/${verb}`,
            'POST',
          );
        } catch (error) {
          if (!(error instanceof DaemonUnreachable)) throw error;
          process.stderr.write(`${error.message}\n`);
          process.exitCode = 1;
        }
      });
  }
}
