import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../src/host/clock.ts';
import { type DrivenInput, Driver, type TransmitOutput } from '../../src/host/driver.ts';
import type { Link } from '../../src/host/link.ts';
import { MemorySegment } from '../../src/host/link-memory.ts';
import type { EventOutput } from '../../src/instance/output.ts';
import { ALL_D_ROUTERS, ALL_SPF_ROUTERS } from '../../src/wire/address.ts';

type Input = DrivenInput | { readonly kind: 'say'; readonly nowMs: number; readonly word: string };
type Output =
  | TransmitOutput
  | EventOutput
  | { readonly kind: 'heard'; readonly word: string }
  | { readonly kind: 'route'; readonly word: string };

/** Sends each word it is told, tells each word it hears, and wants waking once a second. */
class Parrot {
  readonly inputs: Input[] = [];
  readonly #outputs: Output[] = [];
  wakeMs = Number.POSITIVE_INFINITY;

  handle(input: Input): void {
    this.inputs.push(input);
    if (input.kind === 'deadline') this.wakeMs = input.nowMs + 1000;
    if (input.kind === 'say') {
      const octets = new TextEncoder().encode(input.word);
      const destination = ALL_SPF_ROUTERS;
      this.#outputs.push({ kind: 'transmit', interfaceId: 1, destination, octets });
    }
    if (input.kind === 'datagram') {
      this.#outputs.push({ kind: 'heard', word: new TextDecoder().decode(input.octets) });
    }
  }

  give(output: Output): void {
    this.#outputs.push(output);
  }

  poll(): Output | undefined {
    return this.#outputs.shift();
  }

  deadlineMs(): number {
    return this.wakeMs;
  }
}

/** Two parrots on a memory segment whose deliveries the test lets through. */
function pair() {
  const clock = new ManualClock(5000);
  const later: (() => void)[] = [];
  const segment = new MemorySegment((work) => later.push(work));
  const parrots = [new Parrot(), new Parrot()];
  const heard: string[] = [];
  const drivers = parrots.map((parrot, i) => {
    const driver = new Driver<Input, Output>(parrot, {
      clock,
      onOutput: (output) => {
        if (output.kind === 'heard') heard.push(`${i}:${output.word}`);
      },
    });
    driver.attach(segment.open({ interfaceId: 1, name: `memory${i}` }));
    return driver;
  });
  const settle = () => {
    for (let work = later.shift(); work; work = later.shift()) work();
  };
  return { clock, parrots, drivers, heard, settle, segment };
}

test('a datagram sent by one machine is an input of the other, with its time and addresses', () => {
  const { parrots, drivers, heard, settle } = pair();
  drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'hello' }));
  expect(heard).toEqual([]);
  settle();
  expect(heard).toEqual(['1:hello']);
  expect(parrots[1]!.inputs).toMatchObject([
    { kind: 'datagram', nowMs: 5000, interfaceId: 1, destination: ALL_SPF_ROUTERS, hopLimit: 1 },
  ]);
});

test('the deadline is met once, and the timer follows a deadline that moves', () => {
  const { clock, parrots, drivers } = pair();
  const [parrot] = parrots;
  parrot!.wakeMs = 5100;
  drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'a' }));
  parrot!.wakeMs = 5050;
  drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'b' }));
  expect(clock.waiting).toBe(1);
  clock.advance(49);
  expect(parrot!.inputs.map(({ kind }) => kind)).toEqual(['say', 'say']);
  clock.advance(1);
  expect(parrot!.inputs.at(-1)).toEqual({ kind: 'deadline', nowMs: 5050 });
  clock.advance(1500);
  expect(parrot!.inputs.filter(({ kind }) => kind === 'deadline')).toHaveLength(2);
});

test('a deadline that has passed is handled at once, without waiting for a timer', () => {
  const { parrots, drivers } = pair();
  parrots[0]!.wakeMs = 4000;
  drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'late' }));
  expect(parrots[0]!.inputs.map(({ kind }) => kind)).toEqual(['say', 'deadline']);
});

describe('a process that was held up past a deadline', () => {
  const kinds = (parrot: Parrot) => parrot.inputs.map(({ kind }) => kind);

  test('reads what arrived meanwhile before the deadline, as if it had come in time', () => {
    const { clock, parrots, drivers, settle } = pair();
    const [parrot] = parrots;
    parrot!.wakeMs = 5100;
    drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'up' }));
    settle();
    drivers[1]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'alive' }));
    drivers[1]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'still alive' }));
    clock.stall(190);
    clock.advance(0); // the timer fires late, with both words in the socket
    settle();
    expect(kinds(parrot!)).toEqual(['say', 'datagram', 'datagram']);
    for (const { nowMs } of parrot!.inputs) expect(nowMs).toBeLessThan(5100);
  });

  test('meets the deadline all the same when nothing arrived, and its time goes on', () => {
    const { clock, parrots, drivers } = pair();
    const [parrot] = parrots;
    parrot!.wakeMs = 5100;
    drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'up' }));
    clock.stall(190);
    clock.advance(10);
    expect(parrot!.inputs.at(-1)).toMatchObject({ kind: 'deadline', nowMs: 5192 });
    expect(drivers[0]!.nowMs()).toBe(5200);
  });
});

test('a Link State Update is told of before the machine looks at it, and no other packet is', () => {
  const { segment, settle } = pair();
  const parrot = new Parrot();
  const lookedAt: number[] = [];
  const driver = new Driver<Input, Output>(parrot, {
    clock: new ManualClock(),
    onLinkStateUpdate: () => lookedAt.push(parrot.inputs.length),
  });
  driver.attach(segment.open({ interfaceId: 1, name: 'memory2' }));
  const sender = segment.open({ interfaceId: 1, name: 'memory3' });
  // Version 3, and the packet types of RFC 5340 A.3.1: Hello to Link State Acknowledgment.
  for (const type of [1, 2, 3, 4, 5]) sender.send(ALL_SPF_ROUTERS, Uint8Array.of(3, type));
  settle();
  expect(parrot.inputs).toHaveLength(5);
  expect(lookedAt).toEqual([3]);
});

test('an input given while outputs are carried out waits until the drain is over', () => {
  const parrot = new Parrot();
  const order: string[] = [];
  const driver = new Driver<Input, Output>(parrot, {
    clock: new ManualClock(),
    onOutput: (output) => {
      if (output.kind !== 'heard') return;
      order.push(output.word);
      if (output.word === 'first') driver.input((nowMs) => ({ kind: 'say', nowMs, word: 'x' }));
      order.push(`inputs ${parrot.inputs.length}`);
    },
  });
  parrot.give({ kind: 'heard', word: 'first' });
  parrot.give({ kind: 'heard', word: 'second' });
  driver.input((nowMs) => ({ kind: 'say', nowMs, word: 'start' }));
  expect(order).toEqual(['first', 'inputs 1', 'second', 'inputs 1']);
  expect(parrot.inputs).toHaveLength(2);
});

test('what changes forwarding comes first, then datagrams, then news, each in its order', () => {
  const parrot = new Parrot();
  const order: string[] = [];
  const driver = new Driver<Input, Output>(parrot, {
    clock: new ManualClock(),
    onOutput: (output) => order.push('word' in output ? output.word : output.kind),
    onForwarding: () => order.push('forwarding is settled'),
  });
  const link = new MemorySegment().open({ interfaceId: 1, name: 'memory0' });
  link.send = (_destination, octets) => order.push(`sent ${new TextDecoder().decode(octets)}`);
  driver.attach(link);
  parrot.give({ kind: 'heard', word: 'news' });
  parrot.give({
    kind: 'transmit',
    interfaceId: 1,
    destination: ALL_SPF_ROUTERS,
    octets: new TextEncoder().encode('a'),
  });
  parrot.give({ kind: 'route', word: 'first route' });
  parrot.give({ kind: 'route', word: 'second route' });
  driver.input((nowMs) => ({ kind: 'say', nowMs, word: 'b' }));
  expect(order).toEqual([
    'first route',
    'second route',
    'forwarding is settled',
    'sent a',
    'sent b',
    'news',
  ]);
  order.length = 0;
  driver.input((nowMs) => ({ kind: 'say', nowMs, word: 'c' }));
  expect(order).toEqual(['sent c']);
});

test('AllDRouters is heard only while designated router or backup (RFC 5340 A.1)', () => {
  const { parrots, drivers, heard, settle, segment } = pair();
  const sender = segment.open({ interfaceId: 9, name: 'sender' });
  const say = (word: string) => {
    sender.send(ALL_D_ROUTERS, new TextEncoder().encode(word));
    settle();
  };
  const become = (from: 'DROther' | 'Backup', to: 'DROther' | 'Backup') => {
    const event = { name: 'interfaceState', interfaceId: 1, from, to } as const;
    parrots[0]!.give({ kind: 'event', event });
    drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: '' }));
    settle();
    heard.length = 0;
  };
  say('as DROther');
  expect(heard).toEqual([]);
  become('DROther', 'Backup');
  say('as Backup');
  expect(heard).toEqual(['0:as Backup']);
  become('Backup', 'DROther');
  say('as DROther again');
  expect(heard).toEqual([]);
});

test('a closed driver neither hears nor wakes', () => {
  const { clock, parrots, drivers, heard, settle } = pair();
  parrots[1]!.wakeMs = 6000;
  drivers[1]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'bye' }));
  drivers[1]!.close();
  drivers[0]!.input((nowMs) => ({ kind: 'say', nowMs, word: 'anyone?' }));
  settle();
  clock.advance(10_000);
  expect(heard).toEqual(['0:bye']);
  expect(parrots[1]!.inputs).toHaveLength(1);
});

test('a send that fails is reported and the drain goes on', () => {
  const parrot = new Parrot();
  const failed: unknown[] = [];
  const told: string[] = [];
  const driver = new Driver<Input, Output>(parrot, {
    clock: new ManualClock(),
    onSendError: (_link, error) => failed.push(error),
    onOutput: (output) => told.push(output.kind),
  });
  const broken = new Error('ENETDOWN');
  const link = new MemorySegment().open({ interfaceId: 1, name: 'broken' });
  driver.attach({
    ...({} as Link),
    interfaceId: 1,
    listen: () => undefined,
    join: () => undefined,
    close: () => link.close(),
    send: () => {
      throw broken;
    },
  });
  parrot.give({
    kind: 'transmit',
    interfaceId: 1,
    destination: ALL_SPF_ROUTERS,
    octets: new Uint8Array(1),
  });
  parrot.give({ kind: 'heard', word: 'still here' });
  driver.input((nowMs) => ({ kind: 'deadline', nowMs }));
  expect(failed).toEqual([broken]);
  expect(told).toEqual(['heard']);
});

test('an interface that goes while it becomes designated router ends nothing', () => {
  const parrot = new Parrot();
  const failed: unknown[] = [];
  const told: string[] = [];
  const driver = new Driver<Input, Output>(parrot, {
    clock: new ManualClock(),
    onSendError: (_link, error) => failed.push(error),
    onOutput: (output) => told.push(output.kind),
  });
  const link = new MemorySegment().open({ interfaceId: 1, name: 'memory0' });
  driver.attach(link);
  const gone = new Error('setsockopt: ENODEV');
  link.join = () => {
    throw gone;
  };
  const event = { name: 'interfaceState', interfaceId: 1, from: 'Waiting', to: 'DR' } as const;
  parrot.give({ kind: 'event', event });
  driver.input((nowMs) => ({ kind: 'deadline', nowMs }));
  expect(failed).toEqual([gone]);
  expect(told).toEqual(['event']);
});
