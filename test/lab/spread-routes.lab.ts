/** The route table against the real kernel: what is made, kept, adopted, and left alone. */
import { expect } from '@jest/globals';
import { AnycastAddress } from '../../src/host/anycast-address.ts';
import { IpReader } from '../../src/host/ip-reader.ts';
import { ExactSpread } from '../../src/host/nftables.ts';
import {
  DATAGRAM_TIMERS,
  type NextHopSet,
  type RouteTableNextHop,
} from '../../src/host/route-table.ts';
import { KernelRouteTable } from '../../src/host/route-table-kernel.ts';
import { parseAddress } from '../../src/wire/address.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import { PROGRAM } from './harness/tidecast.ts';

const A = '2001:db8:53::1/128';
const B = '2001:db8:53::2/128';
const V4 = '192.0.2.53/32';
const FOREIGN = [
  'nexthop add id 5 via fe80::5 dev east protocol static',
  'nexthop add id 1413677057 via fe80::6 dev east protocol static', // in our range of ids
  'route add 2001:db8:99::/64 nhid 5 protocol static',
  'route add 2001:db8:53::9/128 via fe80::5 dev east metric 64 protocol static',
];

async function router(lab: Lab): Promise<LabNode> {
  const [node, other] = [await lab.node('router'), await lab.node('servers')];
  await lab.link([node, 'east'], [other, 'eth0']);
  return node;
}
const hop = (n: number, weight: number): RouteTableNextHop => ({
  interfaceName: 'east',
  address: `fe80::${n}`,
  weight,
});
const set = (...nextHops: RouteTableNextHop[]): NextHopSet => ({
  nextHops,
  bucketCount: 128,
  ...DATAGRAM_TIMERS,
});
const everything = async (node: LabNode): Promise<string> =>
  (await node.ip('-N nexthop show')) +
  (await node.ip('-N -6 route show table all')) +
  (await node.ip('-N -4 route show'));
const open = (node: LabNode): KernelRouteTable =>
  new KernelRouteTable({ networkNamespace: node.namespace });

scenario(
  'weighted resilient groups, shared, changed in place, for IPv6 and IPv4',
  async (lab) => {
    const node = await router(lab);
    const table = open(node);
    try {
      expect(await table.adopt()).toEqual([]);
      const both = set(hop(1, 4), hop(2, 2));
      const made = await table.apply([A, B, V4].map((prefix) => ({ prefix, set: both })));
      expect(made).toEqual({ operations: 6, failures: [] });
      for (const prefix of [A, B]) {
        expect(await node.kernelNextHops(prefix)).toEqual([
          { gateway: 'fe80::1', dev: 'east', weight: 4 },
          { gateway: 'fe80::2', dev: 'east', weight: 2 },
        ]);
      }
      expect(await node.ip(`route show ${V4}`)).toMatch(/via inet6 fe80::1 dev east weight 4/);
      const groups = await node.ip('nexthop show groups');
      expect(groups).toMatch(/type resilient buckets 128 idle_timer 1 unbalanced_timer 2 /);
      expect(groups.trim().split('\n')).toHaveLength(1);

      const changed = set(hop(1, 1), hop(3, 1));
      const done = await table.apply([A, B, V4].map((prefix) => ({ prefix, set: changed })));
      expect(done.failures).toEqual([]);
      expect(await node.gateways(A)).toEqual(['fe80::1', 'fe80::3']);
      expect(await node.ip('nexthop show')).not.toMatch('fe80::2');

      expect((await table.clear()).failures).toEqual([]);
      expect(await node.ip('nexthop show')).toBe('');
      expect(await node.kernelRoutes(A)).toEqual([]);
    } finally {
      table.close();
    }
  },
  { captures: false },
);

scenario(
  'after a restart routes are adopted, go on meanwhile, and are released when nobody asks',
  async (lab) => {
    const node = await router(lab);
    const before = open(node);
    await before.adopt();
    const both = set(hop(1, 4), hop(2, 2));
    await before.apply([A, B].map((prefix) => ({ prefix, set: both })));
    before.close();
    const held = await everything(node);

    const after = open(node);
    try {
      expect([...(await after.adopt())].sort()).toEqual([A, B]);
      expect(await after.apply([{ prefix: A, set: both }])).toEqual({
        operations: 0,
        failures: [],
      });
      expect(await everything(node)).toBe(held);
      expect(await after.releaseUnclaimed()).toEqual({ operations: 1, failures: [] });
      expect(await node.kernelRoutes(B)).toEqual([]);
      expect(await node.gateways(A)).toEqual(['fe80::1', 'fe80::2']);
    } finally {
      after.close();
    }
  },
  { captures: false },
);

scenario(
  'what others put there is neither used, changed nor removed',
  async (lab) => {
    const node = await router(lab);
    for (const words of FOREIGN) await node.ip(words);
    const held = await everything(node);
    const table = open(node);
    try {
      expect(await table.adopt()).toEqual([]);
      const ours = set(hop(1, 1));
      expect((await table.apply([{ prefix: A, set: ours }])).failures).toEqual([]);
      // Somebody else's route for the same prefix at the same metric is not overwritten.
      const taken = await table.apply([{ prefix: '2001:db8:53::9/128', set: ours }]);
      expect(taken.failures).toMatchObject([{ message: expect.stringMatching(/File exists/) }]);
      expect(await node.gateways('2001:db8:53::9')).toEqual(['fe80::5']);
      await table.clear();
      expect(await everything(node)).toBe(held);
    } finally {
      table.close();
    }
  },
  { captures: false },
);

scenario(
  'what the kernel lost is put back: an interface that went down takes its next hops along',
  async (lab) => {
    const node = await router(lab);
    const table = open(node);
    try {
      await table.adopt();
      await table.apply([{ prefix: A, set: set(hop(1, 4), hop(2, 2)) }]);
      await node.ip('link set east down');
      await node.ip('link set east up');
      expect(await node.kernelRoutes(A)).toEqual([]);
      expect((await table.reconcile()).failures).toEqual([]);
      expect(await node.gateways(A)).toEqual(['fe80::1', 'fe80::2']);
      expect(await table.reconcile()).toEqual({ operations: 0, failures: [] });
      // A route removed by hand comes back, too.
      await node.ip(`-6 route del ${A}`);
      expect((await table.reconcile()).operations).toBe(1);
      expect(await node.gateways(A)).toEqual(['fe80::1', 'fe80::2']);
    } finally {
      table.close();
    }
  },
  { captures: false },
);

scenario(
  'when iproute2 itself is ended, the next change starts it again',
  async (lab) => {
    const node = await router(lab);
    const table = open(node);
    try {
      await table.adopt();
      await table.apply([{ prefix: A, set: set(hop(1, 1)) }]);
      expect(
        await table.apply([{ prefix: 'no prefix', set: set(hop(1, 1)) }]).catch(String),
      ).toMatch(/ip ended/);
      expect((await table.apply([{ prefix: B, set: set(hop(1, 1)) }])).failures).toEqual([]);
      expect(await node.gateways(B)).toEqual(['fe80::1']);
    } finally {
      table.close();
    }
  },
  { captures: false },
);

scenario(
  'an interface that is made anew under its name is found again',
  async (lab) => {
    const node = await router(lab);
    const table = open(node);
    const both = set(hop(1, 1), hop(2, 1));
    try {
      await table.adopt();
      expect((await table.apply([{ prefix: A, set: both }])).failures).toEqual([]);
      await node.ip('link del east');
      await node.ip('link add name other type veth peer name otherwise'); // takes the next numbers
      await node.ip('link add name east type veth peer name else');
      await node.ip('link set else up');
      await node.ip('link set east up');
      expect(await node.kernelRoutes(A)).toEqual([]);
      // At the latest the second reading back puts right what the kernel has lost.
      await table.reconcile();
      expect((await table.reconcile()).failures).toEqual([]);
      expect(await node.gateways(A)).toEqual(['fe80::1', 'fe80::2']);
    } finally {
      table.close();
    }
  },
  { captures: false },
);

scenario(
  'a listing that iproute2 refuses is an error in its words, and the next one is answered',
  async (lab) => {
    const node = await router(lab);
    const reader = new IpReader(undefined, node.namespace);
    const [refused, links] = await Promise.allSettled([
      reader.show(['nonsense', 'show']),
      reader.show(['link', 'show', 'east']),
    ]);
    expect(refused).toMatchObject({
      reason: { message: expect.stringContaining('Object "nonsense" is unknown') },
    });
    expect(links).toMatchObject({ value: [{ ifname: 'east' }] });
    reader.close();
    await expect(reader.show(['link', 'show'])).rejects.toThrow('ip is closed');
  },
  { captures: false },
);

scenario(
  'the multipath hash is explained when it leaves ports out, and changed only when told',
  async (lab) => {
    const node = await router(lab);
    const policy = async (family: string): Promise<string> =>
      (await node.run('sysctl', '-n', `net.${family}.fib_multipath_hash_policy`)).trim();
    for (const family of ['ipv6', 'ipv4']) {
      await node.run('sysctl', '-qw', `net.${family}.fib_multipath_hash_policy=0`);
    }
    const config = (more: string): string =>
      `role: router\nrouterId: 10.0.0.1\n${more}interfaces:\n  - { name: east, area: 0.0.0.0 }\n`;
    const first = await node.tidecast(config(''));
    const told =
      /net\.ipv6\.fib_multipath_hash_policy is 0: .*all queries of one client go to one server/;
    await until('it is explained', () => told.test(first.log()));
    // Nothing is spread by it: services have IPv6 addresses.
    await until('it has begun', () => first.log().includes('control API open'));
    expect(first.log()).not.toContain('net.ipv4');
    expect([await policy('ipv6'), await policy('ipv4')]).toEqual(['0', '0']);
    await first.stop();
    const second = await node.tidecast(config('multipathHash: ports\n'));
    await until('it is changed', async () => {
      return (await policy('ipv6')) === '1' && (await policy('ipv4')) === '1';
    });
    await second.stop();
  },
  { captures: false },
);

scenario(
  'cleanup removes what runs of ours left behind, and nothing else; not while a daemon runs',
  async (lab) => {
    const node = await router(lab);
    for (const words of FOREIGN) await node.ip(words);
    await node.ip('address add 2001:db8:53::4/128 dev lo nodad');
    await node.run('nft', 'add table ip6 other');
    const all = async () => `${await everything(node)}${await left(node)}`;
    const held = await all();
    // A router that was killed, with both spreads, and a server that was.
    const table = open(node);
    await table.adopt();
    await table.apply([A, V4].map((prefix) => ({ prefix, set: set(hop(1, 4), hop(2, 2)) })));
    table.close();
    const exact = new ExactSpread({ networkNamespace: node.namespace });
    await exact.open();
    const buckets = ['02:00:00:00:00:0a'];
    await exact.set({ address: '2001:db8:53::3', interfaceName: 'east', seed: 0, buckets });
    exact.close();
    new AnycastAddress({
      address: parseAddress('2001:db8:53::5'),
      placement: 'link',
      interfaceName: 'east',
      commandPrefix: ['ip', 'netns', 'exec', node.namespace],
    }).add();
    expect(await all()).not.toBe(held);

    const cleanup = () =>
      node.run(process.execPath, PROGRAM, 'cleanup', '--socket', `${node.directory}/tidecast.sock`);
    const daemon = await node.tidecast(
      'role: router\nrouterId: 10.0.0.1\nonStop: keep\ninterfaces:\n  - { name: east, area: 0.0.0.0 }\n',
    );
    await expect(cleanup()).rejects.toThrow(/a daemon runs on/);
    await daemon.stop();

    const said = await cleanup();
    expect(said).toMatch('route del 2001:db8:53::1');
    expect(said).toMatch('address del 2001:db8:53::5/128 dev east');
    expect(said).toMatch('delete table netdev tidecast');
    expect(await all()).toBe(held);
    expect(await cleanup()).toBe('nothing to remove\n');
  },
  { captures: false },
);

/** Addresses, permanent neighbor entries and tables of nftables. */
const left = async (node: LabNode): Promise<string> =>
  (await node.ip('-6 -o address show scope global')) +
  (await node.ip('neigh show nud permanent')) +
  (await node.run('nft', 'list', 'ruleset'));
