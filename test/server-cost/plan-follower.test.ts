import { expect, test } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { COST_DEFAULTS } from '../../src/server-cost/config.ts';
import type { FarmMember } from '../../src/server-cost/farm-member.ts';
import { PlanFollower } from '../../src/server-cost/plan-follower.ts';

const { baseMetric, maxMetric, selfTestIntervalMs } = COST_DEFAULTS;
const US = 4;
/** What the farm plan's own tests show to leave the fourth out: 1, 1, 1, ½ at 70 %. */
const CAPACITIES = [100, 100, 100, 50];
const OFFERED = 245;
/** It once could as much as the others; nothing has measured it since. */
const OWN = { queriesPerSecond: 50, peakQueriesPerSecond: 100, measuredAtMs: 0 };

function farm(isIn: boolean): FarmMember[] {
  return CAPACITIES.map((capacityQueriesPerSecond, index) => ({
    routerId: index + 1,
    state: 'up',
    capacityQueriesPerSecond,
    offeredQueriesPerSecond: OFFERED / CAPACITIES.length,
    utilizationRatio: 0,
    weight: 100,
    metric: index + 1 === US && !isIn ? maxMetric : baseMetric,
  }));
}

/** Lets the time of a follower pass; the farm sees what it decided. @returns self-tests asked for. */
function live(follower: PlanFollower, fromMs: number, toMs: number): number {
  let tests = 0;
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 1000) {
    follower.takeFarm(farm(follower.isIn), false, nowMs);
    follower.decide(OWN, 1, nowMs);
    if (follower.takeSelfTest() !== undefined) tests++;
  }
  return tests;
}

test('a service that never shows in a self-test is asked for two; one that starts anew, for two again', () => {
  // Trials, which would bring it in, are far away.
  const config = { ...COST_DEFAULTS, trialAfterMs: 1e9, trialAfterMaxMs: 1e9 };
  const follower = new PlanFollower(config, US, new Prng(1));
  const enoughMs = 10 * selfTestIntervalMs;
  expect(live(follower, 0, enoughMs)).toBe(2);
  expect(follower.isIn).toBe(false);
  follower.restart();
  expect(live(follower, enoughMs, 2 * enoughMs)).toBe(2);
});

test('a trial that fails is followed by one twice as late; of a service that starts anew, by the first', () => {
  const config = { ...COST_DEFAULTS, selfTestIntervalMs: 0 };
  const follower = new PlanFollower(config, US, new Prng(1));
  let nowMs = 0;
  /** Lets time pass until it is in or out. */
  const passUntil = (isIn: boolean): void => {
    while (follower.isIn !== isIn && nowMs < 10 * config.trialAfterMaxMs) {
      live(follower, nowMs, nowMs + 1000);
      nowMs += 1000;
    }
    expect(follower.isIn).toBe(isIn);
  };
  /** How long it is out, in times of the first wait; that varies by a tenth. */
  const absence = (): number => {
    passUntil(false);
    const fromMs = nowMs;
    passUntil(true);
    return Math.round((nowMs - fromMs) / config.trialAfterMs);
  };
  expect([absence(), absence(), absence()]).toEqual([1, 2, 4]);
  // In the middle of a trial.
  follower.restart();
  expect([absence(), absence()]).toEqual([1, 2]);
});
