import { expect, it } from '@jest/globals';
import {
  demoRouterConfig,
  demoServerConfig,
  SERVICE_KEY,
  SERVICE_NAME,
} from '../../src/demo/settings.ts';
import { Prng } from '../../src/prng.ts';
import { SimulatedFarm } from '../../src/sim/farm.ts';
import type { SimulatedServer } from '../../src/sim/server.ts';

const ROUTER_IDS = [11, 12, 13];

/** Three servers that nobody asks, of which two must stay active. */
function idleFarm(): SimulatedFarm {
  const servers = ROUTER_IDS.map((routerId) => {
    const config = demoServerConfig(routerId);
    const services = config.services.map((service) => ({
      ...service,
      cost: { ...service.cost, standbyAfterMs: 10_000, minimumActive: 2 },
    }));
    return {
      name: `s${routerId}`,
      capacityQueriesPerSecond: 100,
      config: { ...config, services },
    };
  });
  const farm = new SimulatedFarm(
    {
      routers: [demoRouterConfig()],
      servers,
      serviceName: SERVICE_NAME,
      serviceKey: SERVICE_KEY,
      sampleIntervalMs: 250,
      queue: { workers: 1, bufferQueries: 128, serviceTime: 'exponential' },
    },
    new Prng(1),
  );
  farm.comeTogether(20_000);
  farm.world.run(farm.world.nowMs + 40_000);
  return farm;
}

const stateOf = (server: SimulatedServer): string => server.role.services()[0]!.controller.state;

/** What the router hears of each server, by Router ID. */
const heard = (farm: SimulatedFarm): Record<number, string> => {
  const service = farm.routers[0]!.services().find((each) => each.service === SERVICE_KEY);
  return Object.fromEntries([...service!.loads].map(([id, { state }]) => [id, state]));
};

it('a server that nobody needs withdraws its prefix, and tells that it stands by', () => {
  const farm = idleFarm();
  const [silent, ...more] = farm.servers.filter((server) => stateOf(server) === 'STANDBY');
  expect(more).toEqual([]);
  const index = farm.servers.indexOf(silent!);
  const [route] = [...farm.routers[0]!.routes()].filter(({ key }) => key === SERVICE_KEY);
  const servers = route!.candidates.map(({ originator }) => originator);
  expect(servers.toSorted()).toEqual(ROUTER_IDS.filter((id) => id !== ROUTER_IDS[index]));
  const wanted = ROUTER_IDS.map((id) => [id, id === ROUTER_IDS[index] ? 'standby' : 'up']);
  expect(heard(farm)).toEqual(Object.fromEntries(wanted));
  // Every other server sees the same.
  for (const server of farm.servers) {
    const { farm: seen } = server.role.explain(SERVICE_NAME);
    expect(seen.map(({ routerId, state }) => [routerId, state])).toEqual(wanted);
  }
});

it('it comes back, and says so, when another one dies and too few are left', () => {
  const farm = idleFarm();
  const silent = farm.servers.find((server) => stateOf(server) === 'STANDBY')!;
  farm.kill(farm.servers.find((server) => server !== silent)!);
  farm.world.run(farm.world.nowMs + 20_000);
  expect(stateOf(silent)).toBe('UP');
  expect(heard(farm)[ROUTER_IDS[farm.servers.indexOf(silent)]!]).toBe('up');
});
