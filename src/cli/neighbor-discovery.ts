/**
 * `tidecast advertise` and `tidecast neighbor-discovery`: how a running server advertises a service,
 * and how a running router uses the servers it has found on a link.
 * @module
 */
import { Argument, type Command, Option } from 'commander';
import { askDaemon, DaemonUnreachable, DEFAULT_SOCKET } from './daemon-socket.ts';

async function tell(socket: string, path: string, body?: unknown): Promise<void> {
  try {
    await askDaemon(socket, path, 'POST', body);
  } catch (error) {
    if (!(error instanceof DaemonUnreachable)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

export function registerNeighborDiscovery(program: Command): void {
  program
    .command('advertise')
    .description('Advertise a service in another way; routers have next hops all the time.')
    .argument('<service>', 'name of a service in the configuration')
    .addArgument(new Argument('<way>', 'how').choices(['ospfv3', 'neighbor-discovery']))
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action(async (service: string, way: string, { socket }: { socket: string }) => {
      await tell(socket, `/v1/services/${encodeURIComponent(service)}/advertise/${way}`);
    });
  program
    .command('neighbor-discovery')
    .description('Use the servers of a link in another way; queries go on.')
    .argument('<interface>', 'an interface with neighborDiscovery in the configuration')
    .addOption(new Option('--mode <mode>', 'one server or all').choices(['single', 'multiple']))
    .addOption(
      new Option('--delivery <delivery>', 'how queries are spread over all').choices([
        'weighted',
        'hash',
        'leastLoad',
        'roundRobin',
      ]),
    )
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action(
      async (
        name: string,
        { socket, ...usage }: { socket: string; mode?: string; delivery?: string },
      ) => {
        await tell(socket, `/v1/neighbor-discovery/${encodeURIComponent(name)}`, usage);
      },
    );
}
