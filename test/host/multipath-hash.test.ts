import { expect, test } from '@jest/globals';
import { explainMultipathHash } from '../../src/host/multipath-hash.ts';

test.each([
  ['ipv6', 0, false, /flow label: all queries of one client go to one server/],
  ['ipv4', 0, false, /^source and destination:/],
  ['ipv6', 1, true, /each flow of a client is placed by itself/],
  ['ipv4', 3, false, /fib_multipath_hash_fields/],
  ['ipv6', 9, false, /not known/],
] as const)('%s policy %d: spreads ports %s', (family, policy, spreadsPorts, meaning) => {
  expect(explainMultipathHash(family, policy)).toMatchObject({ family, policy, spreadsPorts });
  expect(explainMultipathHash(family, policy).meaning).toMatch(meaning);
});
