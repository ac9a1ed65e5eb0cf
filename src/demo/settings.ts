/**
 * The demonstration farm in figures: who takes part, with which timers and capacities. The farm in
 * virtual time uses the same.
 * @module
 */
import {
  INTERFACE_DEFAULTS,
  type InstanceConfig,
  type InterfaceConfig,
} from '../instance/config.ts';
import type { RouterConfig } from '../router/router.ts';
import type { ServerConfig } from '../server/config.ts';
import { COST_DEFAULTS } from '../server-cost/config.ts';
import { parseAddress, parseDottedQuad } from '../wire/address.ts';

export const SERVICE_NAME = 'dns';
export const SERVICE_ADDRESS = parseAddress('2001:db8:53::53');
/** The key of the service's route. */
export const SERVICE_KEY = '2001:db8:53::53/128';
export const ROUTER_ID = parseDottedQuad('10.0.0.1');
export const AREA_ID = 0;
export const ROUTER_DEAD_INTERVAL_S = 4;

/** Queries per second of a server with capacity 1. */
export const CAPACITY_UNIT = 400;
/** Share of the farm's capacity that the load asks for. */
export const LOAD_RATIO = 0.5;

export const SERVERS = [
  { name: 'alfa', capacity: 1 },
  { name: 'bravo', capacity: 1 },
  { name: 'charlie', capacity: 1 },
  { name: 'delta', capacity: 0.5 },
].map(({ name, capacity }, index) => ({
  name,
  routerId: parseDottedQuad(`10.0.0.${11 + index}`),
  capacityQueriesPerSecond: capacity * CAPACITY_UNIT,
  seed: 11 + index,
}));

/** The one interface of every node; servers have priority 0 and never become designated router. */
export const demoInterface = (priority: number): InterfaceConfig => ({
  ...INTERFACE_DEFAULTS,
  interfaceId: 1,
  name: 'farm',
  areaId: AREA_ID,
  priority,
  helloIntervalS: 1,
  routerDeadIntervalS: ROUTER_DEAD_INTERVAL_S,
  rxmtIntervalS: 1,
});

const instanceConfig = (routerId: number, forwards: boolean): InstanceConfig => ({
  routerId,
  areas: [{ areaId: AREA_ID, type: 'normal' }],
  interfaces: [demoInterface(forwards ? 10 : 0)],
  forwards,
});

export const demoRouterConfig = (): RouterConfig => ({ instance: instanceConfig(ROUTER_ID, true) });

/** A server's figures are believed soon: a spectator does not want to wait. */
const COST = { ...COST_DEFAULTS, blackoutMs: 3000, rampWindowS: 5 };

export const demoServerConfig = (routerId: number): ServerConfig => ({
  instance: instanceConfig(routerId, false),
  services: [{ name: SERVICE_NAME, address: SERVICE_ADDRESS, cost: COST }],
});
