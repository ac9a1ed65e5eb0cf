/**
 * Runs synchronous code with this thread in another network namespace, so that one test can hold
 * sockets of many: a socket stays where it was opened.
 */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNET = 0x4000_0000;
let setns: ((fd: number, type: number) => number) | undefined;

function enter(fd: number): void {
  setns ??= koffi.load(null).func('int setns(int, int)') as (fd: number, type: number) => number;
  if (setns(fd, CLONE_NEWNET) !== 0) throw new Error('setns failed; is this root?');
}

/** @param namespace - its name, as `ip netns` shows it. */
export function insideNamespace<T>(namespace: string, work: () => T): T {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  const there = openSync(`/run/netns/${namespace}`, 'r');
  try {
    enter(there);
    return work();
  } finally {
    enter(home);
    closeSync(there);
    closeSync(home);
  }
}
