/** The demonstration's farm in virtual time, for tests. */
import {
  demoRouterConfig,
  demoServerConfig,
  SERVICE_KEY,
  SERVICE_NAME,
} from '../../src/demo/settings.ts';
import { Prng } from '../../src/prng.ts';
import { Demand } from '../../src/sim/demand.ts';
import { SimulatedFarm } from '../../src/sim/farm.ts';

export interface DemoServer {
  readonly name: string;
  readonly routerId: number;
  readonly capacityQueriesPerSecond: number;
}

export const demoFarm = (seed: number, servers: readonly DemoServer[]): SimulatedFarm =>
  new SimulatedFarm(
    {
      routers: [demoRouterConfig()],
      servers: servers.map(({ name, routerId, capacityQueriesPerSecond }) => ({
        name,
        capacityQueriesPerSecond,
        config: demoServerConfig(routerId),
      })),
      serviceName: SERVICE_NAME,
      serviceKey: SERVICE_KEY,
      sampleIntervalMs: 250,
      queue: { workers: 1, bufferQueries: 128, serviceTime: 'exponential' },
    },
    new Prng(seed),
  );

/** An even rate, each query a flow of its own. */
export const steadyDemand = (queriesPerSecond: number, seed: number): Demand =>
  new Demand(
    {
      queriesPerSecond,
      shape: { kind: 'constant' },
      noiseRatio: 0,
      clients: 0,
      zipfExponent: 0,
    },
    new Prng(seed),
  );
