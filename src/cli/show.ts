/**
 * `tidecast show WHAT`: asks the running daemon; a table for people, JSON for scripts.
 * @module
 */
import Table from 'cli-table3';
import { Argument, type Command } from 'commander';
import { VIEW_NAMES, type ViewName } from '../control/view-names.ts';
import { Lsa } from '../lsa/lsa.ts';
import { askDaemon, DEFAULT_SOCKET, whenReachable } from './daemon-socket.ts';
import { lsaJson } from './lsa-json.ts';
import { hexadecimal, lsTypeName } from './names.ts';

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
          : tableOf(forPeople(what, answer));
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

/** Columns that only a program can use. */
const NOT_FOR_PEOPLE = new Set(['octets', 'body', 'signals']);

/** Rows of the same shape as a table, anything else as one row per key. */
function tableOf(answer: unknown): string {
  const rows = Array.isArray(answer) ? (answer as Record<string, unknown>[]) : undefined;
  if (!rows) return keysAndValues(answer as Record<string, unknown>);
  const [first] = rows;
  if (!first) return 'none';
  const columns = Object.keys(first).filter((name) => !NOT_FOR_PEOPLE.has(name));
  const table = new Table({ head: columns, style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(columns.map((name) => cell(row[name])));
  return table.toString();
}

function keysAndValues(answer: Record<string, unknown>): string {
  const table = new Table({ style: { head: [], border: [], compact: true } });
  for (const [key, value] of Object.entries(answer)) table.push([key, cell(value)]);
  return table.length > 0 ? table.toString() : 'none';
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.map(cell).join('\n');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${cell(inner)}`)
      .join(', ');
  }
  return String(value);
}
