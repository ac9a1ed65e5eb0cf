import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import type { FarmMember } from '../../src/server-cost/farm-member.ts';
import { type FarmPlan, planFarm } from '../../src/server-cost/farm-plan.ts';

const BASE = COST_DEFAULTS.baseMetric;
const OUT = COST_DEFAULTS.maxMetric;

const member = (
  routerId: number,
  capacityQueriesPerSecond: number,
  more: Partial<FarmMember> = {},
): FarmMember => ({
  routerId,
  state: 'up',
  capacityQueriesPerSecond,
  offeredQueriesPerSecond: 0,
  utilizationRatio: 0,
  weight: 100,
  metric: BASE,
  ...more,
});
const farm = (...capacities: number[]): FarmMember[] =>
  capacities.map((capacity, index) => member(index + 1, capacity));
const plan = (members: readonly FarmMember[], offered: number): FarmPlan =>
  planFarm(members, offered, COST_DEFAULTS);

/** What everybody doing their part, one round after the other, leads to. */
function settled(members: readonly FarmMember[], offered: number): FarmMember[] {
  let now = [...members];
  for (let round = 0; round < 2 * members.length + 2; round++) {
    const { enter, leave } = plan(now, offered);
    if (enter.length === 0 && leave === undefined) return now;
    now = now.map((one) => {
      if (enter.includes(one.routerId)) return { ...one, metric: BASE };
      return one.routerId === leave ? { ...one, metric: OUT } : one;
    });
  }
  throw new Error('never settled');
}
const inside = (members: readonly FarmMember[]): number[] =>
  members.filter(({ metric }) => metric === BASE).map(({ routerId }) => routerId);

describe('the farm plan', () => {
  test('leaves equal servers alone at any load', () => {
    for (const offered of [0, 40, 240, 380, 500]) {
      expect(plan(farm(100, 100, 100, 100), offered)).toMatchObject({
        enter: [],
        leave: undefined,
      });
    }
  });

  test('1, 1, 1, ½ at 70 %: the small one leaves, the others stay below their limit', () => {
    const members = farm(100, 100, 100, 50);
    expect(plan(members, 245)).toMatchObject({ leave: 4, enter: [] });
    expect(inside(settled(members, 245))).toEqual([1, 2, 3]);
  });

  test('when demand grows past what is left, the small one enters again', () => {
    const members = [...farm(100, 100, 100), member(4, 50, { metric: OUT })];
    expect(plan(members, 330)).toMatchObject({ enter: [4], leave: undefined });
  });

  test('eight unequal servers: the small ones leave one after the other, the neediest first', () => {
    const members = farm(100, 100, 100, 100, 50, 50, 50, 25);
    const first = plan(members, 345);
    expect(first.leave).toBe(8);
    const without = members.map((one) => (one.routerId === 8 ? { ...one, metric: OUT } : one));
    expect(plan(without, 345).leave).toBe(7);
    expect(plan(settled(members, 345), 345).present.overloadQueriesPerSecond).toBe(0);
  });

  test('a server whose capacity came back enters to ease the others', () => {
    const members = [...farm(100, 100, 100), member(4, 100, { metric: OUT })];
    expect(plan(members, 240).enter).toEqual([4]);
  });

  test('nobody leaves while somebody has to enter', () => {
    const members = [...farm(100, 10), member(3, 100, { metric: OUT })];
    expect(plan(members, 120)).toMatchObject({ enter: [3], leave: undefined });
  });

  test('a newcomer of unknown capacity counts as an average server, and may serve', () => {
    expect(plan([...farm(100, 100), member(3, 0)], 150)).toMatchObject({
      enter: [],
      leave: undefined,
    });
  });

  test('while no capacity is known everybody is in', () => {
    const members = [member(1, 0), member(2, 0, { metric: OUT })];
    expect(plan(members, 0).enter).toEqual([2]);
    for (const offered of [0, 10]) {
      expect(plan(members, offered).present.worstUtilizationRatio).toBe(Number.POSITIVE_INFINITY);
    }
  });

  test('servers that drain or stand by are not counted on', () => {
    const members = [
      ...farm(100, 100),
      member(3, 100, { state: 'draining', metric: 0xffff }),
      member(4, 100, { state: 'standby', metric: undefined }),
    ];
    expect(plan(members, 150).best.routerIds).toEqual([1, 2]);
  });

  test('says why, in words', () => {
    expect(plan(farm(100, 100, 100, 50), 245).reason).toBe(
      '6 % of all queries are too many where they go now',
    );
  });
});

describe('for any farm', () => {
  const anyFarm = fc
    .array(
      fc.record({
        capacity: fc.oneof(fc.constant(0), fc.double({ min: 1, max: 1000, noNaN: true })),
        metric: fc.constantFrom(BASE, OUT, undefined),
        state: fc.constantFrom('up', 'congested', 'standby', 'draining' as const),
      }),
      { minLength: 1, maxLength: 9 },
    )
    .map((all) =>
      all.map(({ capacity, metric, state }, index) =>
        member(index + 1, capacity, { metric, state } as Partial<FarmMember>),
      ),
    );
  const anyLoad = fc.double({ min: 0, max: 5000, noNaN: true });

  test('the order in which servers are listed changes nothing', () => {
    fc.assert(
      fc.property(anyFarm, anyLoad, fc.integer(), (members, offered, seed) => {
        const shuffled = [...members].sort(
          (a, b) => ((a.routerId * seed) % 7) - ((b.routerId * seed) % 7),
        );
        expect(plan(shuffled, offered)).toEqual(plan(members, offered));
      }),
    );
  });

  test('no subset whatever overloads less than the best set', () => {
    const loose = { ...COST_DEFAULTS, panicRatio: 0, minimumInSet: 1 };
    const capacities = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), {
      minLength: 1,
      maxLength: 7,
    });
    fc.assert(
      fc.property(capacities, anyLoad, (all, offered) => {
        let least = Number.POSITIVE_INFINITY;
        for (let mask = 1; mask < 1 << all.length; mask++) {
          const set = all.filter((_, index) => (mask >> index) & 1);
          const each = offered / set.length;
          const overload = set.reduce((sum, c) => sum + Math.max(0, each - 0.95 * c), 0);
          least = Math.min(least, overload);
        }
        const { best } = planFarm(farm(...all), offered, loose);
        expect(best.overloadQueriesPerSecond).toBeCloseTo(least, 6);
      }),
    );
  });

  test('everybody doing their part comes to rest, with somebody in if anybody can be', () => {
    fc.assert(
      fc.property(anyFarm, anyLoad, (members, offered) => {
        const after = settled(members, offered);
        const able = after.filter(({ state }) => state === 'up' || state === 'congested');
        const present = able.filter(({ metric }) => metric !== undefined && metric <= BASE);
        expect(present.length > 0).toBe(able.length > 0);
      }),
    );
  });

  test('a move never adds overload', () => {
    fc.assert(
      fc.property(anyFarm, anyLoad, (members, offered) => {
        const before = plan(members, offered);
        const after = plan(settled(members, offered), offered);
        expect(after.present.overloadQueriesPerSecond).toBeLessThanOrEqual(
          before.present.overloadQueriesPerSecond + 1e-6 + 0.02 * offered,
        );
      }),
    );
  });
});
