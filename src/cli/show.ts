/**
 * `tidecast show WHAT`: asks the running daemon; a table for people, JSON for scripts.
 * @module
 */
import { Argument, type Command } from 'commander';
import { VIEW_NAMES, type ViewName } from '../control/view-names.ts';
import { Lsa } from '../lsa/lsa.ts';
import { askDaemon, DEFAULT_SOCKET, whenReachable } from './daemon-socket.ts';
import { lsaJson } from './lsa-json.ts';
import { hexadecimal, lsTypeName } from './names.ts';
import { tableText } from './table-text.ts';

interface DatabaseEntry {
  readonly octets: string;
  readonly instanceId: number;
}

export function registerShow(program: Command): void {
  program
    .command('show')
    .description('show the state of the running daemon')
    .addArgument(new Argument('<what>', 'what to show').choices([...VIEW_NAMES]))
    .option('--json', 'print JSON')
    .option('--socket <path>', 'Unix socket of the daemon', DEFAULT_SOCKET)
    .action((what: ViewName, options: { json?: boolean; socket: string }) =>
      whenReachable(async () => {
        const answer = withBodies(what, await askDaemon(options.socket, `/v1/${what}`));
        const text = options.json
          ? JSON.stringify(answer, undefined, 2)
          : tableText(forPeople(what, answer), process.stdout.columns);
        process.stdout.write(`${text}\n`);
      }),
    );
}

/** LSAs come as octets; their bodies are read here. */
function withBodies(what: ViewName, answer: unknown): unknown {
  if (what !== 'database') return answer;
  return (answer as DatabaseEntry[]).map((entry) => {
    const { body } = lsaJson(Lsa.decode(Buffer.from(entry.octets, 'hex')), entry.instanceId);
    return { ...entry, body };
  });
}

interface ServiceLoad {
  readonly offeredQueriesPerSecond: number;
  readonly utilizationRatio: number;
  readonly capacityQueriesPerSecond?: number;
}

/** Types and figures as people say them; JSON has them as they are. */
function forPeople(what: ViewName, answer: unknown): unknown {
  if (what === 'database') {
    return (answer as { lsType: number; checksum: number }[]).map((entry) => ({
      ...entry,
      lsType: `${hexadecimal(entry.lsType, 4)} ${lsTypeName(entry.lsType)}`,
      checksum: hexadecimal(entry.checksum, 4),
    }));
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
