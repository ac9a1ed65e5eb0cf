import { describe, expect, test } from '@jest/globals';
import { MiniFarm, worstShareError } from './mini-farm.ts';

const DEMO = { capacities: [400, 400, 400, 200], queriesPerSecond: 700, weights: true };

describe('a farm that starts without knowing its capacities', () => {
  test.each([1, 2, 3, 7])('spreads by capacity half a minute later, seed %i', (seed) => {
    const farm = new MiniFarm({ ...DEMO, seed });
    farm.run(30);
    expect(worstShareError(farm)).toBeLessThan(0.1);
  });

  test('believes no capacity before the blackout is over', () => {
    const farm = new MiniFarm(DEMO);
    farm.run(9);
    expect(farm.members().map(({ capacityQueriesPerSecond }) => capacityQueriesPerSecond)).toEqual([
      0, 0, 0, 0,
    ]);
    expect(farm.members().map(({ weight }) => weight)).toEqual([100, 100, 100, 100]);
  });
});

describe('when a server of 400 q/s can only do 200', () => {
  test.each([1, 2, 3, 7])('shares are within 10 %% of capacities in 8 s, seed %i', (seed) => {
    const farm = new MiniFarm({ ...DEMO, seed });
    farm.run(60);
    const said = farm.servers.map(({ lsaAtMs }) => lsaAtMs.length);
    farm.servers[0]!.queue.capacityQueriesPerSecond = 200;
    let seconds = 0;
    while (worstShareError(farm) > 0.1 && seconds < 60) {
      farm.run(0.25);
      seconds += 0.25;
    }
    expect(seconds).toBeLessThanOrEqual(8);
    farm.run(20);
    // The scale of weights stays, so nobody else has to say anything.
    const others = farm.servers.slice(1).map(({ lsaAtMs }, index) => {
      return lsaAtMs.length - said[index + 1]!;
    });
    expect(Math.max(...others)).toBeLessThanOrEqual(1);
  });

  test('no query is lost', () => {
    const farm = new MiniFarm(DEMO);
    farm.run(60);
    farm.servers[0]!.queue.capacityQueriesPerSecond = 200;
    farm.run(60);
    expect(farm.servers.map(({ lost }) => lost)).toEqual([0, 0, 0, 0]);
  });
});

describe('at rest', () => {
  test.each([1, 2])('a server makes at most one LSA a minute, seed %i', (seed) => {
    const farm = new MiniFarm({ ...DEMO, seed });
    farm.run(60);
    const before = farm.servers.map(({ lsaAtMs }) => lsaAtMs.length);
    farm.run(240);
    farm.servers.forEach(({ lsaAtMs }, index) => {
      expect(lsaAtMs.length - before[index]!).toBeLessThanOrEqual(4);
    });
  });
});
