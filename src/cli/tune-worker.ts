/**
 * The program of a worker thread that runs scenarios.
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { runScenario } from '../sim/run.ts';
import type { FromTuneWorker, TuneJob } from './tune-jobs.ts';
import { readScenario } from './tune-scenario.ts';

const PROGRESS_STEP = 0.02;

const tell = (message: FromTuneWorker): void => parentPort?.postMessage(message);

function run(job: TuneJob): void {
  const read = readScenario(job.file, job.overrides);
  const scenario = job.replay
    ? { ...read, demand: { ...read.demand, shape: job.replay, noiseRatio: 0 } }
    : read;
  const startedMs = performance.now();
  let told = 0;
  const made = runScenario(scenario, job.policy, job.seed, (ratio) => {
    if (ratio < told + PROGRESS_STEP) return;
    told = ratio;
    tell({ kind: 'progress', ratio });
  });
  const wallS = (performance.now() - startedMs) / 1000;
  tell({ kind: 'progress', ratio: 1 });
  tell({ kind: 'result', result: { ...made, scenario: scenario.name, job, wallS } });
}

parentPort?.on('message', (job: TuneJob) => {
  try {
    run(job);
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
});
