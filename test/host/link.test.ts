import { expect, test } from '@jest/globals';
import { ManualClock } from '../../src/host/clock.ts';
import type { Link, LinkDatagram } from '../../src/host/link.ts';
import { withFaults } from '../../src/host/link-fault.ts';
import { MemorySegment } from '../../src/host/link-memory.ts';
import { openUdpLink } from '../../src/host/link-udp.ts';
import { Prng } from '../../src/prng.ts';
import {
  ALL_D_ROUTERS,
  ALL_SPF_ROUTERS,
  isLinkLocal,
  parseAddress,
} from '../../src/wire/address.ts';

const text = (octets: Uint8Array) => Buffer.from(octets).toString();
const octets = (of: string) => new TextEncoder().encode(of);

/** Collects what a link hears; `until(n)` waits for the nth datagram. */
function ear(link: Link) {
  const heard: LinkDatagram[] = [];
  let told: (() => void) | undefined;
  link.listen((datagram) => {
    heard.push({ ...datagram, octets: datagram.octets.slice() });
    told?.();
  });
  const until = async (count: number) => {
    while (heard.length < count) {
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
    return heard;
  };
  return { heard, until, words: () => heard.map((datagram) => text(datagram.octets)) };
}

const MEDIA: [string, () => Promise<[Link, Link, Link]>][] = [
  [
    'memory',
    async () => {
      const segment = new MemorySegment();
      const open = (name: string) => segment.open({ interfaceId: 7, name });
      return [open('a'), open('b'), open('c')];
    },
  ],
  [
    'UDP on the loopback',
    async () => {
      // A port of its own for each run, so that runs on one machine do not hear each other.
      const port = 20_000 + (process.pid % 20_000);
      const open = (name: string) => openUdpLink({ interfaceId: 7, name, port });
      return [await open('a'), await open('b'), await open('c')];
    },
  ],
];

for (const [medium, open] of MEDIA) {
  test(`${medium}: a multicast reaches all that joined, never the sender, in order`, async () => {
    const [a, b, c] = await open();
    const ears = [ear(a), ear(b), ear(c)];
    for (const link of [a, b]) link.join(ALL_SPF_ROUTERS);
    for (let i = 0; i < 50; i++) a.send(ALL_SPF_ROUTERS, octets(`${i}`));
    expect(ears[1]!.heard).toEqual([]);
    await ears[1]!.until(50);
    expect(ears[1]!.words()).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
    expect(ears[1]!.heard[0]).toMatchObject({
      source: a.linkLocalAddress,
      destination: ALL_SPF_ROUTERS,
      hopLimit: 1,
    });
    expect(ears[0]!.heard).toEqual([]);
    expect(ears[2]!.heard).toEqual([]);
    for (const link of [a, b, c]) link.close();
  });

  test(`${medium}: a unicast reaches its destination alone, a group left is heard no more`, async () => {
    const [a, b, c] = await open();
    const ears = [ear(a), ear(b), ear(c)];
    for (const link of [b, c]) link.join(ALL_D_ROUTERS);
    b.leave(ALL_D_ROUTERS);
    a.send(b.linkLocalAddress, octets('to b'));
    a.send(ALL_D_ROUTERS, octets('to designated routers'));
    await Promise.all([ears[1]!.until(1), ears[2]!.until(1)]);
    expect(ears.map((one) => one.words())).toEqual([[], ['to b'], ['to designated routers']]);
    expect(isLinkLocal(a.linkLocalAddress)).toBe(true);
    for (const link of [a, b, c]) link.close();
  });
}

test.each([0, 70_000, Number.NaN])('a UDP link is refused on port %d', async (port) => {
  const message = `port cannot be ${port}: allowed is 1..65535`;
  await expect(openUdpLink({ interfaceId: 1, name: 'udp0', port })).rejects.toThrow(message);
});

test('a memory segment refuses a link-local address that is taken', () => {
  const segment = new MemorySegment();
  const linkLocalAddress = parseAddress('fe80::1');
  const first = segment.open({ interfaceId: 1, name: 'a', linkLocalAddress });
  const again = () => segment.open({ interfaceId: 1, name: 'b', linkLocalAddress });
  expect(again).toThrow(RangeError);
  first.close();
  expect(again).not.toThrow();
});

test('faults lose, double and delay the shares they are told to', () => {
  const clock = new ManualClock();
  const count = (faults: Parameters<typeof withFaults>[1]) => {
    let sent = 0;
    const sink = { send: () => sent++ } as unknown as Link;
    const link = withFaults(sink, faults, new Prng(1), clock);
    for (let i = 0; i < 1000; i++) link.send(ALL_SPF_ROUTERS, octets('x'));
    return () => sent;
  };
  const lost = count({ lossRatio: 0.3 })();
  expect(lost).toBeGreaterThan(640);
  expect(lost).toBeLessThan(760);
  const doubled = count({ duplicateRatio: 0.5 })();
  expect(doubled).toBeGreaterThan(1430);
  expect(doubled).toBeLessThan(1570);
  const late = count({ delayMs: 10, jitterMs: 10 });
  clock.advance(9.9);
  expect(late()).toBe(0);
  clock.advance(5.1);
  expect(late()).toBeGreaterThan(400);
  expect(late()).toBeLessThan(600);
  clock.advance(5);
  expect(late()).toBe(1000);
});

test('a link with faults that is closed sends nothing of what is still late', () => {
  const clock = new ManualClock();
  const calls: string[] = [];
  const sink = { send: () => calls.push('send'), close: () => calls.push('close') };
  const link = withFaults(sink as unknown as Link, { delayMs: 5 }, new Prng(1), clock);
  link.send(ALL_SPF_ROUTERS, octets('x'));
  link.close();
  clock.advance(10);
  expect(calls).toEqual(['close']);
});

test.each([{ lossRatio: 1.1 }, { duplicateRatio: -1 }, { delayMs: Number.NaN }])(
  'faults of %j are refused',
  (faults) => {
    const link = new MemorySegment().open({ interfaceId: 1, name: 'a' });
    expect(() => withFaults(link, faults, new Prng(1))).toThrow(RangeError);
  },
);
