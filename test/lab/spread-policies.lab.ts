/** Every policy of a router in both kernel spreads: where 20,000 flows go. */
import { expect } from '@jest/globals';
import { tidecastRouter, tidecastServer } from './harness/configs.ts';
import {
  ANYCAST,
  askFlows,
  type DnsFarm,
  dnsFarm,
  serversOfNewFlows,
  settle,
  sharesOf,
} from './harness/dns-farm.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import type { TidecastNode } from './harness/tidecast.ts';

const FLOWS = 20_000;
/** Two near servers and two far ones; of each pair one has half the weight. */
const SERVERS = [
  { cost: 10, weight: 100 },
  { cost: 10, weight: 50 },
  { cost: 20, weight: 100 },
  { cost: 20, weight: 50 },
] as const;
/** The distance is the cost and the router's interface cost of 10. */
const INTERFACE_COST = 10;

type Shares = readonly [number, number, number, number];
const WANTED: Readonly<Record<string, Shares>> = {
  weighted: [100, 50, 0, 0],
  equal: [1, 1, 0, 0],
  least: [1, 0, 0, 0],
  inverse: SERVERS.map(({ cost }) => 1 / (cost + INTERFACE_COST)) as unknown as Shares,
  failover: [100, 50, 0, 0],
};

async function expectShares(farm: DnsFarm, wanted: Shares, what: string): Promise<void> {
  const names = farm.servers.flatMap(({ name }, i) => (wanted[i]! > 0 ? [name] : []));
  await until(
    `${what}: ${names}`,
    async () => {
      const reached = await serversOfNewFlows(farm.client);
      return [...reached].sort().join() === names.join();
    },
    30_000,
  );
  await settle(3); // idle buckets follow
  const flows = await askFlows(farm.client, FLOWS);
  const shares = sharesOf(flows);
  const sum = wanted.reduce((a, b) => a + b, 0);
  const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`;
  const told = names.map((name, i) => {
    return `${name} wanted ${percent(wanted.filter(Boolean)[i]! / sum)} measured ${percent(shares.get(name) ?? 0)}`;
  });
  console.log(`${what}: ${told.join(', ')}`);
  expect(flows.size).toBe(FLOWS);
  for (const [i, { name }] of farm.servers.entries()) {
    const share = wanted[i]! / sum;
    expect(Math.abs((shares.get(name) ?? 0) - share)).toBeLessThanOrEqual(0.05 * share);
  }
}

for (const way of ['groups', 'buckets'] as const) {
  scenario(
    `by ${way}: equal, least, inverse, weighted and failover place 20,000 flows within 5 %`,
    async (lab) => {
      const farm = await dnsFarm(lab, SERVERS.length);
      const daemons = await Promise.all(
        farm.servers.map(({ node }, i) => {
          const { cost, weight } = SERVERS[i]!;
          const more = `    weight: ${weight}\n    cost: { base: ${cost}, rampWindowS: 0 }\n`;
          const config = tidecastServer(`10.0.0.${i + 1}`, [{ name: 'eth0', priority: 0 }], more);
          return node.tidecast(config);
        }),
      );
      let router: TidecastNode | undefined;
      for (const [policy, wanted] of Object.entries(WANTED)) {
        await router?.stop();
        const more = `services:\n  - { address: '${ANYCAST}', by: ${way}, spread: ${policy} }\n`;
        router = await farm.router.tidecast(
          tidecastRouter(
            '10.0.0.254',
            [{ name: 'east', priority: 10, cost: INTERFACE_COST }],
            more,
          ),
        );
        await expectShares(farm, wanted, `by ${way}, ${policy}`);
      }
      // The near ones are a tier: the far ones get nothing until it is gone as a whole.
      await daemons[0]!.stop();
      const reached = async () => [...(await serversOfNewFlows(farm.client))].join();
      await until('the rest of the first tier', async () => (await reached()) === 's2', 30_000);
      await daemons[1]!.stop();
      await expectShares(farm, [0, 0, 100, 50], `by ${way}, failover, the first tier gone`);
    },
    { captures: false, timeoutS: 240 },
  );
}
