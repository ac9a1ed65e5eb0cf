/**
 * Our router on a link whose servers advertise by Neighbor Discovery alone, all of them daemons as a
 * user runs them. One farm is lived through, in both kernel spreads at once: shares, what a change
 * moves, ways of delivery, what is lost.
 */
import { expect } from '@jest/globals';
import {
  DaemonFarm,
  type FarmConfig,
  liveness,
  routerServices,
  SERVICES,
  serverServices,
  type Way,
} from './harness/daemon-farm.ts';
import {
  ANYCAST,
  askFlows,
  keepConnections,
  serversOfNewFlows,
  sharesOf,
} from './harness/dns-farm.ts';
import {
  connectionsSurvive,
  drainsStopsAndRestarts,
  expectShares,
  freezes,
  killed,
  phase,
  shareOfLoad,
  spreadsByWeight,
  weightChangeMoves,
} from './harness/farm-phases.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const WEIGHTS: readonly number[] = [100, 100, 100, 75];

/** @param link - keys of the interface's `neighborDiscovery`. */
const router = (addresses: readonly string[], services: string, link = ''): string => `role: router
routerId: 10.0.0.254
onStop: keep
interfaces:
  - name: east
    area: 0.0.0.0
    passive: true
    neighborDiscovery: { services: [${addresses.map((one) => `'${one}'`).join(', ')}]${link} }
${services}`;

const server = (number: number, weight: number, looks: boolean): string => `role: server
routerId: 10.0.0.${number}
interfaces:
  - { name: eth0, area: 0.0.0.0, passive: true }
${serverServices(
  weight,
  (address) => `    advertise: neighbor-discovery
    neighborDiscovery: { address: none }
${looks ? liveness(address) : ''}`,
)}`;

const all = (link = ''): string => router(Object.values(SERVICES), routerServices(), link);
const CONFIG: FarmConfig = { weights: WEIGHTS, router: all, server };
const FAST = ', silentAfterMs: 1000, retransTimerMs: 200';

/** Asks again and again from one port: one flow. @returns who answered each query. */
async function askInOneFlow(client: LabNode, queries: number): Promise<string[]> {
  const script = `const socket = require('node:dgram').createSocket('udp6');
const query = Buffer.from('000000000001000000000000026964067365727665720000100003', 'hex');
const names = [];
const ask = () => socket.send(query, 53, '${ANYCAST}');
socket.on('message', (answer) => {
  names.push(/s[0-9]+$/.exec(answer.toString('latin1'))[0]);
  if (names.length < ${queries}) return ask();
  console.log(JSON.stringify(names));
  socket.close();
});
socket.bind(40000, '2001:db8:c:1::eeee', ask);`;
  return JSON.parse(await client.run(process.execPath, '-e', script)) as string[];
}

/** A router of one service, which is spread so. */
const one = (service: string, delivery: string): string =>
  router(
    [ANYCAST],
    `services:\n  - { address: '${ANYCAST}', ${service} }\n`,
    `, delivery: ${delivery}`,
  );

async function restart(farm: DaemonFarm, config: string): Promise<void> {
  await farm.stopRouter('SIGTERM');
  await farm.startRouter(config);
}

/** Ways of delivery that are told while running, of the one service that {@link one} has. */
async function deliversAsTold(farm: DaemonFarm): Promise<void> {
  const { client } = farm.farm;
  const alone = async (number: number) => {
    const reached = await serversOfNewFlows(client);
    return reached.size === 1 && reached.has(`s${number}`);
  };
  await until('equal shares', () => farm.balanced([1, 1, 1, 1], ['groups']), 30_000);
  expectShares(await askFlows(client, 20_000), [1, 1, 1, 1], 'delivery hash');
  for (const [i, utilizationRatio] of [0.5, 0.2, 0.6, 0.4].entries()) {
    await farm.tellLoad('groups', i + 1, { weight: WEIGHTS[i]!, utilizationRatio });
  }
  await farm.router.verb('neighbor-discovery', 'east', '--delivery', 'leastLoad');
  await until('the least loaded alone', () => alone(2));
  await farm.tellLoad('groups', 2, { weight: 100, utilizationRatio: 0.9 });
  await until('the one that is least loaded now', () => alone(4));
}

/** One datagram after the other to the next server, while connections stay. */
async function deliversInTurn(farm: DaemonFarm): Promise<void> {
  const { client } = farm.farm;
  await until('every bucket is another server’s', async () => {
    return new Set(await askInOneFlow(client, 20)).size === 4;
  });
  const names = await askInOneFlow(client, 400);
  const inARow = names.filter((name, i) => name === names[i - 1]).length;
  const shares = sharesOf(new Map(names.map((name, i) => [`${i}`, name])));
  console.log(`round robin: ${JSON.stringify([...shares])}, ${inARow} twice in a row`);
  for (const name of ['s1', 's2', 's3', 's4']) expect(shares.get(name)).toBeCloseTo(0.25, 1);
  expect(inARow).toBeLessThan(4);
  const { connections } = await keepConnections(client, 50, 3);
  expect(connections).toHaveLength(50);
  expect(connections.filter(({ broken }) => broken)).toEqual([]);
  // Back to flows while running: one flow is one server's again.
  await farm.router.verb('neighbor-discovery', 'east', '--delivery', 'weighted');
  await until('one server', async () => new Set(await askInOneFlow(client, 20)).size === 1);
}

scenario(
  'Neighbor Discovery, by groups and by buckets: shares, changes, delivery, and what is lost',
  async (lab) => {
    const farm = await phase('the farm is built', () => DaemonFarm.build(lab, CONFIG));
    const tell = (way: Way, weight: number) => farm.tellLoad(way, 1, { weight });
    const flows = await phase('20,000 flows follow the weights advertised', () =>
      spreadsByWeight(farm),
    );
    await phase('a weight that changes moves what it must', () =>
      weightChangeMoves(farm, flows, tell),
    );
    const share = 100 / 375;
    await phase('a service freezes: its server says so, and takes part again when it thaws', () =>
      freezes(farm, 3, { mostMs: 3000, mostLost: () => shareOfLoad(share, 3000) }),
    );
    await phase('one drains, one stops, the router restarts twice: nothing is lost or moved', () =>
      // What was found goes on for 2 s, in which the servers answer.
      drainsStopsAndRestarts(farm, { first: 3, second: 3 }, () => true),
    );
    await phase('connections survive a weight change and a new server', () =>
      connectionsSurvive(farm, tell, () => farm.startServer(3, server(3, 100, false))),
    );
    await farm.command(4, 'undrain');
    await restart(farm, one('by: groups', 'hash')); // which forgets the weight that was told
    await phase('equally, and to the least loaded, as told while running', () =>
      deliversAsTold(farm),
    );
    // The same service in the other way than the run before had it, and back again.
    await restart(farm, one('by: buckets', 'roundRobin'));
    await phase('one datagram after the other to the next server, connections stay', () =>
      deliversInTurn(farm),
    );
    await restart(farm, all(FAST));
    await until('all serve again', () => farm.balanced(WEIGHTS), 30_000);
    // A turn of silence (1 s), a second without a word, three probes 200 ms apart.
    await phase('a server is killed', () =>
      killed(farm, 1, { what: 'killed', share, mostMs: 3000 }),
    );
  },
  { captures: false, timeoutS: 240 },
);
