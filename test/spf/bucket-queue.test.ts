import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BucketQueue } from '../../src/spf/bucket-queue.ts';
import { AddressWords, PairTable, PrefixTable } from '../../src/spf/key-table.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';

test('the bucket queue gives what sorting by distance gives, as Dijkstra uses it', () => {
  /** Lengths of edges, and rounds of what is put in after each vertex taken out. */
  const uses = fc.constantFrom(0, 20, 31, 32, 1500, 65535).chain((longest) => {
    const edge = fc.oneof(fc.nat(Math.min(20, longest)), fc.nat(longest));
    const step = fc.record({ vertex: fc.nat(49), edge });
    const rounds = fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 60 });
    return fc.tuple(fc.constant(longest), rounds);
  });
  fc.assert(
    fc.property(uses, ([longest, rounds]) => {
      const queue = new BucketQueue();
      queue.reset(longest);
      /** Entries by what they should come out as. */
      const waiting: { vertex: number; distance: number }[] = [{ vertex: 0, distance: 0 }];
      queue.push(0, 0);
      for (const pushed of rounds) {
        const vertex = queue.pop();
        if (waiting.length === 0) {
          expect(vertex).toBe(-1);
          return;
        }
        const least = Math.min(...waiting.map(({ distance }) => distance));
        expect(queue.distance).toBe(least);
        const at = waiting.findIndex((e) => e.vertex === vertex && e.distance === least);
        expect(at).toBeGreaterThanOrEqual(0);
        waiting.splice(at, 1);
        for (const { vertex: w, edge } of pushed) {
          queue.push(w, least + edge);
          waiting.push({ vertex: w, distance: least + edge });
        }
      }
    }),
  );
});

test('a table of pairs numbers keys as a map of texts would', () => {
  const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff }));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 300 }), (pairs) => {
      const table = new PairTable();
      const twin = new Map<string, number>();
      for (const [a, b] of pairs) {
        const key = `${a} ${b}`;
        expect(table.find(a, b)).toBe(twin.get(key) ?? -1);
        if (!twin.has(key)) twin.set(key, twin.size);
        expect(table.intern(a, b)).toBe(twin.get(key));
      }
      expect(table.size).toBe(twin.size);
    }),
  );
});

test('a table of prefixes numbers them by their text: bits behind the length do not count', () => {
  const prefix = fc.record({
    prefixLength: fc.integer({ min: 0, max: 128 }),
    address: fc.uint8Array({ minLength: 16, maxLength: 16, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 200 }), (prefixes) => {
      const table = new PrefixTable();
      const twin = new Map<string, number>();
      for (const { prefixLength, address } of prefixes) {
        const key = formatPrefix({ prefixLength, address });
        if (!twin.has(key)) twin.set(key, twin.size);
        const index = table.intern(new AddressWords(address), 0, prefixLength);
        expect(index).toBe(twin.get(key));
        expect(formatPrefix({ prefixLength, address: table.address(index) })).toBe(key);
      }
    }),
  );
});
