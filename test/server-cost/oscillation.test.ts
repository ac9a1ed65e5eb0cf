import { describe, expect, test } from '@jest/globals';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import { OscillationDetector } from '../../src/server-cost/oscillation.ts';

const found = (metrics: readonly number[], everyMs: number): number[] => {
  const detector = new OscillationDetector(COST_DEFAULTS);
  return metrics.flatMap((metric, i) => (detector.take(metric, i * everyMs) ? [i] : []));
};

describe('an oscillation', () => {
  test('is four direction changes within a minute', () => {
    expect(found([10, 30, 10, 30, 10, 30], 5000)).toEqual([5]);
  });

  test('is not a cost that only rises, or falls, or is said again', () => {
    expect(found([10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30], 1000)).toEqual([]);
    expect(found([30, 30, 10, 10, 10, 10, 10, 10, 10], 1000)).toEqual([]);
  });

  test('is not the same turns spread over a longer time', () => {
    expect(found([10, 30, 10, 30, 10, 30, 10, 30], 20_000)).toEqual([]);
  });

  test('stretches the hold-down to twice, four times, up to a bound; quiet takes it back', () => {
    const detector = new OscillationDetector(COST_DEFAULTS);
    const ratios: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 40; i++, nowMs += 5000) {
      if (detector.take(i % 2 === 0 ? 10 : 30, nowMs)) ratios.push(detector.holdDownRatio(nowMs));
    }
    expect(ratios.slice(0, 6)).toEqual([2, 4, 8, 16, 32, 32]);
    expect(detector.holdDownRatio(nowMs + 600_000)).toBe(1);
  });
});
