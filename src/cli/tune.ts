/**
 * `tidecast tune`: runs farms in virtual time with the code that production runs, and says how
 * they did.
 * @module
 */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError } from 'commander';
import { ConfigError } from '../errors.ts';
import { POLICIES, type Policy } from '../sim/scenario.ts';
import type { TuneJob, TuneResult } from './tune-jobs.ts';
import { type MeasuredRun, measure } from './tune-measure.ts';
import { recommendationOf } from './tune-recommend.ts';
import { readTrace } from './tune-replay.ts';
import { reportOf } from './tune-report.ts';
import { type Overrides, readScenario, shippedScenarios } from './tune-scenario.ts';
import { jsonOf, ranked, tableOf } from './tune-table.ts';

interface TuneOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly seeds: number;
  readonly compare?: readonly Policy[];
  readonly sweep: readonly Sweep[];
  readonly report?: string;
  readonly replay?: string;
  readonly recommend?: string;
}

interface Sweep {
  readonly key: string;
  readonly values: readonly string[];
}

function policies(text: string): Policy[] {
  return text.split(',').map((name, i, names) => {
    if (names.indexOf(name) < i)
      throw new InvalidArgumentError(`found ${name} twice, allowed is each once`);
    const policy = POLICIES.find((each) => each === name);
    if (policy === undefined) {
      throw new InvalidArgumentError(`found ${name}, allowed are ${POLICIES.join(', ')}`);
    }
    return policy;
  });
}

function sweep(text: string, before: readonly Sweep[]): Sweep[] {
  const [, key, values] = /^([A-Za-z.0-9]+)=(.+)$/.exec(text) ?? [];
  if (key === undefined || values === undefined) {
    throw new InvalidArgumentError('allowed is KEY=VALUE,VALUE… with a dotted key of the scenario');
  }
  if (before.some((each) => each.key === key)) {
    throw new InvalidArgumentError(`found ${key} twice, allowed is one list of values of a key`);
  }
  return [...before, { key, values: values.split(',') }];
}

function seedCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw new InvalidArgumentError(`found ${text}, allowed is a whole number, 1 to 1000`);
  }
  return count;
}

export function registerTune(program: Command): void {
  program
    .command('tune')
    .description('run scenarios on simulated farms and compare policies and settings')
    .argument('[scenario...]', 'scenario files (YAML)')
    .option('--all', 'all scenarios that come with the package')
    .option('--seeds <count>', 'runs of each, with seeds from 1', seedCount, 3)
    .option('--compare <policies>', `in the place of the scenario's own: ${POLICIES}`, policies)
    .option('--sweep <key=a,b,c>', 'try settings; repeat for a grid', sweep, [])
    .option('--recommend <file>', 'of a sweep, write the best settings as a fragment')
    .option('--replay <file>', 'recorded counters (CSV) as demand')
    .option('--report <file>', 'write a page with plots')
    .option('--json', 'one JSON object per run')
    .action(tune);
}

async function tune(files: readonly string[], options: TuneOptions): Promise<void> {
  let status = 2; // what is asked for cannot be run
  try {
    const chosen = [...files, ...(options.all ? shippedScenarios() : [])];
    if (chosen.length === 0) {
      throw new Error(`name a scenario, or use --all for:\n  ${shippedScenarios().join('\n  ')}`);
    }
    checkOutputs(options);
    const jobs = jobsOf(chosen, options);
    status = 1; // from here on it is the run that goes wrong
    await run(jobs, options);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${error instanceof ConfigError ? '' : 'tidecast tune: '}${words}\n`);
    process.exitCode = status;
  }
}

/** A run may take minutes: what cannot be written afterwards is told before. */
function checkOutputs({ report, recommend: fragment, sweep: sweeps }: TuneOptions): void {
  if (fragment !== undefined && sweeps.length === 0) {
    throw new Error('--recommend writes what a --sweep found, and there is none');
  }
  for (const path of [report, fragment]) {
    if (path === undefined) continue;
    accessSync(dirname(resolve(path)), constants.W_OK);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Error(`${path} is a folder, allowed is a file to write`);
    }
  }
}

/** Every combination of the values to try. */
function grid(sweeps: readonly Sweep[]): Overrides[] {
  return sweeps.reduce<Overrides[]>(
    (all, { key, values }) =>
      all.flatMap((overrides) => values.map((value) => ({ ...overrides, [key]: value }))),
    [{}],
  );
}

function jobsOf(files: readonly string[], options: TuneOptions): TuneJob[] {
  const replay = options.replay === undefined ? {} : { replay: readTrace(options.replay) };
  const jobs: TuneJob[] = [];
  for (const file of files) {
    for (const overrides of grid(options.sweep)) {
      // Read here, so that a wrong file or key is told before anything runs.
      const scenario = readScenario(file, overrides);
      const chosen = options.sweep.length > 0 ? scenario.policies.slice(0, 1) : scenario.policies;
      for (const policy of options.compare ?? chosen) {
        for (let seed = 1; seed <= options.seeds; seed++) {
          jobs.push({ file, overrides, policy, seed, ...replay });
        }
      }
    }
  }
  return jobs;
}

/** Makes the runs; as JSON each is told when it is there, so that nothing is lost by an interruption. */
async function run(jobs: readonly TuneJob[], options: TuneOptions): Promise<void> {
  const sweeping = options.sweep.length > 0;
  const runs: MeasuredRun[] = [];
  const bar = new SingleBar({
    format: '{bar} {percentage} % | {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: false,
    clearOnComplete: true,
  });
  // Lines of JSON on the same terminal would go through the bar.
  if (process.stderr.isTTY && !(options.json && process.stdout.isTTY)) bar.start(1, 0);
  try {
    await measure(
      jobs,
      (ratio) => bar.update(ratio),
      (run) => {
        runs.push(run);
        if (options.json && !sweeping) printJson(run);
      },
    );
  } finally {
    bar.stop();
  }
  show(sweeping ? ranked(runs) : runs, options);
  if (sweeping) {
    recommend(
      runs.map(({ result }) => result),
      options,
    );
  }
}

function printJson(run: MeasuredRun): void {
  process.stdout.write(`${JSON.stringify(jsonOf(run))}\n`);
}

/** All runs together: a table, the objects of a sweep in the order of their rank, a page. */
function show(runs: readonly MeasuredRun[], { json, sweep: sweeps, report }: TuneOptions): void {
  if (!json) process.stdout.write(`${tableOf(runs)}\n`);
  else if (sweeps.length > 0) for (const run of runs) printJson(run);
  if (report !== undefined) writeFileSync(report, reportOf(runs));
}

/** Writes what a sweep recommends, or shows it beside a table. */
function recommend(results: readonly TuneResult[], options: TuneOptions): void {
  const text = recommendationOf(results);
  if (text === undefined) return;
  if (options.recommend !== undefined) writeFileSync(options.recommend, text);
  else if (!options.json) process.stdout.write(`recommended for a server:\n${text}`);
}
