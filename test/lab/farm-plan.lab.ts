/**
 * The farm plan behind a router that knows nothing of weights: servers agree by their LSAs who is in
 * the least-cost set, and the one that is left out measures itself.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { frrOspf6d, SERVICE, tidecastServer } from './harness/configs.ts';
import { ANYCAST, startNsd } from './harness/dns-farm.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const loadFile = (node: LabNode): string => join(node.directory, 'load.json');

/** What a server's load signal reads: it can do `capacity` and serves `queriesPerSecond`. */
function tellLoad(node: LabNode, queriesPerSecond: number, capacity: number): void {
  const utilizationRatio = Math.min(1, queriesPerSecond / capacity);
  const errorsPerSecond = Math.max(0, queriesPerSecond - capacity);
  const served = queriesPerSecond - errorsPerSecond;
  writeFileSync(
    loadFile(node),
    JSON.stringify({ queriesPerSecond: served, utilizationRatio, errorsPerSecond }),
  );
}

interface Explained {
  readonly plan?: { readonly isIn: boolean; readonly reason: string };
}

scenario(
  'FRR stops sending to the server that would be overloaded; it asks itself, and is back',
  async (lab) => {
    const router = await lab.node('r');
    const servers = [await lab.node('s1'), await lab.node('s2'), await lab.node('s3')];
    await lab.bridge('switch', [
      [router, 'eth0'],
      ...servers.map((node): [LabNode, string] => [node, 'eth0']),
    ]);
    await router.frr({ ospf6d: frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 10 }]) });
    const daemons = await Promise.all(
      servers.map(async (node, i) => {
        await node.ip(`address add ${ANYCAST}/128 dev lo nodad`);
        await node.ip('link set lo up');
        await startNsd(node, node.name);
        tellLoad(node, 100, 200);
        return node.tidecast(
          tidecastServer(
            `10.0.0.1${i + 1}`,
            [{ name: 'eth0', priority: 0 }],
            `    liveness:
      - { dns: { server: '${ANYCAST}', name: www.example.test }, rise: 1 }
    load:
      - { file: ${loadFile(node)}, maxAgeS: 3600 }
    loadEveryMs: 500
    cost: { blackoutMs: 2000, holdDownMs: 2000, planSettleMs: 3000, selfTestIntervalMs: 3000, selfTestMs: 1000, capacityTimeConstantMs: 2000 }
`,
          ),
        );
      }),
    );
    const gateways = async () => (await router.gateways(SERVICE)).length;
    await until('FRR spreads over three', async () => (await gateways()) === 3, 40_000);

    const [, , third] = servers;
    const explain = async () =>
      JSON.parse(await daemons[2]!.verb('explain', 'dns', '--json')) as Explained;
    tellLoad(third!, 100, 60);
    await until(
      'it is out of the plan',
      async () => (await explain()).plan?.isIn === false,
      40_000,
    );
    await until('FRR spreads over two', async () => (await gateways()) === 2, 10_000);
    const rules =
      'table inet count { counter dns { } ; chain in { type filter hook input priority 0; ' +
      `ip6 daddr ${ANYCAST} udp dport 53 counter name dns; }; }`;
    await third!.run('nft', rules);
    const asked = async () => {
      const text = await third!.run('nft', 'list', 'counter', 'inet', 'count', 'dns');
      return Number(/packets (\d+)/.exec(text)?.[1]);
    };
    // The liveness check asks once a second; what is far more are queries of its own.
    await until('it asks itself', async () => (await asked()) > 15, 15_000);

    // The others had what it no longer got; now it shows by its own queries that it can do more.
    tellLoad(servers[0]!, 150, 200);
    tellLoad(servers[1]!, 150, 200);
    tellLoad(third!, 60, 240);
    await until('it is in again', async () => (await explain()).plan?.isIn === true, 40_000);
    await until('FRR spreads over three again', async () => (await gateways()) === 3, 10_000);
    const { plan } = await explain();
    expect(plan?.reason).not.toBe('');
  },
  { timeoutS: 150 },
);
