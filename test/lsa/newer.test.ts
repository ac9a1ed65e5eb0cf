import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  INITIAL_SEQUENCE_NUMBER,
  MAX_AGE_S,
  MAX_SEQUENCE_NUMBER,
} from '../../src/lsa/constants.ts';
import { compareInstances } from '../../src/lsa/newer.ts';

type Instance = Parameters<typeof compareInstances>[0];
const base: Instance = { sequenceNumber: 5, checksum: 0x1234, ageS: 100 };

describe('Which of two instances is newer (RFC 2328 13.1)', () => {
  test.each<[string, Partial<Instance>, Partial<Instance>]>([
    ['the larger sequence number', { sequenceNumber: 6 }, {}],
    ['the larger sequence number, signed', { sequenceNumber: 1 }, { sequenceNumber: -1 }],
    [
      'the last sequence number, before the first',
      { sequenceNumber: MAX_SEQUENCE_NUMBER },
      { sequenceNumber: INITIAL_SEQUENCE_NUMBER },
    ],
    ['the sequence number before the age', { sequenceNumber: 6, ageS: 3599 }, { ageS: MAX_AGE_S }],
    ['the larger checksum, unsigned', { checksum: 0x8000 }, { checksum: 0x7fff }],
    ['the checksum before the age', { checksum: 0x1235 }, { ageS: MAX_AGE_S }],
    ['the one of MaxAge', { ageS: MAX_AGE_S }, {}],
    ['the one of MaxAge, were they a second apart', { ageS: MAX_AGE_S }, { ageS: MAX_AGE_S - 1 }],
    ['the younger, when more than MaxAgeDiff apart', { ageS: 100 }, { ageS: 1001 }],
  ])('%s', (_, newer, older) => {
    expect(compareInstances({ ...base, ...newer }, { ...base, ...older })).toBeGreaterThan(0);
    expect(compareInstances({ ...base, ...older }, { ...base, ...newer })).toBeLessThan(0);
  });

  test.each<[string, Partial<Instance>, Partial<Instance>]>([
    ['equal in everything', {}, {}],
    ['exactly MaxAgeDiff apart', { ageS: 100 }, { ageS: 1000 }],
    ['both of MaxAge', { ageS: MAX_AGE_S }, { ageS: MAX_AGE_S }],
  ])('neither: %s', (_, a, b) => {
    expect(compareInstances({ ...base, ...a }, { ...base, ...b })).toBe(0);
  });

  test('the answer turns round with the question', () => {
    const instance = fc.record({
      sequenceNumber: fc.integer({ min: 1, max: 3 }),
      checksum: fc.integer({ min: 1, max: 3 }),
      ageS: fc.integer({ min: 0, max: MAX_AGE_S }),
    });
    fc.assert(
      fc.property(instance, instance, (a, b) => {
        expect(compareInstances(a, b) + compareInstances(b, a)).toBe(0);
      }),
    );
  });
});
