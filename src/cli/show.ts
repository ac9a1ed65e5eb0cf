/**
 * `tidecast show WHAT`: asks the running daemon; a table for people, JSON for scripts.
 * @module
 */
import { Argument, type Command } from 'commander';
import { VIEW_NAMES, type ViewName } from '../control/view-names.ts';
import { askDaemon, DEFAULT_SOCKET, whenReachable } from './daemon-socket.ts';
import type { DatabaseEntry } from './show-database.ts';

export function registerShow(program: Command): void {
  program
    .command('show')
    .description('show the state of the running daemon')
    .addArgument(new Argument('<what>', 'what to show').choices([...VIEW_NAMES]))
    .option('--json', 'print JSON')
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action((what: ViewName, options: { json?: boolean; socket: string }) =>
      whenReachable(async () => {
        const asked = askDaemon(options.socket, `/v1/${what}`);
        const tables = options.json ? undefined : import('./table-text.ts'); // meanwhile
        const answer = await withBodies(what, await asked);
        const text = tables
          ? (await tables).tableText(await forPeople(what, answer), process.stdout.columns)
          : JSON.stringify(answer, undefined, 2);
        process.stdout.write(`${text}\n`);
      }),
    );
}

/** LSAs come as octets; what reads their bodies is loaded for them alone. */
async function withBodies(what: ViewName, answer: unknown): Promise<unknown> {
  if (what !== 'database') return answer;
  const { withBody } = await import('./show-database.ts');
  return (answer as DatabaseEntry[]).map(withBody);
}

interface ServiceLoad {
  readonly offeredQueriesPerSecond: number;
  readonly utilizationRatio: number;
  readonly capacityQueriesPerSecond?: number;
}

/** Types and figures as people say them; JSON has them as they are. */
async function forPeople(what: ViewName, answer: unknown): Promise<unknown> {
  if (what === 'database') {
    const { entryForPeople } = await import('./show-database.ts');
    return (answer as DatabaseEntry[]).map(entryForPeople);
  }
  if (what !== 'services') return answer;
  return (answer as { load?: ServiceLoad }[]).map(({ load, ...service }) =>
    load === undefined ? service : { ...service, load: loadText(load) },
  );
}

function loadText(load: ServiceLoad): string {
  const { offeredQueriesPerSecond, utilizationRatio, capacityQueriesPerSecond: capacity } = load;
  const of = capacity === undefined ? '' : ` of ${capacity.toFixed(1)} q/s`;
  const percent = Math.round(100 * utilizationRatio);
  return `${offeredQueriesPerSecond.toFixed(1)} q/s${of}, utilization ${percent} %`;
}
