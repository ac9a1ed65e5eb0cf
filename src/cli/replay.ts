/**
 * `tidecast replay`: builds the databases that the routers of a capture had, and the routes that
 * one of them would have, and compares them with what a router printed.
 * @module
 */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { DecodeError } from '../errors.ts';
import { hmacDigest } from '../host/digest.ts';
import { readCapture } from '../host/pcap.ts';
import { type CapturedDatagram, capturedDatagrams } from '../host/pcap-datagrams.ts';
import type { AuthenticationKey } from '../packet/key.ts';
import { formatDottedQuad, parseDottedQuad } from '../wire/address.ts';
import { collectKey } from './authentication-keys.ts';
import { linksOf } from './capture-links.ts';
import { CaptureListener, type HeardLsa } from './capture-listener.ts';
import { type Difference, databaseDifferences } from './database-diff.ts';
import { fileErrorText, isFileError } from './file-error.ts';
import { routesAs, type ShownRoute } from './listener-routes.ts';
import { type Json, lsaJson } from './lsa-json.ts';
import type { Replay } from './replay-result.ts';
import { replayText } from './replay-text.ts';
import { routeDifferences } from './route-diff.ts';
import { readPrintedDatabase } from './truth-database.ts';
import { readPrintedRoutes } from './truth-routes.ts';
import { isPrintedTopology, topologyDifferences } from './truth-topology.ts';

interface ReplayOptions {
  readonly as?: number;
  readonly at?: string;
  readonly instance: number;
  readonly key: readonly AuthenticationKey[];
  readonly diff: readonly string[];
  readonly json?: boolean;
}

/** Adds the verb. Exit status 1 when something differs, 2 when a file could not be read. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('build the link-state databases of a capture, and the routes of a router in it')
    .argument('<file...>', 'pcap or pcapng files, each by itself')
    .option('--as <ROUTER-ID>', 'the routes that this router would have', readRouterId)
    .option(
      '--at <TIME>',
      'as of this time: ISO 8601, seconds since 1970, or +SECONDS from the first frame',
    )
    .option('--instance <ID>', 'Instance ID, 0..255', readInstance, 0)
    .option(
      '--key <ID:ALGORITHM:SECRET>',
      'drop packets whose authentication is wrong',
      collectKey,
      [],
    )
    .option(
      '--diff <TRUTH>',
      'compare with what a router printed: a database (FRR json or dump, BIRD lsadb or state all) or, with --as, routes; may be repeated',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--json', 'one JSON object per file')
    .action((files: string[], options: ReplayOptions) => {
      for (const file of files) {
        try {
          const replay = replayFile(file, options);
          const text = options.json ? JSON.stringify(replay) : replayText(replay).join('\n');
          process.stdout.write(`${text}\n`);
          if ((replay.differences?.length ?? 0) > 0) process.exitCode ??= 1;
        } catch (error) {
          const isExpected =
            error instanceof DecodeError || error instanceof RangeError || isFileError(error);
          if (!isExpected) throw error;
          const text = isFileError(error) ? fileErrorText(error, file) : error.message;
          process.stderr.write(`${file}: ${text}\n`);
          process.exitCode = 2;
        }
      }
    });
}

function readRouterId(text: string): number {
  try {
    return parseDottedQuad(text);
  } catch {
    throw new InvalidArgumentError('a dotted quad, such as 10.0.0.1');
  }
}

function readInstance(text: string): number {
  const instanceId = Number(text);
  if (!/^\d+$/.test(text) || instanceId > 255) throw new InvalidArgumentError('0..255');
  return instanceId;
}

/** @throws {RangeError} when the time cannot be read. */
function timeOf(text: string | undefined, firstMs: number, lastMs: number): number {
  if (text === undefined) return lastMs;
  const seconds = /^(\+?)(\d+(?:\.\d+)?)$/.exec(text);
  if (seconds) return (seconds[1] ? firstMs : 0) + Number(seconds[2]) * 1000;
  // Date.parse takes much else for a date.
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) {
    const allowed = 'ISO 8601, seconds since 1970, or +SECONDS from the first frame';
    throw new RangeError(`not a time: ${text}, allowed is ${allowed}`);
  }
  return atMs;
}

/**
 * Replays one capture.
 * @throws {DecodeError} when the capture is damaged, {RangeError} when an option does not fit it.
 */
function replayFile(file: string, options: ReplayOptions): Replay {
  const datagrams = [...capturedDatagrams(readCapture(readFileSync(file)))];
  const [first, last] = [datagrams[0], datagrams.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('no OSPFv3 in the capture');
  const atMs = timeOf(options.at, first.frame.atMs, last.frame.atMs);
  const heard = datagrams.filter(({ frame }) => frame.atMs <= atMs);
  const listener = listenTo(datagrams, heard, options);
  const routes =
    options.as === undefined ? undefined : routesAs(listener, options.as, options.instance);
  const differences =
    options.diff.length === 0
      ? undefined
      : options.diff.flatMap((truth) => differencesFrom(truth, listener, routes, options.instance));
  return {
    file,
    at: new Date(atMs).toISOString(),
    instanceId: options.instance,
    datagrams: heard.length,
    drops: Object.fromEntries(listener.drops),
    routers: listener.routers().map(({ routerId, areaId, ...rest }) => ({
      routerId: formatDottedQuad(routerId),
      areaId: formatDottedQuad(areaId),
      ...rest,
    })),
    database: databaseJson(listener.lsas(atMs), options.instance),
    ...(routes && { routes }),
    ...(differences && { differences }),
  };
}

function listenTo(
  all: readonly CapturedDatagram[],
  heard: readonly CapturedDatagram[],
  options: ReplayOptions,
): CaptureListener {
  const listener = new CaptureListener({
    instanceId: options.instance,
    keys: options.key,
    digest: hmacDigest,
  });
  const linkOf = linksOf(all);
  for (const datagram of heard) listener.hear(datagram, linkOf(datagram));
  listener.mustHaveHeard();
  return listener;
}

/** @throws {RangeError} naming the file, when it cannot be read. */
function readTruth(truth: string): string {
  try {
    return readFileSync(truth, 'utf8');
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new RangeError(`${truth}: ${fileErrorText(error, truth)}`);
  }
}

/** @throws {RangeError} when the truth is in no form known, or routes are asked of nobody. */
function differencesFrom(
  truth: string,
  listener: CaptureListener,
  routes: readonly ShownRoute[] | undefined,
  instanceId: number,
): Difference[] {
  const text = readTruth(truth);
  if (isPrintedTopology(text)) return topologyDifferences(listener, instanceId, text);
  const printedRoutes = readPrintedRoutes(text);
  if (printedRoutes !== undefined) {
    if (routes === undefined) throw new RangeError(`${truth}: routes are compared with --as`);
    return routeDifferences(routes, printedRoutes);
  }
  const printed = readPrintedDatabase(text);
  if (printed === undefined) throw new RangeError(`${truth}: neither a database nor routes`);
  return databaseDifferences(listener, printed);
}

function databaseJson(lsas: Iterable<HeardLsa>, instanceId: number): Replay['database'] {
  const scopes = new Map<string, Json[]>();
  for (const { scope, lsa, ageS } of lsas) {
    const name =
      scope.kind === 'as'
        ? 'AS'
        : scope.kind === 'area'
          ? `area ${formatDottedQuad(scope.areaId)}`
          : `link ${scope.interfaceId}`;
    const list = scopes.get(name) ?? [];
    scopes.set(name, list);
    list.push({ ...lsaJson(lsa, instanceId), lsAge: ageS });
  }
  return [...scopes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, list]) => ({ scope, lsas: list }));
}
