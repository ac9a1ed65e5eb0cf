import { expect, test } from '@jest/globals';
import { addressFamilyOf, needsAfBit } from '../../src/packet/address-family.ts';

test.each([
  [0, 'ipv6-unicast', false],
  [31, 'ipv6-unicast', false],
  [32, 'ipv6-multicast', true],
  [64, 'ipv4-unicast', true],
  [95, 'ipv4-unicast', true],
  [96, 'ipv4-multicast', true],
  [127, 'ipv4-multicast', true],
  [128, undefined, true],
  [255, undefined, true],
])('Instance %d is of the family %s (RFC 5838 2.1)', (instanceId, family, afBit) => {
  expect(addressFamilyOf(instanceId)).toBe(family);
  expect(needsAfBit(instanceId)).toBe(afBit);
});
