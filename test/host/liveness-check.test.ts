import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../src/host/clock.ts';
import type { Life, LifeReading, LivenessSignal, LoadReading } from '../../src/host/load-signal.ts';
import { ServiceWatch, sampleOf } from '../../src/host/service-watch.ts';

/** A signal that answers what the test says. */
class Told implements LivenessSignal {
  readonly name = 'told';
  life: Life = 'alive';
  looks: number[] = [];
  end: (reason: string) => void = () => {};
  readonly #clock: ManualClock;
  constructor(clock: ManualClock) {
    this.#clock = clock;
  }
  async look(): Promise<LifeReading> {
    this.looks.push(this.#clock.nowMs());
    return { life: this.life, reason: this.life };
  }
  watch(onEnd: (reason: string) => void): () => void {
    this.end = onEnd;
    return () => {};
  }
}

/** Lets what was promised settle. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

const watching = (schedule = { everyMs: 1000, rise: 2, fall: 3 }, count = 1) => {
  const clock = new ManualClock();
  const signals = Array.from({ length: count }, () => new Told(clock));
  const told: [atMs: number, alive: boolean][] = [];
  const watch = new ServiceWatch(
    { checks: signals.map((signal) => ({ signal, schedule })), loads: [], loadEveryMs: 1000 },
    { onLiveness: (alive) => told.push([clock.nowMs(), alive]), onSample: () => {} },
    clock,
  );
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 50) {
      clock.advance(50);
      await settle();
    }
  };
  return { clock, signals, signal: signals[0]!, told, watch, pass };
};

describe('a liveness check', () => {
  it('shows what the last look saw, also while that does not count yet', async () => {
    const { watch, signal, pass } = watching();
    watch.begin();
    await pass(1000);
    signal.life = 'unknown';
    await pass(1000);
    expect(watch.status().checks).toMatchObject([
      { life: 'alive', reason: 'alive', lastLife: 'unknown', lastReason: 'unknown' },
    ]);
  });

  it('says alive after `rise` looks in a row, looking sooner while in doubt', async () => {
    const { watch, signal, told, pass } = watching();
    watch.begin();
    await settle();
    await pass(1000);
    expect(signal.looks.slice(0, 2)).toEqual([0, 200]);
    expect(told).toEqual([[200, true]]);
    await pass(2000);
    expect(told).toHaveLength(1); // only changes are told
  });

  it('says dead after `fall` looks in a row, and not for a single failure', async () => {
    const { watch, signal, told, pass } = watching();
    watch.begin();
    await settle();
    await pass(1000);
    signal.life = 'dead';
    await pass(300); // the look at 1,200 ms
    signal.life = 'alive';
    await pass(2000);
    expect(told).toHaveLength(1);
    signal.life = 'dead';
    await pass(2000);
    expect(told).toHaveLength(2);
    expect(told[1]![1]).toBe(false);
    expect(watch.status().checks[0]!.failures).toBeGreaterThanOrEqual(4);
  });

  it('says dead at the first failure when nothing was known before', async () => {
    const { watch, signal, told } = watching();
    signal.life = 'dead';
    watch.begin();
    await settle();
    expect(told).toEqual([[0, false]]);
  });

  it('believes an end that the system tells of at once', async () => {
    const { watch, signal, told, pass } = watching();
    watch.begin();
    await settle();
    await pass(500);
    signal.life = 'dead';
    signal.end('process 1 ended');
    expect(told).toEqual([
      [200, true],
      [500, false],
    ]);
  });

  it('that cannot look keeps what was known, and is named', async () => {
    const { watch, signal, told, pass } = watching();
    watch.begin();
    await settle();
    await pass(500);
    signal.life = 'unknown';
    await pass(10_000);
    expect(told).toEqual([[200, true]]);
    expect(watch.status().checks[0]).toMatchObject({ life: 'alive', lastLife: 'unknown' });
  });
});

describe('a service with several checks', () => {
  it('lives when all say so, and is dead when one says so', async () => {
    const { watch, signals, told, pass } = watching({ everyMs: 1000, rise: 1, fall: 1 }, 2);
    watch.begin();
    await settle();
    expect(told).toEqual([[0, true]]);
    signals[1]!.life = 'dead';
    await pass(1000);
    expect(told.at(-1)![1]).toBe(false);
    signals[1]!.life = 'alive';
    await pass(1000);
    expect(told.at(-1)![1]).toBe(true);
  });

  it('lives by the others when one check cannot look at all', async () => {
    const { watch, signals, told } = watching({ everyMs: 1000, rise: 1, fall: 1 }, 2);
    signals[0]!.life = 'unknown';
    watch.begin();
    await settle();
    expect(told).toEqual([[0, true]]);
  });

  it('is not said to live by checks that cannot look', async () => {
    const { watch, signals, told, pass } = watching({ everyMs: 1000, rise: 1, fall: 1 }, 2);
    for (const signal of signals) signal.life = 'unknown';
    watch.begin();
    await settle();
    await pass(3000);
    expect(told).toEqual([]);
  });
});

describe('a sample of several signals', () => {
  const sample = (...readings: LoadReading[]) => sampleOf(readings, 7);

  it('takes the scarcest resource, the first count of queries, and all errors', () => {
    expect(
      sample(
        { utilizationRatio: 0.2, inFlight: 3 },
        { queriesPerSecond: 100, errorsPerSecond: 1 },
        { utilizationRatio: 0.7, queriesPerSecond: 90, errorsPerSecond: 2, latencyMs: 4 },
      ),
    ).toEqual({
      atMs: 7,
      utilizationRatio: 0.7,
      inFlight: 3,
      queriesPerSecond: 100,
      errorsPerSecond: 3,
      latencyMs: 4,
    });
  });

  it('is hot when one signal is, and keeps its utilization', () => {
    expect(sample({ utilizationRatio: 0.4, queriesPerSecond: 10 }, { hot: true })).toMatchObject({
      utilizationRatio: 0.4,
      hot: true,
    });
    expect(sample({ utilizationRatio: 0.4, queriesPerSecond: 10, hot: false })).not.toHaveProperty(
      'hot',
    );
  });

  it('is none while queries or utilization are not known', () => {
    expect(sample({ utilizationRatio: 0.4 })).toBe('no signal tells of queries per second');
    expect(sample({ queriesPerSecond: 4 })).toBe('no signal tells of utilization');
  });
});

describe('load that is looked at', () => {
  it('is hot after three looks in a row, and cold after three; a failing signal is named', async () => {
    const clock = new ManualClock();
    const hots: boolean[] = [];
    const looks = [false, true, true, false, true, true, true, true, false, false, false, false];
    const load = {
      name: 'told',
      look: async () => ({ queriesPerSecond: 10, utilizationRatio: 0.5, hot: looks.shift()! }),
    };
    const failing = { name: 'broken', look: () => Promise.reject(new Error('no such file')) };
    const watch = new ServiceWatch(
      { checks: [], loads: [load, failing], loadEveryMs: 1000 },
      { onLiveness: () => {}, onSample: ({ hot }) => hots.push(hot === true) },
      clock,
    );
    watch.begin();
    await settle();
    for (let i = 0; i < 11; i++) {
      clock.advance(1000);
      await settle();
    }
    expect(hots.map(Number).join('')).toBe('000000111100'.slice(0, hots.length));
    expect(hots).toHaveLength(12);
    expect(watch.status().loads[1]).toEqual({
      signal: 'broken',
      reading: undefined,
      problem: 'no such file',
    });
    watch.end();
  });
});
