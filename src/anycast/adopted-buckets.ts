/**
 * Buckets that an earlier run left, when some of their owners are lost.
 * @module
 */
import { BucketTable } from './bucket-table.ts';

/**
 * The owners of all buckets without those that are lost: the table that the others agree on in the
 * proportions they have, so that routes that come later, with the weights that these stem from,
 * find it as it should be.
 * @param owners - key of every bucket's owner; a power of two of them.
 * @param remaining - keys of owners that are left, at least one of them in `owners`.
 */
export function bucketsWithout(
  owners: readonly string[],
  remaining: ReadonlySet<string>,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const owner of owners) {
    if (remaining.has(owner)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const table = new BucketTable({ bucketCount: owners.length, placement: 'agreed' });
  table.update([...counts].map(([key, weight]) => ({ key, weight })));
  return owners.map((owner, bucket) => table.ownerOf(bucket) ?? owner);
}
