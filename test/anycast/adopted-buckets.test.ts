/** Buckets of an earlier run, when one of their owners is lost before routes are known again. */
import { describe, expect, test } from '@jest/globals';
import { bucketsWithout } from '../../src/anycast/adopted-buckets.ts';
import { BucketTable } from '../../src/anycast/bucket-table.ts';

/** The table that routers agree on. */
function agreed(weights: Readonly<Record<string, number>>): string[] {
  const table = new BucketTable({ placement: 'agreed' });
  table.update(Object.entries(weights).map(([key, weight]) => ({ key, weight })));
  return Array.from({ length: table.bucketCount }, (_, bucket) => table.ownerOf(bucket)!);
}
const differing = (a: readonly string[], b: readonly string[]): number =>
  a.filter((owner, bucket) => owner !== b[bucket]).length;

describe('buckets without an owner that is lost', () => {
  const before = agreed({ a: 100, b: 100, c: 100, d: 75 });

  test('are the others’, in their proportion', () => {
    const after = bucketsWithout(before, new Set(['a', 'b', 'd']));
    const share = (key: string) => after.filter((owner) => owner === key).length / after.length;
    expect(after).not.toContain('c');
    expect(share('a')).toBeCloseTo(100 / 275, 2);
    expect(share('d')).toBeCloseTo(75 / 275, 2);
  });

  test('are what routes will say: no flow moves a second time, but for rounding', () => {
    const after = bucketsWithout(before, new Set(['a', 'b', 'd']));
    expect(differing(after, agreed({ a: 100, b: 100, d: 75 }))).toBeLessThan(0.01 * before.length);
  });

  test('are what they were when nobody is lost', () => {
    expect(bucketsWithout(before, new Set(['a', 'b', 'c', 'd']))).toEqual(before);
  });
});
