/** Neighbor entries of the real kernel, as a router follows them for its next hops. */
import { expect } from '@jest/globals';
import { KernelNeighbors } from '../../src/host/kernel-neighbors.ts';
import type { UsableChange } from '../../src/host/neighbor-judge.ts';
import { SERVICE, tidecastRouter, tidecastServer } from './harness/configs.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'a next hop is usable from its resolution to its failure, whatever the kernel does between',
  async (lab) => {
    const [node, other] = [await lab.node('router'), await lab.node('server')];
    await lab.link([node, 'east'], [other, 'eth0']);
    await node.ip('neigh add fe80::1 dev east lladdr 02:00:00:00:00:01 nud reachable');
    const changes: UsableChange[] = [];
    const errors: Error[] = [];
    const neighbors = new KernelNeighbors({
      networkNamespace: node.namespace,
      onChange: (change) => changes.push(change),
      onError: (error) => errors.push(error),
    });
    await neighbors.open();
    try {
      expect(neighbors.watch('east', 'fe80::1')).toBe(true);
      expect(neighbors.watch('east', 'fe80::2')).toBe(false);
      expect(neighbors.linkLayerAddressOf('east', 'fe80::1')).toBe('02:00:00:00:00:01');
      await node.ip('neigh add fe80::2 dev east lladdr 02:00:00:00:00:02 nud reachable');
      await until('the second is resolved', () => changes.length === 1, 5000, 20);
      expect(changes[0]).toEqual({ interfaceName: 'east', address: 'fe80::2', usable: true });
      // Stale, probed and removed entries are housekeeping; a failed one is not.
      await node.ip('neigh change fe80::1 dev east lladdr 02:00:00:00:00:01 nud stale');
      await node.ip('neigh change fe80::1 dev east lladdr 02:00:00:00:00:01 nud reachable');
      await node.ip('neigh change fe80::1 dev east lladdr 02:00:00:00:00:01 nud failed');
      await until('the first has failed', () => changes.length === 2, 5000, 20);
      expect(changes[1]).toEqual({ interfaceName: 'east', address: 'fe80::1', usable: false });
      expect(errors).toEqual([]);
    } finally {
      neighbors.close();
    }
  },
  { captures: false },
);

scenario(
  'next hops of an earlier run are probed: one that died meanwhile fails within seconds, one that lives stays',
  async (lab) => {
    const [node, other] = [await lab.node('router'), await lab.node('server')];
    await lab.link([node, 'east'], [other, 'eth0']);
    await other.ip('address add fe80::1/64 dev eth0 nodad');
    const [link] = JSON.parse(await other.ip('-json link show dev eth0')) as { address: string }[];
    await node.ip(`neigh add fe80::1 dev east lladdr ${link!.address} nud stale`);
    await node.ip('neigh add fe80::2 dev east lladdr 02:00:00:00:00:02 nud stale');
    await node.ip('neigh add fe80::3 dev east lladdr 02:00:00:00:00:03 nud permanent');
    const changes: UsableChange[] = [];
    const neighbors = new KernelNeighbors({
      networkNamespace: node.namespace,
      onChange: (change) => changes.push(change),
      onError: (error) => {
        throw error;
      },
    });
    await neighbors.open();
    try {
      const hops = [1, 2, 3].map((n) => ({ interfaceName: 'east', address: `fe80::${n}` }));
      await neighbors.adopt(hops);
      for (const { interfaceName, address } of hops) {
        expect(neighbors.watch(interfaceName, address)).toBe(true);
      }
      // Three unicast solicitations, RetransTimer (1 s) apart.
      await until('the dead one has failed', () => changes.length > 0, 5000, 20);
      expect(changes).toEqual([{ interfaceName: 'east', address: 'fe80::2', usable: false }]);
      const state = await node.ip('neigh show dev east');
      expect(state).toMatch(/fe80::1 .* REACHABLE/);
      expect(state).toMatch(/fe80::3 .* PERMANENT/); // somebody else's word
    } finally {
      neighbors.close();
    }
  },
  { captures: false },
);

scenario(
  'a next hop whose entry failed is asked for until it answers, though no flow is sent to it',
  async (lab) => {
    const [router, one, two] = [await lab.node('r'), await lab.node('s1'), await lab.node('s2')];
    await lab.bridge(
      'sw',
      [router, one, two].map((node) => [node, 'eth0'] as const),
    );
    const config = (id: string) => tidecastServer(id, [{ name: 'eth0', priority: 0 }]);
    const [daemon] = await Promise.all([
      router.tidecast(tidecastRouter('10.0.0.1', [{ name: 'eth0' }])),
      one.tidecast(config('10.0.0.11')),
      two.tidecast(config('10.0.0.12')),
    ]);
    const [first, second] = [await one.linkLocal('eth0'), await two.linkLocal('eth0')];
    const both = [first, second].sort().join();
    const gateways = async () => (await router.gateways(SERVICE)).join();
    await until('both are next hops', async () => (await gateways()) === both);

    // It cannot be asked: what it would answer does not come.
    await one.run('nft', 'add table ip6 mute');
    await one.run('nft', 'add chain ip6 mute out { type filter hook output priority 0; }');
    await one.run('nft', 'add rule ip6 mute out icmpv6 type nd-neighbor-advert drop');
    await one.run('nft', 'add rule ip6 mute out icmpv6 type nd-neighbor-solicit drop');
    await router.ip(`neigh change ${first} dev eth0 nud probe`);
    await until('it is out when its entry fails', async () => (await gateways()) === second);
    await one.run('nft', 'delete table ip6 mute');
    await until('it is back when it answers', async () => (await gateways()) === both);
    const neighbors = await daemon.show<{ state: string }[]>('neighbors');
    expect(neighbors.map(({ state }) => state)).toEqual(['Full', 'Full']);
  },
);
