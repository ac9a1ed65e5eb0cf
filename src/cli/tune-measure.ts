/**
 * Makes runs, and beside each scenario and seed one of the oracle that knows capacities, which they
 * are compared with.
 * @module
 */
import { runJobs, type TuneJob, type TuneResult } from './tune-jobs.ts';

/** A run and what the oracle reached with the same scenario and seed. */
export interface MeasuredRun {
  readonly result: TuneResult;
  /** The oracle's 99th percentile of latency, milliseconds. */
  readonly oracleP99: number;
}

const pairOf = ({ file, seed }: TuneJob): string => `${file} ${seed}`;

/**
 * The jobs, and in front of the first of each scenario and seed that of the oracle: what is compared
 * with it can be told as soon as it is there.
 */
function withOracles(jobs: readonly TuneJob[]): { job: TuneJob; isAsked: boolean }[] {
  const known = new Set<string>();
  return jobs.flatMap((job) => {
    const asked = { job, isAsked: true };
    if (known.has(pairOf(job))) return [asked];
    known.add(pairOf(job));
    return [{ job: { ...job, overrides: {}, policy: 'oracle' as const }, isAsked: false }, asked];
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
