/** Neighbor entries of the real kernel, as a router follows them for its next hops. */
import { expect } from '@jest/globals';
import { KernelNeighbors } from '../../src/host/kernel-neighbors.ts';
import type { UsableChange } from '../../src/host/neighbor-judge.ts';
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
