import { describe, expect, test } from '@jest/globals';
import type { SpreadMember } from '../../src/anycast/policy.ts';
import { type BucketsOutput, ServiceSpread } from '../../src/anycast/service-spread.ts';

const member = (key: string, weight: number, rampWindowS = 0): SpreadMember => ({
  key,
  weight,
  distance: 10,
  rampWindowS,
});

function drain(spread: ServiceSpread): BucketsOutput[] {
  const outputs: BucketsOutput[] = [];
  for (let output = spread.poll(); output; output = spread.poll()) outputs.push(output);
  return outputs;
}
const ratioOf = (spread: ServiceSpread, key: string): number =>
  spread.shares().find((share) => share.key === key)?.bucketRatio ?? 0;

describe('the spread of one service', () => {
  test('says which buckets changed hands, and nothing when nothing did', () => {
    const spread = new ServiceSpread({ bucketCount: 256 });
    const members = [member('a', 100), member('b', 100)];
    spread.handle({ kind: 'nextHops', nowMs: 0, members });
    const [first, ...more] = drain(spread);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ kind: 'buckets', cause: 'nextHops', source: 'weight' });
    expect(first?.moves).toHaveLength(256);
    spread.handle({ kind: 'nextHops', nowMs: 10, members });
    expect(drain(spread)).toEqual([]);
  });

  test('a next hop that fails is replaced at once, before routes are computed again', () => {
    const spread = new ServiceSpread({ bucketCount: 256 });
    spread.handle({
      kind: 'nextHops',
      nowMs: 0,
      members: [member('a', 100), member('b', 100), member('c', 100)],
    });
    drain(spread);
    spread.handle({ kind: 'usable', nowMs: 5, key: 'b', usable: false });
    const [output] = drain(spread);
    expect(output?.moves.every(({ from }) => from === 'b')).toBe(true);
    expect(output?.needless).toBe(0);
    expect(ratioOf(spread, 'b')).toBe(0);
    // Routes computed again meanwhile do not bring it back; only its neighbor entry does.
    const members = [member('a', 100), member('b', 100), member('c', 100)];
    spread.handle({ kind: 'nextHops', nowMs: 7, members });
    expect(ratioOf(spread, 'b')).toBe(0);
    spread.handle({ kind: 'usable', nowMs: 9, key: 'b', usable: true });
    expect(ratioOf(spread, 'b')).toBeCloseTo(1 / 3, 2);
  });

  test('with the last usable next hop gone there is nothing to pick', () => {
    const spread = new ServiceSpread();
    spread.handle({ kind: 'nextHops', nowMs: 0, members: [member('a', 100)] });
    expect(spread.pick(123)).toBe('a');
    spread.handle({ kind: 'nextHops', nowMs: 1, members: [] });
    expect(spread.pick(123)).toBeUndefined();
  });

  test('a new server is eased in over its window, step by step, to the exact share', () => {
    const spread = new ServiceSpread({ bucketCount: 1024 });
    const old = [member('a', 100, 30), member('b', 100, 30)];
    spread.handle({ kind: 'nextHops', nowMs: 0, members: old });
    expect(ratioOf(spread, 'a')).toBe(0.5); // the first set is not eased in
    expect(spread.deadlineMs()).toBe(Number.POSITIVE_INFINITY);

    spread.handle({ kind: 'nextHops', nowMs: 1_000, members: [...old, member('c', 100, 30)] });
    expect(ratioOf(spread, 'c')).toBeCloseTo(10 / 210, 2);
    let last = ratioOf(spread, 'c');
    while (spread.deadlineMs() !== Number.POSITIVE_INFINITY) {
      const nowMs = spread.deadlineMs();
      spread.handle({ kind: 'deadline', nowMs });
      expect(ratioOf(spread, 'c')).toBeGreaterThanOrEqual(last);
      last = ratioOf(spread, 'c');
      if (nowMs >= 31_000) expect(nowMs).toBe(31_000);
    }
    expect(spread.shares().map(({ buckets }) => buckets)).toEqual([342, 341, 341]);
    expect(spread.counts.needlessMoves).toBe(0);
    for (const { cause } of drain(spread).slice(2)) expect(cause).toBe('deadline');
  });

  test('a deadline that comes early or needlessly changes nothing', () => {
    const spread = new ServiceSpread();
    spread.handle({ kind: 'nextHops', nowMs: 0, members: [member('a', 1)] });
    spread.handle({ kind: 'nextHops', nowMs: 0, members: [member('a', 1), member('b', 1, 60)] });
    drain(spread);
    spread.handle({ kind: 'deadline', nowMs: 1 });
    expect(drain(spread)).toEqual([]);
  });

  test('load is bounded only when asked for', () => {
    const members = [member('a', 100), member('b', 100)];
    const plain = new ServiceSpread({ bucketCount: 64 });
    const bounded = new ServiceSpread({ bucketCount: 64, boundedLoadEpsilon: 0.2 });
    for (const spread of [plain, bounded]) {
      spread.handle({ kind: 'nextHops', nowMs: 0, members });
      drain(spread);
      const load = Array.from({ length: 64 }, (_, b) => (spread.ownerOf(b) === 'a' ? 3 : 1));
      spread.handle({ kind: 'load', nowMs: 1_000, load });
    }
    expect(drain(plain)).toEqual([]);
    const [output] = drain(bounded);
    expect(output).toMatchObject({ cause: 'load', needless: 0 });
    expect(output?.moves.every(({ from, to }) => from === 'a' && to === 'b')).toBe(true);
  });
});
