/**
 * `tidecast advertise` and `tidecast neighbor-discovery`: how a running server advertises a service,
 * and how a running router uses the servers it has found on a link.
 * @module
 */
import { Argument, type Command, Option } from 'commander';
import { DEFAULT_SOCKET, tellDaemon } from './daemon-socket.ts';

export function registerNeighborDiscovery(program: Command): void {
  program
    .command('advertise')
    .description('advertise a service in the other way; routers have next hops all the time')
    .argument('<service>', 'name of a service in the configuration')
    .addArgument(new Argument('<way>', 'how').choices(['ospfv3', 'neighbor-discovery']))
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action((service: string, way: string, { socket }: { socket: string }) =>
      tellDaemon(socket, `/v1/services/${encodeURIComponent(service)}/advertise/${way}`),
    );
  program
    .command('neighbor-discovery')
    .description('use the servers of a link in another way; queries go on')
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
      (
        name: string,
        { socket, ...usage }: { socket: string; mode?: string; delivery?: string },
        verb: Command,
      ) => {
        if (usage.mode === undefined && usage.delivery === undefined) {
          verb.error('error: nothing to change: say --mode, --delivery or both', { exitCode: 2 });
        }
        return tellDaemon(socket, `/v1/neighbor-discovery/${encodeURIComponent(name)}`, usage);
      },
    );
}
