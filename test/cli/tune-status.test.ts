import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { usageStatus } from '../../src/cli/exit-status.ts';
import { registerTune } from '../../src/cli/tune.ts';

let stderr: string;

beforeEach(() => {
  stderr = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

/** The status with which the command would end. */
async function tune(...args: string[]): Promise<number> {
  const program = new Command('tidecast').exitOverride();
  registerTune(program);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(['tune', ...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return usageStatus(error);
    throw error;
  }
  return Number(process.exitCode ?? 0);
}

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
    expect(await tune(...args)).toBe(2);
    expect(stderr).toMatch(told);
  });
});
