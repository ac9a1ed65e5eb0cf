import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Command, CommanderError } from 'commander';
import { registerEmulate } from '../../src/cli/emulate.ts';
import { usageStatus } from '../../src/cli/exit-status.ts';

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
});

test.each([
  ['more routers on a link than its Network-LSA can name', ['--topology', 'lan:16001'], /16000/],
  ['no Router ID of the border router', ['--router-id', '0.0.0.0'], /no Router ID/],
  ['no Router ID of the area', ['--first-router-id', '0.0.0.0'], /no Router ID/],
  [
    'more routers than Router IDs',
    ['--first-router-id', '255.255.255.248'],
    /--first-router-id 255\.255\.255\.248: 9 routers/,
  ],
  [
    'a border router that is one of the area',
    ['--router-id', '10.0.0.9'],
    /--router-id 10\.0\.0\.9 is one of the area's, 10\.0\.0\.1 to 10\.0\.0\.9/,
  ],
  [
    'neighbors that are dead before the next Hello',
    ['--hello-interval', '40', '--dead-interval', '40'],
    /--dead-interval 40: allowed is more than --hello-interval, 40/,
  ],
])('%s ends with status 2 and says why', async (_, args, words) => {
  const program = new Command('tidecast').exitOverride();
  registerEmulate(program);
  for (const command of program.commands) command.exitOverride();
  const asked = ['emulate', '--interface', 'no-such-one', '--topology', 'grid:9', ...args];
  const ended = await program.parseAsync(asked, { from: 'user' }).catch((error: unknown) => error);
  expect(ended).toBeInstanceOf(CommanderError);
  expect(usageStatus(ended as CommanderError)).toBe(2);
  expect(stderr).toMatch(words);
});
