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
