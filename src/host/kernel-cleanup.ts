/**
 * Takes everything of ours out of the kernel: what a run left behind that was killed, or that was
 * told to keep its routes and has no successor. Ours is what carries our protocol number, our metric
 * of an address, or a table of our name; nothing else is touched.
 * @module
 */
import * as z from 'zod';
import { OUR_METRIC, TABLE_PREFIX } from './anycast-address.ts';
import { IpBatch } from './ip-batch.ts';
import { NftPipe } from './nft-pipe.ts';
import { DEFAULT_TABLE } from './nftables.ts';
import { ROUTE_PROTOCOL } from './route-table-kernel.ts';

/** What became of it. */
export interface CleanUp {
  /** The commands that removed something. */
  readonly removed: readonly string[];
  /** What the kernel refused, in its own words. */
  readonly failures: readonly string[];
}

const OURS = String(ROUTE_PROTOCOL);
const protocol = z.union([z.string(), z.number()]).transform(String).optional();

const Route = z.object({
  dst: z.string(),
  protocol,
  metric: z.number().optional(),
  table: z.union([z.string(), z.number()]).optional(),
});
const NextHop = z.object({ id: z.number(), group: z.unknown().optional(), protocol });
const Neighbor = z.object({ dst: z.string(), dev: z.string(), protocol });
const Interface = z.object({
  ifname: z.string().optional(),
  addr_info: z
    .array(
      z.object({
        local: z.string().optional(),
        prefixlen: z.number().optional(),
        metric: z.number().optional(),
      }),
    )
    .default([]),
});
const Table = z.object({ table: z.object({ family: z.string(), name: z.string() }) });

/** @param networkNamespace - the name of another namespace than our own. */
export async function cleanUp(networkNamespace?: string): Promise<CleanUp> {
  const ip = new IpBatch(networkNamespace);
  const nft = new NftPipe(networkNamespace);
  try {
    const commands = await ipCommands(ip);
    const transactions = await nftTransactions(nft);
    const refused = [...(await ip.run(commands)), ...(await nft.run(transactions))];
    const failed = new Set(refused.map(({ command }) => command));
    return {
      removed: [...commands, ...transactions].filter((command) => !failed.has(command)),
      failures: refused.map(({ command, message }) => `${command}: ${message}`),
    };
  } finally {
    ip.close();
    nft.close();
  }
}

/** Routes first, then the groups they used, then the groups' members. */
async function ipCommands(ip: IpBatch): Promise<string[]> {
  const routes: string[] = [];
  for (const family of ['-6', '-4']) {
    const shown = await ip.show([family, 'route', 'show', 'table', 'all', 'proto', OURS]);
    for (const { dst, metric, table } of z.array(Route).parse(shown)) {
      const from = `${metric === undefined ? '' : ` metric ${metric}`} table ${table ?? 'main'}`;
      routes.push(`route del ${dst}${from} proto ${OURS}`);
    }
  }
  const nextHops = z.array(NextHop).parse(await ip.show(['nexthop', 'show']));
  const mine = nextHops.filter((one) => one.protocol === OURS);
  const groupsFirst = mine.sort((a, b) => Number(!a.group) - Number(!b.group));
  const neighbors = z
    .array(Neighbor)
    .parse(await ip.show(['neigh', 'show', 'nud', 'permanent']))
    .filter((one) => one.protocol === OURS);
  const addresses = z
    .array(Interface)
    .parse(await ip.show(['-6', 'address', 'show']))
    .flatMap(({ ifname, addr_info }) =>
      addr_info
        .filter(({ prefixlen, metric }) => prefixlen === 128 && metric === OUR_METRIC)
        .map(({ local }) => `address del ${local}/128 dev ${ifname}`),
    );
  return [
    ...routes,
    ...groupsFirst.map(({ id }) => `nexthop del id ${id}`),
    ...neighbors.map(({ dst, dev }) => `neigh del ${dst} dev ${dev}`),
    ...addresses,
  ];
}

async function nftTransactions(nft: NftPipe): Promise<string[]> {
  let listing: readonly unknown[];
  try {
    listing = await nft.list(['tables']);
  } catch (error) {
    // Where there is no such program there are no tables of ours.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return listing.flatMap((item) => {
    const { data } = Table.safeParse(item);
    if (data === undefined) return [];
    const { family, name } = data.table;
    const ours =
      (family === 'netdev' && name === DEFAULT_TABLE) ||
      (family === 'ip6' && name.startsWith(TABLE_PREFIX));
    return ours ? [`delete table ${family} ${name}`] : [];
  });
}
