import { describe, expect, test } from '@jest/globals';
import { registerTune } from '../../src/cli/tune.ts';
import { statusOf, watchedTerminal } from './terminal.ts';

const terminal = watchedTerminal();

const SCENARIO = 'scenarios/four-equal.yaml';

describe('what cannot be run ends with status 2, and says what was found and what is allowed', () => {
  test.each([
    ['no scenario', [], /name a scenario, or use --all for:/],
    ['a scenario that is not there', ['no-such.yaml'], /no-such\.yaml/],
    ['a wrong key to sweep', [SCENARIO, '--sweep', 'cost.speed=1'], /cost\.speed: found .*allowed/],
    ['a wrong value to sweep', [SCENARIO, '--sweep', 'weight=many'], /found "many", allowed is/],
    ['a sweep without values', [SCENARIO, '--sweep', 'weight'], /allowed is KEY=VALUE/],
    ['an unknown policy', [SCENARIO, '--compare', 'guess'], /found guess, allowed are .*weights/],
    ['a seed count of nothing', [SCENARIO, '--seeds', '0'], /found 0, allowed is a whole number/],
    ['counters that are not there', [SCENARIO, '--replay', 'no-such.csv'], /no-such\.csv/],
    [
      'counters that are none',
      [SCENARIO, '--replay', 'package.json'],
      /package\.json:1: .*allowed/,
    ],
    ['a report where no folder is', [SCENARIO, '--report', '/no/such/a.html'], /\/no\/such/],
    ['a report in the place of a folder', [SCENARIO, '--report', 'test'], /test.*folder/],
    ['a policy twice', [SCENARIO, '--compare', 'plan,plan'], /found plan twice/],
    [
      'a key swept twice',
      [SCENARIO, '--sweep', 'weight=1', '--sweep', 'weight=2'],
      /found weight twice/,
    ],
    ['a recommendation of nothing', [SCENARIO, '--recommend', 'a.yaml'], /--recommend.*--sweep/],
  ])('%s', async (_, args, told) => {
    expect(await statusOf(['tune', ...args], registerTune)).toBe(2);
    expect(terminal.stderr).toMatch(told);
  });
});
