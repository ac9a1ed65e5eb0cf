import { expect, test } from '@jest/globals';
import { costConfig, costSchema } from '../../src/host/config-service.ts';
import { COST_DEFAULTS, checkCostConfig } from '../../src/server-cost/config.ts';

test('every constant between load and cost can be configured, and what is left out is the default', () => {
  const config = costConfig({ cost: costSchema.parse({}), weight: 100 }, 5000);
  expect(config).toEqual(COST_DEFAULTS);
  // These are set elsewhere: weight and base by the service, pacing by the instance; the counts in
  // a row belong to each liveness check.
  const elsewhere = [
    'weight',
    'baseMetric',
    'maxMetric',
    'minLsIntervalMs',
    'riseCount',
    'fallCount',
  ];
  const keys = Object.keys(costSchema.shape);
  for (const key of Object.keys(COST_DEFAULTS)) {
    if (!elsewhere.includes(key)) expect(keys).toContain(key);
  }
});

test('what is configured is what the controller gets', () => {
  const cost = costSchema.parse({ base: 20, minimumActive: 3, bandRatios: [0.5, 0.7] });
  const config = costConfig({ cost, weight: 50 }, 1000);
  expect(config).toMatchObject({
    baseMetric: 20,
    maxMetric: 60,
    minimumActive: 3,
    bandRatios: [0.5, 0.7],
    weight: 50,
    minLsIntervalMs: 1000,
  });
  expect(() => checkCostConfig(config)).not.toThrow();
});
