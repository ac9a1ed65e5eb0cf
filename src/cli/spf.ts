/**
 * `tidecast spf`: the shortest-path tree and the routes of any router, or what would change in
 * them if costs were others or links and routers were down.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { DecodeError } from '../errors.ts';
import { formatDottedQuad, parseDottedQuad } from '../wire/address.ts';
import { DaemonUnreachable, DEFAULT_SOCKET } from './daemon-socket.ts';
import {
  DatabaseUnreadable,
  daemonDatabase,
  daemonRouterId,
  readDatabase,
  routersIn,
} from './spf-database.ts';
import { dotOf, svgOf } from './spf-drawing.ts';
import type { FoundLsa } from './spf-found-lsa.ts';
import { type SpfResult, spfOf, type TreeRoute } from './spf-run.ts';
import { parseCost, parseDown, type WhatIf, withChanges } from './spf-what-if.ts';

interface SpfOptions {
  readonly database?: string;
  readonly socket: string;
  readonly root?: number;
  readonly cost: readonly WhatIf[];
  readonly down: readonly WhatIf[];
  readonly dot?: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/** A route that is not what it was. */
export interface RouteDifference {
  readonly prefix: string;
  readonly before: TreeRoute | undefined;
  readonly after: TreeRoute | undefined;
}

const checked =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };

const collected =
  (parse: (text: string) => WhatIf) =>
  (text: string, before: readonly WhatIf[]): WhatIf[] => [...before, checked(parse)(text)];

/** Adds the verb. Exit status 2 when there is no database or no such router or link, 1 when the
 * daemon cannot be asked, as of all verbs that ask it. */
export function registerSpf(program: Command): void {
  program
    .command('spf')
    .description('show the shortest-path tree and routes of a router, or what would change in them')
    .option('--database <FILE>', 'a capture, FRR’s database dump or BIRD’s `show ospf state all`')
    .option('--socket <PATH>', 'without --database: ask the daemon here', DEFAULT_SOCKET)
    .option(
      '--root <ROUTER-ID>',
      'whose routes; by default the daemon’s, of a file the lowest',
      checked(parseDottedQuad),
    )
    .option(
      '--cost <A:B=N>',
      'if A’s cost towards B were N; may be repeated',
      collected(parseCost),
      [],
    )
    .option('--down <A:B>', 'if that link, or router A, were down', collected(parseDown), [])
    .option('--dot <FILE>', 'draw the topology and the tree for Graphviz; - for standard output')
    .option('--svg <FILE>', 'draw the topology and the tree; - for standard output')
    .option('--json', 'one JSON object')
    .action(async (options: SpfOptions) => {
      try {
        await show(options);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = error instanceof DaemonUnreachable ? 1 : 2;
      }
    });
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof RangeError ||
  error instanceof DecodeError ||
  error instanceof DatabaseUnreadable ||
  error instanceof DaemonUnreachable ||
  (error instanceof Error && 'syscall' in error);

/** @throws {RangeError} when standard output would have two things one behind the other. */
function checkOutputs({ dot, svg, json }: SpfOptions): void {
  const asked = [dot === '-' && '--dot -', svg === '-' && '--svg -', json && '--json'];
  const taken = asked.filter((name) => name);
  if (taken.length > 1)
    throw new RangeError(`standard output is for one of ${taken.join(' and ')}`);
}

async function show(options: SpfOptions): Promise<void> {
  checkOutputs(options);
  const { database: file, socket } = options;
  const database = file === undefined ? await daemonDatabase(socket) : readDatabase(file);
  const asked = options.root ?? (file === undefined ? await daemonRouterId(socket) : undefined);
  const root = rootOf(database, asked);
  const changes = [...options.cost, ...options.down];
  const before = spfOf(database, root);
  const after = changes.length > 0 ? spfOf(withChanges(database, changes), root) : before;
  const differences = routeChanges(before.routes, after.routes);
  if (options.dot !== undefined) put(options.dot, dotOf(after));
  if (options.svg !== undefined) put(options.svg, await svgOf(after));
  if (options.dot === '-' || options.svg === '-') return;
  if (options.json) {
    const shown = changes.length > 0 ? { root: after.root, differences } : after;
    process.stdout.write(`${JSON.stringify(shown)}\n`);
  } else if (changes.length > 0) process.stdout.write(`${differenceText(differences)}\n`);
  else process.stdout.write(`${treeText(after, routersIn(database))}\n`);
}

function rootOf(database: readonly FoundLsa[], asked: number | undefined): number {
  const routers = routersIn(database);
  const root = asked ?? routers[0];
  if (root === undefined) throw new RangeError('the database has no Router-LSA');
  if (!routers.includes(root)) {
    const known = routers.slice(0, 10).map(formatDottedQuad).join(', ');
    throw new RangeError(`no router ${formatDottedQuad(root)}; there are ${known}`);
  }
  return root;
}

function put(file: string, text: string): void {
  if (file === '-') process.stdout.write(text);
  else writeFileSync(file, text);
}

/** Routes that came, went or changed. */
export function routeChanges(
  before: readonly TreeRoute[],
  after: readonly TreeRoute[],
): RouteDifference[] {
  const was = new Map(before.map((route) => [route.prefix, route]));
  const is = new Map(after.map((route) => [route.prefix, route]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .sort()
    .map((prefix) => ({ prefix, before: was.get(prefix), after: is.get(prefix) }))
    .filter((d) => JSON.stringify(d.before) !== JSON.stringify(d.after));
}

const routeText = (route: TreeRoute): string => {
  const metric = route.type2Metric === undefined ? '' : ` type 2 metric ${route.type2Metric}`;
  const hops = route.nextHops.length > 0 ? route.nextHops.join(', ') : 'own';
  return `${route.pathType} distance ${route.distance}${metric} via ${hops}`;
};

function differenceText(differences: readonly RouteDifference[]): string {
  if (differences.length === 0) return 'no route would change';
  return differences
    .flatMap(({ prefix, before, after }) => [
      ...(before ? [`- ${prefix} ${routeText(before)}`] : []),
      ...(after ? [`+ ${prefix} ${routeText(after)}`] : []),
    ])
    .join('\n');
}

function treeText({ root, vertices, routes }: SpfResult, routers: readonly number[]): string {
  const tree = vertices.map(({ name, kind, area, distance, parents }) => {
    const from = parents.length > 0 ? ` behind ${parents.join(', ')}` : '';
    return `  ${kind} ${name} area ${area} distance ${distance}${from}`;
  });
  const table = routes.map((route) => `  ${route.prefix} ${routeText(route)}`);
  const reached = new Set(vertices.map(({ name }) => name));
  const others = routers.map(formatDottedQuad).filter((router) => !reached.has(router));
  const missing = others.length > 0 ? [`not reached: ${others.join(', ')}`] : [];
  return [`tree of ${root}`, ...tree, ...missing, 'routes', ...table].join('\n');
}
