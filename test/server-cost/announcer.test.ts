import { describe, expect, it } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import type { Advertisement, Noise } from '../../src/server-cost/advertisement.ts';
import { Announcer } from '../../src/server-cost/announcer.ts';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';

const CERTAIN: Noise = {
  offeredDeviation: 0,
  capacityDeviationRatio: 0,
  isSettling: false,
  isExact: false,
};
const LASTING_MS = 2 * COST_DEFAULTS.changeWindowMs;

const withWeight = (weight: number, capacityQueriesPerSecond = weight): Advertisement => ({
  metric: 10,
  weight,
  load: {
    state: 'up',
    capacityQueriesPerSecond,
    offeredQueriesPerSecond: 50,
    utilizationRatio: 0.5,
    errorRatio: 0,
    rampWindowS: 0,
  },
  reason: '',
});

/** An announcer that said weight 100 a minute ago. */
function announcer(): Announcer {
  const made = new Announcer(COST_DEFAULTS, new Prng(1));
  made.consider(withWeight(100), CERTAIN, 0);
  return made;
}
const NOW_MS = 50_000;

describe('a weight', () => {
  it('that is off by as much as a change that is found at once is told at once', () => {
    expect(announcer().consider(withWeight(50), CERTAIN, NOW_MS)?.weight).toBe(50);
  });

  it('that drifts by a tenth is told when that has lasted', () => {
    const drifting = announcer();
    expect(drifting.consider(withWeight(88), CERTAIN, NOW_MS)).toBeUndefined();
    expect(drifting.deadlineMs()).toBe(NOW_MS + LASTING_MS);
    expect(drifting.limiter).toContain('weight 100 to 88');
    const told = drifting.consider(withWeight(88), CERTAIN, NOW_MS + LASTING_MS);
    expect(told?.weight).toBe(88);
  });

  it('that begins to drift and then falls to the half is told at once: nothing was said before', () => {
    const falling = announcer();
    falling.consider(withWeight(88), CERTAIN, NOW_MS);
    expect(falling.consider(withWeight(48), CERTAIN, NOW_MS + 1000)?.weight).toBe(48);
  });

  it('that is off by what chance makes of two averages is not told, however long it lasts', () => {
    // Each average of 1,100 exponential service times strays by 3 %, their difference by 4.2 %.
    const noise: Noise = { ...CERTAIN, capacityDeviationRatio: 0.03 };
    const minute = COST_DEFAULTS.refineIntervalMs;
    const straying = announcer();
    for (const nowMs of [minute, minute + LASTING_MS, 10 * minute]) {
      expect(straying.consider(withWeight(92), noise, nowMs)).toBeUndefined();
    }
    // Where a plan decides by capacities it is told all the same.
    const exact = announcer();
    exact.consider(withWeight(92), { ...noise, isExact: true }, minute);
    const told = exact.consider(withWeight(92), { ...noise, isExact: true }, 2 * minute);
    expect(told?.weight).toBe(92);
    straying.consider(withWeight(91), noise, 11 * minute);
    expect(straying.consider(withWeight(91), noise, 12 * minute)?.weight).toBe(91);
  });

  it('that is clamped does not hide a capacity that drifts: that, too, has to last', () => {
    const drifting = announcer();
    expect(drifting.consider(withWeight(100, 88), CERTAIN, NOW_MS)).toBeUndefined();
    const told = drifting.consider(withWeight(100, 88), CERTAIN, NOW_MS + LASTING_MS);
    expect(told?.load.capacityQueriesPerSecond).toBe(88);
  });
});
