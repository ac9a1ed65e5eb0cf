import { expect, test } from '@jest/globals';
import { explainMultipathHash } from '../../src/host/multipath-hash.ts';

test.each([
  [0, false, /flow label: all queries of one client go to one server/],
  [1, true, /each flow of a client is placed by itself/],
  [3, false, /fib_multipath_hash_fields/],
  [9, false, /not known/],
] as const)('policy %d: spreads ports %s', (policy, spreadsPorts, meaning) => {
  expect(explainMultipathHash(policy)).toMatchObject({ policy, spreadsPorts });
  expect(explainMultipathHash(policy).meaning).toMatch(meaning);
});
