/**
 * Makes runs, and beside each scenario and seed one of the oracle that knows capacities, which they
 * are compared with. A scenario whose demand or servers a sweep sets is another to the oracle.
 * @module
 */
import { runJobs, type TuneJob, type TuneResult } from './tune-jobs.ts';
import type { Overrides } from './tune-scenario.ts';
import { isServerSetting } from './tune-server-setting.ts';

/** A run and what the oracle reached with the same scenario and seed. */
export interface MeasuredRun {
  readonly result: TuneResult;
  /** The oracle's 99th percentile of latency, milliseconds. */
  readonly oracleP99: number;
}

/** What a sweep sets and the oracle meets: it asks no server. */
const worldOf = ({ overrides }: TuneJob): Overrides =>
  Object.fromEntries(Object.entries(overrides).filter(([key]) => !isServerSetting(key)));

const pairOf = (job: TuneJob): string => JSON.stringify([job.file, job.seed, worldOf(job)]);

/**
 * The jobs, and in front of the first of each scenario and seed that of the oracle: what is compared
 * with it can be told as soon as it is there.
 */
export function withOracles(jobs: readonly TuneJob[]): { job: TuneJob; isAsked: boolean }[] {
  const known = new Set<string>();
  return jobs.flatMap((job) => {
    const asked = { job, isAsked: true };
    if (known.has(pairOf(job))) return [asked];
    known.add(pairOf(job));
    const oracle = { ...job, overrides: worldOf(job), policy: 'oracle' as const };
    return [{ job: oracle, isAsked: false }, asked];
  });
}

/**
 * @param onProgress - the share of all work done, 0..1.
 * @param onRun - told every run, in the order of the jobs, as soon as those before are there.
 *   Rejects when a run fails.
 */
export async function measure(
  jobs: readonly TuneJob[],
  onProgress: (ratio: number) => void,
  onRun: (run: MeasuredRun) => void,
): Promise<void> {
  const all = withOracles(jobs);
  const oracleP99 = new Map<string, number>();
  let told = 0;
  await runJobs(
    all.map(({ job }) => job),
    onProgress,
    (result) => {
      const { isAsked } = all[told++]!;
      const pair = pairOf(result.job);
      if (isAsked) onRun({ result, oracleP99: oracleP99.get(pair)! });
      else oracleP99.set(pair, result.figures.latencyMs.p99);
    },
  );
}
