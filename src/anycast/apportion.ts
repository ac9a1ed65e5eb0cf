/**
 * Whole numbers in proportion to weights: the method of largest remainders (Hamilton). Every count
 * is its exact share rounded down or up, and the counts add up to the total.
 * @module
 */

/**
 * Splits a total in proportion to weights.
 * @param weights - finite, above 0. Of equal remainders the earlier one is rounded up.
 * @param total - a whole number, 0 or more.
 * @returns one whole number per weight; their sum is `total`, or nothing when there is no weight.
 */
export function apportion(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (weight / sum) * total);
  const counts = exact.map(Math.floor);
  const left = total - counts.reduce((all, count) => all + count, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) counts[index]!++;
  return counts;
}
