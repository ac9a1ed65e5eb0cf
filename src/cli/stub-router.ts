/**
 * `tidecast stub-router on|off`: keeps the traffic of others away from a running router, as before
 * work on it, and takes it again (RFC 6987).
 * @module
 */
import { Argument, type Command } from 'commander';
import { DEFAULT_SOCKET, tellDaemon } from './daemon-socket.ts';

export function registerStubRouter(program: Command): void {
  program
    .command('stub-router')
    .description('keep traffic of others away from this router, or take it again')
    .addArgument(new Argument('<wanted>', 'whether it is a stub router').choices(['on', 'off']))
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action((wanted: string, { socket }: { socket: string }) =>
      tellDaemon(socket, `/v1/stub-router/${wanted}`),
    );
}
