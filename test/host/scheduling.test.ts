import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import { wakeSoon } from '../../src/host/scheduling.ts';

const SLICE = /^se\.slice\s*:\s*(\d+)$/m;
/** The slice as the kernel tells it, nanoseconds; undefined where it tells none. */
const sliceOf = (pid: string): string | undefined =>
  existsSync(`/proc/${pid}/sched`)
    ? SLICE.exec(readFileSync(`/proc/${pid}/sched`, 'utf8'))?.[1]
    : undefined;

/** Linux 6.12 is the first to take slices of threads' own. */
const takesSlices = (): boolean => {
  const [major = 0, minor = 0] = execFileSync('uname', ['-r'], { encoding: 'utf8' })
    .split('.')
    .map(Number);
  return (major > 6 || (major === 6 && minor >= 12)) && sliceOf('self') !== undefined;
};

describe('a daemon is run soon after it was woken', () => {
  test('its slice is the shortest that there is, and its priority what it was', () => {
    const priority = getPriority();
    const taken = wakeSoon();
    expect(getPriority()).toBe(priority);
    if (!takesSlices()) return;
    expect(taken).toBe(true);
    expect(sliceOf('self')).toBe('100000');
  });

  test('so is that of the tools that it starts', () => {
    if (!takesSlices()) return;
    wakeSoon();
    const told = execFileSync('cat', ['/proc/self/sched'], { encoding: 'utf8' });
    expect(SLICE.exec(told)?.[1]).toBe('100000');
  });
});
