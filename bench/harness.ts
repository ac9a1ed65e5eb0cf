/**
 * What every bench program shares: how a time is taken, what a row says, and how rows are judged.
 * Ours and theirs are measured in turns within one run, so that both meet the same machine; what
 * counts is the ratio of their medians.
 */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** How a program is asked to run. */
export interface BenchContext {
  /** Fewer and shorter repeats: for a look, not for a claim. */
  readonly quick: boolean;
  /** A line for people about what is going on; never on stdout with `--json`. */
  readonly say: (line: string) => void;
}

/** One measurement beside a named alternative. */
export interface BenchRow {
  readonly bench: string;
  readonly case: string;
  /** Median of ours. */
  readonly ours: number;
  readonly unit: string;
  /** What it is compared with; null when there is nothing to compare with. */
  readonly against: string | null;
  readonly theirs: number | null;
  /** How many times better ours is than theirs: above 1 is better, whatever the unit. */
  readonly ratio: number | null;
  /** In words, such as `ratio ≥ 10` or `≤ 2 ms`; null when the row is for information. */
  readonly goal: string | null;
  readonly met: boolean | null;
  /** Half the distance of the quartiles over the median: ours, theirs. */
  readonly spread?: readonly [number, number | null];
}

export interface Bench {
  /** The name of its file. */
  readonly name: string;
  /** One line: what is measured against what. */
  readonly about: string;
  run(context: BenchContext): BenchRow[] | Promise<BenchRow[]>;
}

/** Repeated measurements of one thing. */
export interface Samples {
  readonly median: number;
  /** Half the distance of the quartiles over the median. */
  readonly spread: number;
  readonly min: number;
  readonly max: number;
  readonly p99: number;
}

export function summarize(values: readonly number[]): Samples {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (ratio: number): number => {
    const index = ratio * (sorted.length - 1);
    const low = sorted[Math.floor(index)] ?? Number.NaN;
    const high = sorted[Math.ceil(index)] ?? Number.NaN;
    return low + (high - low) * (index % 1);
  };
  const median = at(0.5);
  return {
    median,
    spread: (at(0.75) - at(0.25)) / 2 / median,
    min: at(0),
    max: at(1),
    p99: at(0.99),
  };
}

/** What a timed function returns is kept here, so that it cannot be optimized away. */
export const sink: { value: unknown } = { value: undefined };

const now = (): number => performance.now();
const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => {});

/** Runs a function until a time is over. @returns nanoseconds per operation. */
function window(operation: () => unknown, operationsPerCall: number, forMs: number): number {
  let calls = 0;
  const from = now();
  let elapsedMs = 0;
  let batch = 1;
  while (elapsedMs < forMs) {
    for (let i = 0; i < batch; i++) sink.value = operation();
    calls += batch;
    elapsedMs = now() - from;
    if (elapsedMs < forMs / 16) batch *= 2;
  }
  return (elapsedMs * 1e6) / (calls * operationsPerCall);
}

/** A thing to be timed: called again and again. */
export interface Timed {
  readonly name: string;
  readonly run: () => unknown;
  /** Operations that one call performs; by default 1. */
  readonly operations?: number;
}

/**
 * Times several things in turns: a warm-up of each, then windows round and round.
 * @returns nanoseconds per operation, in the order given.
 */
export function timeInTurns(context: BenchContext, things: readonly Timed[]): Samples[] {
  const [warmUpMs, windowMs, rounds] = context.quick ? [50, 20, 5] : [300, 60, 15];
  for (const { run, operations = 1 } of things) window(run, operations, warmUpMs);
  const values = things.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { run, operations = 1 }] of things.entries()) {
      collect();
      values[i]?.push(window(run, operations, windowMs));
    }
  }
  return values.map(summarize);
}

/** A goal for a ratio: ours at least so many times as good. */
export const timesAsGood = (least: number) => (ratio: number) => ({
  goal: `ratio ≥ ${least}`,
  met: ratio >= least,
});

type Judge = (ratio: number) => { readonly goal: string; readonly met: boolean };

/** Times ours against theirs. @returns a row in nanoseconds per operation. */
export function compare(
  context: BenchContext,
  about: { readonly bench: string; readonly case: string; readonly judge?: Judge },
  ours: Timed,
  theirs: Timed,
): BenchRow {
  const [mine, other] = timeInTurns(context, [ours, theirs]);
  if (mine === undefined || other === undefined) throw new Error('nothing was timed');
  const ratio = other.median / mine.median;
  return {
    bench: about.bench,
    case: about.case,
    ours: mine.median,
    unit: 'ns/op',
    against: theirs.name,
    theirs: other.median,
    ratio,
    goal: null,
    met: null,
    ...about.judge?.(ratio),
    spread: [mine.spread, other.spread],
  };
}

/** A row for a figure with a ceiling, such as a latency; less is better. */
export function atMost(
  row: {
    readonly bench: string;
    readonly case: string;
    readonly ours: number;
    readonly unit: string;
    readonly spread?: number;
  },
  ceiling: number | null,
  theirs: { readonly name: string; readonly value: number; readonly spread?: number } | null = null,
): BenchRow {
  const { spread = 0, ...rest } = row;
  return {
    ...rest,
    against: theirs?.name ?? null,
    theirs: theirs?.value ?? null,
    ratio: theirs === null || row.ours === 0 ? null : theirs.value / row.ours,
    goal: ceiling === null ? null : `≤ ${ceiling} ${row.unit}`,
    met: ceiling === null ? null : row.ours <= ceiling,
    spread: [spread, theirs?.spread ?? null],
  };
}

/** The machine that the rows were measured on. */
export function machine(): Readonly<Record<string, string | number>> {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    kernel: release(),
  };
}

/**
 * Processor time of the whole machine since it began, in ticks of the kernel (proc(5), /proc/stat):
 * what was wanted, and how much of that a hypervisor gave to others. Where it withholds more than a
 * few per cent, figures tell of its other guests. Zeros where there is no such file.
 */
export function processorTime(): { readonly wanted: number; readonly withheld: number } {
  let line: string;
  try {
    [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  } catch {
    return { wanted: 0, withheld: 0 };
  }
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { wanted: user + nice + system + irq + softirq + steal, withheld: steal };
}
