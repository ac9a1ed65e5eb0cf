/**
 * The other policies under load, by OSPFv3 and in both kernel spreads at once: whatever the policy, a
 * drain and a stop lose nothing, a frozen and a killed server their share until they are missed. The
 * policy by advertised weights is lived through in `spread-daemon`.
 */
import { interfaceLines } from './harness/configs.ts';
import { DaemonFarm, liveness, routerServices, serverServices } from './harness/daemon-farm.ts';
import { drainsAndStops, freezes, killed, phase, shareOfLoad } from './harness/farm-phases.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

/** The first and the third look after their services. One is killed under each policy. */
const WEIGHTS = [100, 50, 100, 100, 100, 100];

interface Case {
  readonly policy: string;
  /** Shares wanted, by server; all have the same cost. */
  readonly shares: readonly number[];
  /** Who serves while the first drains and the second is stopped. */
  readonly others: readonly number[];
  readonly freezes: number;
  readonly killed: number;
}
const CASES: readonly Case[] = [
  { policy: 'equal', shares: [1, 1, 1, 1, 1, 1], others: [3, 4, 5, 6], freezes: 3, killed: 6 },
  { policy: 'inverse', shares: [1, 1, 1, 1, 1, 0], others: [3, 4, 5], freezes: 3, killed: 5 },
  { policy: 'failover', shares: [100, 50, 100, 100, 0, 0], others: [3, 4], freezes: 3, killed: 4 },
  // The nearest one alone, the first of several.
  { policy: 'least', shares: [1, 0, 0, 0, 0, 0], others: [3], freezes: 1, killed: 1 },
];

const server = (number: number, weight: number, looks: boolean): string =>
  `role: server
routerId: 10.0.0.${number}
interfaces:
${interfaceLines([{ name: 'eth0', priority: 0 }])}
${serverServices(weight, (address) => {
  return `    cost: { rampWindowS: 0 }\n${looks || number === 1 ? liveness(address) : ''}`;
})}`;

const router = (policy: string): string =>
  `role: router
routerId: 10.0.0.254
interfaces:
${interfaceLines([{ name: 'east', priority: 10 }])}
${routerServices(() => `, spread: ${policy}`)}`;

scenario(
  'equal, least, inverse and failover: what is lost when servers end, by groups and by buckets',
  async (lab) => {
    const config = { weights: WEIGHTS, router: () => router('weighted'), server };
    const farm = await phase('the farm is built', () => DaemonFarm.build(lab, config));
    for (const { policy, shares, others, freezes: frozen, killed: dead } of CASES) {
      const all = shares.flatMap((share, at) => (share > 0 ? [at + 1] : []));
      const shareOf = (number: number) => shares[number - 1]! / shares.reduce((a, b) => a + b, 0);
      await farm.stopRouter('SIGTERM');
      await farm.startRouter(router(policy));
      await until(`${policy}: every server has its share`, () => farm.balanced(shares), 30_000);
      await phase(`${policy}: one drains, one stops, both come back`, () =>
        drainsAndStops(farm, { drained: 1, stopped: 2 }, { others, all }, async () => {
          await farm.command(1, 'undrain');
          await farm.startServer(2, server(2, WEIGHTS[1]!, false));
        }),
      );
      await phase(`${policy}: a service freezes, and thaws`, () =>
        freezes(farm, frozen, { mostMs: 5000, mostLost: () => shareOfLoad(shareOf(frozen), 2000) }),
      );
      await until(`${policy}: all serve again`, () => farm.balanced(shares), 30_000);
      const what = `${policy}, killed (dead 4 s)`;
      await phase(`${policy}: a server is killed`, () =>
        killed(farm, dead, { what, share: shareOf(dead), mostMs: 4500 }),
      );
    }
  },
  { captures: false, timeoutS: 300 },
);
