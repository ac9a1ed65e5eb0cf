/** Tidecast servers under stock routers, FRR and BIRD on the same link. */
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'three servers under FRR and BIRD: all, cost up, withdrawn, farewell, killed',
  async (lab) => {
    const [f, b] = [await lab.node('f'), await lab.node('b')];
    const nodes = [await lab.node('s1'), await lab.node('s2'), await lab.node('s3')];
    await lab.bridge(
      'sw',
      [f, b, ...nodes].map((node) => [node, 'eth0'] as const),
    );
    const [frr, bird, ...servers] = await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 20 }]) }),
      b.bird(birdConfig('10.0.0.2', [{ name: 'eth0', priority: 10 }])),
      ...nodes.map((node, i) => node.tidecast(tidecastServer(`10.0.0.${11 + i}`))),
    ] as const);
    const linkLocals = await Promise.all(nodes.map((node) => node.linkLocal('eth0')));
    /** Whether the kernels of both routers have exactly these servers as next hops. */
    const served = async (...of: number[]) => {
      const want = of
        .map((i) => linkLocals[i])
        .sort()
        .join();
      const [viaFrr, viaBird] = await Promise.all([f.gateways(SERVICE), b.gateways(SERVICE)]);
      return viaFrr.join() === want && viaBird.join() === want;
    };
    await until('all three are equal-cost next hops of both routers', () => served(0, 1, 2));
    const neighbors = await frr.json<{
      neighbors: { neighborId: string; state: string; ifState: string }[];
    }>('show ipv6 ospf6 neighbor');
    const others = ['10.0.0.11', '10.0.0.12', '10.0.0.13'];
    // Which of the routers came first is designated router; no server is.
    const ofFrr = neighbors.neighbors.map((one) => [one.neighborId, one.state, one.ifState]);
    expect(ofFrr.sort()).toEqual([
      ...others.map((id) => [id, 'Full', 'DROther']),
      ['10.0.0.2', 'Full', expect.stringMatching(/^B?DR$/)],
    ]);
    const seen = await bird.birdc('show ospf neighbors');
    const lines = [...seen.matchAll(/^(10\.0\.0\.\d+)\s+\d+\s+(\w+)\/(\w+)/gm)];
    expect(lines.map(([, ...fields]) => fields).sort()).toEqual([
      ['10.0.0.1', 'Full', expect.stringMatching(/^B?DR$/i)],
      ...others.map((id) => [id, 'Full', 'Other']),
    ]);

    await servers[0]!.verb('drain', 'dns');
    await until('a server whose cost goes up leaves', () => served(1, 2));
    expect((await servers[0]!.show<{ metric: number }[]>('services'))[0]!.metric).toBe(65535);
    await servers[0]!.verb('undrain', 'dns');
    await until('and comes back when it goes down', () => served(0, 1, 2));

    await servers[0]!.verb('disable', 'dns');
    await until('a withdrawn service is gone, its server stays a neighbor', () => served(1, 2));
    expect(await bird.birdc('show ospf neighbors')).toMatch(/10\.0\.0\.11\s+\d+\s+Full/);
    await servers[0]!.verb('enable', 'dns');
    await until('and back', () => served(0, 1, 2));

    await servers[1]!.stop('SIGTERM');
    await until('one that says goodbye is gone at once', () => served(0, 2), 2000, 50);

    const killedAtMs = performance.now();
    await servers[2]!.stop('SIGKILL');
    await until('one that is killed is gone after the dead interval', () => served(0), 10_000, 50);
    expect(performance.now() - killedAtMs).toBeLessThan(7000);

    // Servers are hosts: nobody routes through them, whatever else is on their links.
    const database = await frr.vtysh('show ipv6 ospf6 database router adv-router 10.0.0.11 detail');
    expect(database).toMatch(/Options: .*\|--\|-\|-\|--\|E\|V6/); // DC, R, N, MC, E, V6
  },
  { timeoutS: 90 },
);
