import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COST_DEFAULTS, type CostConfig } from '../../src/server-cost/config.ts';
import type { FarmMember } from '../../src/server-cost/farm-member.ts';
import {
  largestOther,
  type WeightScale,
  weightOf,
  weightScale,
} from '../../src/server-cost/weight.ts';

const member = (routerId: number, capacity: number, weight: number): FarmMember => ({
  routerId,
  state: 'up',
  capacityQueriesPerSecond: capacity,
  offeredQueriesPerSecond: 0,
  utilizationRatio: 0,
  weight,
  metric: 10,
});

const scaleOf = (
  config: CostConfig,
  members: readonly FarmMember[],
  routerId: number,
  capacity: number,
  inUse: WeightScale | undefined,
): WeightScale => weightScale(config, largestOther(members, routerId), routerId, capacity, inUse);

describe('the scale of weights', () => {
  test('the first server that knows its capacity keeps its configured weight', () => {
    const others = [member(2, 0, 100), member(3, 0, 100)];
    expect(weightOf(COST_DEFAULTS, 400, scaleOf(COST_DEFAULTS, others, 1, 400, undefined))).toBe(
      100,
    );
  });

  test('the next one reads the scale from the largest member', () => {
    const others = [member(1, 400, 100), member(2, 100, 31)];
    expect(weightOf(COST_DEFAULTS, 200, scaleOf(COST_DEFAULTS, others, 3, 200, undefined))).toBe(
      50,
    );
  });

  test('stays when our own capacity halves, so that nobody else must change', () => {
    const others = [member(2, 400, 100)];
    expect(scaleOf(COST_DEFAULTS, others, 1, 200, 0.25)).toBe(0.25);
  });

  test('is not followed for what rounding alone explains', () => {
    expect(scaleOf(COST_DEFAULTS, [member(2, 400, 101)], 1, 200, 0.25)).toBe(0.25);
  });

  test('is followed when the largest member has another', () => {
    expect(scaleOf(COST_DEFAULTS, [member(2, 400, 200)], 1, 200, 0.25)).toBe(0.5);
  });

  test('the largest member sets a new one when its weight would not fit', () => {
    const scale = scaleOf(COST_DEFAULTS, [member(2, 400, 100)], 1, 4000, undefined);
    expect(weightOf(COST_DEFAULTS, 4000, scale)).toBe(100);
  });

  test('the largest member sets a new one when too few steps are left', () => {
    const scale = scaleOf(COST_DEFAULTS, [member(2, 40, 10)], 1, 60, 0.25);
    expect(weightOf(COST_DEFAULTS, 60, scale)).toBe(100);
  });

  test('servers that drain or advertise no prefix are not asked', () => {
    const drains = { ...member(2, 400, 200), state: 'draining' } as const;
    const silent = { ...member(3, 400, 200), metric: undefined };
    expect(scaleOf(COST_DEFAULTS, [drains, silent], 1, 200, 0.5)).toBe(0.5);
  });

  test('a configured scale is used as it is', () => {
    const config = { ...COST_DEFAULTS, queriesPerSecondPerWeight: 4 };
    expect(scaleOf(config, [member(2, 400, 200)], 1, 200, 0.5)).toBe(0.25);
  });
});

test('whatever each server began with, weights come to stand in proportion to capacities', () => {
  const anyServer = fc.record({
    capacity: fc.double({ min: 50, max: 2500, noNaN: true }),
    scale: fc.option(fc.double({ min: 0.01, max: 5, noNaN: true }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(anyServer, { minLength: 2, maxLength: 8 }), (servers) => {
      const scales: (WeightScale | undefined)[] = servers.map(({ scale }) => scale);
      let said = servers.map(({ capacity, scale }, index) =>
        member(
          index + 1,
          scale ? capacity : 0,
          scale ? weightOf(COST_DEFAULTS, capacity, scale) : 100,
        ),
      );
      let rounds = 0;
      for (let changed = true; changed; rounds++) {
        expect(rounds).toBeLessThan(6);
        const next = servers.map(({ capacity }, index) => {
          scales[index] = scaleOf(COST_DEFAULTS, said, index + 1, capacity, scales[index]);
          return member(index + 1, capacity, weightOf(COST_DEFAULTS, capacity, scales[index]!));
        });
        changed = JSON.stringify(next) !== JSON.stringify(said);
        said = next;
      }
      const largest = Math.max(...servers.map(({ capacity }) => capacity));
      const top = Math.max(...said.map(({ weight }) => weight));
      for (const { capacityQueriesPerSecond, weight } of said) {
        const due = (top * capacityQueriesPerSecond) / largest;
        // Rounding, and the tolerance within which a scale is left alone.
        expect(Math.abs(weight - due)).toBeLessThanOrEqual(1 + 0.06 * due);
      }
    }),
  );
});
