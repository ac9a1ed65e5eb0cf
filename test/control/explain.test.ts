import { expect, test } from '@jest/globals';
import { checkLine } from '../../src/control/explain.ts';

const CHECK = { signal: 'dns', life: 'alive', reason: 'answered in 40 ms' } as const;

test('a check is explained by what its last look saw', () => {
  const look = { lastLife: 'alive', lastReason: 'answered in 1 ms', inARow: 9 } as const;
  expect(checkLine({ ...CHECK, ...look })).toBe('check dns: alive: answered in 1 ms');
});

test.each([
  ['dead', 'no answer in 1000 ms'],
  ['unknown', 'no such file'],
] as const)('a last look that was %s is named with what it saw', (lastLife, lastReason) => {
  const look = { lastLife, lastReason, inARow: 1 };
  expect(checkLine({ ...CHECK, ...look })).toBe(
    `check dns: alive: answered in 40 ms; last look ${lastLife} (1 in a row): ${lastReason}`,
  );
});
