import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COST_DEFAULTS, type CostConfig } from '../../src/server-cost/config.ts';
import { bandOf, CostRule, linearCost, revisedCost } from '../../src/server-cost/cost-rule.ts';

/** A 56 kb/s line of the ARPANET: 30 to 90 units, one hop is 30. */
const LINE: CostConfig = { ...COST_DEFAULTS, policy: 'revised', baseMetric: 30, maxMetric: 90 };

describe('the revised ARPANET metric (Khanna and Zinky 1989)', () => {
  test('is flat up to half utilization, then linear to three times the idle cost', () => {
    const settled = (utilization: number): number => {
      let cost = 60;
      for (let i = 0; i < 20; i++) cost = revisedCost(LINE, utilization, cost);
      return cost;
    };
    expect([0, 0.25, 0.5, 1].map(settled)).toEqual([30, 30, 30, 90]);
    expect(Math.abs(settled(0.75) - 60)).toBeLessThan(14); // within the change not reported
  });

  test('moves by half a hop at most, up by one unit more than down', () => {
    expect(revisedCost(LINE, 1, 30)).toBe(46);
    expect(revisedCost(LINE, 0, 90)).toBe(75);
  });

  test('does not report a change of less than a little under half a hop', () => {
    expect(revisedCost(LINE, 0.6, 50)).toBe(50); // 42 would be 8 less
    expect(revisedCost(LINE, 0.55, 50)).toBe(36); // 14 less
  });

  test('starts at the greatest cost and eases in, once per measurement', () => {
    const rule = new CostRule(LINE);
    const costs: number[] = [];
    for (let atMs = 0; atMs <= 50_000; atMs += 5000) {
      rule.take(0, atMs);
      costs.push(rule.metric);
    }
    expect(costs).toEqual([75, 75, 60, 60, 45, 45, 30, 30, 30, 30, 30]);
  });

  test('never leaves its range, and never moves further than it may', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5, noNaN: true }),
        fc.integer({ min: 30, max: 90 }),
        (utilization, reported) => {
          const cost = revisedCost(LINE, utilization, reported);
          expect(cost).toBeGreaterThanOrEqual(30);
          expect(cost).toBeLessThanOrEqual(90);
          expect(cost - reported).toBeLessThanOrEqual(16);
          expect(reported - cost).toBeLessThanOrEqual(15);
        },
      ),
    );
  });
});

describe('the other rules', () => {
  test('linear: from base to greatest', () => {
    expect([0, 0.5, 1, 3].map((u) => linearCost(COST_DEFAULTS, u))).toEqual([10, 20, 30, 30]);
  });

  test('bands are entered at their edge and left below it', () => {
    expect([0.59, 0.6, 0.85].map((u) => bandOf(COST_DEFAULTS, u, 0))).toEqual([0, 1, 2]);
    expect([0.8, 0.74, 0.49].map((u) => bandOf(COST_DEFAULTS, u, 2))).toEqual([2, 1, 0]);
  });

  test('back-off stays in a higher band for 30 s, then for a minute', () => {
    const rule = new CostRule({ ...COST_DEFAULTS, policy: 'backoff' });
    const riseS = (fromS: number): number => {
      rule.take(1, 1000 * fromS);
      expect(rule.metric).toBe(30);
      let s = fromS;
      while (rule.metric !== 10) {
        s += 5;
        rule.take(0, 1000 * s);
      }
      return s - fromS;
    };
    expect([riseS(0), riseS(100)]).toEqual([30, 60]);
  });

  test('static stays', () => {
    const rule = new CostRule({ ...COST_DEFAULTS, policy: 'static' });
    rule.take(5, 0);
    expect(rule.metric).toBe(10);
  });
});
