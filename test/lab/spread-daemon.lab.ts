/**
 * The whole way: servers advertise in OSPFv3, a router spreads by what they say, a client asks. What
 * is lost when a server is drained, stopped, killed, or when the router's daemon starts again.
 */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { tidecastRouter, tidecastServer } from './harness/configs.ts';
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
import { run, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';

const WEIGHTS: readonly number[] = [100, 100, 100, 50];
const OPTIONS = { captures: false, timeoutS: 120 };
const QUERIES_PER_SECOND = 2000;
const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`;

interface Running extends DnsFarm {
  readonly daemons: readonly TidecastNode[];
  routerDaemon: TidecastNode;
  startRouter(): Promise<TidecastNode>;
}

/** A farm whose router has heard of every server. */
async function running(
  lab: Lab,
  way: 'groups' | 'buckets',
  bfd = '',
  service = '',
): Promise<Running> {
  const farm = await dnsFarm(lab, WEIGHTS.length);
  const startRouter = () =>
    farm.router.tidecast(
      tidecastRouter(
        '10.0.0.254',
        [{ name: 'east', priority: 10 }],
        `onStop: keep
services:
  - { address: '${ANYCAST}', by: ${way} }
`,
      ).replaceAll('deadIntervalS: 4 }', `deadIntervalS: 4${bfd} }`),
    );
  const routerDaemon = await startRouter();
  const daemons = await Promise.all(
    farm.servers.map(({ node }, i) =>
      node.tidecast(
        tidecastServer(
          `10.0.0.${i + 1}`,
          [{ name: 'eth0', priority: 0 }],
          `    weight: ${WEIGHTS[i]}\n    cost: { rampWindowS: 0 }\n${service}`,
        ).replaceAll('deadIntervalS: 4 }', `deadIntervalS: 4${bfd} }`),
      ),
    ),
  );
  await until(
    'queries reach every server',
    async () => {
      return (await serversOfNewFlows(farm.client)).size === WEIGHTS.length;
    },
    30_000,
  );
  await settle(3); // idle buckets follow the last server's arrival
  return { ...farm, daemons, routerDaemon, startRouter };
}

for (const way of ['groups', 'buckets'] as const) {
  scenario(
    `by ${way}: 20,000 flows follow what servers advertise, and the router tells what it measures`,
    async (lab) => {
      const { client, servers, routerDaemon } = await running(lab, way);
      const flows = await askFlows(client, 20_000);
      expect(flows.size).toBe(20_000);
      const shares = sharesOf(flows);
      const sum = WEIGHTS.reduce((a, b) => a + b, 0);
      const told = servers.map(({ name }, i) => {
        return `${name} wanted ${percent(WEIGHTS[i]! / sum)} measured ${percent(shares.get(name) ?? 0)}`;
      });
      console.log(`by ${way}: ${told.join(', ')}`);
      for (const [i, { name }] of servers.entries()) {
        const wanted = WEIGHTS[i]! / sum;
        expect(Math.abs((shares.get(name) ?? 0) - wanted)).toBeLessThan(0.05 * wanted);
      }
      interface Share {
        readonly nextHop: string;
        readonly wantedRatio: number;
        readonly packets: number;
      }
      const rows = await routerDaemon.show<Share[]>('shares');
      const packets = rows.reduce((all, row) => all + row.packets, 0);
      expect(packets).toBeGreaterThanOrEqual(20_000);
      for (const [i, { linkLocal }] of servers.entries()) {
        const row = rows.find(({ nextHop }) => nextHop.endsWith(` ${linkLocal}`));
        expect(row?.wantedRatio).toBeCloseTo(WEIGHTS[i]! / sum, 6);
        expect(Math.abs(row!.packets / packets - row!.wantedRatio)).toBeLessThan(0.02);
      }
    },
    OPTIONS,
  );

  scenario(
    `by ${way}: a server drains and one stops under load, the router restarts: nothing is lost`,
    async (lab) => {
      const farm = await running(lab, way);
      const { client, daemons } = farm;
      const load = new SteadyLoad(client, QUERIES_PER_SECOND, 28);
      await settle(1);
      await daemons[3]!.verb('drain', 'dns');
      await until('no new flow reaches the drained server', async () => {
        return !(await serversOfNewFlows(client)).has('s4');
      });
      // The daemon says goodbye; its NSD still answers what is under way.
      await daemons[2]!.stop();
      await until('no flow reaches the stopped server', async () => {
        return !(await serversOfNewFlows(client)).has('s3');
      });
      const before = await askFlows(client, 1000);
      await farm.routerDaemon.stop('SIGTERM');
      await settle(1);
      farm.routerDaemon = await farm.startRouter();
      await settle(3);
      await farm.routerDaemon.stop('SIGKILL');
      farm.routerDaemon = await farm.startRouter();
      await settle(5);
      const after = await askFlows(client, 1000);
      const moved = [...after].filter(([flow, name]) => before.get(flow) !== name);
      const { sent, lost } = await load.result();
      console.log(
        `by ${way}: drain, stop and two restarts of the router: ${lost} of ${sent} queries lost, ` +
          `${moved.length} of 1000 flows moved by the restarts`,
      );
      expect(lost).toBe(0);
      expect(moved).toEqual([]);
    },
    OPTIONS,
  );
}

for (const [title, bfd, mostMs] of [
  ['Hello 1 s, dead 4 s', '', 4500],
  [
    'BFD 200 ms × 3',
    ', bfd: { transmitIntervalMs: 200, receiveIntervalMs: 200, multiplier: 3 }',
    1500,
  ],
] as const) {
  scenario(
    `a server is killed under load: lost is its share until it is missed (${title})`,
    async (lab) => {
      const { client, router, servers, daemons } = await running(lab, 'groups', bfd);
      const load = new SteadyLoad(client, QUERIES_PER_SECOND, 10);
      await settle(1);
      expect(await router.gateways(ANYCAST)).toContain(servers[0]!.linkLocal);
      const killedAtMs = performance.now();
      servers[0]!.nsd.child.kill('SIGKILL');
      await servers[0]!.node.ip('link set eth0 down');
      await daemons[0]!.stop('SIGKILL');
      await until(
        'the kernel has the others alone',
        async () => !(await router.gateways(ANYCAST)).includes(servers[0]!.linkLocal),
        8000,
        20,
      );
      const tookMs = performance.now() - killedAtMs;
      const { sent, lost } = await load.result();
      const share = WEIGHTS[0]! / WEIGHTS.reduce((a, b) => a + b, 0);
      console.log(
        `killed (${title}): out of the kernel after ${tookMs.toFixed(0)} ms, ` +
          `${lost} of ${sent} queries lost, ${percent(lost / sent)}`,
      );
      expect(tookMs).toBeLessThan(mostMs);
      expect(lost).toBeLessThan(1.5 * share * QUERIES_PER_SECOND * (mostMs / 1000));
    },
    OPTIONS,
  );
}

scenario(
  'a service freezes under load: its server withdraws it, and takes it back when it thaws',
  async (lab) => {
    const liveness = `    liveness:
      - { dns: { server: '${ANYCAST}', name: www.example.test }, everyMs: 300, timeoutMs: 300 }
`;
    const { client, router, servers } = await running(lab, 'groups', '', liveness);
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
    expect(tookMs).toBeLessThan(5000);
    expect(lost).toBeLessThan(0.5 * sent);
    for (const pid of nsd) process.kill(Number(pid), 'SIGCONT');
    await until('it serves again', inKernel, 30_000);
  },
  OPTIONS,
);

scenario(
  'connections survive a weight change and a new server, by groups for connections',
  async (lab) => {
    const farm = await dnsFarm(lab, 3);
    await farm.router.tidecast(
      tidecastRouter(
        '10.0.0.254',
        [{ name: 'east', priority: 10 }],
        `services:\n  - { address: '${ANYCAST}', traffic: connections }\n`,
      ),
    );
    const start = (i: number) =>
      farm.servers[i]!.node.tidecast(
        tidecastServer(
          `10.0.0.${i + 1}`,
          [{ name: 'eth0', priority: 0 }],
          `    weight: 100\n    cost: { rampWindowS: 0 }\n`,
        ),
      );
    await Promise.all([start(0), start(1)]);
    await until('both serve', async () => (await serversOfNewFlows(farm.client)).size === 2);
    const kept = keepConnections(farm.client, 200, 10);
    await settle(2);
    await start(2);
    await until('new flows reach the third', async () => {
      return (await farm.router.gateways(ANYCAST)).length === 3;
    });
    const { connections } = await kept;
    const broken = connections.filter((connection) => connection.broken).length;
    console.log(`a server joined: ${broken} of ${connections.length} connections broken`);
    expect(connections).toHaveLength(200);
    expect(broken).toBe(0);
  },
  OPTIONS,
);
