import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Prng } from '../../src/prng.ts';
import { EventQueue } from '../../src/sim/event-queue.ts';
import { Segment } from '../../src/sim/segment.ts';
import { World } from '../../src/sim/world.ts';
import { parseAddress } from '../../src/wire/address.ts';

describe('events', () => {
  it('come out by time, and at equal times in the order in which they were scheduled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
        const queue = new EventQueue<number>();
        times.forEach((atMs, order) => {
          queue.push(atMs, order);
        });
        const out: number[] = [];
        for (let item = queue.pop(); item !== undefined; item = queue.pop()) out.push(item);
        const wanted = times.map((atMs, order) => ({ atMs, order }));
        wanted.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        expect(out).toEqual(wanted.map(({ order }) => order));
      }),
    );
  });
});

describe('virtual time', () => {
  it('wakes a machine at its deadline, and again when the deadline moves forward', () => {
    const world = new World();
    const woken: number[] = [];
    let deadlineMs = 1000;
    const machine = {
      handle: (input: { kind: 'deadline' | 'sooner'; nowMs: number }) => {
        if (input.kind === 'sooner') deadlineMs = 300;
        else {
          woken.push(input.nowMs);
          deadlineMs = input.nowMs + 1000;
        }
      },
      poll: () => undefined,
      deadlineMs: () => deadlineMs,
    };
    const life = world.inhabit(
      machine,
      (nowMs) => ({ kind: 'deadline' as const, nowMs }),
      () => {},
    );
    life.input((nowMs) => ({ kind: 'sooner', nowMs }));
    world.run(2500);
    expect(woken).toEqual([300, 1300, 2300]);
    life.halt();
    world.run(10_000);
    expect(woken).toEqual([300, 1300, 2300]);
  });
});

describe('a segment', () => {
  const addresses = ['fe80::1', 'fe80::2', 'fe80::3'].map(parseAddress);
  const run = (seed: number, faults: Partial<Segment['faults']>) => {
    const world = new World();
    const segment = new Segment(world, new Prng(seed));
    segment.faults = { ...segment.faults, ...faults };
    const received = addresses.map(() => [] as string[]);
    addresses.forEach((address, i) => {
      segment.attach({
        address,
        receive: ({ octets }) => received[i]!.push(`${world.nowMs.toFixed(3)} ${octets[0]}`),
      });
    });
    for (let i = 0; i < 200; i++) {
      world.at(i, () => segment.send(addresses[0]!, parseAddress('ff02::5'), Uint8Array.of(i)));
    }
    world.at(200, () => segment.send(addresses[0]!, addresses[2]!, Uint8Array.of(255)));
    world.run(1000);
    return received;
  };

  it('carries multicast to all but the sender, and unicast to its one receiver', () => {
    const [first, second, third] = run(1, {});
    expect(first).toHaveLength(0);
    expect(second).toHaveLength(200);
    expect(third).toHaveLength(201);
  });

  it('loses and duplicates the share it is told, alike for one seed and otherwise for another', () => {
    const faults = { lossRatio: 0.2, duplicateRatio: 0.1, jitterMs: 5 };
    const once = run(7, faults);
    expect(run(7, faults)).toEqual(once);
    expect(run(8, faults)).not.toEqual(once);
    const expected = 200 * 0.8 * 1.1;
    expect(once[1]!.length).toBeGreaterThan(expected * 0.85);
    expect(once[1]!.length).toBeLessThan(expected * 1.15);
  });
});
