import { describe, expect, test } from '@jest/globals';
import { PendingQueries, type PendingQuery } from '../../src/host/pending-queries.ts';
import { Prng } from '../../src/prng.ts';

const query = (sentAtMs: number, questionHash = 1): PendingQuery => ({
  clientAddress: '::1',
  clientPort: 4000,
  clientId: 7,
  sentAtMs,
  questionHash,
});

describe('queries waiting for an answer', () => {
  test('an answer finds its query once, by id and question', () => {
    const pending = new PendingQueries(new Prng(1), 10);
    const id = pending.add(query(0, 99))!;
    expect(pending.take(id, 98)).toBeUndefined();
    expect(pending.take(id, 99)).toEqual(query(0, 99));
    expect(pending.take(id, 99)).toBeUndefined();
    expect(pending.size).toBe(0);
  });

  test('memory is bounded: one too many is refused', () => {
    const pending = new PendingQueries(new Prng(1), 2);
    pending.add(query(0));
    pending.add(query(0));
    expect(pending.add(query(0))).toBeUndefined();
    expect(pending.size).toBe(2);
  });

  test('every one of the 65536 ids can be in use at once', () => {
    const pending = new PendingQueries(new Prng(1), 0x10000);
    const ids = new Set(Array.from({ length: 0x10000 }, () => pending.add(query(0))));
    expect(ids.size).toBe(0x10000);
    expect(pending.add(query(0))).toBeUndefined();
  });

  test('ids do not follow each other (RFC 5452 4.3)', () => {
    const pending = new PendingQueries(new Prng(1), 1000);
    const ids = Array.from({ length: 1000 }, () => pending.add(query(0))!);
    expect(ids.filter((id, i) => id === (ids[i - 1] ?? 0) + 1).length).toBeLessThan(5);
  });

  test('what was sent before a time expires, the rest waits on', () => {
    const pending = new PendingQueries(new Prng(1), 10);
    for (const sentAtMs of [0, 10, 20, 30]) pending.add(query(sentAtMs));
    expect(pending.expire(20)).toBe(2);
    expect(pending.size).toBe(2);
  });

  test.each([0, 0x10001, Number.NaN])('refuses a limit of %d', (limit) => {
    expect(() => new PendingQueries(new Prng(1), limit)).toThrow(RangeError);
  });
});
