/** The exact-bucket spread against the real kernel: every flow where this process says it goes. */
import { expect } from '@jest/globals';
import { BucketTable } from '../../src/anycast/bucket-table.ts';
import { bucketOf, flowHash, flowHash4 } from '../../src/anycast/flow-hash.ts';
import { ExactSpread } from '../../src/host/nftables.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { Capture } from './harness/capture.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { pause } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const A = '2001:db8:53::1';
const V4 = '192.0.2.53';
const BUCKETS = 1024;
const SEED = 0x7469;
const MACS = ['02:00:00:00:00:0a', '02:00:00:00:00:0b', '02:00:00:00:00:0c'];

interface Field {
  readonly client: LabNode;
  readonly router: LabNode;
  readonly capture: Capture;
}

/** client — router — servers, where the servers' link is recorded. */
async function field(lab: Lab): Promise<Field> {
  const [client, router, servers] = [
    await lab.node('client'),
    await lab.node('router'),
    await lab.node('servers'),
  ];
  await lab.link([client, 'eth0'], [router, 'west']);
  await lab.link([router, 'east'], [servers, 'eth0']);
  await client.ip('address add 2001:db8:c::2/64 dev eth0 nodad');
  await router.ip('address add 2001:db8:c::1/64 dev west nodad');
  await client.ip('address add 198.51.100.2/24 dev eth0');
  await router.ip('address add 198.51.100.1/24 dev west');
  await client.ip('-6 route add default via 2001:db8:c::1');
  await client.ip('-4 route add default via 198.51.100.1');
  await router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  // Neighbors are known before flows are counted: what waits for resolution may be dropped.
  await send(client, '2001:db8:c::1', 19_000, 1);
  await send(client, '198.51.100.1', 19_000, 1);
  await pause(100);
  const capture = await Capture.start(lab, router, 'east', 'udp');
  return { client, router, capture };
}

/** Sends one datagram from each of many ports, no faster than tcpdump writes. */
function send(client: LabNode, to: string, from: number, count: number): Promise<string> {
  const script = `
    const { createSocket } = require('node:dgram');
    (async () => {
      for (let port = ${from}; port < ${from + count}; port++) {
        const socket = createSocket('${to.includes(':') ? 'udp6' : 'udp4'}');
        await new Promise((resolve) => socket.bind(port, resolve));
        await new Promise((resolve) => socket.send('x', 53, '${to}', resolve));
        socket.close();
        if (port % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();`;
  return client.run(process.execPath, '-e', script);
}

const bucketsOf = (table: BucketTable): string[] =>
  Array.from({ length: BUCKETS }, (_, bucket) => table.ownerOf(bucket)!);

scenario(
  'every flow, IPv6 and IPv4, takes the bucket that this process computes for it',
  async (lab) => {
    const { client, router, capture } = await field(lab);
    const spread = new ExactSpread({ networkNamespace: router.namespace });
    try {
      expect(await spread.open()).toEqual([]);
      const table = new BucketTable({ bucketCount: BUCKETS, placement: 'agreed' });
      table.update(MACS.map((key, i) => ({ key, weight: 3 - i })));
      for (const address of [A, V4]) {
        const wanted = { address, interfaceName: 'east', seed: SEED, buckets: bucketsOf(table) };
        expect(await spread.set(wanted)).toEqual([]);
      }
      await send(client, A, 20_000, 600);
      await send(client, V4, 20_000, 600);
      await pause(200); // what tcpdump has not read when it is ended, it does not write
      await capture.stop();
      const source6 = parseAddress('2001:db8:c::2');
      const source4 = Uint8Array.of(198, 51, 100, 2);
      const seen = await capture.fields(
        'udp.dstport == 53',
        'eth.dst',
        'udp.srcport',
        'ip.version',
      );
      expect(seen).toHaveLength(1200);
      const wrong = seen.filter((row) => {
        const [mac, port, version] = row;
        const hash =
          version === '4'
            ? flowHash4(source4, Number(port), SEED)
            : flowHash(source6, Number(port), SEED);
        return mac !== table.ownerOf(bucketOf(hash, BUCKETS));
      });
      expect(wrong).toEqual([]);
      // The kernel's own counters say the same.
      const shares = await spread.shares();
      for (const mac of MACS) {
        const counted = shares.filter((share) => share.linkLayerAddress === mac);
        const packets = counted.reduce((sum, share) => sum + share.packets, 0);
        expect(packets).toBe(seen.filter((row) => row[0] === mac).length);
      }
    } finally {
      spread.close();
    }
  },
  { captures: false },
);

scenario(
  'a weight change moves the flows that it must, and two routers agree on every flow',
  async (lab) => {
    const { client, router, capture } = await field(lab);
    const spread = new ExactSpread({ networkNamespace: router.namespace });
    const other = new BucketTable({ bucketCount: BUCKETS, placement: 'agreed' });
    try {
      await spread.open();
      const table = new BucketTable({ bucketCount: BUCKETS, placement: 'agreed' });
      const before = MACS.map((key) => ({ key, weight: 2 }));
      const after = MACS.map((key, i) => ({ key, weight: i === 0 ? 1 : 2 }));
      const service = { address: A, interfaceName: 'east', seed: SEED };
      table.update(before);
      await spread.set({ ...service, buckets: bucketsOf(table) });
      await send(client, A, 20_000, 500);
      const change = table.update(after);
      expect(await spread.set({ ...service, buckets: bucketsOf(table) })).toEqual([]);
      await send(client, A, 20_000, 500);
      await pause(200); // what tcpdump has not read when it is ended, it does not write
      await capture.stop();
      const seen = await capture.fields('udp.dstport == 53', 'udp.srcport', 'eth.dst');
      expect(seen).toHaveLength(1000);
      const first = new Map(seen.slice(0, 500).map((row) => [row[0], row[1]] as const));
      const moved = seen.slice(500).filter((row) => {
        const [port = '', mac] = row;
        return first.get(port) !== mac;
      });
      const due = change.moves.length / BUCKETS;
      console.log(
        `flows moved: ${((100 * moved.length) / 500).toFixed(1)} %, buckets moved: ` +
          `${(100 * due).toFixed(1)} %, of these needless: ${change.needless}`,
      );
      expect(moved.length / 500).toBeLessThan(due + 0.05);
      // A router that comes to know the farm only now places every flow alike.
      other.update(after);
      expect(bucketsOf(other)).toEqual(bucketsOf(table));
    } finally {
      spread.close();
    }
  },
  { captures: false },
);

scenario(
  'after a restart the rules go on spreading, are adopted, and go when nobody asks',
  async (lab) => {
    const { client, router } = await field(lab);
    const service = { address: A, interfaceName: 'east', seed: SEED, buckets: MACS };
    const before = new ExactSpread({ networkNamespace: router.namespace });
    await before.open();
    await before.set({ ...service, buckets: [...MACS, MACS[0]!] });
    before.close();
    await send(client, A, 20_000, 100);
    const after = new ExactSpread({ networkNamespace: router.namespace });
    try {
      expect(await after.open()).toEqual([A]);
      const counted = await after.shares();
      expect(counted.reduce((sum, { packets }) => sum + packets, 0)).toBe(100);
      expect(await after.set({ ...service, buckets: [...MACS, MACS[0]!] })).toEqual([]);
      // The last next hop that also took what has no ports leaves: the entry follows.
      expect(
        await after.set({ ...service, buckets: [MACS[1]!, MACS[1]!, MACS[2]!, MACS[2]!] }),
      ).toEqual([]);
      expect(await router.ip(`neigh show ${A} dev east`)).toMatch(MACS[1]!);
      // A third run that nobody tells of the service lets it go.
      const third = new ExactSpread({ networkNamespace: router.namespace });
      expect(await third.open()).toEqual([A]);
      expect(await third.releaseUnclaimed()).toEqual([]);
      expect(await router.kernelRoutes(A)).toEqual([]);
      expect(await router.ip(`neigh show ${A}`)).toBe('');
      expect(await third.clear()).toEqual([]);
      third.close();
      expect(await router.run('nft', 'list', 'ruleset')).toBe('');
    } finally {
      after.close();
    }
  },
  { captures: false },
);

scenario(
  'servers that are found on another link from now on are spread over there',
  async (lab) => {
    const { client, router } = await field(lab);
    const other = await lab.node('others');
    await lab.link([router, 'south'], [other, 'eth0']);
    const before = new ExactSpread({ networkNamespace: router.namespace });
    await before.open();
    const service = { address: A, seed: SEED, buckets: MACS };
    expect(await before.set({ ...service, interfaceName: 'east' })).toEqual([]);
    const device = async () => (await router.kernelRoutes(A)).map(({ dev }) => dev);
    expect(await before.set({ ...service, interfaceName: 'south' })).toEqual([]);
    expect(await device()).toEqual(['south']);
    expect(await router.ip(`neigh show ${A} dev east`)).toBe('');
    before.close();
    // The same when the run that put it there has ended.
    const after = new ExactSpread({ networkNamespace: router.namespace });
    try {
      await after.open();
      expect(await after.set({ ...service, interfaceName: 'east' })).toEqual([]);
      expect(await device()).toEqual(['east']);
      expect(await router.ip(`neigh show ${A} dev south`)).toBe('');
      await send(client, A, 20_000, 50);
      const packets = (await after.shares()).reduce((sum, share) => sum + share.packets, 0);
      expect(packets).toBe(50);
    } finally {
      after.close();
    }
  },
  { captures: false },
);

scenario(
  'other people’s tables and routes are left alone',
  async (lab) => {
    const { router } = await field(lab);
    await router.run(
      'nft',
      'add table inet filter; add chain inet filter input { type filter hook input priority 0; }',
    );
    await router.ip(`-6 route add ${A}/128 dev west metric 64 protocol static`);
    const held = await router.run('nft', 'list', 'ruleset');
    const spread = new ExactSpread({ networkNamespace: router.namespace });
    try {
      await spread.open();
      const service = { address: A, interfaceName: 'east', seed: SEED, buckets: MACS };
      const failures = await spread.set(service);
      expect(failures[0]?.message).toMatch(/File exists/);
      await spread.clear();
      expect(await router.run('nft', 'list', 'ruleset')).toBe(held);
      expect(await router.ip(`-6 route show ${A}`)).toMatch(/dev west proto static/);
    } finally {
      spread.close();
    }
  },
  { captures: false },
);

scenario(
  'a ruleset that others flush is put back, with the next change or when it is looked at',
  async (lab) => {
    const { client, router } = await field(lab);
    const spread = new ExactSpread({ networkNamespace: router.namespace });
    const counted = '2001:db8:53::99';
    try {
      await spread.open();
      const service = { address: A, interfaceName: 'east', seed: SEED, buckets: MACS };
      expect(await spread.set(service)).toEqual([]);
      expect(await spread.count(counted, 'east')).toEqual([]);
      const held = (await router.run('nft', '-s', 'list', 'ruleset')).replace(/elements = .*/g, '');
      await router.run('nft', 'flush', 'ruleset');
      const turned = [...MACS].reverse();
      expect(await spread.set({ ...service, buckets: turned })).toEqual([]);
      expect(await spread.set(service)).toEqual([]);
      expect(await spread.reconcile()).toEqual([]);
      const again = (await router.run('nft', '-s', 'list', 'ruleset')).replace(
        /elements = .*/g,
        '',
      );
      expect(again.split('\n').sort()).toEqual(held.split('\n').sort());
      await router.run('nft', 'flush', 'ruleset');
      expect(await spread.reconcile()).toEqual([]);
      await send(client, A, 20_000, 50);
      const packets = (await spread.shares()).reduce((sum, share) => sum + share.packets, 0);
      expect(packets).toBe(50);
    } finally {
      spread.close();
    }
  },
  { captures: false },
);

scenario(
  'a link that goes down takes the route and the entry along; they are put back',
  async (lab) => {
    const { client, router } = await field(lab);
    const spread = new ExactSpread({ networkNamespace: router.namespace });
    try {
      await spread.open();
      await spread.set({ address: A, interfaceName: 'east', seed: SEED, buckets: MACS });
      await router.ip('link set east down');
      await router.ip('link set east up');
      expect(await router.kernelRoutes(A)).toEqual([]);
      expect(await spread.reconcile()).toEqual([]);
      await send(client, A, 20_000, 50);
      const packets = (await spread.shares()).reduce((sum, share) => sum + share.packets, 0);
      expect(packets).toBe(50);
      expect(await spread.reconcile()).toEqual([]);
    } finally {
      spread.close();
    }
  },
  { captures: false },
);
