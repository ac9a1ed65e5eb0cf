import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { decode } from 'dns-packet';
import { DnsTestQueries, ProbeTestQueries, SelfTest } from '../../src/host/self-test.ts';
import type { DnsCheck } from '../../src/host/signal-dns.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that counts what it is asked and answers nothing. */
async function listener() {
  const socket = createSocket('udp6').bind(0, '::1');
  await once(socket, 'listening');
  closing.push(() => socket.close());
  const names: string[] = [];
  let ended: () => void = () => {};
  socket.on('message', (octets) => {
    names.push(decode(octets).questions?.[0]?.name ?? '');
    ended();
  });
  const count = (wanted: number) =>
    new Promise<void>((resolve) => {
      ended = () => {
        if (names.length >= wanted) resolve();
      };
      ended();
    });
  return { port: socket.address().port, names, count };
}

const queriesOf = (port: number): DnsCheck => ({
  server: '::1',
  port,
  name: 'www.example.test',
  type: 'AAAA',
  transport: 'udp',
  rcode: 'NOERROR',
  timeoutMs: 100,
});
const queriesTo = (port: number) => new DnsTestQueries(queriesOf(port));

describe('queries of our own', () => {
  it('to whom no datagram can be sent are not asked, and throw nothing', async () => {
    const nobody = { ...queriesOf(9), server: 'fe80::1' }; // without its interface: EINVAL
    const queries = new DnsTestQueries(nobody);
    closing.push(() => queries.close());
    for (let i = 0; i < 5; i++) {
      expect(() => queries.ask()).not.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('come at the rate and for the time that are asked for, and no longer', async () => {
    const { port, names, count } = await listener();
    const test = new SelfTest(queriesTo(port));
    closing.push(() => test.stop());
    test.run(500, 200);
    await count(20); // the socket takes a moment to open
    while (test.asked < 100) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(test.asked).toBe(100);
    expect(names.length).toBeLessThanOrEqual(100);
    expect(new Set(names)).toEqual(new Set(['www.example.test']));
    const before = names.length;
    test.run(500, 100);
    await count(before + 10);
  });

  it('stop when told to, and to a closed port do no harm', async () => {
    const { port } = await listener();
    for (const close of closing.splice(0)) close();
    const test = new SelfTest(queriesTo(port));
    test.run(1000, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 60));
    test.stop();
    const { asked } = test;
    expect(asked).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(test.asked).toBe(asked);
  });

  it('by probes never have more than 200 waiting', () => {
    let looks = 0;
    const queries = new ProbeTestQueries({
      name: 'slow',
      look: () => {
        looks++;
        return new Promise(() => {});
      },
    });
    for (let i = 0; i < 1000; i++) queries.ask();
    expect(looks).toBe(200);
  });
});
