import { expect, test } from '@jest/globals';
import { registerEmulate } from '../../src/cli/emulate.ts';
import { statusOf, watchedTerminal } from './terminal.ts';

const terminal = watchedTerminal();

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
  const asked = ['emulate', '--interface', 'no-such-one', '--topology', 'grid:9', ...args];
  expect(await statusOf(asked, registerEmulate)).toBe(2);
  expect(terminal.stderr).toMatch(words);
});
