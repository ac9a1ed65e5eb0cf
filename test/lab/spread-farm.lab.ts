/**
 * Queries spread by the kernel over real servers, in both ways: nexthop groups and exact buckets.
 * Twenty thousand flows follow the weights; a change moves what it must; connections stay.
 */
import { expect } from '@jest/globals';
import { BucketTable } from '../../src/anycast/bucket-table.ts';
import { flowHash } from '../../src/anycast/flow-hash.ts';
import { ExactSpread } from '../../src/host/nftables.ts';
import { CONNECTION_TIMERS, DATAGRAM_TIMERS } from '../../src/host/route-table.ts';
import { KernelRouteTable } from '../../src/host/route-table-kernel.ts';
import { parseAddress } from '../../src/wire/address.ts';
import {
  ANYCAST,
  askFlows,
  askHeavily,
  type DnsFarm,
  dnsFarm,
  keepConnections,
  SteadyLoad,
  settle,
  sharesOf,
} from './harness/dns-farm.ts';
import type { Lab } from './harness/lab.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const FLOWS = 20_000;
type Weights = Readonly<Record<string, number>>;

/** A way of spreading, made to have these weights. */
interface Spreader {
  readonly name: string;
  spread(weights: Weights): Promise<void>;
  close(): void;
}
type Way = (farm: DnsFarm) => Promise<Spreader>;

const groups =
  (timers: { readonly idleTimerS: number; readonly unbalancedTimerS: number }): Way =>
  async ({ router, servers }) => {
    const table = new KernelRouteTable({ networkNamespace: router.namespace });
    await table.adopt();
    return {
      name: 'nexthop groups',
      close: () => table.close(),
      spread: async (weights) => {
        const nextHops = servers
          .filter(({ name }) => weights[name])
          .map(({ name, linkLocal }) => {
            return { interfaceName: 'east', address: linkLocal, weight: weights[name]! };
          });
        const set = { nextHops, bucketCount: 1024, ...timers };
        expect((await table.apply([{ prefix: `${ANYCAST}/128`, set }])).failures).toEqual([]);
      },
    };
  };

const buckets: Way = async ({ router, servers }) => {
  const exact = new ExactSpread({ networkNamespace: router.namespace });
  await exact.open();
  const table = new BucketTable({ placement: 'agreed' });
  const macs = new Map(servers.map(({ name, linkLayerAddress }) => [name, linkLayerAddress]));
  return {
    name: 'exact buckets',
    close: () => exact.close(),
    spread: async (weights) => {
      table.update(Object.entries(weights).map(([key, weight]) => ({ key, weight })));
      const owners = Array.from({ length: table.bucketCount }, (_, b) => {
        return macs.get(table.ownerOf(b)!)!;
      });
      const service = { address: ANYCAST, interfaceName: 'east', seed: 7, buckets: owners };
      expect(await exact.set(service)).toEqual([]);
    },
  };
};

async function withSpreader(
  lab: Lab,
  way: Way,
  body: (farm: DnsFarm, spreader: Spreader) => Promise<void>,
): Promise<void> {
  const farm = await dnsFarm(lab, 4);
  const spreader = await way(farm);
  try {
    await body(farm, spreader);
  } finally {
    spreader.close();
  }
}

const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`;
const OPTIONS = { captures: false, timeoutS: 120 };

/** Every share of the flows within 5 % of its weight's share. */
function expectShares(flows: ReadonlyMap<string, string>, weights: Weights, what: string): void {
  const sum = Object.values(weights).reduce((a, b) => a + b, 0);
  const shares = sharesOf(flows);
  const told = Object.entries(weights).map(([name, weight]) => {
    const wanted = weight / sum;
    const measured = shares.get(name) ?? 0;
    return `${name} wanted ${percent(wanted)} measured ${percent(measured)}`;
  });
  console.log(`${what}, ${flows.size} flows: ${told.join(', ')}`);
  expect([...shares.keys()]).toEqual(Object.keys(weights).sort());
  for (const [name, weight] of Object.entries(weights)) {
    const wanted = weight / sum;
    expect(Math.abs((shares.get(name) ?? 0) - wanted)).toBeLessThan(0.05 * wanted);
  }
}

for (const [title, way, needlessLimit] of [
  ['nexthop groups', groups(DATAGRAM_TIMERS), 0],
  ['exact buckets', buckets, 0.03],
] as const) {
  scenario(
    `${title}: 20,000 flows follow the weights, and a change moves what it must`,
    (lab) =>
      withSpreader(lab, way, async ({ client }, spreader) => {
        const before = { s1: 100, s2: 100, s3: 100, s4: 100 };
        const after = { s1: 100, s2: 100, s3: 100, s4: 50 };
        await spreader.spread(before);
        await askFlows(client, 100); // neighbor entries
        const first = await askFlows(client, FLOWS);
        expect(first.size).toBe(FLOWS);
        expectShares(first, before, title);
        await settle(2); // buckets fall idle
        await spreader.spread(after);
        await settle(4); // the kernel moves idle buckets within its timers
        const second = await askFlows(client, FLOWS);
        expectShares(second, after, title);
        const moved = [...second].filter(([flow, name]) => first.get(flow) !== name);
        const needless = moved.filter(([flow]) => first.get(flow) !== 's4');
        const due = 1 / 4 - 1 / 7;
        console.log(
          `${title}: moved ${percent(moved.length / FLOWS)}, due ${percent(due)}, ` +
            `needless ${percent(needless.length / FLOWS)}`,
        );
        expect(needless.length / FLOWS).toBeLessThanOrEqual(needlessLimit);
        expect(moved.length / FLOWS).toBeLessThan(due * 1.1 + needlessLimit);
      }),
    OPTIONS,
  );

  scenario(
    `${title}: a server that leaves takes nobody else's flows along; none is lost when it drains`,
    (lab) =>
      withSpreader(lab, way, async ({ client }, spreader) => {
        await spreader.spread({ s1: 1, s2: 1, s3: 1, s4: 1 });
        await askFlows(client, 100);
        const first = await askFlows(client, 4000);
        const load = new SteadyLoad(client, 3000, 4);
        await settle(1.5);
        await spreader.spread({ s1: 1, s2: 1, s3: 1 });
        const { sent, lost } = await load.result();
        console.log(`${title}: drained under load, ${lost} of ${sent} queries lost`);
        expect(sent).toBeGreaterThan(10_000);
        expect(lost).toBe(0);
        const second = await askFlows(client, 4000);
        const moved = [...second].filter(([flow, name]) => first.get(flow) !== name);
        const needless = moved.filter(([flow]) => first.get(flow) !== 's4');
        expect([...second.values()]).not.toContain('s4');
        expect(needless.length / 4000).toBeLessThanOrEqual(needlessLimit);
      }),
    OPTIONS,
  );
}

scenario(
  'nexthop groups with timers for connections: they survive a weight change and a new server',
  (lab) =>
    withSpreader(lab, groups(CONNECTION_TIMERS), async ({ client }, spreader) => {
      await spreader.spread({ s1: 2, s2: 1, s3: 1 });
      await askFlows(client, 100);
      const kept = keepConnections(client, 200, 8);
      await settle(2);
      await spreader.spread({ s1: 1, s2: 2, s3: 1 });
      await settle(2);
      await spreader.spread({ s1: 1, s2: 2, s3: 1, s4: 2 });
      const { connections } = await kept;
      const broken = connections.filter((connection) => connection.broken);
      const servers = new Set(connections.map(({ server }) => server));
      console.log(
        `connections: ${connections.length} over ${[...servers].sort()}, broken: ${broken.length}`,
      );
      expect(connections).toHaveLength(200);
      expect([...servers].sort()).toEqual(['s1', 's2', 's3']);
      expect(broken).toEqual([]);
    }),
  OPTIONS,
);

scenario(
  'IPv4 queries reach their servers by IPv6 next hops, by weight',
  async (lab) => {
    const { client, router, servers } = await dnsFarm(lab, 2);
    const service = '192.0.2.53';
    await client.ip('address add 198.51.100.2/24 dev eth0');
    await router.ip('address add 198.51.100.1/24 dev west');
    await client.ip('-4 route add default via 198.51.100.1');
    for (const setting of ['ip_forward=1', 'fib_multipath_hash_policy=1']) {
      await router.run('sysctl', '-qw', `net.ipv4.${setting}`);
    }
    // The servers' link has no IPv4 addresses, neither here nor there.
    for (const { node, name } of servers) {
      await node.ip(`address add ${service}/32 dev lo`);
      await node.ip('-4 route add default via inet6 fe80::ff dev eth0');
      const echo = `const s = require('node:dgram').createSocket('udp4');
        s.on('message', (_, r) => s.send('${name}', r.port, r.address)).bind(53, '${service}');`;
      node.daemon('echo.log', process.execPath, '-e', echo);
      const bound = async () => (await node.run('ss', '-4uln')).includes(`${service}:53`);
      await until('it listens', bound, 10_000, 50);
    }
    const table = new KernelRouteTable({ networkNamespace: router.namespace });
    try {
      await table.adopt();
      const nextHops = servers.map(({ linkLocal }, i) => {
        return { interfaceName: 'east', address: linkLocal, weight: 2 - i };
      });
      const set = { nextHops, bucketCount: 1024, ...DATAGRAM_TIMERS };
      expect((await table.apply([{ prefix: `${service}/32`, set }])).failures).toEqual([]);
      const script = `const { createSocket } = require('node:dgram');
        const names = {};
        const one = (port, tries = 3) => new Promise((resolve) => {
          const s = createSocket('udp4');
          const end = () => { clearInterval(timer); s.close(); resolve(); };
          const ask = () => tries-- > 0 ? s.send('x', 53, '${service}') : end();
          const timer = setInterval(ask, 1000);
          s.on('message', (m) => { names[m] = (names[m] ?? 0) + 1; end(); }).bind(port, ask);
        });
        (async () => {
          for (let port = 20000; port < 23000; port++) await one(port);
          console.log(JSON.stringify(names));
        })();`;
      const names = JSON.parse(await client.run(process.execPath, '-e', script));
      console.log(`IPv4 by IPv6 next hops: ${JSON.stringify(names)} of 3000`);
      expect(names.s1 + names.s2).toBe(3000);
      expect(Math.abs(names.s1 / 3000 - 2 / 3)).toBeLessThan(0.05 * (2 / 3));
    } finally {
      table.close();
    }
  },
  OPTIONS,
);

scenario(
  'bounded load: when a few heavy clients hash together, the busiest buckets move',
  async (lab) => {
    const { client, router, servers } = await dnsFarm(lab, 4);
    const exact = new ExactSpread({ networkNamespace: router.namespace });
    try {
      await exact.open();
      const macs = new Map(servers.map(({ name, linkLayerAddress }) => [name, linkLayerAddress]));
      const table = new BucketTable({ bucketCount: 256, placement: 'agreed' });
      table.update(servers.map(({ name }) => ({ key: name, weight: 1 })));
      const owners = () => Array.from({ length: 256 }, (_, b) => table.ownerOf(b)!);
      const set = async () => {
        const buckets = owners().map((name) => macs.get(name)!);
        const service = { address: ANYCAST, interfaceName: 'east', seed: 7, bucketLoad: true };
        expect(await exact.set({ ...service, buckets })).toEqual([]);
      };
      await set();
      await askFlows(client, 100);
      const idle = await exact.bucketLoad(ANYCAST, 256);
      // Many light clients, and heavy ones of which s1 happens to have eight.
      const source = parseAddress('2001:db8:c:1::1');
      const heavy = Array.from({ length: 1000 }, (_, i) => i).filter((i) => {
        return table.pick(flowHash(source, 10_000 + i * 7, 7)) === 's1';
      });
      await askFlows(client, 2000);
      await askHeavily(client, heavy.slice(0, 8), 40);
      const load = (await exact.bucketLoad(ANYCAST, 256)).map((n, b) => n - idle[b]!);
      const carried = (): Map<string, number> => {
        const sums = new Map<string, number>();
        owners().forEach((name, b) => {
          sums.set(name, (sums.get(name) ?? 0) + load[b]!);
        });
        return sums;
      };
      const total = load.reduce((a, b) => a + b, 0);
      const before = carried().get('s1')! / total;
      const change = table.boundLoad(load, 0.1);
      await set();
      const after = carried().get('s1')! / total;
      console.log(
        `bounded load: s1 had ${percent(before)}, has ${percent(after)}, ` +
          `buckets moved: ${change.moves.length} of 256`,
      );
      expect(before).toBeGreaterThan(0.275);
      expect(after).toBeLessThanOrEqual(0.275);
      expect(change.moves.length).toBeLessThanOrEqual(8);
    } finally {
      exact.close();
    }
  },
  OPTIONS,
);
