/**
 * The whole way by OSPFv3: servers advertise, a router spreads by what they say, a client asks. One
 * farm is lived through, in both kernel spreads at once: what a change moves, and what is lost when a
 * service freezes, a server is drained, stopped or killed, or the router's daemon starts again.
 */
import { interfaceLines, type LabInterface } from './harness/configs.ts';
import {
  DaemonFarm,
  type FarmConfig,
  liveness,
  routerServices,
  serverServices,
  type Way,
} from './harness/daemon-farm.ts';
import {
  connectionsSurvive,
  drainsStopsAndRestarts,
  freezes,
  killed,
  phase,
  spreadsByWeight,
  weightChangeMoves,
} from './harness/farm-phases.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

const BFD = ', bfd: { transmitIntervalMs: 200, receiveIntervalMs: 200, multiplier: 3 }';
const DEAD = 'deadIntervalS: 4';

const common = (role: string, routerId: string, on: LabInterface, bfd: string): string =>
  `role: ${role}
routerId: ${routerId}
logLevel: debug
interfaces:
${interfaceLines([on]).replace(DEAD, `${DEAD}${bfd}`)}
`;

const server = (number: number, weight: number, looks: boolean, bfd = ''): string =>
  common('server', `10.0.0.${number}`, { name: 'eth0', priority: 0 }, bfd) +
  serverServices(weight, (address) => {
    return `    cost: { rampWindowS: 0 }\n${looks ? liveness(address) : ''}`;
  });

const report = (way: Way): string =>
  `, reports: [{ server: 10.0.0.1, url: '${DaemonFarm.reportUrl(way)}', everyMs: 300 }]`;

const CONFIG: FarmConfig = {
  weights: [100, 100, 100, 50],
  // A server without BFD is watched by its Hellos alone.
  router: () =>
    `${common('router', '10.0.0.254', { name: 'east', priority: 10 }, BFD)}onStop: keep
${routerServices(report)}`,
  server,
};

scenario(
  'OSPFv3, by groups and by buckets: shares, changes, and what is lost when something ends',
  async (lab) => {
    const farm = await phase('the farm is built', () => DaemonFarm.build(lab, CONFIG));
    await farm.serveReports();
    const tell = async (way: Way, weight: number) => farm.reportLoad(way, { weight });
    const flows = await phase('20,000 flows follow what servers advertise', () =>
      spreadsByWeight(farm),
    );
    await phase('a weight that changes moves what it must', () =>
      weightChangeMoves(farm, flows, tell),
    );
    await phase('a service freezes: it is withdrawn, and taken back when it thaws', () =>
      freezes(farm, 3, { mostMs: 5000, mostLost: (sent) => 0.5 * sent }),
    );
    await phase('one drains, one stops, the router restarts twice: nothing is lost or moved', () =>
      drainsStopsAndRestarts(farm, { first: 3, second: 5 }, () => {
        return farm.routerLog().split('adopted service released').length === 4; // three services
      }),
    );
    await phase('connections survive a weight change and a new server', () =>
      connectionsSurvive(farm, tell, () => farm.startServer(3, server(3, 100, false, BFD))),
    );
    await tell('buckets', 100);
    await farm.command(4, 'undrain');
    await until('all serve again', () => farm.balanced([100, 100, 100, 50]), 30_000);
    await phase('a server is killed, Hello 1 s, dead 4 s', () =>
      killed(farm, 1, { what: 'killed (dead 4 s)', share: 100 / 350, mostMs: 4500 }),
    );
    await phase('a server is killed, BFD 200 ms × 3', () =>
      killed(farm, 3, { what: 'killed (BFD)', share: 100 / 250, mostMs: 1500 }),
    );
  },
  { captures: false, timeoutS: 240 },
);
