/**
 * The key that was meant by one that there is not.
 * @module
 */

/** Changes, insertions and losses of a letter that count as a slip of the hand. */
const SLIPS_MAX = 2;

/**
 * @param names - what is allowed.
 * @returns the one that differs least, in no more than two letters and fewer than half of them; case
 * does not count. `undefined` when there is none.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const limit = Math.min(SLIPS_MAX, Math.ceil(name.length / 2) - 1);
  const distances = names.map((one) => distance(name.toLowerCase(), one.toLowerCase()));
  const least = Math.min(...distances);
  return least > limit ? undefined : names[distances.indexOf(least)];
}

/** Letters to change, insert or leave out; two that changed places count as one (Damerau 1964). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1]!;
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
