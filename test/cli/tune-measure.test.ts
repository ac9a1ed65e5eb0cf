import { expect, test } from '@jest/globals';
import type { TuneJob } from '../../src/cli/tune-jobs.ts';
import { withOracles } from '../../src/cli/tune-measure.ts';

const job = (overrides: TuneJob['overrides'], policy: TuneJob['policy'] = 'weights'): TuneJob => ({
  file: 'two.yaml',
  overrides,
  policy,
  seed: 1,
});

/** The settings with which the oracle runs, in the order of the jobs. */
const oracles = (...jobs: TuneJob[]) =>
  withOracles(jobs)
    .filter(({ isAsked }) => !isAsked)
    .map(({ job: { overrides } }) => overrides);

test('policies of a scenario have one oracle together', () => {
  expect(oracles(job({}), job({}, 'plan'))).toEqual([{}]);
});

test('the oracle meets the demand and the servers that a sweep sets', () => {
  const [low, high] = [{ 'demand.ratio': '0.4' }, { 'demand.ratio': '0.8' }];
  expect(oracles(job(low), job(high), job(low, 'plan'))).toEqual([low, high]);
});

test('settings of a server are nothing to the oracle, which asks no server', () => {
  const jobs = ['250', '500'].map((ms) => job({ sampleIntervalMs: ms, 'demand.ratio': '0.4' }));
  expect(oracles(...jobs)).toEqual([{ 'demand.ratio': '0.4' }]);
});
