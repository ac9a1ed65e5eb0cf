/** Tidecast as a router among others: adjacencies, the designated router, and what disturbs them. */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, tidecastRouter } from './harness/configs.ts';
import type { FrrRouter } from './harness/frr.ts';
import type { LabNode } from './harness/node.ts';
import { pause, run, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import { PROGRAM } from './harness/tidecast.ts';

interface FrrNeighbor {
  readonly neighborId: string;
  readonly state: string;
  readonly ifState: string;
}

/** FRR's neighbors: `10.0.0.1 Full/BDR`, sorted. */
async function frrNeighbors(frr: FrrRouter): Promise<string[]> {
  const { neighbors } = await frr.json<{ neighbors: FrrNeighbor[] }>('show ipv6 ospf6 neighbor');
  return neighbors.map((one) => `${one.neighborId} ${one.state}/${one.ifState}`).sort();
}

interface Neighbor {
  readonly routerId: string;
  readonly state: string;
  readonly designatedRouter: string;
}

scenario('a link of four: each of the three kinds is designated router in turn', async (lab) => {
  const nodes = [];
  for (const name of ['f', 'b', 't', 'u']) nodes.push(await lab.node(name));
  const [f, b, t, u] = nodes as [LabNode, LabNode, LabNode, LabNode];
  const sw = await lab.bridge(
    'sw',
    nodes.map((node) => [node, 'eth0'] as const),
  );
  const frr = await f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 30 }]) });
  await pause(500); // FRR is first and waits the longest
  const [bird, tide] = await Promise.all([
    b.bird(birdConfig('10.0.0.2', [{ name: 'eth0', priority: 20 }])),
    t.tidecast(tidecastRouter('10.0.0.3', [{ name: 'eth0', priority: 10 }], 'routeTable: none\n')),
    u.tidecast(tidecastRouter('10.0.0.4', [{ name: 'eth0', priority: 5 }], 'routeTable: none\n')),
  ]);
  await until('FRR is designated router, BIRD its backup, all Full with them', async () => {
    const seen = await frrNeighbors(frr);
    return seen.join() === '10.0.0.2 Full/BDR,10.0.0.3 Full/DROther,10.0.0.4 Full/DROther';
  });
  const ours = await tide.show<Neighbor[]>('neighbors');
  expect(ours.map(({ routerId, state }) => `${routerId} ${state}`).sort()).toEqual([
    '10.0.0.1 Full',
    '10.0.0.2 Full',
    '10.0.0.4 TwoWay',
  ]);

  await sw.ip('link set port0 down'); // FRR is cut off: BIRD takes over, Tidecast is its backup
  await until('BIRD is designated router, Tidecast its backup', async () => {
    const neighbors = await bird.birdc('show ospf neighbors');
    return (
      /10\.0\.0\.3\s+\d+\s+Full\/BDR/.test(neighbors) &&
      /10\.0\.0\.4\s+\d+\s+Full\/Other/.test(neighbors)
    );
  });

  await sw.ip('link set port1 down'); // BIRD too: Tidecast takes over
  await until('the two Tidecasts are designated router and backup', async () => {
    const seen = await tide.show<Neighbor[]>('neighbors');
    return (
      seen.length === 1 && seen[0]?.state === 'Full' && seen[0].designatedRouter === '10.0.0.3'
    );
  });
  await sw.ip('link set port0 up'); // and FRR comes back to a link that has its routers
  await until('Tidecast is designated router for FRR', async () => {
    const seen = await frrNeighbors(frr);
    return seen.join() === '10.0.0.3 Full/DR,10.0.0.4 Full/BDR';
  });
});

scenario(
  'point-to-point with FRR and with BIRD: Full without an election, and a way through',
  async (lab) => {
    const [f, t, b] = [await lab.node('f'), await lab.node('t'), await lab.node('b')];
    await lab.link([f, 'eth0'], [t, 'eth0']);
    await lab.link([t, 'eth1'], [b, 'eth0']);
    const type = 'pointToPoint';
    const both = [
      { name: 'eth0', type },
      { name: 'eth1', type },
    ] as const;
    const [ofFrr, ofBird] = ['2001:db8:f::1', '2001:db8:b::1'];
    await f.ip(`address add ${ofFrr}/128 dev lo`);
    const stubnet = `stubnet ${ofBird}/128 { cost 1; };`;
    const [frr, bird] = await Promise.all([
      f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', type }, { name: 'lo' }]) }),
      b.bird(birdConfig('10.0.0.2', [{ name: 'eth0', type }], stubnet)),
      t.tidecast(tidecastRouter('10.0.0.3', both)),
    ]);
    await until(
      'Full with FRR',
      async () => (await frrNeighbors(frr)).join() === '10.0.0.3 Full/PointToPoint',
      8000,
    );
    await until(
      'Full with BIRD',
      async () => /10\.0\.0\.3\s+\d+\s+Full\/PtP/.test(await bird.birdc('show ospf neighbors')),
      8000,
    );
    const goes = async (node: LabNode, destination: string, gateway: Promise<string>) =>
      (await node.gateways(destination)).join() === (await gateway);
    await until('FRR and BIRD reach each other through us', async () => {
      const ways = await Promise.all([
        goes(f, ofBird, t.linkLocal('eth0')),
        goes(b, ofFrr, t.linkLocal('eth1')),
        goes(t, ofFrr, f.linkLocal('eth0')),
        goes(t, ofBird, b.linkLocal('eth0')),
      ]);
      return ways.every(Boolean);
    });
  },
);

scenario('a recorded link: what tcpdump saw, for tshark without a warning', async (lab) => {
  const [f, t] = [await lab.node('f'), await lab.node('t')];
  await lab.link([f, 'eth0'], [t, 'eth0']);
  const file = join(t.directory, 'recorded.pcap');
  const record = `{ file: ${file} }`;
  const [frr, tide] = await Promise.all([
    f.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0' }]) }),
    t.tidecast(tidecastRouter('10.0.0.2', [{ name: 'eth0', record }], 'routeTable: none\n')),
  ]);
  const isFull = async () => /Full/.test((await frrNeighbors(frr)).join());
  await until('Full with FRR', isFull);
  await t.ip('link set eth0 down'); // the recording goes on when the link is back
  await until('FRR has lost it', async () => (await frrNeighbors(frr)).length === 0, 10_000);
  await t.ip('link set eth0 up');
  await until('Full with FRR again', isFull);
  await tide.stop();

  expect(tide.log()).toContain(`interface eth0: recorded to ${file}`);
  // Every packet once, with the octets that were on the wire, and nothing to complain about.
  const packets = async (path: string): Promise<string[]> => {
    const words = ['-Y', 'ospf', '-T', 'fields', '-e', 'ipv6.src', '-e', 'ipv6.dst'];
    const more = [
      '-e',
      'ipv6.hlim',
      '-e',
      'ipv6.tclass',
      '-e',
      'ospf.checksum',
      '-e',
      '_ws.expert.message',
    ];
    const text = await run('tshark', '-r', path, ...words, ...more);
    return text
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .sort();
  };
  await lab.close();
  const [onWire] = lab.captures;
  const recorded = await packets(file);
  expect(recorded.length).toBeGreaterThan(20);
  expect(recorded.filter((line) => line.split('\t').length !== 5)).toEqual([]);
  const seen = new Set(await packets(onWire!.file));
  expect(recorded.filter((line) => !seen.has(line))).toEqual([]);
  // Its own tools take it too: nothing invalid, and at the end FRR's database without our LSAs.
  expect(await run(process.execPath, PROGRAM, 'decode', file)).toContain('Link State Update');
  const database = await run(process.execPath, PROGRAM, 'replay', file);
  expect(database).toMatch(/^ *Router +0\.0\.0\.0 +10\.0\.0\.1 /m);
  expect(database).not.toMatch(/^ *Router +0\.0\.0\.0 +10\.0\.0\.2 /m);
});
