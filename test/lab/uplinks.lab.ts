/**
 * A server with several uplinks and several routers (RFC 5340 2.7): each router reaches the service
 * by its own link, and nobody reaches anything else through a server.
 */
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const OF_FRR = '2001:db8:f::1';
const OF_BIRD = '2001:db8:b::1';
const UPLINKS = [{ name: 'eth0' }, { name: 'eth1' }];

scenario(
  'two servers, each with a link to FRR and one to BIRD: next hops of both, transit for none',
  async (lab) => {
    const [f, b] = [await lab.node('f'), await lab.node('b')];
    const servers = [await lab.node('s1'), await lab.node('s2')] as const;
    const ends = (name: string) => servers.map((node): [LabNode, string] => [node, name]);
    await lab.bridge('switch-f', [[f, 'eth0'], ...ends('eth0')]);
    await lab.bridge('switch-b', [[b, 'eth0'], ...ends('eth1')]);
    await lab.link([f, 'core'], [b, 'core']);
    await f.ip(`address add ${OF_FRR}/128 dev lo`);
    await f.ip('link set core down');
    const core = { name: 'core', type: 'pointToPoint' } as const;
    const [frr, bird] = await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0' }, core, { name: 'lo' }]) }),
      b.bird(
        birdConfig('10.0.0.2', [{ name: 'eth0' }, core], `stubnet ${OF_BIRD}/128 { cost 1; };`),
      ),
      ...servers.map((node, i) => node.tidecast(tidecastServer(`10.0.0.${11 + i}`, UPLINKS))),
    ] as const);
    /** The kernel's gateways to a destination are exactly these addresses. */
    const goes = async (node: LabNode, destination: string, ...via: Promise<string>[]) =>
      `${await node.gateways(destination)}` === `${(await Promise.all(via)).sort()}`;
    const served = async (node: LabNode, name: string, ...by: readonly LabNode[]) =>
      goes(node, SERVICE, ...by.map((server) => server.linkLocal(name)));
    await until('both servers are next hops of both routers', async () => {
      return (await served(f, 'eth0', ...servers)) && (await served(b, 'eth1', ...servers));
    });

    // FRR and BIRD know of each other through the servers alone, and send nothing that way.
    const database = () => frr.vtysh('show ipv6 ospf6 database');
    await until('FRR has the LSAs of BIRD', async () => (await database()).includes('10.0.0.2'));
    const lsas = await bird.birdc('show ospf lsadb');
    expect(lsas).toMatch(/\s2001\s.*10\.0\.0\.1\s/);
    expect(await f.gateways(OF_BIRD)).toEqual([]);
    expect(await b.gateways(OF_FRR)).toEqual([]);
    expect(await bird.birdc('show ospf state')).not.toMatch(/2001:db8:f::1/);

    await f.ip('link set core up');
    await until('they reach each other by a link of their own', async () => {
      return (
        (await goes(f, OF_BIRD, b.linkLocal('core'))) &&
        (await goes(b, OF_FRR, f.linkLocal('core')))
      );
    });
    expect((await served(f, 'eth0', ...servers)) && (await served(b, 'eth1', ...servers))).toBe(
      true,
    );

    const [first, second] = servers;
    await first.ip('link set eth0 down');
    await until('a server that lost one uplink leaves that router', () =>
      served(f, 'eth0', second),
    );
    expect(await served(b, 'eth1', first, second)).toBe(true);
    await second.ip('link set eth0 down');
    await until('when the last goes, the service is reached through the other router', () =>
      goes(f, SERVICE, b.linkLocal('core')),
    );
    await Promise.all(servers.map((node) => node.ip('link set eth0 up')));
    await until('both are back', () => served(f, 'eth0', ...servers));

    // Never designated router, not even with nobody else to be it.
    const hello = 'ospf.msg == 1 && ospf.hello.designated_router != 0.0.0.0';
    const named = await Promise.all(
      lab.captures.map((capture) => capture.fields(hello, 'ospf.hello.designated_router')),
    );
    expect([...new Set(named.flat(2))].sort()).toEqual(['10.0.0.1', '10.0.0.2']);
  },
);
