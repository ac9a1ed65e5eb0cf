/**
 * Runs a scenario under a policy with a seed, in virtual time.
 * @module
 */
import type { SpreadPolicy } from '../anycast/policy.ts';
import { INTERFACE_DEFAULTS, type InstanceConfig } from '../instance/config.ts';
import { Prng } from '../prng.ts';
import type { RouterConfig } from '../router/router.ts';
import type { CostConfig } from '../server-cost/config.ts';
import { parseAddress } from '../wire/address.ts';
import { Demand, type QuerySource } from './demand.ts';
import { SimulatedFarm } from './farm.ts';
import { type Figures, Measure, type Second } from './measure.ts';
import type { Policy, Scenario, ScenarioEvent } from './scenario.ts';

export interface ScenarioRun {
  readonly figures: Figures;
  readonly seconds: readonly Second[];
  readonly serverNames: readonly string[];
}

const SERVICE = { name: 'service', address: parseAddress('2001:db8:53::53') };
const SERVICE_KEY = '2001:db8:53::53/128';
const COME_TOGETHER_MS = 120_000;
const FIRST_ROUTER_ID = 1;
const FIRST_SERVER_ID = 0x10000;

function instanceConfig(
  scenario: Scenario,
  routerId: number,
  costs: readonly number[],
  priority: number,
): InstanceConfig {
  return {
    routerId,
    areas: [{ areaId: 0, type: 'normal' }],
    interfaces: costs.map((cost, index) => ({
      ...INTERFACE_DEFAULTS,
      interfaceId: index + 1,
      name: `site${index}`,
      areaId: 0,
      cost,
      priority,
      helloIntervalS: scenario.helloIntervalS,
      routerDeadIntervalS: scenario.routerDeadIntervalS,
    })),
    forwards: priority > 0,
    minLsIntervalMs: scenario.minLsIntervalMs,
  };
}

/** The spreads of the routers under a policy: one router each. */
const spreadsOf = (policy: Policy): readonly SpreadPolicy[] => {
  if (policy === 'mixed') return ['weighted', 'equal'];
  return [policy === 'weights' ? 'weighted' : 'equal'];
};

function costOf(scenario: Scenario, policy: Policy): CostConfig {
  const { cost, minLsIntervalMs } = scenario;
  const rule =
    policy === 'weights' || policy === 'mixed' ? 'plan' : policy === 'oracle' ? 'static' : policy;
  return { ...cost, minLsIntervalMs, policy: rule };
}

export function farmOf(scenario: Scenario, policy: Policy, prng: Prng): SimulatedFarm {
  const costs = scenario.sites.map(({ cost }) => cost);
  const routers = spreadsOf(policy).map(
    (spread, index): RouterConfig => ({
      instance: instanceConfig(scenario, FIRST_ROUTER_ID + index, costs, 10 - index),
      spread: { policy: spread },
    }),
  );
  const cost = costOf(scenario, policy);
  const kinds = scenario.servers.flatMap((each) => new Array<typeof each>(each.count).fill(each));
  const servers = kinds.map(({ capacity, site }, index) => ({
    name: `s${index}`,
    site,
    capacityQueriesPerSecond: capacity,
    config: {
      instance: instanceConfig(scenario, FIRST_SERVER_ID + index, [10], 0),
      services: [{ ...SERVICE, cost }],
    },
  }));
  return new SimulatedFarm(
    {
      routers,
      servers,
      sites: scenario.sites.map(({ faults }) => faults),
      serviceName: SERVICE.name,
      serviceKey: SERVICE_KEY,
      sampleIntervalMs: scenario.sampleIntervalMs,
      queue: scenario.queue,
    },
    prng,
  );
}

/**
 * Runs to the end.
 * @param onProgress - called once a simulated second with the share done, 0..1.
 * @throws Error when the farm does not come together before the demand begins.
 */
export function runScenario(
  scenario: Scenario,
  policy: Policy,
  seed: number,
  onProgress: (ratio: number) => void = () => {},
): ScenarioRun {
  const prng = new Prng(seed);
  const demandPrng = prng.fork();
  const farm = farmOf(scenario, policy, prng);
  const { world, servers } = farm;
  const full = servers.reduce((sum, server) => sum + server.capacityQueriesPerSecond, 0);
  const { ratio, ...rest } = scenario.demand;
  const demand = new Demand({ ...rest, queriesPerSecond: ratio * full }, demandPrng);
  if (policy === 'oracle') {
    farm.placement = byCapacity(farm);
    world.run(COME_TOGETHER_MS);
  } else farm.comeTogether(COME_TOGETHER_MS);
  const startMs = world.nowMs;
  const measure = new Measure(farm);
  const endS = scenario.settleS + scenario.durationS;
  for (const event of scenario.events) {
    world.at(startMs + 1000 * (scenario.settleS + event.atS), () => befall(farm, event, measure));
  }
  farm.startDemand(shifted(demand, scenario.settleS));
  for (let atS = 1; atS <= endS; atS++) {
    if (atS === scenario.settleS + 1) measure.startCounting(0);
    world.run(startMs + 1000 * atS);
    const sinceS = atS - scenario.settleS;
    const rate = demand.rateAt(Math.max(0, 1000 * sinceS));
    measure.tick(sinceS, rate, shareOf(farm, policy));
    onProgress(atS / endS);
  }
  return {
    figures: measure.figures(scenario.durationS),
    seconds: measure.seconds,
    serverNames: servers.map(({ name }) => name),
  };
}

/** The demand's own time begins when settling is over; until then it is as at its beginning. */
const shifted = (demand: QuerySource, settleS: number): QuerySource => ({
  rateAt: (atMs) => demand.rateAt(Math.max(0, atMs - 1000 * settleS)),
  nextFlow: () => demand.nextFlow(),
});

function shareOf(farm: SimulatedFarm, policy: Policy): (index: number) => number {
  if (policy !== 'oracle') return (index) => farm.wantedShareOf(farm.servers[index]!);
  const total = farm.servers.reduce((sum, server) => sum + server.capacityQueriesPerSecond, 0);
  return (index) => farm.servers[index]!.capacityQueriesPerSecond / Math.max(1e-9, total);
}

/** Flows by capacity as it is at every moment. */
function byCapacity(farm: SimulatedFarm): (flowHash: number) => number | undefined {
  return (flowHash) => {
    const capacities = farm.servers.map((server) => server.capacityQueriesPerSecond);
    const total = capacities.reduce((sum, each) => sum + each, 0);
    let left = (flowHash / 2 ** 32) * total;
    const index = capacities.findIndex((capacity) => {
      left -= capacity;
      return left < 0;
    });
    return index === -1 ? undefined : index;
  };
}

function befall(farm: SimulatedFarm, event: ScenarioEvent, measure: Measure): void {
  const server = farm.servers[event.server];
  if (server === undefined) return;
  measure.disturbed(event.atS);
  const command = (name: 'drain' | 'undrain'): void =>
    server.life.input((nowMs) => ({
      kind: 'command',
      nowMs,
      service: SERVICE.name,
      command: name,
    }));
  switch (event.kind) {
    case 'capacity':
      server.queue.capacityQueriesPerSecond = server.configuredCapacity * event.ratio;
      break;
    case 'kill':
      farm.kill(server);
      break;
    case 'revive':
      server.revive();
      break;
    case 'separate':
    case 'join':
      server.separate(event.kind === 'separate');
      break;
    case 'drain':
    case 'undrain':
      command(event.kind);
      break;
  }
}
