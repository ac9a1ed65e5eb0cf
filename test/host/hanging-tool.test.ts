import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { IpBatch } from '../../src/host/ip-batch.ts';
import { IpReader } from '../../src/host/ip-reader.ts';
import { NftPipe } from '../../src/host/nft-pipe.ts';

const BOUND_MS = 30_000;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-tools-'));
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});

afterEach(() => {
  jest.useRealTimers();
  rmSync(directory, { recursive: true });
});

/**
 * A tool that hangs when it is first run, and then answers each line by a command of the shell.
 * @returns its path.
 */
function tool(answer: string): string {
  const file = join(directory, 'tool');
  writeFileSync(`${file}.hangs`, '');
  const hang = `[ -e "$0.hangs" ] && rm "$0.hangs" && exec sleep 1000`;
  writeFileSync(file, `#!/bin/sh\n${hang}\nwhile read -r line; do ${answer}; done\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Resolves when the tool has begun to hang. */
async function hangs(): Promise<void> {
  while (existsSync(join(directory, 'tool.hangs'))) await new Promise(setImmediate);
}

test('listings behind one that iproute2 never gives are refused, and the next are given', async () => {
  const reader = new IpReader('-6', undefined, tool(`echo '[{"id":1}]'`));
  const hung = Promise.allSettled([
    reader.show(['nexthop', 'show']),
    reader.show(['route', 'show']),
  ]);
  await hangs();
  jest.advanceTimersByTime(BOUND_MS);
  expect(await hung).toMatchObject([
    { reason: { message: 'ip nexthop show: no answer for 30 s' } },
    { reason: { message: 'ip nexthop show: no answer for 30 s' } },
  ]);
  expect(await reader.show(['nexthop', 'show'])).toEqual([{ id: 1 }]);
  reader.close();
});

test('commands that iproute2 never ends are given up, and the next go to another', async () => {
  // The kernel has no nexthop of the number that acknowledges: the second line fails.
  const acknowledge = `echo "Error: Nexthop id does not exist." >&2; echo "Command failed -:2" >&2`;
  const ip = tool(`case "$line" in *4294967295) ${acknowledge};; esac`);
  const batch = new IpBatch(undefined, ip);
  const hung = Promise.allSettled([batch.run(['route del 2001:db8::/64'])]);
  await hangs();
  jest.advanceTimersByTime(BOUND_MS);
  let given = false;
  void hung.then(() => (given = true));
  await new Promise(setImmediate);
  expect(given).toBe(false); // a second more for each thousand commands that are begun
  jest.advanceTimersByTime(1000);
  expect(await hung).toMatchObject([{ reason: { message: 'ip: no answer for 31 s' } }]);
  expect(await batch.run(['route del 2001:db8::/64'])).toEqual([]);
  batch.close();
});

test('a transaction that nftables never ends is given up, and the next go to another', async () => {
  // What acknowledges is refused in the words of nftables.
  const acknowledge = `printf 'Error: syntax error\\n%s\\n^^^\\n' "$line" >&2`;
  const nft = tool(`case "$line" in tidecast_*) ${acknowledge};; esac`);
  const pipe = new NftPipe(undefined, nft);
  const hung = Promise.allSettled([pipe.run(['add table netdev tidecast'])]);
  await hangs();
  jest.advanceTimersByTime(BOUND_MS);
  expect(await hung).toMatchObject([{ reason: { message: 'nft: no answer for 30 s' } }]);
  expect(await pipe.run(['add table netdev tidecast'])).toEqual([]);
  pipe.close();
});
