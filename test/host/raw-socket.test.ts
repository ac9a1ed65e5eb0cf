import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { expect, test } from '@jest/globals';
import { RawSocket } from '../../src/host/raw-socket.ts';

const HAS_LOOPBACK =
  process.platform === 'linux' &&
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const onLinux = HAS_LOOPBACK ? test : test.skip;
if (!HAS_LOOPBACK) process.stderr.write('raw-socket: skipped, this machine has no ::1\n');

/**
 * Sockets are looked at ten times a second in any case. A datagram sent 20 ms after such a look would
 * wait for 80 ms: what comes sooner was noticed.
 */
const NOTICED_MS = 50;

const IF_INDEX = HAS_LOOPBACK ? Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8')) : 0;

/**
 * Sends datagrams one by one. It stands by itself, so that a program can be made of it.
 * @returns how long each took to be heard, milliseconds.
 */
async function heardAfter(
  open: typeof RawSocket,
  sending: typeof createSocket,
  ifIndex: number,
  port: number,
): Promise<number[]> {
  let heard: () => void = () => {};
  const options = { interfaceName: 'lo', ifIndex, protocol: 'udp', port, hopLimit: 1 } as const;
  const socket = new open(options, () => heard());
  const sender = sending('udp6');
  const took: number[] = [];
  for (let i = 0; i < 10; i++) {
    await new Promise((soon) => setTimeout(soon, 20));
    const sentMs = performance.now();
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    sender.send('x', port, '::1');
    await arrived;
    took.push(performance.now() - sentMs);
  }
  sender.close();
  socket.close();
  return took;
}

const medianOf = (took: number[]): number => took.sort((a, b) => a - b)[took.length >> 1] ?? NaN;

onLinux('what comes is noticed at once where a program does not hear of signals', async () => {
  const took = await heardAfter(RawSocket, createSocket, IF_INDEX, 35_353);
  expect(medianOf(took)).toBeLessThan(NOTICED_MS);
});

onLinux('and by signals where it does, as the daemon', () => {
  const script = `
    import { createSocket } from 'node:dgram';
    import { RawSocket } from './dist/host/raw-socket.js';
    ${heardAfter}
    const took = await heardAfter(RawSocket, createSocket, ${IF_INDEX}, 35_354);
    console.log(JSON.stringify({ took, signals: process.listenerCount('SIGURG') }));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const { took, signals } = JSON.parse(output) as { took: number[]; signals: number };
  expect(signals).toBe(1);
  expect(medianOf(took)).toBeLessThan(NOTICED_MS);
});
