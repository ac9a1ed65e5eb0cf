/**
 * `tidecast drain SERVICE` and its kin: commands to the services of a running server.
 * @module
 */
import type { Command } from 'commander';
import { askDaemon, DEFAULT_SOCKET, whenReachable } from './daemon-socket.ts';

const VERBS = {
  drain: 'send no new queries to this server; it goes on answering',
  undrain: 'take new queries again',
  disable: 'withdraw the service from this server',
  enable: 'offer the service again',
} as const;

export function registerServiceCommands(program: Command): void {
  for (const [verb, description] of Object.entries(VERBS)) {
    program
      .command(verb)
      .description(description)
      .argument('<service>', 'name of a service in the configuration')
      .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
      .action((service: string, { socket }: { socket: string }) =>
        whenReachable(async () => {
          const path = `/v1/services/${encodeURIComponent(service)}/${verb}`;
          const { state } = (await askDaemon(socket, path, 'POST')) as { readonly state: string };
          if (state !== 'DISABLED' || verb === 'disable') return;
          const way = `tidecast enable ${service} offers it again`;
          process.stderr.write(`${service} stays disabled; ${way}\n`);
          process.exitCode = 1;
        }),
      );
  }
}
