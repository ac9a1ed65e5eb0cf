/**
 * What the programs about the kernel share: running tools, and a thousand services' next hops.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DATAGRAM_TIMERS, type NextHopSet } from '../src/host/route-table.ts';

const execute = promisify(execFile);
export const run = (command: string, args: readonly string[]) =>
  execute(command, args, { maxBuffer: 1 << 28 });
export const SERVICES = 1000;
export const NEXT_HOPS = 64;

export const prefixOf = (service: number): string =>
  `2001:db8:53::${(service + 1).toString(16)}/128`;

/** The next hops of a service; `step` changes one weight. */
export function setOf(service: number, step = 0): NextHopSet {
  return {
    nextHops: Array.from({ length: NEXT_HOPS }, (_, i) => ({
      interfaceName: 'east',
      address: `fe80::${(i + 1).toString(16)}`,
      // No two services alike: neither may share the other's group.
      weight:
        1 + ((service + i) % 100) + (i === service % NEXT_HOPS ? 100 : 0) + (i === 7 ? step : 0),
    })),
    bucketCount: 1024,
    ...DATAGRAM_TIMERS,
  };
}

/** A namespace with a link to servers. */
export async function withNamespace<T>(work: (name: string) => Promise<T>): Promise<T> {
  const name = `tidecast-bench-${process.pid}`;
  await run('ip', ['netns', 'add', name]);
  try {
    const ip = (words: string) => run('ip', ['-n', name, ...words.split(' ')]);
    await ip('link set lo up');
    await ip('link add east type veth peer name servers');
    await ip('link set east up');
    await ip('link set servers up');
    await ip('address add 2001:db8:e::1/64 dev east nodad');
    return await work(name);
  } finally {
    await run('ip', ['netns', 'del', name]);
  }
}
