/**
 * Our router on a link whose servers advertise by Neighbor Discovery alone, all of them daemons as a
 * user runs them, in both kernel spreads: shares, what a change moves, what is lost.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  ANYCAST,
  askFlows,
  type DnsFarm,
  dnsFarm,
  keepConnections,
  SteadyLoad,
  serversOfNewFlows,
  settle,
  sharesOf,
} from './harness/dns-farm.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { run, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';

const OPTIONS = { captures: false, timeoutS: 150 };
const FLOWS = 20_000;
const QUERIES_PER_SECOND = 2000;
const WEIGHTS: readonly number[] = [100, 100, 100, 75];
const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`;

interface RouterSettings {
  /** Keys of the service. */
  readonly service: string;
  /** Keys of the interface's `neighborDiscovery`. */
  readonly link?: string;
}

const routerConfig = ({ service, link = '' }: RouterSettings): string => `role: router
routerId: 10.0.0.254
onStop: keep
interfaces:
  - name: east
    area: 0.0.0.0
    passive: true
    neighborDiscovery: { services: ['${ANYCAST}']${link} }
services:
  - { address: '${ANYCAST}', ${service} }
`;

/** @param more - keys of the service, as lines indented by four. */
const serverConfig = (number: number, weight: number, more = ''): string => `role: server
routerId: 10.0.0.${number}
interfaces:
  - { name: eth0, area: 0.0.0.0, passive: true }
services:
  - name: dns
    address: ${ANYCAST}
    advertise: neighbor-discovery
    neighborDiscovery: { address: none }
    weight: ${weight}
${more}`;

class RunningFarm {
  readonly farm: DnsFarm;
  readonly daemons: TidecastNode[] = [];
  router!: TidecastNode;
  readonly #settings: RouterSettings;

  private constructor(farm: DnsFarm, settings: RouterSettings) {
    this.farm = farm;
    this.#settings = settings;
  }

  /** A farm whose router has heard of the servers that have a weight. */
  static async build(
    lab: Lab,
    settings: RouterSettings,
    weights = WEIGHTS,
    serverMore = '',
  ): Promise<RunningFarm> {
    const running = new RunningFarm(await dnsFarm(lab, WEIGHTS.length), settings);
    await running.startRouter();
    // One after the other: several starting at once starve each other on a small machine.
    for (const [i, weight] of weights.entries()) await running.startServer(i, weight, serverMore);
    await until(
      'queries reach every server',
      async () => (await serversOfNewFlows(running.farm.client)).size === weights.length,
      30_000,
    );
    await settle(3); // idle buckets follow the last server's arrival
    return running;
  }

  async startRouter(): Promise<void> {
    this.router = await this.farm.router.tidecast(routerConfig(this.#settings));
  }

  async startServer(i: number, weight: number, more = ''): Promise<void> {
    this.daemons[i] = await this.farm.servers[i]!.node.tidecast(serverConfig(i + 1, weight, more));
  }

  /** Tells the router a server's load by another protocol (rule 17). */
  async tellLoad(i: number, load: Readonly<Record<string, number>>): Promise<void> {
    const { linkLocal: server } = this.farm.servers[i]!;
    const said = await run(
      'curl',
      ...['-s', '--unix-socket', join(this.farm.router.directory, 'tidecast.sock')],
      ...['http://localhost/v1/load', '-H', 'content-type: application/json'],
      ...['-d', JSON.stringify({ service: ANYCAST, server, ...load })],
    );
    expect(JSON.parse(said)).toEqual({ done: true });
  }

  metrics(): Promise<string> {
    const socket = join(this.farm.router.directory, 'tidecast.sock');
    return run('curl', '-s', '--unix-socket', socket, 'http://localhost/metrics');
  }

  /** Whether new flows reach these servers, by number from 1, and no others. */
  async reaches(...numbers: number[]): Promise<boolean> {
    const reached = await serversOfNewFlows(this.farm.client);
    return reached.size === numbers.length && numbers.every((n) => reached.has(`s${n}`));
  }
}

function expectShares(
  flows: ReadonlyMap<string, string>,
  weights: readonly number[],
  what: string,
) {
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = sharesOf(flows);
  const told = weights.map((weight, i) => {
    return `s${i + 1} wanted ${percent(weight / sum)} measured ${percent(shares.get(`s${i + 1}`) ?? 0)}`;
  });
  console.log(`${what}, ${flows.size} flows: ${told.join(', ')}`);
  expect(flows.size).toBe(FLOWS);
  for (const [i, weight] of weights.entries()) {
    const wanted = weight / sum;
    expect(Math.abs((shares.get(`s${i + 1}`) ?? 0) - wanted)).toBeLessThanOrEqual(0.05 * wanted);
  }
}

interface Share {
  readonly nextHop: string;
  readonly wantedRatio: number;
  readonly packets: number;
}

for (const [way, needlessLimit] of [
  ['groups', 0],
  ['buckets', 0.03],
] as const) {
  scenario(
    `by ${way}: 20,000 flows follow the weights advertised; one changed moves what it must`,
    async (lab) => {
      const running = await RunningFarm.build(lab, { service: `by: ${way}` });
      const { client, servers } = running.farm;
      const first = await askFlows(client, FLOWS);
      expectShares(first, WEIGHTS, `by ${way}`);
      const rows = await running.router.show<Share[]>('shares');
      const packets = rows.reduce((all, row) => all + row.packets, 0);
      expect(packets).toBeGreaterThanOrEqual(FLOWS);
      for (const [i, { linkLocal }] of servers.entries()) {
        const row = rows.find(({ nextHop }) => nextHop.endsWith(` ${linkLocal}`));
        expect(row?.wantedRatio).toBeCloseTo(WEIGHTS[i]! / 375, 6);
        expect(Math.abs(row!.packets / packets - row!.wantedRatio)).toBeLessThan(0.02);
      }
      await settle(2); // buckets fall idle
      await running.tellLoad(0, { weight: 60 });
      await settle(4); // the kernel moves idle buckets within its timers
      const second = await askFlows(client, FLOWS);
      expectShares(second, [60, 100, 100, 75], `by ${way}, s1 from 100 to 60`);
      const moved = [...second].filter(([flow, name]) => first.get(flow) !== name);
      const needless = moved.filter(([flow]) => first.get(flow) !== 's1');
      const due = 100 / 375 - 60 / 335;
      console.log(
        `by ${way}: moved ${percent(moved.length / FLOWS)}, due ${percent(due)}, ` +
          `needless ${percent(needless.length / FLOWS)}`,
      );
      const metrics = await running.metrics();
      const figure = (name: string): number =>
        Number(
          metrics
            .split('\n')
            .find((line) => line.startsWith(name))
            ?.split(' ')
            .at(-1),
        );
      const ofService = `service="${ANYCAST}/128"`;
      const due1024 = figure(`tidecast_spread_moves_total{${ofService},kind="due"}`);
      expect(figure(`tidecast_spread_changes_total{${ofService}}`)).toBeGreaterThan(1);
      expect(due1024).toBeGreaterThan(1024); // the first set, and what changed since
      expect(figure('tidecast_spread_packets_total{')).toBeGreaterThan(FLOWS / 4);
      expect(needless.length / FLOWS).toBeLessThanOrEqual(needlessLimit);
      expect(moved.length / FLOWS).toBeLessThan(due * 1.1 + needlessLimit);
    },
    OPTIONS,
  );

  scenario(
    `by ${way}: one drains and one stops under load, the router restarts: nothing is lost`,
    async (lab) => {
      const running = await RunningFarm.build(lab, { service: `by: ${way}` });
      const { client } = running.farm;
      const load = new SteadyLoad(client, QUERIES_PER_SECOND, 25);
      await settle(1);
      await running.daemons[3]!.verb('drain', 'dns');
      await until('no new flow reaches the drained server', () => running.reaches(1, 2, 3));
      await running.daemons[2]!.stop(); // says goodbye; its NSD answers what is under way
      await until('no flow reaches the stopped server', () => running.reaches(1, 2));
      await settle(3); // the last buckets have moved
      const before = await askFlows(client, 1000);
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await running.router.stop(signal);
        await settle(1);
        await running.startRouter();
        await settle(5);
      }
      const after = await askFlows(client, 1000);
      const moved = [...after].filter(([flow, name]) => before.get(flow) !== name);
      const { sent, lost } = await load.result();
      console.log(
        `by ${way}: drain, stop and two restarts of the router: ${lost} of ${sent} queries lost, ` +
          `${moved.length} of 1000 flows moved by the restarts`,
      );
      expect(sent).toBeGreaterThan(30_000);
      expect(lost).toBe(0);
      expect(moved).toEqual([]);
    },
    OPTIONS,
  );
}

const FAST = ', silentAfterMs: 1000, retransTimerMs: 200';

scenario(
  'a server is killed under load: lost is its share until it is missed',
  async (lab) => {
    const running = await RunningFarm.build(lab, { service: 'by: groups', link: FAST });
    const { client, router, servers } = running.farm;
    const [killed] = servers;
    const load = new SteadyLoad(client, QUERIES_PER_SECOND, 10);
    await settle(1);
    const killedAtMs = performance.now();
    killed!.nsd.child.kill('SIGKILL');
    await killed!.node.ip('link set eth0 down');
    await running.daemons[0]!.stop('SIGKILL');
    const gone = async () => !(await router.gateways(ANYCAST)).includes(killed!.linkLocal);
    await until('the kernel has the others alone', gone, 8000, 20);
    const tookMs = performance.now() - killedAtMs;
    const { sent, lost } = await load.result();
    console.log(
      `killed: out of the kernel after ${tookMs.toFixed(0)} ms, ` +
        `${lost} of ${sent} queries lost, ${percent(lost / sent)}`,
    );
    // A turn of silence (1 s), a second without a word, three probes 200 ms apart.
    expect(tookMs).toBeLessThan(3000);
    expect(lost).toBeLessThan(1.5 * (100 / 375) * QUERIES_PER_SECOND * 3);
  },
  OPTIONS,
);

scenario(
  'a service freezes under load: its server says so, and takes part again when it thaws',
  async (lab) => {
    const liveness = `    liveness:
      - { dns: { server: '${ANYCAST}', name: www.example.test }, everyMs: 300, timeoutMs: 300 }
`;
    const running = await RunningFarm.build(lab, { service: 'by: groups' }, WEIGHTS, liveness);
    const { client, router, servers } = running.farm;
    const frozen = servers[0]!;
    const inKernel = async () => (await router.gateways(ANYCAST)).includes(frozen.linkLocal);
    const inside = (await run('ip', 'netns', 'pids', frozen.node.namespace)).trim().split(/\s+/);
    const nsd = inside.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('nsd'));
    expect(nsd.length).toBeGreaterThan(0);
    const load = new SteadyLoad(client, QUERIES_PER_SECOND, 8);
    await settle(1);
    for (const pid of nsd) process.kill(Number(pid), 'SIGSTOP');
    const frozenAtMs = performance.now();
    await until('the frozen server is out', async () => !(await inKernel()), 10_000, 20);
    const tookMs = performance.now() - frozenAtMs;
    const { sent, lost } = await load.result();
    console.log(
      `frozen: out of the kernel after ${tookMs.toFixed(0)} ms, ` +
        `${lost} of ${sent} queries lost, ${percent(lost / sent)}`,
    );
    expect(tookMs).toBeLessThan(3000);
    expect(lost).toBeLessThan(1.5 * (100 / 375) * QUERIES_PER_SECOND * 3);
    for (const pid of nsd) process.kill(Number(pid), 'SIGCONT');
    await until('it serves again', inKernel, 30_000);
  },
  OPTIONS,
);

scenario(
  'connections survive a weight change and a new server, by groups for connections',
  async (lab) => {
    const service = 'traffic: connections';
    const running = await RunningFarm.build(lab, { service }, [100, 50]);
    const kept = keepConnections(running.farm.client, 200, 12);
    await settle(2);
    await running.tellLoad(0, { weight: 25 });
    await settle(2);
    await running.startServer(2, 100);
    await until('new flows reach the third', async () => {
      return (await running.farm.router.gateways(ANYCAST)).length === 3;
    });
    const { connections } = await kept;
    const broken = connections.filter((connection) => connection.broken).length;
    const before = new Set(connections.map(({ server }) => server));
    console.log(
      `a weight changed and a server joined: ${broken} of ${connections.length} connections broken`,
    );
    expect(connections).toHaveLength(200);
    expect([...before].sort()).toEqual(['s1', 's2']);
    expect(broken).toBe(0);
  },
  OPTIONS,
);

scenario(
  'ways of delivery: all equally, and all to the least loaded, as told while running',
  async (lab) => {
    const link = ', delivery: hash';
    const running = await RunningFarm.build(lab, { service: 'by: groups', link });
    expectShares(await askFlows(running.farm.client, FLOWS), [1, 1, 1, 1], 'delivery hash');
    for (const [i, utilizationRatio] of [0.5, 0.2, 0.6, 0.4].entries()) {
      await running.tellLoad(i, { weight: WEIGHTS[i]!, utilizationRatio });
    }
    await running.router.verb('neighbor-discovery', 'east', '--delivery', 'leastLoad');
    await until('the least loaded alone', () => running.reaches(2));
    await running.tellLoad(1, { weight: 100, utilizationRatio: 0.9 });
    await until('the one that is least loaded now', () => running.reaches(4));
  },
  OPTIONS,
);

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

scenario(
  'round robin: one datagram after the other goes to the next server, connections stay',
  async (lab) => {
    const link = ', delivery: roundRobin';
    const running = await RunningFarm.build(lab, { service: 'by: buckets', link });
    const { client } = running.farm;
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
    await running.router.verb('neighbor-discovery', 'east', '--delivery', 'weighted');
    await until('one server', async () => new Set(await askInOneFlow(client, 20)).size === 1);
  },
  OPTIONS,
);
