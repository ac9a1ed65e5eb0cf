import { describe, expect, test } from '@jest/globals';
import { COST_DEFAULTS, type CostConfig, checkCostConfig } from '../../src/server-cost/config.ts';

describe('the configuration of cost', () => {
  test('the defaults are allowed', () => {
    expect(() => checkCostConfig(COST_DEFAULTS)).not.toThrow();
  });

  test.each<[string, Partial<CostConfig>]>([
    ['weight', { weight: 0 }],
    ['weight', { weight: 256 }],
    ['weight', { weight: 1.5 }],
    ['weight', { weight: Number.NaN }],
    ['queriesPerSecondPerWeight', { queriesPerSecondPerWeight: 0 }],
    ['changeRatio', { changeRatio: 0 }],
    ['minLsIntervalMs', { minLsIntervalMs: 999 }],
    ['rampWindowS', { rampWindowS: 65_536 }],
    ['maxMetric', { baseMetric: 30, maxMetric: 30 }],
    ['maxMetric', { maxMetric: 0xffff }],
    ['relievedRatio', { congestedRatio: 0.5 }],
    ['policy', { policy: 'least' as never }],
  ])('a wrong %s is refused by name: %o', (name, wrong) => {
    expect(() => checkCostConfig({ ...COST_DEFAULTS, ...wrong })).toThrow(RangeError);
    expect(() => checkCostConfig({ ...COST_DEFAULTS, ...wrong })).toThrow(new RegExp(`^${name}: `));
  });
});
