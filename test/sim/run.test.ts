import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readScenario } from '../../src/cli/tune-scenario.ts';
import { runScenario } from '../../src/sim/run.ts';
import type { Policy } from '../../src/sim/scenario.ts';

const scenarioFile = (name: string): string =>
  join(__dirname, '..', '..', 'scenarios', `${name}.yaml`);

/** A shortened run of a shipped scenario. */
const figuresOf = (name: string, policy: Policy, overrides: Record<string, string> = {}) =>
  runScenario(readScenario(scenarioFile(name), { durationS: '120', ...overrides }), policy, 1)
    .figures;

describe('three servers and one of half their size at 70 % (algorithms of the farm)', () => {
  it('equal shares overload the small one: 0.7·3.5/4 - 0.5 of 0.7·3.5 is 4.6 %', () => {
    const { overloadRatio } = figuresOf('one-smaller', 'static');
    expect(overloadRatio).toBeGreaterThan(0.041);
    expect(overloadRatio).toBeLessThan(0.051);
  });

  it.each(['weights', 'plan'] as const)('%s overload nobody', (policy) => {
    expect(figuresOf('one-smaller', policy).overloadRatio).toBeLessThan(0.003);
  });

  it('a cost that follows utilization moves the whole farm to and fro', () => {
    const linear = figuresOf('four-equal', 'linear');
    expect(linear.overloadRatio).toBeGreaterThan(0.2);
    expect(linear.setChangesPerMin).toBeGreaterThan(10);
    expect(linear.oscillationIndex).toBeGreaterThan(
      figuresOf('four-equal', 'plan').oscillationIndex,
    );
  });
});

describe('one of four servers loses half its capacity', () => {
  const event = { events: '[{ atS: 30, server: 0, capacity: 0.5 }]' };

  it('weights recover within seconds; equal shares never do', () => {
    const weights = figuresOf('one-halves', 'weights', event);
    expect(weights.recoveryS).not.toBeNull();
    expect(weights.recoveryS).toBeLessThanOrEqual(6);
    expect(figuresOf('one-halves', 'static', event).recoveryS).toBeNull();
  });
});

describe('what befalls several servers in the same second', () => {
  it('is one disturbance, and the farm recovers from it', () => {
    const events = [0, 1].map((server) => `{ atS: 30, server: ${server}, capacity: 0.9 }`);
    const { recoveryS } = figuresOf('four-equal', 'weights', { events: `[${events.join()}]` });
    expect(recoveryS).toBe(0);
  });
});

describe('a server that is cut off from its link', () => {
  it('gets queries until the dead interval is over, and its share again when it is joined', () => {
    const scenario = readScenario(scenarioFile('four-equal'), {
      durationS: '120',
      events: '[{ atS: 20, server: 1, do: separate }, { atS: 60, server: 1, do: join }]',
    });
    const { seconds, figures } = runScenario(scenario, 'weights', 1);
    const shareAt = (s: number) => seconds.find(({ atS }) => atS === s)!.share[1]!;
    expect(shareAt(20)).toBeGreaterThan(0.2);
    expect(shareAt(20 + scenario.routerDeadIntervalS + 2)).toBe(0);
    expect(shareAt(118)).toBeGreaterThan(0.2);
    expect(figures.lostRatio).toBeGreaterThan(0);
    // A quarter of the queries, for the dead interval and the time of a Hello.
    const most = (0.3 * (scenario.routerDeadIntervalS + 2)) / scenario.durationS;
    expect(figures.lostRatio).toBeLessThan(most);
  });
});

describe('the same seed', () => {
  it('is the same run, second by second', () => {
    const scenario = readScenario(scenarioFile('flash-crowd'), { durationS: '60' });
    expect(runScenario(scenario, 'weights', 9)).toEqual(runScenario(scenario, 'weights', 9));
  });
});
