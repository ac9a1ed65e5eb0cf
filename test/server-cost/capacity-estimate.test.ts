import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Prng } from '../../src/prng.ts';
import { CapacityEstimate, chargedUtilization } from '../../src/server-cost/capacity-estimate.ts';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import type { LoadSample } from '../../src/server-cost/load-sample.ts';
import { ServiceQueue } from '../../src/sim/service-queue.ts';

const sample = (
  atMs: number,
  queriesPerSecond: number,
  utilizationRatio: number,
  errorsPerSecond = 0,
): LoadSample => ({ atMs, queriesPerSecond, utilizationRatio, inFlight: 0, errorsPerSecond });

/** A real queue with Poisson queries, looked at four times a second. */
class Watched {
  readonly estimate = new CapacityEstimate(COST_DEFAULTS);
  readonly queue: ServiceQueue;
  readonly #prng: Prng;
  nowMs = 0;
  #nextMs = 0;

  constructor(capacityQueriesPerSecond: number, seed: number) {
    this.#prng = new Prng(seed);
    this.queue = new ServiceQueue(
      { capacityQueriesPerSecond, workers: 1, bufferQueries: 64, serviceTime: 'exponential' },
      this.#prng.fork(),
    );
  }

  run(seconds: number, queriesPerSecond: number): void {
    const endMs = this.nowMs + 1000 * seconds;
    while (this.nowMs < endMs) {
      this.nowMs += 250;
      for (
        ;
        this.#nextMs < this.nowMs;
        this.#nextMs += this.#prng.exponential(1000 / queriesPerSecond)
      )
        this.queue.offer(this.#nextMs);
      this.estimate.add(this.queue.sample(this.nowMs));
    }
  }
}

describe('a change that stands out of chance only after a while', () => {
  test('100 to 72 queries/s at 60 queries/s offered: believed within five seconds', () => {
    // n exponential times tell a ratio r at 4.75 deviations when 2n(r - 1 - ln r) = 4.75²: n = 187.
    const estimate = new CapacityEstimate(COST_DEFAULTS);
    let atMs = 0;
    const serve = (seconds: number, capacity: number): void => {
      const endMs = atMs + 1000 * seconds;
      for (; atMs < endMs; atMs += 500) estimate.add(sample(atMs, 60, 60 / capacity));
    };
    serve(120, 100);
    serve(5, 72);
    expect(estimate.queriesPerSecond).toBeGreaterThan(70);
    expect(estimate.queriesPerSecond).toBeLessThan(75);
  });
});

describe('capacity is what was served over the time that it took', () => {
  test.each([
    ['fast and half loaded', 1000, 500, 30, 0.05],
    ['fast and a tenth loaded', 1000, 100, 30, 0.08],
    ['slow', 20, 12, 300, 0.12],
    ['very slow: most looks see no query end', 4, 2.5, 600, 0.2],
  ])('%s', (_, capacity, load, seconds, tolerance) => {
    for (const seed of [1, 2, 3]) {
      const watched = new Watched(capacity, seed);
      watched.run(seconds, load);
      const off = watched.estimate.queriesPerSecond! / capacity - 1;
      expect(Math.abs(off)).toBeLessThan(tolerance);
    }
  });

  test('it stands still while load moves', () => {
    const watched = new Watched(400, 1);
    for (const load of [100, 300, 200, 380, 50]) {
      watched.run(20, load);
      expect(Math.abs(watched.estimate.queriesPerSecond! / 400 - 1)).toBeLessThan(0.08);
    }
  });

  test('overload shows the capacity, not less', () => {
    const watched = new Watched(400, 1);
    watched.run(30, 700);
    expect(watched.estimate.queriesPerSecond).toBeGreaterThan(370);
    expect(watched.estimate.queriesPerSecond).toBeLessThan(430);
  });
});

describe('a change of capacity', () => {
  test.each([1, 2, 3, 7])('is believed within 2 s, with no value half way, seed %i', (seed) => {
    const watched = new Watched(400, seed);
    watched.run(40, 175);
    watched.queue.capacityQueriesPerSecond = 200;
    const seen: number[] = [];
    for (let i = 0; i < 8; i++) {
      watched.run(0.25, 175);
      seen.push(watched.estimate.queriesPerSecond!);
    }
    expect(seen.filter((value) => value > 270 && value < 340)).toEqual([]);
    expect(seen.at(-1)).toBeLessThan(270);
  });

  test('is not seen in chance: an hour of noise restarts nothing', () => {
    const watched = new Watched(200, 5);
    watched.run(60, 120);
    let settling = 0;
    for (let i = 0; i < 3600; i++) {
      watched.run(1, 120);
      if (watched.estimate.settlingSinceMs !== undefined) settling++;
    }
    expect(settling).toBeLessThan(10);
  });

  test('a service that hangs, busy and serving nobody, loses its capacity within 5 s', () => {
    const estimate = new CapacityEstimate(COST_DEFAULTS);
    for (let s = 0; s <= 20; s++) estimate.add(sample(1000 * s, 100, 0.5));
    for (let s = 21; s <= 25; s++) estimate.add(sample(1000 * s, 0, 1));
    expect(estimate.queriesPerSecond).toBeLessThan(2);
  });

  test('a server that is far too weak on paper shows with little load that it is not', () => {
    const watched = new Watched(400, 1);
    watched.run(20, 200);
    watched.queue.capacityQueriesPerSecond = 4;
    watched.run(60, 3);
    expect(watched.estimate.queriesPerSecond).toBeLessThan(8);
    watched.queue.capacityQueriesPerSecond = 400;
    // Its share of the farm's load follows what it is believed to be able to do.
    for (let s = 0; s < 60; s++)
      watched.run(1, Math.max(1, watched.estimate.queriesPerSecond! / 2));
    expect(watched.estimate.queriesPerSecond).toBeGreaterThan(300);
  });
});

describe('utilization as the weight formula takes it (Envoy)', () => {
  test('errors are charged per query, unless the service is saturated', () => {
    expect(chargedUtilization(sample(0, 100, 0.4, 10), COST_DEFAULTS)).toBeCloseTo(0.5);
    expect(chargedUtilization(sample(0, 100, 0.97, 10), COST_DEFAULTS)).toBeCloseTo(0.97);
    const twice = { ...COST_DEFAULTS, errorPenalty: 2 };
    expect(chargedUtilization(sample(0, 100, 0.4, 10), twice)).toBeCloseTo(0.6);
  });

  test('what an idle service shows is taken off, and the rest stretched', () => {
    const offset = { ...COST_DEFAULTS, idleUtilizationRatio: 0.2 };
    expect(chargedUtilization(sample(0, 1, 0.1), offset)).toBe(0);
    expect(chargedUtilization(sample(0, 1, 0.6), offset)).toBeCloseTo(0.5);
    expect(chargedUtilization(sample(0, 1, 1), offset)).toBeCloseTo(1);
  });
});

test('whatever sound samples come, the estimate is a positive number or not known', () => {
  const anySample = fc.record({
    gapMs: fc.integer({ min: 0, max: 60_000 }),
    queriesPerSecond: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })),
    utilizationRatio: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 20, noNaN: true })),
    errorsPerSecond: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 60 }), (samples) => {
      const estimate = new CapacityEstimate(COST_DEFAULTS);
      let atMs = 0;
      for (const { gapMs, ...load } of samples) {
        atMs += gapMs;
        estimate.add({ atMs, inFlight: 0, ...load });
        const { queriesPerSecond } = estimate;
        if (queriesPerSecond === undefined) continue;
        expect(Number.isFinite(queriesPerSecond) && queriesPerSecond > 0).toBe(true);
      }
    }),
  );
});
