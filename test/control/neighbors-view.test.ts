import { expect, test } from '@jest/globals';
import { neighborsView } from '../../src/control/views.ts';
import type { Daemon } from '../../src/host/daemon.ts';
import { Network } from '../instance/network.ts';

test('a neighbor is shown with the name that it gives itself, where it gives one (RFC 5642)', () => {
  const network = new Network();
  const link = network.link();
  const attached = { type: 'pointToPoint' } as const;
  const a = network.node('10.0.0.1', [link], attached);
  const b = network.node('10.0.0.2', [link], attached, { hostname: 'server-2.example' });
  a.up();
  b.up();
  network.run(2000);
  const names = (node: typeof a) =>
    neighborsView({
      instance: node.instance,
      interfaceName: () => 'eth0',
    } as unknown as Daemon).map(({ routerId, hostname }) => [routerId, hostname]);
  expect(names(a)).toEqual([['10.0.0.2', 'server-2.example']]);
  expect(names(b)).toEqual([['10.0.0.1', null]]);
});
