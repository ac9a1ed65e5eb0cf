import { describe, expect, test } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { COST_DEFAULTS, type CostConfig } from '../../src/server-cost/config.ts';
import type { LoadSample } from '../../src/server-cost/load-sample.ts';
import {
  type ControllerCommand,
  type ControllerOutput,
  ServiceController,
} from '../../src/server-cost/service-controller.ts';

const make = (cost: Partial<CostConfig> = {}): ServiceController =>
  new ServiceController({ ...COST_DEFAULTS, ...cost }, { routerId: 1 }, new Prng(1));

const drain = (controller: ServiceController): ControllerOutput[] => {
  const outputs: ControllerOutput[] = [];
  for (let out = controller.poll(); out !== undefined; out = controller.poll()) outputs.push(out);
  return outputs;
};
const kinds = (controller: ServiceController): string[] =>
  drain(controller).map(({ kind }) => kind);

const check = (controller: ServiceController, nowMs: number, alive: boolean): void =>
  controller.handle({ kind: 'liveness', nowMs, alive, reason: alive ? 'answers' : 'silent' });

const load = (
  controller: ServiceController,
  atMs: number,
  queriesPerSecond: number,
  utilizationRatio: number,
  more: Partial<LoadSample> = {},
): void =>
  controller.handle({
    kind: 'sample',
    nowMs: atMs,
    sample: { atMs, queriesPerSecond, utilizationRatio, inFlight: 1, errorsPerSecond: 0, ...more },
  });

/** A second of samples each, from `fromS` (exclusive) to `toS`. */
const steady = (
  controller: ServiceController,
  fromS: number,
  toS: number,
  queriesPerSecond: number,
  utilizationRatio: number,
  more: Partial<LoadSample> = {},
): void => {
  for (let s = fromS + 1; s <= toS; s++) {
    load(controller, 1000 * s, queriesPerSecond, utilizationRatio, more);
  }
};

const said = (controller: ServiceController) => controller.status().advertisement;

describe('liveness', () => {
  test('a live service is advertised in the same call, with base cost and configured weight', () => {
    const controller = make({ weight: 50, baseMetric: 12 });
    check(controller, 0, true);
    expect(kinds(controller)).toEqual(['state', 'advertise']);
    expect(said(controller)).toMatchObject({ metric: 12, weight: 50, load: { state: 'up' } });
  });

  test('a dead service is withdrawn in the same call, whatever its load', () => {
    const controller = make();
    check(controller, 0, true);
    steady(controller, 0, 20, 100, 0.5);
    drain(controller);
    check(controller, 20_001, false);
    expect(drain(controller)).toEqual([
      { kind: 'state', from: 'UP', to: 'DOWN', reason: 'silent' },
      { kind: 'withdraw', reason: 'silent' },
    ]);
    expect(said(controller)).toBeUndefined();
  });

  test('load samples never bring a service up or down', () => {
    const controller = make();
    steady(controller, 0, 5, 100, 0.5);
    expect(drain(controller)).toEqual([]);
    check(controller, 6000, true);
    steady(controller, 6, 20, 100, 5, { errorsPerSecond: 1000 });
    expect(kinds(controller)).not.toContain('withdraw');
  });

  test('rise and fall counts are asked for in a row', () => {
    const controller = make({ riseCount: 2, fallCount: 3 });
    const states = [true, false, true, true, false, false, true, false, false, false].map(
      (alive, i) => {
        check(controller, 1000 * i, alive);
        return controller.status().state;
      },
    );
    expect(states).toEqual([
      'RISING',
      'DOWN',
      'RISING',
      'UP',
      'FALLING',
      'FALLING',
      'UP',
      'FALLING',
      'FALLING',
      'DOWN',
    ]);
  });

  test('a service that came back starts with the configured weight: it may be another', () => {
    const controller = make({ queriesPerSecondPerWeight: 1 });
    check(controller, 0, true);
    steady(controller, 0, 20, 100, 0.5);
    expect(said(controller)?.weight).toBe(200);
    check(controller, 20_500, false);
    check(controller, 21_000, true);
    expect(said(controller)).toMatchObject({ weight: 100, load: { capacityQueriesPerSecond: 0 } });
  });
});

describe('weight', () => {
  test('is queries per second over utilization, after the blackout', () => {
    const controller = make({ queriesPerSecondPerWeight: 2 });
    check(controller, 0, true);
    steady(controller, 0, 10, 60, 0.25);
    expect(said(controller)).toMatchObject({ weight: 100, load: { capacityQueriesPerSecond: 0 } });
    steady(controller, 10, 13, 60, 0.25);
    expect(said(controller)).toMatchObject({ weight: 120 });
    expect(said(controller)?.load.capacityQueriesPerSecond).toBeCloseTo(240);
  });

  test('errors make a server that is not saturated look weaker (Envoy)', () => {
    const controller = make({ queriesPerSecondPerWeight: 2 });
    check(controller, 0, true);
    // 60 / (0.25 + 15/60 × 1) = 120 q/s
    steady(controller, 0, 20, 60, 0.25, { errorsPerSecond: 15 });
    expect(said(controller)?.weight).toBe(60);
  });

  test('keeps its last value while the service is nearly idle', () => {
    const controller = make({ queriesPerSecondPerWeight: 2 });
    check(controller, 0, true);
    steady(controller, 0, 20, 60, 0.25);
    steady(controller, 20, 1000, 1, 0.04);
    expect(said(controller)?.weight).toBe(120);
  });

  test('falls back to the configured one when samples stay away for the expiry', () => {
    const controller = make({ queriesPerSecondPerWeight: 2 });
    check(controller, 0, true);
    steady(controller, 0, 20, 60, 0.25);
    expect(controller.deadlineMs()).toBe(200_000);
    controller.handle({ kind: 'deadline', nowMs: 200_000 });
    expect(said(controller)).toMatchObject({ weight: 100, load: { capacityQueriesPerSecond: 0 } });
  });

  test('congestion lasts no longer than the expiry when samples stay away', () => {
    const controller = make();
    check(controller, 0, true);
    steady(controller, 0, 20, 10, 0.05, { hot: true });
    expect(said(controller)?.load.state).toBe('congested');
    controller.handle({ kind: 'deadline', nowMs: 199_999 });
    expect(controller.status().state).toBe('CONGESTED');
    expect(controller.deadlineMs()).toBe(200_000);
    controller.handle({ kind: 'deadline', nowMs: 200_000 });
    expect(controller.status()).toMatchObject({
      state: 'UP',
      stateReason: 'no load told for 180 s',
      offeredQueriesPerSecond: 0,
      utilizationRatio: 0,
    });
    expect(said(controller)?.load.state).toBe('up');
  });

  test('nor does the cost by a rule of the server’s own', () => {
    const controller = make({ policy: 'linear', baseMetric: 10, maxMetric: 100 });
    check(controller, 0, true);
    steady(controller, 0, 60, 100, 1);
    expect(said(controller)?.metric).toBeGreaterThan(90);
    controller.handle({ kind: 'deadline', nowMs: 240_000 });
    expect(said(controller)?.metric).toBe(10);
    steady(controller, 240, 250, 50, 0.5);
    expect(said(controller)?.metric).toBeGreaterThan(50);
  });

  test('a drain ends for what samples say or for its timeout, not because they stay away', () => {
    const controller = make({ expiryMs: 10_000, drainTimeoutMs: 60_000 });
    check(controller, 0, true);
    steady(controller, 0, 20, 100, 0.5);
    controller.handle({ kind: 'command', nowMs: 20_000, command: 'drain' });
    steady(controller, 20, 30, 100, 0.5);
    controller.handle({ kind: 'deadline', nowMs: 45_000 });
    controller.handle({ kind: 'deadline', nowMs: 50_000 });
    expect(controller.status().state).toBe('DRAINING');
    controller.handle({ kind: 'deadline', nowMs: 80_000 });
    expect(controller.status().stateReason).toBe('drained: timed out');
  });

  test('stays within half and twice the configured one where that is asked for', () => {
    const capacities = [10, 1000].map((capacity) => {
      const controller = make({ queriesPerSecondPerWeight: 1, clampToConfigured: true });
      check(controller, 0, true);
      steady(controller, 0, 20, capacity / 2, 0.5);
      return said(controller)?.weight;
    });
    expect(capacities).toEqual([50, 200]);
  });

  test('is not moved by the utilization that an idle service shows, when that is known', () => {
    const controller = make({ queriesPerSecondPerWeight: 2, idleUtilizationRatio: 0.2 });
    check(controller, 0, true);
    steady(controller, 0, 20, 60, 0.2 + 0.8 * 0.25);
    expect(said(controller)?.weight).toBe(120);
  });

  test('a change below 10 % is not worth an LSA; one above is told within 4 s', () => {
    const controller = make({ queriesPerSecondPerWeight: 10, refineIntervalMs: 1e6 });
    check(controller, 0, true);
    steady(controller, 0, 20, 300, 0.25);
    drain(controller);
    steady(controller, 20, 100, 285, 0.25);
    expect(kinds(controller)).toEqual([]);
    steady(controller, 100, 104, 150, 0.25);
    expect(kinds(controller)).toEqual(['advertise']);
    expect(said(controller)?.weight).toBe(60); // not a value half way
  });

  test('a lasting change of 5 % is told once its minute is over', () => {
    // Averaged over a third of the minute, what is told then is the change and not a part of it.
    const controller = make({ queriesPerSecondPerWeight: 20, capacityTimeConstantMs: 20_000 });
    check(controller, 0, true);
    steady(controller, 0, 20, 600, 0.25);
    drain(controller);
    steady(controller, 20, 200, 560, 0.25);
    expect(kinds(controller)).toEqual(['advertise']);
    expect(said(controller)?.weight).toBe(112);
  });
});

test('a service is eased in when it is new, not whenever its cost falls', () => {
  const controller = make({ queriesPerSecondPerWeight: 10, rampWindowS: 30 });
  check(controller, 0, true);
  expect(said(controller)?.load.rampWindowS).toBe(30);
  steady(controller, 0, 29, 300, 0.25);
  expect(said(controller)).toMatchObject({ weight: 120, load: { rampWindowS: 30 } });
  steady(controller, 29, 40, 150, 0.25);
  expect(said(controller)).toMatchObject({ weight: 60, load: { rampWindowS: 0 } });
});

describe('samples that cannot be true', () => {
  test.each([
    ['not a number', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['negative', -1],
  ])('are counted and change nothing: %s', (_, value) => {
    const controller = make({ queriesPerSecondPerWeight: 2 });
    check(controller, 0, true);
    steady(controller, 0, 20, 60, 0.25);
    const before = controller.status();
    load(controller, 21_000, value, 0.25);
    load(controller, 21_000, 60, value);
    expect(controller.status()).toEqual({ ...before, unsoundSamples: 2 });
  });
});

describe('congestion', () => {
  test('is said above 90 % and taken back below 80 %', () => {
    const controller = make();
    check(controller, 0, true);
    steady(controller, 0, 20, 95, 0.95);
    expect(said(controller)?.load.state).toBe('congested');
    steady(controller, 20, 40, 85, 0.85);
    expect(said(controller)?.load.state).toBe('congested');
    steady(controller, 40, 60, 60, 0.6);
    expect(said(controller)?.load.state).toBe('up');
  });

  test('is the state of a hot service, however idle it looks; its capacity is left alone', () => {
    const controller = make({ queriesPerSecondPerWeight: 2 });
    check(controller, 0, true);
    steady(controller, 0, 20, 60, 0.25);
    load(controller, 21_000, 60, 0.25, { hot: true });
    expect(controller.status()).toMatchObject({ state: 'CONGESTED', stateReason: 'hot' });
    steady(controller, 21, 40, 60, 0.25, { hot: true });
    expect(said(controller)?.weight).toBe(120);
    load(controller, 41_000, 60, 0.25);
    expect(controller.status()).toMatchObject({ state: 'UP' });
  });
});

describe('commands', () => {
  const draining = (): ServiceController => {
    const controller = make();
    check(controller, 0, true);
    steady(controller, 0, 20, 60, 0.25);
    drain(controller);
    controller.handle({ kind: 'command', nowMs: 20_000, command: 'drain' });
    return controller;
  };

  test('drain raises the cost to the greatest at once and keeps serving', () => {
    const controller = draining();
    expect(kinds(controller)).toEqual(['state', 'advertise']);
    expect(said(controller)).toMatchObject({ metric: 0xffff, load: { state: 'draining' } });
  });

  test('a drained service withdraws when its queries have ended, not before MinLSInterval', () => {
    const controller = draining();
    drain(controller);
    for (let s = 21; s < 25; s++) load(controller, 1000 * s, 0, 0, { inFlight: 0 });
    expect(kinds(controller)).not.toContain('withdraw');
    load(controller, 25_000, 5, 0.1, { inFlight: 0 });
    expect(kinds(controller)).not.toContain('withdraw');
    load(controller, 26_000, 0, 0, { inFlight: 0 });
    expect(kinds(controller)).toEqual(['state', 'withdraw']);
    expect(controller.status().state).toBe('DRAINED');
  });

  test('a drain ends after its timeout even if queries still come', () => {
    const controller = draining();
    drain(controller);
    steady(controller, 20, 79, 60, 0.25);
    expect(controller.status().state).toBe('DRAINING');
    expect(controller.deadlineMs()).toBe(80_000);
    controller.handle({ kind: 'deadline', nowMs: 80_000 });
    expect(controller.status()).toMatchObject({
      state: 'DRAINED',
      stateReason: 'drained: timed out',
    });
  });

  test('undrain takes it back: base cost again', () => {
    const controller = draining();
    controller.handle({ kind: 'command', nowMs: 22_000, command: 'undrain' });
    expect(said(controller)).toMatchObject({ metric: 10, load: { state: 'up' } });
  });

  test('disable withdraws at once; enable brings a live service back at once', () => {
    const controller = make();
    check(controller, 0, true);
    controller.handle({ kind: 'command', nowMs: 5000, command: 'disable' });
    expect(said(controller)).toBeUndefined();
    check(controller, 6000, true);
    expect(controller.status().state).toBe('DISABLED');
    controller.handle({ kind: 'command', nowMs: 7000, command: 'enable' });
    expect(said(controller)?.load.state).toBe('up');
  });

  test('undrain does not bring back what was disabled; it does what was drained', () => {
    const controller = make();
    const command = (nowMs: number, name: ControllerCommand): string => {
      controller.handle({ kind: 'command', nowMs, command: name });
      return controller.status().state;
    };
    check(controller, 0, true);
    expect(command(5000, 'disable')).toBe('DISABLED');
    expect(command(6000, 'undrain')).toBe('DISABLED');
    expect(command(7000, 'enable')).toBe('UP');
    expect(command(8000, 'drain')).toBe('DRAINING');
    controller.handle({ kind: 'deadline', nowMs: 100_000 });
    expect(controller.status().state).toBe('DRAINED');
    expect(command(101_000, 'undrain')).toBe('UP');
  });

  test('enable does not bring back a service that died meanwhile', () => {
    const controller = make();
    check(controller, 0, true);
    controller.handle({ kind: 'command', nowMs: 5000, command: 'disable' });
    check(controller, 6000, false);
    controller.handle({ kind: 'command', nowMs: 7000, command: 'enable' });
    expect(controller.status().state).toBe('DOWN');
  });

  test('a command that the state does not know changes nothing and is counted', () => {
    const controller = make();
    check(controller, 0, true);
    drain(controller);
    controller.handle({ kind: 'command', nowMs: 5000, command: 'undrain' });
    expect(drain(controller)).toEqual([]);
    expect(controller.status()).toMatchObject({ state: 'UP', illegalEvents: 1 });
  });
});
