import { describe, expect, test } from '@jest/globals';
import { SPF_DELAY_DEFAULTS, SpfDelay, type SpfDelayConfig } from '../../src/spf/delay.ts';
import { SPF_DELAY_EVENTS, SPF_DELAY_STATES, SPF_DELAY_TABLE } from '../../src/spf/delay-table.ts';

/** What RFC 8405 6 recommends. */
const RECOMMENDED: SpfDelayConfig = {
  initialSpfDelayMs: 50,
  shortSpfDelayMs: 200,
  longSpfDelayMs: 5000,
  timeToLearnMs: 500,
  holddownMs: 10_000,
};

/** Advances to every deadline up to a time. @returns when runs were due. */
function runsUntil(delay: SpfDelay, untilMs: number): number[] {
  const runs: number[] = [];
  while (delay.deadlineMs() <= untilMs) {
    const atMs = delay.deadlineMs();
    if (delay.advance(atMs)) runs.push(atMs);
  }
  return runs;
}

describe('SPF back-off (RFC 8405)', () => {
  test('the intervals are those that are recommended, but LONG_SPF_DELAY: a second', () => {
    expect(SPF_DELAY_DEFAULTS).toEqual({ ...RECOMMENDED, longSpfDelayMs: 1000 });
  });

  test('the second of two servers that start seconds apart is waited for no longer than a second', () => {
    const delay = new SpfDelay();
    delay.igpEvent(1000);
    expect(runsUntil(delay, 3999)).toEqual([1050]);
    delay.igpEvent(4000);
    expect(runsUntil(delay, 9000)).toEqual([5000]);
  });

  test('every pair of state and event has at most one row per answer', () => {
    for (const state of SPF_DELAY_STATES) {
      for (const event of SPF_DELAY_EVENTS) {
        for (const running of [false, true]) {
          const rows = SPF_DELAY_TABLE.filter(
            ({ from, on, when }) =>
              from.includes(state) &&
              on.includes(event) &&
              (when?.spfTimerRunning ?? running) === running,
          );
          expect(rows.length).toBeLessThanOrEqual(1);
          if (event === 'IgpEvent' || event === 'SpfTimer') expect(rows).toHaveLength(1);
        }
      }
    }
  });

  test('a single event runs SPF after INITIAL_SPF_DELAY, 50 ms (transition 1)', () => {
    const delay = new SpfDelay(RECOMMENDED);
    delay.igpEvent(1000);
    expect(delay.state).toBe('SHORT_WAIT');
    expect(runsUntil(delay, 1200)).toEqual([1050]);
  });

  test('events before the run share it', () => {
    const delay = new SpfDelay(RECOMMENDED);
    for (const atMs of [1000, 1010, 1049]) delay.igpEvent(atMs);
    expect(runsUntil(delay, 1300)).toEqual([1050]);
  });

  test('an event after the first run waits SHORT_SPF_DELAY, 200 ms (transition 2)', () => {
    const delay = new SpfDelay(RECOMMENDED);
    delay.igpEvent(1000);
    expect(runsUntil(delay, 1100)).toEqual([1050]);
    delay.igpEvent(1100);
    expect(runsUntil(delay, 1400)).toEqual([1300]);
  });

  test('after TIME_TO_LEARN_INTERVAL, 500 ms, runs are LONG_SPF_DELAY apart (transitions 3, 4)', () => {
    const delay = new SpfDelay(RECOMMENDED);
    delay.igpEvent(1000);
    expect(runsUntil(delay, 1499)).toEqual([1050]);
    expect(delay.state).toBe('SHORT_WAIT');
    expect(runsUntil(delay, 1500)).toEqual([]);
    expect(delay.state).toBe('LONG_WAIT');
    delay.igpEvent(1600);
    delay.igpEvent(2600);
    expect(runsUntil(delay, 8000)).toEqual([6600]);
  });

  test('after HOLDDOWN_INTERVAL, 10 s, without events all is quiet (transitions 5, 6)', () => {
    const delay = new SpfDelay(RECOMMENDED);
    delay.igpEvent(1000);
    expect(runsUntil(delay, 10_999)).toEqual([1050]);
    expect(delay.state).toBe('LONG_WAIT');
    delay.igpEvent(10_999);
    // The event has started the hold-down anew.
    expect(runsUntil(delay, 20_998)).toEqual([15_999]);
    expect(delay.state).toBe('LONG_WAIT');
    expect(runsUntil(delay, 20_999)).toEqual([]);
    expect(delay.state).toBe('QUIET');
    expect(delay.deadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('hold-down that ends in SHORT_WAIT stops the learn timer (transition 5)', () => {
    const delay = new SpfDelay({
      initialSpfDelayMs: 10,
      shortSpfDelayMs: 20,
      longSpfDelayMs: 30,
      timeToLearnMs: 500,
      holddownMs: 100,
    });
    delay.igpEvent(0);
    expect(runsUntil(delay, 100)).toEqual([10]);
    expect(delay.state).toBe('QUIET');
    expect(delay.deadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('a late or spurious deadline does no harm', () => {
    const delay = new SpfDelay(RECOMMENDED);
    expect(delay.advance(5)).toBe(false);
    delay.igpEvent(10);
    expect(delay.advance(30_000)).toBe(true);
    expect(delay.advance(30_000)).toBe(false);
    expect(delay.state).toBe('QUIET');
  });
});
