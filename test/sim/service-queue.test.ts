import { describe, expect, it } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { ServiceQueue, type ServiceQueueConfig } from '../../src/sim/service-queue.ts';

const CONFIG: ServiceQueueConfig = {
  capacityQueriesPerSecond: 1000,
  workers: 1,
  bufferQueries: 100_000,
  serviceTime: 'exponential',
};

/** Offers Poisson arrivals and measures the mean time that a query spends in the queue. */
function offer(queue: ServiceQueue, queriesPerSecond: number, untilMs: number) {
  const prng = new Prng(42);
  let totalMs = 0;
  let taken = 0;
  let dropped = 0;
  for (let atMs = prng.exponential(1000 / queriesPerSecond); atMs < untilMs; ) {
    const doneMs = queue.offer(atMs);
    if (doneMs === undefined) dropped++;
    else {
      totalMs += doneMs - atMs;
      taken++;
    }
    atMs += prng.exponential(1000 / queriesPerSecond);
  }
  return { meanMs: totalMs / taken, taken, dropped };
}

describe('a service queue', () => {
  it('keeps a query 1/(μ-λ) on average when M/M/1: 2 ms at half of 1,000 q/s', () => {
    const { meanMs } = offer(new ServiceQueue(CONFIG, new Prng(1)), 500, 200_000);
    expect(meanMs).toBeGreaterThan(1.9);
    expect(meanMs).toBeLessThan(2.1);
  });

  it('keeps a query (1-ρ/2)/(μ-λ) on average when M/D/1: 1.5 ms at half of 1,000 q/s', () => {
    const config = { ...CONFIG, serviceTime: 'deterministic' as const };
    const { meanMs } = offer(new ServiceQueue(config, new Prng(1)), 500, 200_000);
    expect(meanMs).toBeGreaterThan(1.45);
    expect(meanMs).toBeLessThan(1.55);
  });

  it('shows a utilization of λ/μ and the rate served', () => {
    const queue = new ServiceQueue(CONFIG, new Prng(3));
    offer(queue, 300, 100_000);
    const sample = queue.sample(100_000);
    expect(sample.utilizationRatio).toBeCloseTo(0.3, 1);
    expect(sample.queriesPerSecond / 300).toBeCloseTo(1, 1);
    expect(sample.errorsPerSecond).toBe(0);
  });

  it('drops what its buffer cannot hold, serves at most its capacity, and says both', () => {
    const queue = new ServiceQueue({ ...CONFIG, bufferQueries: 10 }, new Prng(4));
    const { dropped } = offer(queue, 2000, 50_000);
    const sample = queue.sample(50_000);
    expect(dropped).toBeGreaterThan(0);
    expect(sample.errorsPerSecond).toBeCloseTo(dropped / 50, 6);
    expect(sample.utilizationRatio).toBeGreaterThan(0.98);
    expect(sample.utilizationRatio).toBeLessThanOrEqual(1);
    expect(sample.queriesPerSecond / 1000).toBeCloseTo(1, 1);
    expect(sample.inFlight).toBeLessThanOrEqual(11);
  });

  it('serves at its new capacity when it is congested half way', () => {
    const queue = new ServiceQueue({ ...CONFIG, serviceTime: 'deterministic' }, new Prng(5));
    expect(queue.offer(0)).toBe(1);
    queue.capacityQueriesPerSecond = 500;
    expect(queue.offer(0)).toBe(3);
  });

  it('shares the work among its workers', () => {
    const config = { ...CONFIG, workers: 4, serviceTime: 'deterministic' as const };
    const queue = new ServiceQueue(config, new Prng(6));
    expect([0, 0, 0, 0, 0].map((atMs) => queue.offer(atMs))).toEqual([4, 4, 4, 4, 8]);
  });
});
