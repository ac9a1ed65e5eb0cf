/** What a verb says, kept from the terminal: for tests that run verbs in their own process. */
import { afterEach, beforeEach, jest } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { usageStatus } from '../../src/cli/exit-status.ts';

/** What was written since the test began. */
export interface Terminal {
  stdout: string;
  stderr: string;
}

/** Keeps what every test of a file writes, and lets none end with the exit status of another. */
export function watchedTerminal(): Terminal {
  const terminal: Terminal = { stdout: '', stderr: '' };
  beforeEach(() => {
    for (const stream of ['stdout', 'stderr'] as const) {
      terminal[stream] = '';
      jest.spyOn(process[stream], 'write').mockImplementation((text) => {
        terminal[stream] += String(text);
        return true;
      });
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });
  return terminal;
}

/** The status with which the program would end, of the verbs that are registered. */
export async function statusOf(
  words: readonly string[],
  ...registers: readonly ((program: Command) => void)[]
): Promise<number> {
  const program = new Command('tidecast').exitOverride();
  for (const register of registers) register(program);
  for (const verb of program.commands) verb.exitOverride();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return usageStatus(error);
    throw error;
  }
  return Number(process.exitCode ?? 0);
}
