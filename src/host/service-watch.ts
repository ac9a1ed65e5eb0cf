/**
 * All signals of one service: it lives when every check that knows says so, and its load is put
 * together from what each load signal can see.
 * @module
 */
import type { LoadSample } from '../server-cost/load-sample.ts';
import type { Clock, Timer } from './clock.ts';
import { type CheckSchedule, type CheckStatus, LivenessCheck } from './liveness-check.ts';
import type { LivenessSignal, LoadReading, LoadSignal } from './load-signal.ts';
import { SelfTest, type TestQueries } from './self-test.ts';

export interface ScheduledCheck {
  readonly signal: LivenessSignal;
  readonly schedule: CheckSchedule;
}

export interface ServiceWatchConfig {
  readonly checks: readonly ScheduledCheck[];
  readonly loads: readonly LoadSignal[];
  readonly loadEveryMs: number;
  /** How the service can be asked often; left out when no probe asks it anything. */
  readonly testQueries?: TestQueries | undefined;
}

export interface ServiceWatchHandlers {
  onLiveness(alive: boolean, reason: string): void;
  onSample(sample: LoadSample): void;
}

/** What is shown of a load signal. */
export interface LoadStatus {
  readonly signal: string;
  /** Undefined while the signal tells nothing. */
  readonly reading: LoadReading | undefined;
  /** Why it tells nothing. */
  readonly problem: string | undefined;
}

export interface ServiceWatchStatus {
  readonly checks: readonly CheckStatus[];
  readonly loads: readonly LoadStatus[];
  /** Why no sample can be made; undefined while one can. */
  readonly sampleProblem: string | undefined;
}

/** Looks in a row that must be hot, or cold, before the service is. */
const HEAT_LOOKS = 3;

export class ServiceWatch {
  readonly #config: ServiceWatchConfig;
  readonly #handlers: ServiceWatchHandlers;
  readonly #clock: Clock;
  readonly #checks: readonly LivenessCheck[];
  #loads: LoadStatus[];
  #sampleProblem: string | undefined = 'not looked yet';
  #told: boolean | undefined;
  readonly #selfTest: SelfTest | undefined;
  #timer: Timer | undefined;
  #running = false;
  #hot = false;
  /** Looks in a row that saw the other of hot and cold. */
  #heatInARow = 0;

  constructor(config: ServiceWatchConfig, handlers: ServiceWatchHandlers, clock: Clock) {
    this.#config = config;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#checks = config.checks.map(
      ({ signal, schedule }) => new LivenessCheck(signal, schedule, clock, () => this.#judge()),
    );
    this.#selfTest = config.testQueries && new SelfTest(config.testQueries);
    this.#loads = config.loads.map(({ name }) => ({
      signal: name,
      reading: undefined,
      problem: 'not looked yet',
    }));
  }

  begin(): void {
    this.#running = true;
    for (const check of this.#checks) check.begin();
    if (this.#checks.length === 0) {
      // Without a liveness signal nobody could ever say that it lives.
      this.#handlers.onLiveness(true, 'no liveness is configured');
    }
    if (this.#config.loads.length > 0) void this.#look();
  }

  end(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#selfTest?.stop();
    for (const check of this.#checks) check.end();
  }

  /** Puts queries of our own on the service; does nothing when it cannot be asked. */
  selfTest(queriesPerSecond: number, durationMs: number): void {
    this.#selfTest?.run(queriesPerSecond, durationMs);
  }

  status(): ServiceWatchStatus {
    return {
      checks: this.#checks.map((check) => check.status()),
      loads: this.#loads,
      sampleProblem: this.#config.loads.length > 0 ? this.#sampleProblem : undefined,
    };
  }

  /** Hot and cold count in a row, like life: one full queue is a moment, three are a condition. */
  #withHeat(sample: LoadSample): LoadSample {
    const { hot: seen = false, ...rest } = sample;
    this.#heatInARow = seen === this.#hot ? 0 : this.#heatInARow + 1;
    if (this.#heatInARow >= HEAT_LOOKS) {
      this.#hot = seen;
      this.#heatInARow = 0;
    }
    return this.#hot ? { ...rest, hot: true } : rest;
  }

  #judge(): void {
    const all = this.#checks.map((check) => check.status());
    const dead = all.find(({ life }) => life === 'dead');
    // A check whose signal fails has no vote; one that is still counting is waited for.
    const counting = all.some(
      ({ life, lastLife, lastLookMs }) =>
        life === 'unknown' && (lastLife !== 'unknown' || lastLookMs === undefined),
    );
    const said = dead ?? all.find(({ life }) => life === 'alive');
    if (said === undefined || (dead === undefined && counting)) return;
    const alive = dead === undefined;
    if (alive === this.#told) return;
    this.#told = alive;
    this.#handlers.onLiveness(alive, `${said.signal}: ${said.reason}`);
  }

  async #look(): Promise<void> {
    const startedMs = this.#clock.nowMs();
    this.#loads = await Promise.all(
      this.#config.loads.map(async (signal): Promise<LoadStatus> => {
        try {
          const reading = await signal.look(startedMs);
          return { signal: signal.name, reading, problem: undefined };
        } catch (error) {
          return { signal: signal.name, reading: undefined, problem: (error as Error).message };
        }
      }),
    );
    if (!this.#running) return;
    const readings = this.#loads.flatMap(({ reading }) => reading ?? []);
    const sample = sampleOf(readings, startedMs);
    this.#sampleProblem = typeof sample === 'string' ? sample : undefined;
    if (typeof sample !== 'string') this.#handlers.onSample(this.#withHeat(sample));
    const nextMs = startedMs + this.#config.loadEveryMs;
    this.#timer = this.#clock.wakeAt(nextMs, () => void this.#look());
  }
}

const most = (values: readonly number[]): number | undefined =>
  values.length > 0 ? Math.max(...values) : undefined;

/**
 * One sample of all readings. Of several utilizations the greatest counts, for the scarcest
 * resource decides; of queries the first in the order of configuration; errors add up, since each
 * signal sees errors of its own kind; one hot signal is enough.
 * @returns why there is no sample, when queries or utilization are not known.
 */
export function sampleOf(readings: readonly LoadReading[], atMs: number): LoadSample | string {
  const given = (field: Exclude<keyof LoadReading, 'hot'>): number[] =>
    readings.flatMap((reading) => reading[field] ?? []);
  const [queriesPerSecond] = given('queriesPerSecond');
  if (queriesPerSecond === undefined) return 'no signal tells of queries per second';
  const utilizationRatio = most(given('utilizationRatio'));
  if (utilizationRatio === undefined) return 'no signal tells of utilization';
  const latencyMs = most(given('latencyMs'));
  return {
    atMs,
    utilizationRatio,
    queriesPerSecond,
    inFlight: most(given('inFlight')) ?? 0,
    errorsPerSecond: given('errorsPerSecond').reduce((sum, errors) => sum + errors, 0),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(readings.some(({ hot }) => hot === true) ? { hot: true } : {}),
  };
}
