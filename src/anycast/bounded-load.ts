/**
 * Bounded load: consistent hashing whose bins have a ceiling (Mirrokni, Thorup, Zadimoghaddam 2018),
 * applied to measured bucket loads. When a few heavy clients hash together, no next hop keeps more
 * than (1 + ε) of its wanted share; the busiest buckets are moved first, so that few move.
 * @module
 */

/** What is known about a table whose load shall be bounded. */
export interface Spill {
  /** Slot that each bucket belongs to by weight. */
  readonly home: Uint16Array;
  /** Slot that has each bucket now; changed in place. */
  readonly owner: Uint16Array;
  /** Wanted share of each slot relative to the others; 0 for a slot that is not in use. */
  readonly weights: readonly number[];
  /** Load of each bucket lately, in any unit. */
  readonly load: ArrayLike<number>;
  /** A next hop keeps at most (1 + ε) of its wanted share; above 0. */
  readonly epsilon: number;
}

/**
 * Moves buckets until no slot has more than its ceiling, or no bucket fits elsewhere: a single
 * bucket that alone exceeds every ceiling stays where it is, since a flow cannot be split.
 */
export function spill(state: Spill): void {
  const { home, owner, weights, load, epsilon } = state;
  const total = owner.reduce((sum, _, bucket) => sum + (load[bucket] ?? 0), 0);
  const sumOfWeights = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0 || sumOfWeights <= 0) return;
  const wanted = weights.map((weight) => (weight / sumOfWeights) * total);
  const has = wanted.map(() => 0);
  owner.forEach((slot, bucket) => {
    if (slot < has.length) has[slot]! += load[bucket] ?? 0;
  });
  const move = (bucket: number, to: number): void => {
    has[owner[bucket]!]! -= load[bucket] ?? 0;
    has[to]! += load[bucket] ?? 0;
    owner[bucket] = to;
  };
  goHome();
  for (const [slot, share] of wanted.entries()) relieve(slot, (1 + epsilon) * share);

  /** What was moved earlier returns when its home stays within its wanted share. */
  function goHome(): void {
    for (const bucket of busiestFirst((b) => owner[b] !== home[b] && home[b]! < has.length)) {
      const to = home[bucket]!;
      if (has[to]! + (load[bucket] ?? 0) <= wanted[to]!) move(bucket, to);
    }
  }

  function relieve(slot: number, ceiling: number): void {
    if (has[slot]! <= ceiling) return;
    for (const bucket of busiestFirst((b) => owner[b] === slot && (load[b] ?? 0) > 0)) {
      if (has[slot]! <= ceiling) return;
      const to = roomiest(load[bucket] ?? 0, slot);
      if (to !== undefined) move(bucket, to);
    }
  }

  /** The slot with the most room below its wanted share that takes the load within its ceiling. */
  function roomiest(amount: number, except: number): number | undefined {
    let best: number | undefined;
    for (const [slot, share] of wanted.entries()) {
      if (slot === except || share === 0 || has[slot]! + amount > (1 + epsilon) * share) continue;
      if (best === undefined || share - has[slot]! > wanted[best]! - has[best]!) best = slot;
    }
    return best;
  }

  function busiestFirst(which: (bucket: number) => boolean): number[] {
    const buckets = [...owner.keys()].filter(which);
    return buckets.sort((a, b) => (load[b] ?? 0) - (load[a] ?? 0) || a - b);
  }
}
