import { describe, expect, test } from '@jest/globals';
import { clearCounters, MiniFarm, type MiniFarmConfig, overloadRatio } from './mini-farm.ts';

/** Routers that know nothing of weights: an even split over the least metric. */
const stock = (config: Partial<MiniFarmConfig>): MiniFarm =>
  new MiniFarm({
    capacities: [200, 200, 200, 200],
    queriesPerSecond: 480,
    weights: false,
    ...config,
  });

const lsasPerServer = (farm: MiniFarm): number =>
  Math.max(...farm.servers.map(({ lsaAtMs }) => lsaAtMs.length - 1));
const isIn = (farm: MiniFarm): boolean[] => farm.shares().map((share) => share > 0);

/** Seconds until it holds, at most `limitS`. */
function secondsUntil(farm: MiniFarm, holds: () => boolean, limitS: number): number {
  let seconds = 0;
  for (; !holds() && seconds < limitS; seconds += 0.25) farm.run(0.25);
  return seconds;
}

const HALF = { capacities: [200, 200, 200, 100], queriesPerSecond: 490 };
const EIGHT = { capacities: [200, 200, 200, 200, 100, 100, 100, 50], queriesPerSecond: 690 };

describe('behind routers that split evenly', () => {
  test.each([
    ['four equal servers at 60 %', {}, 1],
    ['1, 1, 1, ½ at 70 %', HALF, 2],
    ['eight unequal servers at 60 %', EIGHT, 3],
  ])('%s: overload at most 0.3 %%, a quiet set, an LSA a minute', (_, config, seed) => {
    const farm = stock({ ...config, seed });
    farm.run(60);
    clearCounters(farm);
    farm.run(240);
    expect(overloadRatio(farm)).toBeLessThanOrEqual(0.003);
    expect(farm.setChanges).toBeLessThanOrEqual(1);
    expect(lsasPerServer(farm)).toBeLessThanOrEqual(4);
  });

  test.each([1, 3])('a server that halves is out within 6 s, seed %i', (seed) => {
    const farm = stock({ seed });
    farm.run(100);
    farm.servers[0]!.queue.capacityQueriesPerSecond = 100;
    expect(secondsUntil(farm, () => !isIn(farm)[0], 60)).toBeLessThanOrEqual(6);
    clearCounters(farm);
    farm.run(60);
    expect(overloadRatio(farm)).toBe(0);
    expect(farm.setChanges).toBe(0);
  });

  test.each([
    ['by measuring itself', true],
    ['by the first trial, when it cannot measure itself', false],
  ])('a capacity that comes back is used again within two minutes: %s', (_, selfTests) => {
    const farm = stock({ selfTests });
    farm.run(100);
    farm.servers[0]!.queue.capacityQueriesPerSecond = 100;
    farm.run(50);
    expect(isIn(farm)).toEqual([false, true, true, true]);
    farm.servers[0]!.queue.capacityQueriesPerSecond = 200;
    const backS = secondsUntil(farm, () => isIn(farm)[0] === true, 150);
    expect(backS).toBeLessThanOrEqual(120);
    clearCounters(farm);
    farm.run(60);
    expect(isIn(farm)).toEqual([true, true, true, true]);
  });

  test('trials of a capacity that stays away become rare', () => {
    const farm = stock({ selfTests: false });
    farm.run(100);
    farm.servers[0]!.queue.capacityQueriesPerSecond = 100;
    farm.run(900);
    const trials = farm.servers[0]!.outputs.filter(
      ({ output }) => output.kind === 'advertise' && /trial/.test(output.advertisement.reason),
    ).map(({ atMs }) => atMs);
    expect(trials.length).toBeGreaterThanOrEqual(2);
    expect(trials.length).toBeLessThanOrEqual(5);
    const gaps = trials.slice(1).map((atMs, index) => atMs - trials[index]!);
    expect([...gaps].sort((a, b) => a - b)).toEqual(gaps);
  });

  test('a self-test moves neither the set nor the load that is told', () => {
    const farm = stock(HALF);
    farm.run(60);
    const small = farm.servers[3]!;
    expect(isIn(farm)).toEqual([true, true, true, false]);
    clearCounters(farm);
    farm.run(200);
    expect(small.outputs.some(({ output }) => output.kind === 'selfTest')).toBe(true);
    expect(small.known?.load.offeredQueriesPerSecond).toBeLessThan(5);
    expect(farm.setChanges).toBe(0);
  });

  test('when a server dies, one that was left out is back within 10 s if it is needed', () => {
    const farm = stock(HALF);
    farm.run(60);
    expect(isIn(farm)).toEqual([true, true, true, false]);
    farm.liveness(farm.servers[0]!, false);
    const seconds = secondsUntil(farm, () => isIn(farm)[3] === true, 60);
    expect(seconds).toBeLessThanOrEqual(10);
  });

  test('the metric stays at the base when every router spreads by weights', () => {
    const farm = new MiniFarm({ ...HALF, weights: true });
    farm.run(120);
    expect(farm.servers.map(({ known }) => known?.metric)).toEqual([10, 10, 10, 10]);
  });
});

describe('the classic rules, in the same farm', () => {
  test.each([
    ['static', 0.04, 0.06],
    ['linear', 0.3, 0.7],
    ['revised', 0.1, 0.7],
    ['bands', 0.1, 0.5],
    ['backoff', 0.03, 0.2],
  ] as const)('%s overloads 1, 1, 1, ½ at 70 %%', (policy, least, most) => {
    const farm = stock({ ...HALF, cost: { policy } });
    farm.run(30);
    clearCounters(farm);
    farm.run(120);
    expect(overloadRatio(farm)).toBeGreaterThan(least);
    expect(overloadRatio(farm)).toBeLessThan(most);
  });
});
