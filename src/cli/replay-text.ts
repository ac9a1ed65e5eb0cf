/**
 * A replay for people to read: databases, routes and differences as tables.
 * @module
 */
import Table from 'cli-table3';
import type { Json } from './lsa-json.ts';
import type { Replay } from './replay-result.ts';

/** The lines of a replay. */
export function replayText(replay: Replay): string[] {
  const drops = Object.entries(replay.drops);
  return [
    `${replay.file} at ${replay.at}, instance ${replay.instanceId}: ${replay.datagrams} datagrams`,
    ...(drops.length === 0
      ? []
      : [`dropped: ${drops.map(([reason, count]) => `${reason} ${count}`).join(', ')}`]),
    ...replay.database.flatMap(({ scope, lsas }) => ['', scope, databaseTable(lsas)]),
    ...(replay.routes === undefined ? [] : ['', 'routes', routeTable(replay.routes)]),
    ...(replay.differences === undefined ? [] : ['', ...differencesText(replay.differences)]),
  ];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const plain = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true, 'padding-left': 0 },
    chars: PLAIN,
  });
  plain.push(...rows.map((row) => [...row]));
  return plain
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};

/** No lines: columns alone. */
const PLAIN = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('middle')
    .map((name) => [name, '']),
);

/** The fields of an LSA's JSON form that are shown. */
interface ShownLsa {
  readonly lsTypeName: string;
  readonly linkStateId: string;
  readonly advertisingRouter: string;
  readonly lsSequenceNumber: string;
  readonly lsAge: number;
  readonly lsChecksum: string;
  readonly body?: ShownBody;
}
interface ShownPrefix {
  readonly prefix: string;
  readonly metric?: number;
}
interface ShownBody extends Partial<ShownPrefix> {
  readonly links?: readonly { readonly neighborRouterId: string; readonly metric: number }[];
  readonly attachedRouters?: readonly string[];
  readonly linkLocalAddress?: string;
  readonly prefixes?: readonly ShownPrefix[];
  readonly destinationRouterId?: string;
  readonly hostname?: string;
}

const databaseTable = (lsas: readonly Json[]): string =>
  table(
    ['type', 'Link State ID', 'advertising router', 'sequence', 'age', 'checksum', 'says'],
    (lsas as unknown as readonly ShownLsa[]).map((lsa) => [
      `${lsa.lsTypeName}`,
      `${lsa.linkStateId}`,
      `${lsa.advertisingRouter}`,
      `${lsa.lsSequenceNumber}`,
      `${lsa.lsAge}`,
      `${lsa.lsChecksum}`,
      saysText(lsa.body ?? {}),
    ]),
  );

/** What an LSA says, in a few words. */
function saysText(body: ShownBody): string {
  const { links, attachedRouters, prefixes, prefix, metric, destinationRouterId } = body;
  if (links) {
    const all = links.map((link) => `${link.neighborRouterId} (${link.metric})`);
    return all.join(' ') || 'no links';
  }
  if (attachedRouters) return attachedRouters.join(' ');
  if (prefixes) {
    const all = prefixes.map((each) =>
      each.metric === undefined ? each.prefix : `${each.prefix} (${each.metric})`,
    );
    const { linkLocalAddress } = body;
    return [...(linkLocalAddress ? [linkLocalAddress] : []), ...all].join(' ') || 'no prefixes';
  }
  const destination = prefix ?? destinationRouterId;
  return destination === undefined ? (body.hostname ?? '') : `${destination} (${metric})`;
}

const routeTable = (routes: NonNullable<Replay['routes']>): string =>
  table(
    ['prefix', 'path', 'distance', 'next hops'],
    routes.map(({ prefix, pathType, distance, type2Metric, nextHops }) => [
      prefix,
      pathType,
      type2Metric === undefined ? `${distance}` : `${distance}/${type2Metric}`,
      nextHops
        .map(({ interfaceId, address }) => `${address ?? 'direct'} on interface ${interfaceId}`)
        .join(', ') || 'own',
    ]),
  );

const differencesText = (differences: NonNullable<Replay['differences']>): string[] =>
  differences.length === 0
    ? ['no differences']
    : differences.map(
        ({ what, ours, theirs }) => `DIFFERS ${what}: ours ${ours}, theirs ${theirs}`,
      );
