/**
 * What a packet pays for being spread by the kernel (needs root): forwarded by a router between
 * network namespaces, by nexthop group, by exact buckets, and counted, over a plain route.
 */
import { ExactSpread } from '../src/host/nftables.ts';
import { KernelRouteTable } from '../src/host/route-table-kernel.ts';
import { atMost, type Bench, type BenchContext, type BenchRow, summarize } from './harness.ts';
import { NEXT_HOPS, run, setOf } from './parts-kernel.ts';

const CLIENT = '2001:db8:c::2';
const SERVICE = '2001:db8:53::53';

/** client — router — servers that take nothing: what is measured is the router's path. */
async function withRouter<T>(work: (client: string, router: string) => Promise<T>): Promise<T> {
  const [client, router, servers] = ['c', 'r', 's'].map(
    (end) => `tidecast-bench-${process.pid}${end}`,
  );
  const names = [client!, router!, servers!];
  const ip = (name: string, words: string) => run('ip', ['-n', name, ...words.split(' ')]);
  try {
    for (const name of names) await run('ip', ['netns', 'add', name]);
    await ip(client!, `link add eth0 type veth peer name west netns ${router}`);
    await ip(router!, `link add east type veth peer name eth0 netns ${servers}`);
    for (const [name, dev] of [
      [client, 'eth0'],
      [router, 'west'],
      [router, 'east'],
      [servers, 'eth0'],
    ]) {
      await ip(name!, `link set ${dev} up`);
    }
    await ip(client!, `address add ${CLIENT}/64 dev eth0 nodad`);
    await ip(router!, 'address add 2001:db8:c::1/64 dev west nodad');
    await ip(router!, 'address add fe80::ff/64 dev east nodad');
    await ip(client!, '-6 route add default via 2001:db8:c::1');
    await run('ip', [
      ...['netns', 'exec', router!, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1'],
      'net.ipv6.fib_multipath_hash_policy=1',
    ]);
    for (let i = 1; i <= NEXT_HOPS; i++) {
      const hex = i.toString(16);
      const mac = `02:00:00:00:01:${hex.padStart(2, '0')}`;
      await ip(router!, `neigh add fe80::${hex} dev east lladdr ${mac} nud permanent`);
    }
    return await work(client!, router!);
  } finally {
    for (const name of names) await run('ip', ['netns', 'del', name]).catch(() => {});
  }
}

/** What a packet pays for being spread, over being routed to one next hop. */
async function packetCosts(context: BenchContext): Promise<BenchRow[]> {
  return withRouter(async (client, router) => {
    const program = new URL('./parts-packets.js', import.meta.url).pathname;
    const rounds = context.quick ? 3 : 9;
    const cost = async (): Promise<number> => {
      const words = ['netns', 'exec', client, process.execPath, program, SERVICE];
      return Number((await run('ip', [...words, context.quick ? '64000' : '256000'])).stdout);
    };
    const table = new KernelRouteTable({ networkNamespace: router });
    await table.adopt();
    const exact = new ExactSpread({ networkNamespace: router });
    await exact.open();
    const prefix = `${SERVICE}/128`;
    const many = setOf(0);
    const one = { ...many, nextHops: many.nextHops.slice(0, 1) };
    const buckets = Array.from({ length: 1024 }, (_, i) => {
      return `02:00:00:00:01:${(1 + (i % NEXT_HOPS)).toString(16).padStart(2, '0')}`;
    });
    const ways: Record<string, { set: () => Promise<unknown>; unset: () => Promise<unknown> }> = {
      plain: {
        set: () =>
          run('ip', ['-n', router, '-6', 'route', 'add', prefix, 'via', 'fe80::1', 'dev', 'east']),
        unset: () => run('ip', ['-n', router, '-6', 'route', 'del', prefix]),
      },
      groups: {
        set: () => table.apply([{ prefix, set: many }]),
        unset: () => table.clear(),
      },
      counted: {
        set: async () => {
          await table.apply([{ prefix, set: one }]);
          await exact.count(SERVICE, 'east');
        },
        unset: async () => {
          await exact.uncount(SERVICE);
          await table.clear();
        },
      },
      buckets: {
        set: () => exact.set({ address: SERVICE, interfaceName: 'east', seed: 1, buckets }),
        unset: () => exact.remove(SERVICE),
      },
    };
    const times = new Map(Object.keys(ways).map((way): [string, number[]] => [way, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [way, { set, unset }] of Object.entries(ways)) {
        await set();
        times.get(way)?.push(await cost());
        await unset();
      }
    }
    await exact.clear();
    exact.close();
    table.close();
    const of = (way: string) => summarize(times.get(way) ?? []);
    const plain = of('plain');
    const theirs = { name: 'a plain route', value: plain.median, spread: plain.spread };
    const row = (name: string, way: string): BenchRow => {
      const { median, spread } = of(way);
      const ours = { bench: 'packets', case: name, ours: median, unit: 'ns/packet', spread };
      return atMost(ours, null, theirs);
    };
    return [
      row('client → router → server, group of 64 next hops', 'groups'),
      row('the same by 1024 exact buckets', 'buckets'),
      row('one next hop, counted by nftables', 'counted'),
    ];
  });
}

export const bench: Bench = {
  name: 'packets',
  about: 'nanoseconds per forwarded packet, spread against a plain route',
  async run(context) {
    if (process.getuid?.() === 0) return packetCosts(context);
    context.say('packets: needs root for network namespaces; nothing measured');
    return [];
  },
};
