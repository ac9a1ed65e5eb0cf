/**
 * Pressure-stall information (Linux 4.20): the share of time in which some task waited for CPU,
 * memory or disk. It sees an overbooked machine, which CPU time does not. Costs one small file per
 * look. It lies for a service that shares the machine with a busy batch job of lower priority:
 * then read the pressure of the service's own control group (version 2).
 * @module
 */
import { readFile } from 'node:fs/promises';
import { CounterRate, type LoadReading, type LoadSignal } from './load-signal.ts';

export interface PressureSource {
  readonly resource: 'cpu' | 'memory' | 'io';
  /** Control group below /sys/fs/cgroup; the whole machine when left out. */
  readonly cgroup?: string | undefined;
  /** Share of time stalled from which the service is hot, 0..1. */
  readonly hotRatio: number;
}

/** Microseconds for which some task has stalled so far. */
export function parsePressure(text: string): number {
  const total = /^some .*total=(\d+)/m.exec(text)?.[1];
  if (total === undefined) throw new Error('no line of "some" with a total');
  return Number(total);
}

export class PressureSignal implements LoadSignal {
  readonly name: string;
  readonly #path: string;
  readonly #hotRatio: number;
  readonly #rate = new CounterRate();

  constructor({ resource, cgroup, hotRatio }: PressureSource) {
    this.#path =
      cgroup === undefined
        ? `/proc/pressure/${resource}`
        : `/sys/fs/cgroup${cgroup}/${resource}.pressure`;
    this.#hotRatio = hotRatio;
    this.name = `pressure ${this.#path}`;
  }

  async look(nowMs: number): Promise<LoadReading> {
    const stalledUs = parsePressure(await readFile(this.#path, 'utf8'));
    const rate = this.#rate.add(nowMs, stalledUs);
    return rate === undefined ? {} : { hot: rate / 1e6 >= this.#hotRatio };
  }
}
