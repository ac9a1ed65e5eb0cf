/**
 * Runs of scenarios on all cores: each worker thread takes the next job when it is done.
 * @module
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DemandShape } from '../sim/demand.ts';
import type { ScenarioRun } from '../sim/run.ts';
import type { Policy } from '../sim/scenario.ts';
import type { Overrides } from './tune-scenario.ts';

/** One run to be made. */
export interface TuneJob {
  readonly file: string;
  readonly overrides: Overrides;
  readonly policy: Policy;
  readonly seed: number;
  /** In the place of the scenario's own demand. */
  readonly replay?: Extract<DemandShape, { kind: 'trace' }>;
}

export interface TuneResult extends ScenarioRun {
  readonly scenario: string;
  readonly job: TuneJob;
  /** Time that the run took, seconds. */
  readonly wallS: number;
}

/** What a worker says. */
export type FromTuneWorker =
  | { readonly kind: 'progress'; readonly ratio: number }
  | { readonly kind: 'result'; readonly result: TuneResult }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Makes all runs.
 * @param onProgress - the share of all work done, 0..1.
 * @param onResult - told every result, in the order of the jobs, as soon as those before are there.
 *   Rejects when a run fails.
 */
export async function runJobs(
  jobs: readonly TuneJob[],
  onProgress: (ratio: number) => void,
  onResult: (result: TuneResult) => void,
): Promise<void> {
  const results = new Map<number, TuneResult>();
  let told = 0;
  const progress = new Array<number>(jobs.length).fill(0);
  let next = 0;
  const work = async (worker: Worker): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      const result = await runJob(worker, jobs[index]!, (ratio) => {
        progress[index] = ratio;
        onProgress(progress.reduce((sum, each) => sum + each, 0) / jobs.length);
      });
      results.set(index, result);
      for (let due = results.get(told); due !== undefined; due = results.get(told)) {
        results.delete(told++);
        onResult(due);
      }
    }
  };
  const threads = Math.min(jobs.length, availableParallelism());
  const program = new URL('./tune-worker.js', import.meta.url);
  const workers = Array.from({ length: threads }, () => new Worker(program));
  try {
    await Promise.all(workers.map(work));
  } finally {
    // Where one run has failed the others are not waited for.
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function runJob(
  worker: Worker,
  job: TuneJob,
  onProgress: (ratio: number) => void,
): Promise<TuneResult> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      worker.off('message', hear);
      worker.off('error', reject);
    };
    const hear = (message: FromTuneWorker): void => {
      if (message.kind === 'progress') {
        onProgress(message.ratio);
        return;
      }
      done();
      if (message.kind === 'result') resolve(message.result);
      else reject(new Error(message.reason));
    };
    worker.on('message', hear);
    worker.on('error', reject);
    worker.postMessage(job);
  });
}
