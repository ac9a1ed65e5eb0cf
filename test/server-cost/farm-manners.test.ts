/** What servers of one farm owe each other: one drain at a time, a floor of active servers, turns in
 * speaking. */
import { describe, expect, test } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { COST_DEFAULTS, type CostConfig } from '../../src/server-cost/config.ts';
import { explainLines } from '../../src/server-cost/explanation.ts';
import type { FarmMember } from '../../src/server-cost/farm-member.ts';
import {
  type ControllerCommand,
  type ControllerOutput,
  ServiceController,
} from '../../src/server-cost/service-controller.ts';
import { MiniFarm } from './mini-farm.ts';

const member = (routerId: number, more: Partial<FarmMember> = {}): FarmMember => ({
  routerId,
  state: 'up',
  capacityQueriesPerSecond: 100,
  offeredQueriesPerSecond: 20,
  utilizationRatio: 0.2,
  weight: 100,
  metric: 10,
  ...more,
});

class Bench {
  readonly controller: ServiceController;
  nowMs = 0;
  readonly heard: ControllerOutput[] = [];

  constructor(cost: Partial<CostConfig> = {}) {
    this.controller = new ServiceController(
      { ...COST_DEFAULTS, ...cost },
      { routerId: 1 },
      new Prng(1),
    );
    this.controller.handle({ kind: 'liveness', nowMs: 0, alive: true, reason: 'answers' });
    this.#take();
  }

  farm(...members: FarmMember[]): void {
    const { nowMs } = this;
    this.controller.handle({ kind: 'farm', nowMs, members, allRoutersUseWeights: true });
    this.#take();
  }

  tell(kind: 'solicited' | 'peerAdvertised'): void {
    this.controller.handle({ kind, nowMs: this.nowMs });
    this.#take();
  }

  command(command: ControllerCommand): void {
    this.controller.handle({ kind: 'command', nowMs: this.nowMs, command });
    this.#take();
  }

  drain(): void {
    this.command('drain');
  }

  die(reason: string): void {
    this.controller.handle({ kind: 'liveness', nowMs: this.nowMs, alive: false, reason });
    this.#take();
  }

  /** Lets seconds pass, with a sample each and every deadline kept. */
  run(seconds: number, queriesPerSecond: number, utilizationRatio = 0): void {
    for (let s = 0; s < seconds; s++) {
      const endMs = this.nowMs + 1000;
      while (this.controller.deadlineMs() < endMs) {
        this.nowMs = Math.max(this.nowMs, this.controller.deadlineMs());
        this.controller.handle({ kind: 'deadline', nowMs: this.nowMs });
        this.#take();
        if (this.controller.deadlineMs() <= this.nowMs) throw new Error('a deadline that stays');
      }
      this.nowMs = endMs;
      const load = { queriesPerSecond, utilizationRatio, inFlight: 0, errorsPerSecond: 0 };
      const sample = { atMs: endMs, ...load };
      this.controller.handle({ kind: 'sample', nowMs: endMs, sample });
      this.#take();
    }
  }

  get state(): string {
    return this.controller.status().state;
  }

  #take(): void {
    for (let out = this.controller.poll(); out; out = this.controller.poll()) this.heard.push(out);
  }
}

describe('rolling drains', () => {
  test('wait for another server that drains, and begin when it has gone', () => {
    const bench = new Bench();
    bench.farm(member(1), member(2, { state: 'draining', metric: 0xffff }), member(3));
    bench.drain();
    bench.run(5, 20, 0.2);
    expect(bench.state).toBe('UP');
    expect(bench.controller.status().drain).toMatchObject({ behindRouterId: 2 });
    expect(explainLines(bench.controller.explain(), bench.nowMs, (id) => `server ${id}`)).toContain(
      'drain: behind that of server 2, in 55.0 s at the latest',
    );
    bench.farm(member(1), member(3));
    expect(bench.state).toBe('DRAINING');
  });

  test('say how far they are and when they end at the latest', () => {
    const bench = new Bench();
    bench.farm(member(1), member(3));
    bench.run(5, 20, 0.2);
    bench.drain();
    bench.run(4, 20, 0.2);
    const explanation = bench.controller.explain();
    expect(explanation.drain).toMatchObject({ sinceMs: 5000, timeoutMs: 65_000 });
    expect(explainLines(explanation, bench.nowMs)).toContain(
      'drain: since 4.0 s, 20.0 q/s still come, ends in 56.0 s at the latest',
    );
  });

  test('wait no longer than the time that a drain may take', () => {
    const bench = new Bench();
    bench.farm(member(1), member(2, { state: 'draining', metric: 0xffff }));
    bench.drain();
    bench.run(61, 20, 0.2);
    expect(bench.state).toBe('DRAINING');
  });

  test('a drain that waits is taken back by undrain', () => {
    const bench = new Bench();
    bench.farm(member(1), member(2, { state: 'draining', metric: 0xffff }));
    bench.drain();
    bench.controller.handle({ kind: 'command', nowMs: bench.nowMs, command: 'undrain' });
    bench.farm(member(1));
    expect(bench.state).toBe('UP');
    expect(bench.controller.status()).toMatchObject({ drain: undefined, illegalEvents: 0 });
  });
});

describe('standby', () => {
  const idle = { standbyAfterMs: 30_000 };

  test('a server without queries falls silent when enough others are active', () => {
    const bench = new Bench(idle);
    bench.farm(member(1), member(2), member(3));
    bench.run(29, 0);
    expect(bench.state).toBe('UP');
    bench.run(5, 0);
    expect(bench.state).toBe('STANDBY');
    expect(bench.heard.at(-1)).toMatchObject({ kind: 'standBy' });
  });

  test('tells the others that it stands by and what it could do, but no load', () => {
    const bench = new Bench(idle);
    bench.farm(member(1), member(2), member(3));
    bench.run(60, 50, 0.5);
    bench.run(60, 0);
    expect(bench.state).toBe('STANDBY');
    expect(bench.heard.at(-1)).toMatchObject({
      kind: 'standBy',
      weight: 100,
      load: {
        state: 'standby',
        capacityQueriesPerSecond: expect.closeTo(100),
        offeredQueriesPerSecond: 0,
        utilizationRatio: 0,
      },
    });
    const { controller, nowMs } = bench;
    expect(controller.status().advertisement).toBeUndefined();
    expect(explainLines(controller.explain(), nowMs)).toContain('says: that it stands by');
  });

  test('a server that stands by and dies, or is disabled, is told of no longer', () => {
    const dead = silent();
    dead.die('gone');
    expect(dead.state).toBe('DOWN');
    expect(dead.heard.at(-1)).toEqual({ kind: 'withdraw', reason: 'gone' });
    const disabled = silent();
    disabled.command('disable');
    expect(disabled.state).toBe('DISABLED');
    expect(disabled.heard.at(-1)).toEqual({ kind: 'withdraw', reason: 'told to disable' });
  });

  test('never by itself: it has to be asked for', () => {
    const bench = new Bench();
    bench.farm(member(1), member(2), member(3));
    bench.run(600, 0);
    expect(bench.state).toBe('UP');
  });

  test('of another server is seen in what explains our own', () => {
    const bench = new Bench();
    bench.farm(member(1), member(2), member(3, { state: 'standby', metric: undefined }));
    const explanation = bench.controller.explain();
    expect(explanation.farm.map(({ routerId, state }) => [routerId, state])).toEqual([
      [1, 'up'],
      [2, 'up'],
      [3, 'standby'],
    ]);
    expect(explainLines(explanation, bench.nowMs)).toContain('farm: 2 up, 1 standby');
  });

  test('keeps a floor of active servers', () => {
    const bench = new Bench(idle);
    bench.farm(member(1), member(2), member(3, { state: 'draining' }));
    bench.run(120, 0);
    expect(bench.state).toBe('UP');
  });

  const silent = (): Bench => {
    const bench = new Bench(idle);
    bench.farm(member(1), member(2), member(3));
    bench.run(40, 0);
    expect(bench.state).toBe('STANDBY');
    bench.farm(member(2), member(3));
    return bench;
  };

  test('wakes at once when somebody asks for the address', () => {
    const bench = silent();
    bench.tell('solicited');
    expect(bench.state).toBe('UP');
    expect(bench.heard.at(-1)).toMatchObject({ kind: 'advertise' });
  });

  test('wakes when the others get busy, and when there are too few', () => {
    const busy = silent();
    busy.farm(
      member(2, { offeredQueriesPerSecond: 90 }),
      member(3, { offeredQueriesPerSecond: 60 }),
    );
    busy.run(4, 0);
    expect(busy.state).toBe('UP');
    const few = silent();
    few.farm(member(2));
    few.run(4, 0);
    expect(few.state).toBe('UP');
  });

  test('stays silent when what woke it is over before its turn', () => {
    const bench = silent();
    bench.farm(member(2));
    bench.farm(member(2), member(3));
    bench.run(20, 0);
    expect(bench.state).toBe('STANDBY');
  });

  test('a farm that is idle keeps its floor, and all come back for a crowd', () => {
    const farm = new MiniFarm({
      capacities: [100, 100, 100, 100, 100],
      queriesPerSecond: 0,
      weights: true,
      cost: { standbyAfterMs: 20_000 },
      seed: 4,
    });
    farm.run(60);
    expect(farm.members().length).toBeGreaterThanOrEqual(2);
    expect(farm.members().length).toBeLessThan(5);
    farm.queriesPerSecond = 330;
    farm.run(120);
    expect(farm.members().length).toBe(5);
  });
});

describe('taking turns', () => {
  /** Until a change of offered load is due, one second behind a peer that speaks every half one. */
  const toldAtMs = (peerEveryMs: number | undefined): number => {
    const bench = new Bench();
    bench.farm(member(1), member(2));
    bench.run(40, 1000, 0.25);
    bench.heard.length = 0;
    for (let i = 0; i < 400; i++) {
      bench.nowMs += 50;
      if (peerEveryMs !== undefined && bench.nowMs % peerEveryMs === 0)
        bench.tell('peerAdvertised');
      const load = { queriesPerSecond: 2600, utilizationRatio: 0.65, inFlight: 0 };
      const sample = { atMs: bench.nowMs, errorsPerSecond: 0, ...load };
      bench.controller.handle({ kind: 'sample', nowMs: bench.nowMs, sample });
      const out = bench.controller.poll();
      if (out?.kind === 'advertise') return bench.nowMs;
    }
    return Number.POSITIVE_INFINITY;
  };

  test("news of load waits behind another server's, but not for ever", () => {
    const alone = toldAtMs(undefined);
    const behind = toldAtMs(500);
    expect(behind).toBeGreaterThan(alone);
    expect(behind - alone).toBeLessThanOrEqual(COST_DEFAULTS.minLsIntervalMs);
  });
});

describe('explain', () => {
  test('says what went in, what came of it, and when it can change, as text and as JSON', () => {
    const bench = new Bench();
    bench.farm(member(1));
    bench.run(5, 100, 0.5);
    const explanation = bench.controller.explain();
    expect(explanation).toMatchObject({
      state: 'UP',
      capacity: { phase: 'blackout', believedFromMs: 12_000 },
      policy: 'plan',
      plan: { isIn: true, reason: 'every router spreads by weights' },
    });
    expect(JSON.parse(JSON.stringify(explanation))).toMatchObject({ state: 'UP' });
    expect(explainLines(explanation, bench.nowMs)).toEqual([
      'state: UP: answers',
      'last verdict: answers',
      'says: cost 10, weight 100, since 5.0 s: new in the farm',
      'load: 100.0 q/s offered, utilization 50 %, errors 0 %, 0 in flight',
      'capacity: 200.0 q/s, blackout, believed in 7.0 s',
      'farm: 1 up',
      'plan: in: every router spreads by weights',
      'next look without news: in 7.0 s',
    ]);
  });

  test('of a plan without known capacities says so, and no number', () => {
    const bench = new Bench();
    bench.controller.handle({
      kind: 'farm',
      nowMs: bench.nowMs,
      members: [member(1, { capacityQueriesPerSecond: 0 })],
      allRoutersUseWeights: false,
    });
    bench.controller.handle({ kind: 'deadline', nowMs: bench.nowMs + 60_000 });
    const lines = explainLines(bench.controller.explain(), bench.nowMs);
    expect(lines).toContain('  now: 1 server, 20.0 q/s each, utilization not known');
  });

  test('names what holds a change back', () => {
    const bench = new Bench();
    bench.run(13, 100, 0.5);
    const held = bench.controller.explain();
    expect(held.capacity.phase).toBe('steady');
    bench.run(3, 300, 0.5);
    expect(bench.controller.explain().limiter).toMatch(/^MinLSInterval holds: capacity 200/);
  });

  test('says that a service is silent, and why', () => {
    const bench = new Bench();
    bench.controller.handle({ kind: 'liveness', nowMs: 1000, alive: false, reason: 'timeout' });
    expect(explainLines(bench.controller.explain(), 2000).slice(0, 3)).toEqual([
      'state: DOWN: timeout',
      'last verdict: timeout',
      'says: nothing',
    ]);
  });
});
