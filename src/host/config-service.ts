/**
 * Configuration of the anycast services of a server.
 * @module
 */
import type * as z from 'zod';
import {
  COST_DEFAULTS,
  COST_POLICIES,
  type CostConfig,
  checkCostConfig,
} from '../server-cost/config.ts';
import {
  decimal,
  flag,
  globalAddress,
  integer,
  list,
  mapping,
  oneOf,
  text,
} from './config-field.ts';
import { advertiserSchema } from './config-neighbor-discovery.ts';
import { PLAN_KEYS } from './config-plan.ts';
import { livenessSchema, loadReportSchema, loadsSchema } from './config-signal.ts';

const D = COST_DEFAULTS;

/** How load becomes cost and weight; every key has a default that suits most services. */
export const costSchema = mapping({
  base: integer(1, 0xfffd)
    .default(D.baseMetric)
    .describe('Metric while healthy; the same on every server of the farm.'),
  max: integer(2, 0xfffe)
    .optional()
    .describe('Greatest metric under load; three times `base` by default.'),
  policy: oneOf(...COST_POLICIES)
    .default(D.policy)
    .describe('`plan` chooses with the farm who is in; the others act alone.'),
  clampToConfigured: flag()
    .default(D.clampToConfigured)
    .describe('Keeps the weight within half and twice the configured one.'),
  queriesPerSecondPerWeight: decimal(1e-6, 1e9)
    .optional()
    .describe('What one unit of weight stands for; by default the farm agrees by itself.'),
  capacityTimeConstantMs: integer(1, 3_600_000)
    .default(D.capacityTimeConstantMs)
    .describe('Time constant over which capacity is averaged.'),
  changeWindowMs: integer(1, 60_000)
    .default(D.changeWindowMs)
    .describe('Window in which a change of capacity is looked for.'),
  changeRatio: decimal(0.01, 10)
    .default(D.changeRatio)
    .describe('How far the window must be off the average to be a change.'),
  loadTimeConstantMs: integer(1, 3_600_000)
    .default(D.loadTimeConstantMs)
    .describe('Time constant of the utilization and load that are told.'),
  leastUtilizationRatio: decimal(0.001, 1)
    .default(D.leastUtilizationRatio)
    .describe('Below this utilization capacity is not judged.'),
  idleUtilizationRatio: decimal(0, 0.99)
    .default(D.idleUtilizationRatio)
    .describe('Utilization that the service shows when it serves nobody.'),
  errorPenalty: decimal(0, 100)
    .default(D.errorPenalty)
    .describe('Utilization added per error per query.'),
  weightChangeRatio: decimal(0, 10)
    .default(D.weightChangeRatio)
    .describe('A change of weight that is told at once.'),
  refineRatio: decimal(0, 10)
    .default(D.refineRatio)
    .describe('A smaller change that is told after `refineIntervalMs`.'),
  refineIntervalMs: integer(0, 86_400_000)
    .default(D.refineIntervalMs)
    .describe('How long a small change lasts before it is told.'),
  loadChangeRatio: decimal(0.001, 10)
    .default(D.loadChangeRatio)
    .describe('A change of load, as a part of capacity, that is told.'),
  blackoutMs: integer(0, 3_600_000)
    .default(D.blackoutMs)
    .describe('How long a service that came up is not judged.'),
  expiryMs: integer(1000, 86_400_000)
    .default(D.expiryMs)
    .describe('How long capacity, load and congestion are believed without samples.'),
  rampWindowS: integer(0, 0xffff)
    .default(D.rampWindowS)
    .describe('Time over which routers ease the server in.'),
  congestedRatio: decimal(0.01, 10)
    .default(D.congestedRatio)
    .describe('Utilization from which the service is congested.'),
  relievedRatio: decimal(0.01, 10)
    .default(D.relievedRatio)
    .describe('Utilization below which it no longer is.'),
  drainTimeoutMs: integer(0, 86_400_000)
    .default(D.drainTimeoutMs)
    .describe('A drain ends after this even if queries still come.'),
  ...PLAN_KEYS,
});

export const serviceSchema = mapping({
  name: text().describe('Name of the service, for people and commands.'),
  address: globalAddress().describe('The anycast address; advertised as a /128.'),
  advertise: oneOf('ospfv3', 'neighbor-discovery')
    .default('ospfv3')
    .describe('How it is advertised: in LSAs, or in Neighbor Advertisements on the link.'),
  neighborDiscovery: advertiserSchema
    .prefault({})
    .describe('How it is advertised by Neighbor Discovery.'),
  liveness: livenessSchema
    .default([])
    .describe('Checks that must all see life; without any the service counts as alive.'),
  load: loadsSchema.default([]).describe('Where load is read; without any it is not known.'),
  loadEveryMs: integer(100, 60_000).default(2000).describe('Time between two looks at load.'),
  report: loadReportSchema.prefault({}).describe('Where load can be asked for, without a token.'),
  cost: costSchema.prefault({}).describe('How load becomes metric and weight.'),
  weight: integer(1, 255)
    .default(D.weight)
    .describe('Share of the queries in proportion to other servers, until capacity is measured.'),
});

export const servicesSchema = list(serviceSchema).superRefine((services, context) => {
  for (const [i, service] of services.entries()) {
    for (const key of ['name', 'address'] as const) {
      const text = String(service[key]);
      if (services.findIndex((other) => String(other[key]) === text) === i) continue;
      const message = `${key === 'name' ? 'a name' : 'an address'} that no other service here has`;
      context.addIssue({ code: 'custom', message, path: [i, key], input: service[key] });
    }
    const problem = costProblem(service);
    if (problem) {
      context.addIssue({
        code: 'custom',
        message: problem,
        path: [i, 'cost'],
        input: service.cost,
      });
    }
  }
});

export type ServiceSettings = z.output<typeof serviceSchema>;

/** The cost configuration of a service. @param minLsIntervalMs - as the instance paces. */
export function costConfig(
  service: Pick<ServiceSettings, 'cost' | 'weight'>,
  minLsIntervalMs: number,
): CostConfig {
  const { base, max, queriesPerSecondPerWeight, ...rest } = service.cost;
  return {
    ...D,
    ...rest,
    ...(queriesPerSecondPerWeight !== undefined && { queriesPerSecondPerWeight }),
    weight: service.weight,
    baseMetric: base,
    maxMetric: max ?? Math.min(3 * base, 0xfffe),
    minLsIntervalMs,
  };
}

/** What the cost's own check says of a combination of keys, undefined when nothing. */
export function costProblem(service: Pick<ServiceSettings, 'cost' | 'weight'>): string | undefined {
  try {
    checkCostConfig(costConfig(service, D.minLsIntervalMs));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
