/** Tidecast's own daemons: services advertised by Neighbor Discovery, by OSPFv3, and changed over. */
import { expect } from '@jest/globals';
import type { Lab } from './harness/lab.ts';
import { pause, until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';
import {
  type Answer,
  LabFarm,
  longestGapMs,
  SERVICE,
  sharesOf,
} from './neighbor-discovery-farm.ts';

const routerConfig = (by: string): string => `role: router
routerId: 10.0.0.1
logLevel: debug
interfaces:
  - name: eth0
    area: 0.0.0.0
    helloIntervalS: 1
    deadIntervalS: 4
    neighborDiscovery: { services: ["${SERVICE}"], retransTimerMs: 250 }
services:
  - { address: "${SERVICE}", by: ${by} }
`;

/** @param more - keys of the interface, each behind a comma. */
const server = (
  index: number,
  advertise: string,
  weight: number,
  more = '',
): string => `role: server
routerId: 10.0.0.${10 + index}
logLevel: debug
minLsIntervalMs: 1000
interfaces:
  - { name: eth0, area: 0.0.0.0, helloIntervalS: 1, deadIntervalS: 4${more} }
services:
  - name: dns
    address: ${SERVICE}
    advertise: ${advertise}
    weight: ${weight}
`;

interface ServiceEntry {
  readonly entries?: readonly { readonly addresses: readonly { readonly weight: number }[] }[];
  readonly state?: string;
}

async function build(
  lab: Lab,
  ways: readonly string[],
  more = '',
  by = 'groups',
): Promise<{ farm: LabFarm; router: TidecastNode; servers: TidecastNode[] }> {
  const farm = await LabFarm.build(lab, ways.length);
  await until('link-local addresses', () => farm.router.linkLocal('eth0'));
  const router = await farm.router.tidecast(routerConfig(by));
  const servers: TidecastNode[] = [];
  for (const [index, way] of ways.entries()) {
    const one = farm.servers[index]!;
    if (way === 'ospfv3') await one.node.ip(`address add ${SERVICE}/128 dev lo`);
    servers.push(await one.node.tidecast(server(one.index, way, 2 - index, more)));
    await until('the service address', async () => {
      return (await one.node.ip('-6 address show dev lo')).includes(SERVICE);
    });
    await one.startNsd();
  }
  return { farm, router, servers };
}

const lostOf = (answers: readonly Answer[]): number =>
  answers.filter(([, name]) => name === null).length;

scenario(
  'servers advertise by Neighbor Discovery, the router spreads by weight, both show it',
  async (lab) => {
    const { farm, router, servers } = await build(lab, [
      'neighbor-discovery',
      'neighbor-discovery',
    ]);
    await until('both next hops', async () => (await farm.router.gateways(SERVICE)).length === 2);
    await pause(2_000);
    const answers = await farm.ask(5_000, 400, 'flows');
    const shares = sharesOf(answers);
    console.log(`daemons: ${JSON.stringify(shares)}, ${lostOf(answers)} of ${answers.length} lost`);
    expect(lostOf(answers)).toBe(0);
    const { server1 } = shares;
    expect(server1).toBeGreaterThan(0.6);
    expect(server1).toBeLessThan(0.73);
    const [entry] = await router.show<ServiceEntry[]>('neighbor-discovery');
    expect(entry!.entries![0]!.addresses).toHaveLength(2);
    const [advertiser] = await servers[0]!.show<ServiceEntry[]>('neighbor-discovery');
    expect(['Holding', 'Yielding']).toContain(advertiser!.state);
    // An orderly stop: out at once, and the address is gone.
    await servers[0]!.stop();
    await until('one next hop', async () => (await farm.router.gateways(SERVICE)).length === 1);
    expect(await farm.servers[0]!.node.ip('-6 address show dev lo')).not.toContain(SERVICE);
    await router.stop();
    expect(await farm.router.gateways(SERVICE)).toEqual([]);
  },
);

for (const by of ['groups', 'buckets'] as const) {
  scenario(
    `advertising changes over and back under load without one query lost, spread by ${by}`,
    async (lab) => {
      const ways = ['neighbor-discovery', 'neighbor-discovery'];
      const { farm, router, servers } = await build(lab, ways, '', by);
      const inUse = async () => (await router.show<unknown[]>('shares')).length;
      await until('both next hops', async () => (await inUse()) === 2);
      const asked = farm.ask(40_000, 200, 'flows');
      for (const way of ['ospfv3', 'neighbor-discovery']) {
        await pause(3_000);
        await Promise.all(servers.map((one) => one.verb('advertise', 'dns', way)));
        const advertised = way === 'ospfv3' ? 0 : 1;
        await until(
          `advertised by ${way} alone`,
          async () => {
            const [said] = await servers[0]!.show<{ advertiseBy: string }[]>('services');
            const running = await servers[0]!.show<unknown[]>('neighbor-discovery');
            return said!.advertiseBy.toLowerCase() === way.replace('-', '') &&
              running.length === advertised
              ? true
              : undefined;
          },
          15_000,
        );
      }
      const answers = await asked;
      console.log(
        `change-over by ${by}: ${lostOf(answers)} of ${answers.length} lost, gap ${longestGapMs(answers)} ms`,
      );
      expect(lostOf(answers)).toBe(0);
    },
    { timeoutS: 90 },
  );
}

scenario(
  'a server without OSPFv3 on the link, and a router that is killed under load',
  async (lab) => {
    const ways = ['neighbor-discovery', 'neighbor-discovery'];
    const { farm, router } = await build(lab, ways, ', passive: true');
    await until('both next hops', async () => (await farm.router.gateways(SERVICE)).length === 2);
    const asked = farm.ask(15_000, 200, 'flows');
    await pause(2_000);
    await router.stop('SIGKILL');
    await pause(2_000);
    expect(await farm.router.gateways(SERVICE)).toHaveLength(2); // the kernel goes on
    const again = await farm.router.tidecast(routerConfig('groups'));
    await pause(5_000);
    expect(await farm.router.gateways(SERVICE)).toHaveLength(2);
    const answers = await asked;
    console.log(`router restarted: ${lostOf(answers)} of ${answers.length} lost`);
    expect(lostOf(answers)).toBe(0);
    expect(await again.show<unknown[]>('neighbors')).toEqual([]);
  },
);

scenario(
  'one server each way: the router uses OSPFv3 and says what is wrong',
  async (lab) => {
    const { farm, router } = await build(lab, ['neighbor-discovery', 'ospfv3']);
    await until('the route of OSPFv3', async () => {
      const gateways = await farm.router.gateways(SERVICE);
      const other = await farm.servers[1]!.node.linkLocal('eth0');
      return gateways.length === 1 && gateways[0] === other;
    });
    await until(
      'the explanation',
      () => router.log().includes('advertised by OSPFv3 and by Neighbor Discovery at once'),
      30_000,
    );
    const [service] =
      await router.show<{ advertisedBy: string; heardBothWays: boolean }[]>('services');
    expect(service).toMatchObject({ advertisedBy: 'ospfv3', heardBothWays: true });
  },
  { timeoutS: 90 },
);
