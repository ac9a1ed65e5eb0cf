import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apportion } from '../../src/anycast/apportion.ts';

describe('splitting a total by largest remainders', () => {
  test('the textbook example: 47, 16, 15.8, 12, 6.1, 3.1 of a hundred over 10 seats', () => {
    expect(apportion([47_000, 16_000, 15_800, 12_000, 6_100, 3_100], 10)).toEqual([
      5, 2, 1, 1, 1, 0,
    ]);
  });

  test('of equal remainders the earlier is rounded up', () => {
    expect(apportion([1, 1, 1], 256)).toEqual([86, 85, 85]);
  });

  test('nobody gets anything when there is nobody', () => {
    expect(apportion([], 256)).toEqual([]);
  });

  test('counts add up to the total and stay within one of the exact share', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 65_536 }), (given, total) => {
        const counts = apportion(given, total);
        const sum = given.reduce((a, b) => a + b, 0);
        expect(counts.reduce((a, b) => a + b, 0)).toBe(total);
        counts.forEach((count, i) => {
          expect(Math.abs(count - (given[i]! / sum) * total)).toBeLessThan(1 + 1e-9);
        });
      }),
    );
  });
});
