/**
 * When the kernel woke a process, by the kernel's own clock: the trace event `sched_waking`. A
 * program that tells of changes (`ip monitor`) is woken by the change itself, and looks at its clock
 * when it gets a processor, which here is up to a millisecond later and longer for whoever changed
 * the route on a processor that it needs. tracefs is mounted for the time being where it is not; the
 * traces are instances of their own, so that nobody else's is touched.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'tidecast-bench-';
/** Enough for every waking between two looks. */
const BUFFER_KIB = 256;
const WAKING = /\s(\d+\.\d{6}): sched_waking:/;

/** Where tracefs belongs. */
const TRACING = '/sys/kernel/tracing';
const INSTANCES = join(TRACING, 'instances');

export class Traces {
  readonly #mounted: boolean;
  readonly #open: Wakings[] = [];

  private constructor(mounted: boolean) {
    this.#mounted = mounted;
    for (const name of readdirSync(INSTANCES)) {
      if (name.startsWith(PREFIX)) rmdirSync(join(INSTANCES, name));
    }
  }

  /** @returns undefined where the kernel has no traces, or lets nobody see them. */
  static open(): Traces | undefined {
    try {
      const there = existsSync(INSTANCES);
      if (!there) execFileSync('mount', ['-t', 'tracefs', 'tracefs', TRACING], { stdio: 'ignore' });
      return new Traces(!there);
    } catch {
      return undefined;
    }
  }

  wakingsOf(pid: number): Wakings {
    const wakings = new Wakings(join(INSTANCES, `${PREFIX}${pid}`), pid);
    this.#open.push(wakings);
    return wakings;
  }

  /** Leaves the kernel as it was. */
  close(): void {
    for (const wakings of this.#open.splice(0)) wakings.close();
    if (this.#mounted) execFileSync('umount', [TRACING]);
  }
}

/** Of one process. */
export class Wakings {
  readonly #instance: string;

  constructor(instance: string, pid: number) {
    this.#instance = instance;
    mkdirSync(instance);
    this.#write('trace_clock', 'mono');
    this.#write('buffer_size_kb', `${BUFFER_KIB}`);
    this.#write('events/sched/sched_waking/filter', `pid == ${pid}`);
    this.#write('events/sched/sched_waking/enable', '1');
  }

  /** The last one from a time to another, Unix epoch ms. */
  lastIn(fromMs: number, toMs: number): number | undefined {
    const offsetMs = monotonicZeroMs();
    const atMs = readFileSync(join(this.#instance, 'trace'), 'utf8')
      .split('\n')
      .flatMap((line) => WAKING.exec(line)?.[1] ?? [])
      .map((seconds) => Number(seconds) * 1000 + offsetMs);
    return atMs.findLast((one) => one >= fromMs && one <= toMs);
  }

  forget(): void {
    this.#write('trace', '');
  }

  close(): void {
    this.#write('events/enable', '0');
    rmdirSync(this.#instance);
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#instance, file), text);
  }
}

/** The time at which CLOCK_MONOTONIC was 0, Unix epoch ms, now that both clocks are where they are. */
function monotonicZeroMs(): number {
  const before = Date.now();
  let nowMs = before;
  while (nowMs === before) nowMs = Date.now();
  return nowMs - Number(process.hrtime.bigint()) / 1e6;
}
