import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextRampStepMs, rampedWeight } from '../../src/anycast/slow-start.ts';

describe('easing a new next hop in', () => {
  test.each([
    [0, 10],
    [3_000, 10],
    [6_000, 20],
    [15_000, 50],
    [30_000, 100],
    [99_000, 100],
  ])('after %d ms of a 30 s window a weight of 100 counts as %d', (elapsedMs, weight) => {
    expect(rampedWeight(100, 30, 1_000, 1_000 + elapsedMs)).toBeCloseTo(weight, 9);
  });

  test('without a window the weight counts at once', () => {
    expect(rampedWeight(100, 0, 1_000, 1_000)).toBe(100);
    expect(nextRampStepMs(0, 1_000, 1_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test('for any clock, waking at each step ends the ramp: no step is in the past or now', () => {
    const clock = fc.double({ min: 0, max: 2e12, noNaN: true });
    fc.assert(
      fc.property(clock, fc.integer({ min: 1, max: 65_535 }), (sinceMs, windowS) => {
        let nowMs = sinceMs;
        for (let steps = 0; ; steps++) {
          const nextMs = nextRampStepMs(windowS, sinceMs, nowMs);
          if (nextMs === Number.POSITIVE_INFINITY) break;
          expect(nextMs).toBeGreaterThan(nowMs);
          expect(steps).toBeLessThan(40);
          nowMs = nextMs;
        }
        expect(rampedWeight(100, windowS, sinceMs, nowMs)).toBe(100);
      }),
    );
  });

  test('steps are a tenth of growth apart, the last one at the end of the window', () => {
    const steps: number[] = [];
    let nowMs = 0;
    for (;;) {
      nowMs = nextRampStepMs(30, 0, nowMs);
      if (nowMs === Number.POSITIVE_INFINITY) break;
      steps.push(nowMs);
    }
    expect(steps[0]).toBeCloseTo(3_300, 6);
    expect(steps[1]).toBeCloseTo(3_630, 6);
    expect(steps.at(-1)).toBe(30_000);
    expect(steps.length).toBeLessThan(30);
  });
});
