import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { apportion } from '../../src/anycast/apportion.ts';
import { BucketTable, type WeightedKey } from '../../src/anycast/bucket-table.ts';
import { Prng } from '../../src/prng.ts';

const equal = (...keys: string[]): WeightedKey[] => keys.map((key) => ({ key, weight: 1 }));
const owners = (table: BucketTable): (string | undefined)[] =>
  Array.from({ length: table.bucketCount }, (_, bucket) => table.ownerOf(bucket));
const counts = (table: BucketTable): Record<string, number> =>
  Object.fromEntries(table.shares().map(({ key, buckets }) => [key, buckets]));

describe('a fresh table', () => {
  test('gives every next hop its exact share by largest remainder', () => {
    const table = new BucketTable({ bucketCount: 256 });
    table.update([
      { key: 'a', weight: 200 },
      { key: 'b', weight: 200 },
      { key: 'c', weight: 200 },
      { key: 'd', weight: 100 },
    ]);
    expect(counts(table)).toEqual({ a: 73, b: 73, c: 73, d: 37 });
  });

  test('is the same for every router, in whatever order it heard of the next hops', () => {
    const one = new BucketTable();
    const other = new BucketTable();
    one.update(equal('a', 'b', 'c'));
    other.update(equal('c', 'a', 'b'));
    expect(owners(one)).toEqual(owners(other));
  });

  test('picks by the high bits of the hash and nothing when it is empty', () => {
    const table = new BucketTable({ bucketCount: 4 });
    expect(table.pick(0)).toBeUndefined();
    table.update(equal('a'));
    expect(table.pick(0)).toBe('a');
    expect(table.pick(0xffffffff)).toBe('a');
  });

  test('spreads neighbouring buckets: no next hop has a long run of them', () => {
    const table = new BucketTable({ bucketCount: 256 });
    table.update(equal('a', 'b', 'c', 'd'));
    let run = 0;
    let longest = 0;
    let last: string | undefined;
    for (const owner of owners(table)) {
      run = owner === last ? run + 1 : 1;
      longest = Math.max(longest, run);
      last = owner;
    }
    expect(longest).toBeLessThan(24);
  });

  test.each([0, 3, 1000, 0x20000])('refuses %d buckets', (bucketCount) => {
    expect(() => new BucketTable({ bucketCount })).toThrow(RangeError);
  });

  test('refuses a weight that is not above 0 and a key given twice', () => {
    const table = new BucketTable();
    expect(() => table.update([{ key: 'a', weight: 0 }])).toThrow(/weight of a/);
    expect(() => table.update([{ key: 'a', weight: Number.NaN }])).toThrow(RangeError);
    expect(() => table.update(equal('a', 'a'))).toThrow(/twice/);
  });
});

describe('a change', () => {
  test('one of eight leaves: its flows move, no others', () => {
    const table = new BucketTable({ bucketCount: 1024 });
    table.update(equal('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
    const change = table.update(equal('a', 'b', 'c', 'd', 'e', 'f', 'g'));
    expect(change.moves).toHaveLength(128);
    expect(change.moves.every(({ from }) => from === 'h')).toBe(true);
    expect(change.needless).toBe(0);
  });

  test('one joins three: it takes a quarter, a third of it from each', () => {
    const table = new BucketTable({ bucketCount: 1024 });
    table.update(equal('a', 'b', 'c'));
    const change = table.update(equal('a', 'b', 'c', 'd'));
    expect(change.moves).toHaveLength(256);
    expect(change.moves.every(({ to }) => to === 'd')).toBe(true);
    expect(change.needless).toBe(0);
    expect(counts(table)).toEqual({ a: 256, b: 256, c: 256, d: 256 });
  });

  test('a weight halves: only what it gives up moves', () => {
    const table = new BucketTable({ bucketCount: 1024 });
    table.update(equal('a', 'b', 'c', 'd'));
    const change = table.update([...equal('a', 'b', 'c'), { key: 'd', weight: 0.5 }]);
    expect(change.moves).toHaveLength(256 - 146);
    expect(change.moves.every(({ from }) => from === 'd')).toBe(true);
    expect(change.needless).toBe(0);
  });

  test('shares off by no more than a twentieth move nothing, unless an exact table is asked for', () => {
    const table = new BucketTable({ bucketCount: 1024 });
    table.update(equal('a', 'b'));
    const off = [
      { key: 'a', weight: 1.1 },
      { key: 'b', weight: 1 },
    ];
    expect(table.update(off).moves).toEqual([]);
    expect(table.shares()[0]?.wantedRatio).toBeCloseTo(1.1 / 2.1, 9);
    expect(table.update(off, true).moves).toHaveLength(24);
    expect(counts(table)).toEqual({ a: 536, b: 488 });
  });

  test('what a server corrects by more than its least change is followed: 54 to 48 beside 100s', () => {
    const table = new BucketTable({ bucketCount: 1024 });
    const weakAt = (weight: number) => [
      ...equal('a', 'b', 'c'),
      { key: 'd', weight: weight / 100 },
    ];
    table.update(weakAt(54));
    table.update(weakAt(48));
    expect(counts(table)).toMatchObject({ d: 141 }); // 1024 × 48 / 348
  });

  test('the last one leaves: every flow is without a next hop, and comes back with the next', () => {
    const table = new BucketTable({ bucketCount: 64 });
    table.update(equal('a'));
    expect(table.update([]).moves).toHaveLength(64);
    expect(table.pick(7)).toBeUndefined();
    table.update(equal('b'));
    expect(table.pick(7)).toBe('b');
  });
});

/** Sets that follow each other, as a farm's do. */
const histories = fc.array(
  fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    fc.integer({ min: 1, max: 255 }),
  ),
  { minLength: 1, maxLength: 12 },
);

describe('for every history of sets and weights', () => {
  const asMembers = (set: Record<string, number>): WeightedKey[] =>
    Object.entries(set).map(([key, weight]) => ({ key, weight }));

  test('an exact update reaches the exact shares with the least possible number of moves', () => {
    fc.assert(
      fc.property(histories, (sets) => {
        const table = new BucketTable({ bucketCount: 128 });
        for (const set of sets) {
          const before = owners(table);
          const change = table.update(asMembers(set), true);
          const after = owners(table);
          const keys = Object.keys(set).sort();
          const quotas = apportion(
            keys.map((key) => set[key]!),
            128,
          );
          // The least: what is nobody's now, and what survivors own beyond their share.
          const had = keys.map((key) => before.filter((owner) => owner === key).length);
          const stay = had.reduce((sum, count, i) => sum + Math.min(count, quotas[i]!), 0);
          const moved = after.filter((owner, bucket) => owner !== before[bucket]).length;
          expect(change.moves).toHaveLength(moved);
          if (keys.length === 0) continue;
          expect(moved).toBe(128 - stay);
          expect(change.needless).toBe(0);
          expect(keys.map((key) => counts(table)[key])).toEqual(quotas);
        }
      }),
    );
  });

  test('no share is off by more than a twentieth, and moves say what happened', () => {
    fc.assert(
      fc.property(histories, (sets) => {
        const table = new BucketTable({ bucketCount: 1024 });
        const followed: (string | undefined)[] = new Array(1024).fill(undefined);
        let faithful = true;
        for (const set of sets) {
          for (const { bucket, from, to } of table.update(asMembers(set)).moves) {
            faithful &&= followed[bucket] === from;
            followed[bucket] = to;
          }
          expect(faithful).toBe(true);
          expect(followed).toEqual(owners(table));
          for (const { wantedRatio, buckets } of table.shares()) {
            const off = Math.abs(buckets - wantedRatio * 1024);
            expect(off).toBeLessThanOrEqual(0.05 * wantedRatio * 1024 + 1.1);
          }
        }
      }),
    );
  });

  test('agreed placement depends on the present set alone', () => {
    fc.assert(
      fc.property(histories, (sets) => {
        const table = new BucketTable({ bucketCount: 256, placement: 'agreed' });
        for (const set of sets) table.update(asMembers(set));
        const fresh = new BucketTable({ bucketCount: 256, placement: 'agreed' });
        fresh.update(asMembers(sets.at(-1)!));
        expect(owners(table)).toEqual(owners(fresh));
      }),
    );
  });
});

describe('agreed placement', () => {
  test('its price: one of eight leaves and few flows of the others move', () => {
    const table = new BucketTable({ placement: 'agreed' });
    table.update(equal('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
    const change = table.update(equal('a', 'b', 'c', 'd', 'e', 'f', 'g'));
    expect(change.necessary).toBe(128);
    expect(change.needless).toBeGreaterThan(0);
    expect(change.needless).toBeLessThan(0.1 * 1024);
  });
});

describe('bounded load', () => {
  /** Load per bucket, with a few heavy clients. */
  function loads(table: BucketTable, heavy: readonly number[]): number[] {
    return Array.from({ length: table.bucketCount }, (_, b) => (heavy.includes(b) ? 40 : 1));
  }
  function carried(table: BucketTable, load: readonly number[]): Map<string, number> {
    const sums = new Map<string, number>();
    load.forEach((amount, bucket) => {
      const key = table.ownerOf(bucket)!;
      sums.set(key, (sums.get(key) ?? 0) + amount);
    });
    return sums;
  }

  test('when heavy clients hash together, the busiest buckets move, and few of them', () => {
    const table = new BucketTable({ bucketCount: 256 });
    table.update(equal('a', 'b', 'c', 'd'));
    const mine = owners(table).flatMap((owner, bucket) => (owner === 'a' ? [bucket] : []));
    const heavy = mine.slice(0, 6);
    const load = loads(table, heavy);
    const total = load.reduce((x, y) => x + y, 0);
    const change = table.boundLoad(load, 0.25);
    for (const sum of carried(table, load).values()) {
      expect(sum).toBeLessThanOrEqual((1.25 * total) / 4);
    }
    expect(change.moves.every(({ bucket }) => heavy.includes(bucket))).toBe(true);
    expect(change.moves.length).toBeLessThan(6);
    // Nothing to do the second time.
    expect(table.boundLoad(load, 0.25).moves).toEqual([]);
  });

  test('when the load is even again, what was lent goes home', () => {
    const table = new BucketTable({ bucketCount: 256 });
    table.update(equal('a', 'b', 'c', 'd'));
    const before = owners(table);
    const mine = before.flatMap((owner, bucket) => (owner === 'a' ? [bucket] : []));
    table.boundLoad(loads(table, mine.slice(0, 6)), 0.25);
    expect(owners(table)).not.toEqual(before);
    table.boundLoad(loads(table, []), 0.25);
    expect(owners(table)).toEqual(before);
  });

  test('a client heavier than any ceiling stays, and the others make room', () => {
    const table = new BucketTable({ bucketCount: 64 });
    table.update(equal('a', 'b'));
    const hot = owners(table).indexOf('a');
    const load = Array.from({ length: 64 }, (_, bucket) => (bucket === hot ? 500 : 1));
    table.boundLoad(load, 0.25);
    expect(table.ownerOf(hot)).toBe('a');
    expect(carried(table, load).get('a')).toBe(500);
  });

  test('a lent bucket stays lent while weights change and goes home when the borrower leaves', () => {
    const table = new BucketTable({ bucketCount: 256 });
    table.update(equal('a', 'b', 'c', 'd'));
    const mine = owners(table).flatMap((owner, bucket) => (owner === 'a' ? [bucket] : []));
    const [lent] = table.boundLoad(loads(table, mine.slice(0, 6)), 0.25).moves;
    expect(table.update(equal('a', 'b', 'c', 'd')).moves).toEqual([]);
    expect(table.ownerOf(lent!.bucket)).toBe(lent!.to);
    const left = equal('a', 'b', 'c', 'd').filter(({ key }) => key !== lent!.to);
    const change = table.update(left);
    expect(table.ownerOf(lent!.bucket)).toBe('a');
    expect(change.needless).toBe(0);
  });

  test('for any load: no next hop above its ceiling unless nothing of it fits elsewhere', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.05, max: 1, noNaN: true }), (seed, epsilon) => {
        const prng = new Prng(seed);
        const table = new BucketTable({ bucketCount: 64 });
        table.update(equal('a', 'b', 'c').map((m) => ({ ...m, weight: 1 + prng.below(255) })));
        const load = Array.from({ length: 64 }, () => Math.round(prng.exponential(10) ** 2));
        table.boundLoad(load, epsilon);
        const total = load.reduce((x, y) => x + y, 0);
        const sums = carried(table, load);
        const ceiling = new Map(
          table.shares().map((s) => [s.key, (1 + epsilon) * s.wantedRatio * total]),
        );
        for (const [key, sum] of sums) {
          if (sum <= ceiling.get(key)! + 1e-6) continue;
          for (const [other, top] of ceiling) {
            if (other === key) continue;
            const room = top - (sums.get(other) ?? 0);
            const fits = load.some((l, b) => l > 0 && l <= room - 1e-6 && table.ownerOf(b) === key);
            expect(fits).toBe(false);
          }
        }
      }),
    );
  });
});
