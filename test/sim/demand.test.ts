import { describe, expect, it } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { Demand, type DemandConfig, type DemandShape } from '../../src/sim/demand.ts';
import { Histogram } from '../../src/sim/histogram.ts';

const demandOf = (shape: DemandShape, more: Partial<DemandConfig> = {}): Demand =>
  new Demand(
    { queriesPerSecond: 100, shape, noiseRatio: 0, clients: 0, zipfExponent: 0, ...more },
    new Prng(1),
  );
const ratesAt = (demand: Demand, seconds: readonly number[]): number[] =>
  seconds.map((second) => Math.round(demand.rateAt(1000 * second)));

describe('demand over time', () => {
  it('is constant, square, a day, a flash crowd, or what was recorded', () => {
    expect(ratesAt(demandOf({ kind: 'constant' }), [0, 50])).toEqual([100, 100]);
    const square = demandOf({ kind: 'square', periodS: 20, high: 3 });
    expect(ratesAt(square, [0, 9, 10, 19, 20])).toEqual([100, 100, 300, 300, 100]);
    const diurnal = demandOf({ kind: 'diurnal', periodS: 100, low: 0.2 });
    expect(ratesAt(diurnal, [0, 25, 50, 75, 100])).toEqual([20, 60, 100, 60, 20]);
    const flash = demandOf({ kind: 'flash', atS: 10, forS: 5, times: 3 });
    expect(ratesAt(flash, [9, 10, 14, 15])).toEqual([100, 300, 300, 100]);
    const points = [
      { atS: 0, queriesPerSecond: 7 },
      { atS: 30, queriesPerSecond: 9 },
    ];
    expect(ratesAt(demandOf({ kind: 'trace', points }), [0, 29, 30, 99])).toEqual([7, 7, 9, 9]);
  });

  it('wanders by no more than its noise, anew every second', () => {
    const demand = demandOf({ kind: 'constant' }, { noiseRatio: 0.05 });
    const rates = Array.from({ length: 100 }, (_, second) => demand.rateAt(1000 * second));
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(95);
    expect(Math.max(...rates)).toBeLessThanOrEqual(105);
    expect(new Set(rates).size).toBeGreaterThan(90);
  });

  it('lets popular clients ask more often: Zipf with exponent 1 over 4 is 12:6:4:3', () => {
    const demand = demandOf({ kind: 'constant' }, { clients: 4, zipfExponent: 1 });
    const counts = new Map<number, number>();
    for (let i = 0; i < 25_000; i++) {
      const flow = demand.nextFlow();
      counts.set(flow, (counts.get(flow) ?? 0) + 1);
    }
    const shares = [...counts.values()].sort((a, b) => b - a).map((count) => count / 1000);
    for (const [i, share] of [12, 6, 4, 3].entries()) expect(shares[i]).toBeCloseTo(share, 0);
  });
});

describe('a histogram', () => {
  it('knows quantiles within a percent', () => {
    const histogram = new Histogram();
    for (let i = 1; i <= 1000; i++) histogram.add(i);
    for (const ratio of [0.01, 0.5, 0.99]) {
      expect(histogram.quantile(ratio) / (1000 * ratio)).toBeCloseTo(1, 1);
    }
    expect(new Histogram().quantile(0.5)).toBeNaN();
  });
});
