import { describe, expect, it } from '@jest/globals';
import {
  failuresOf,
  type RunRecord,
  type ServerObservation,
  sharesBackAfterMs,
} from '../../src/demo/verdict.ts';

const server = (name: string, capacity: number, share: number): ServerObservation => ({
  name,
  state: 'UP',
  cost: 10,
  weight: 100,
  wantedShare: share,
  measuredShare: share,
  utilization: 0.5,
  capacityQueriesPerSecond: capacity,
});

/** Two servers; one halves at 10 s, and the shares follow at `followsAtMs`. */
const record = (followsAtMs: number, more: Partial<RunRecord> = {}): RunRecord => ({
  observations: Array.from({ length: 60 }, (_, i) => {
    const atMs = i * 500;
    const share = atMs < followsAtMs ? 0.5 : 1 / 3;
    return {
      atMs,
      servers: [server('a', atMs < 10_000 ? 100 : 50, share), server('b', 100, 1 - share)],
    };
  }),
  congestedAtMs: 10_000,
  killedAtMs: 20_000,
  lastSentToDeadMs: 24_500,
  firstThird: { sent: 10_000, lost: 0 },
  routerDeadIntervalMs: 4000,
  ...more,
});

describe('the verdict on an unattended run', () => {
  it('is good when shares followed, nothing was lost and the dead server was left in time', () => {
    expect(failuresOf(record(15_000))).toEqual([]);
    expect(sharesBackAfterMs(record(15_000))).toBe(5000);
  });

  it('is bad when shares follow later than 10 s after the congestion, or never', () => {
    expect(failuresOf(record(21_000))).toHaveLength(1);
    expect(failuresOf(record(Number.POSITIVE_INFINITY))).toHaveLength(1);
  });

  it('is bad from 0.1 % lost in the first third, and when nothing was sent at all', () => {
    expect(failuresOf(record(15_000, { firstThird: { sent: 10_000, lost: 9 } }))).toEqual([]);
    expect(failuresOf(record(15_000, { firstThird: { sent: 10_000, lost: 10 } }))).toHaveLength(1);
    expect(failuresOf(record(15_000, { firstThird: { sent: 0, lost: 0 } }))).toHaveLength(1);
  });

  it('is bad when the dead server was sent a query later than RouterDeadInterval + 1 s', () => {
    expect(failuresOf(record(15_000, { lastSentToDeadMs: 25_000 }))).toEqual([]);
    expect(failuresOf(record(15_000, { lastSentToDeadMs: 25_001 }))).toHaveLength(1);
  });
});
