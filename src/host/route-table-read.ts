/**
 * Reading our own objects back from the kernel, through iproute2's JSON.
 * @module
 */
import * as z from 'zod';
import { formatAddress, parseAddress } from '../wire/address.ts';
import type { IpReader } from './ip-reader.ts';
import type { KernelState } from './route-table-plan.ts';

/** iproute2 prints protocol numbers as text, and by name when it knows one. */
const protocol = z.union([z.string(), z.number()]).transform(String).optional();

const NextHop = z.object({
  id: z.number(),
  protocol,
  gateway: z.string().optional(),
  dev: z.string().optional(),
  group: z.array(z.object({ id: z.number(), weight: z.number().optional() })).optional(),
  resilient_args: z
    .object({
      buckets: z.number(),
      idle_timer: z.number(),
      unbalanced_timer: z.number(),
    })
    .optional(),
});

const Route = z.object({
  dst: z.string(),
  nhid: z.number().optional(),
  metric: z.number().optional(),
});

/** iproute2 leaves the length of a host route away. */
function prefixOf(dst: string): string {
  const [address = '', length] = dst.split('/');
  if (!address.includes(':')) return `${address}/${length ?? 32}`;
  return `${formatAddress(parseAddress(address))}/${length ?? 128}`;
}

export interface KernelReaders {
  /** Of no family: what has one and what has none. */
  readonly any: IpReader;
  readonly ipv6: IpReader;
}

/** Everything of ours that is in the kernel now, and the next hop ids of others. */
export async function readKernelState(
  readers: KernelReaders,
  ours: number,
  table: number,
  metric: number,
): Promise<KernelState> {
  const routes = ['route', 'show', 'table', `${table}`, 'protocol', `${ours}`];
  const [nextHops, routes6, routes4] = await Promise.all([
    readers.any.show(['nexthop', 'show']),
    readers.ipv6.show(routes),
    // Routes of a table are IPv4's where no family is named.
    readers.any.show(routes),
  ]);
  const all = z.array(NextHop).parse(nextHops);
  const mine = all.filter((hop) => hop.protocol === `${ours}`);
  return {
    nextHops: mine.flatMap(({ id, gateway, dev }) =>
      gateway === undefined || dev === undefined
        ? []
        : [{ id, address: gateway, interfaceName: dev }],
    ),
    groups: mine.flatMap(({ id, group, resilient_args }) =>
      group === undefined || resilient_args === undefined
        ? []
        : [
            {
              id,
              members: group.map((member) => ({ id: member.id, weight: member.weight ?? 1 })),
              bucketCount: resilient_args.buckets,
              idleTimerS: resilient_args.idle_timer,
              unbalancedTimerS: resilient_args.unbalanced_timer,
            },
          ],
    ),
    routes: z
      .array(Route)
      .parse([...routes6, ...routes4])
      .flatMap(({ dst, nhid, metric: found }) =>
        nhid === undefined || found !== metric ? [] : [{ prefix: prefixOf(dst), groupId: nhid }],
      ),
    foreignIds: all.filter((hop) => hop.protocol !== `${ours}`).map(({ id }) => id),
  };
}
