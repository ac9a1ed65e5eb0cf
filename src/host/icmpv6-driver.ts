/**
 * Gives a Neighbor Discovery machine (advertiser or cache) its life on one link: datagrams and the
 * passing of time go in, what it transmits goes out, the rest is told.
 * @module
 */
import type { TransmitOutput } from '../neighbor-discovery/outbox.ts';
import type { Address } from '../wire/address.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import type { Link } from './link.ts';

type Received = {
  readonly kind: 'datagram';
  readonly nowMs: number;
  readonly source: Address;
  readonly destination: Address;
  readonly hopLimit: number;
  readonly octets: Uint8Array;
};
type DrivenInput = Received | { readonly kind: 'deadline'; readonly nowMs: number };

/** A machine of Neighbor Discovery. */
export interface Icmpv6Machine<I, O> {
  handle(input: I | DrivenInput): void;
  poll(): O | undefined;
  deadlineMs(): number;
}

export interface Icmpv6DriverOptions<O> {
  /** The system's by default. */
  readonly clock?: Clock;
  readonly onOutput?: (output: Exclude<O, TransmitOutput>) => void;
  /** A message that the link refused to send; by default it is lost in silence. */
  readonly onSendError?: (error: unknown) => void;
}

/** Deadlines that are past are handled at once, at most this often before others get a turn. */
const IMMEDIATE_DEADLINES = 64;

export class Icmpv6Driver<I, O extends { readonly kind: string }> {
  readonly #machine: Icmpv6Machine<I, O>;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #options: Icmpv6DriverOptions<O>;
  readonly #waiting: ((nowMs: number) => I | DrivenInput)[] = [];
  #working = false;
  #closed = false;
  #timer: Timer | undefined;

  /** @param groups - multicast groups to hear beside all nodes. */
  constructor(
    machine: Icmpv6Machine<I, O>,
    link: Link,
    groups: readonly Address[],
    options: Icmpv6DriverOptions<O> = {},
  ) {
    this.#machine = machine;
    this.#link = link;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    for (const group of groups) link.join(group);
    link.listen(({ source, destination, octets, hopLimit }) => {
      // Without ancillary data nobody knows: 0 is refused as any other than 255 is.
      const datagram = { source, destination, octets, hopLimit: hopLimit ?? 0 };
      this.input((nowMs) => ({ kind: 'datagram', nowMs, ...datagram }));
    });
  }

  /** Hands one input over, made for the present moment, and carries out what comes of it. */
  input(make: (nowMs: number) => I | DrivenInput): void {
    if (this.#closed) return;
    this.#waiting.push(make);
    if (this.#working) return;
    this.#working = true;
    try {
      this.#work();
    } finally {
      this.#working = false;
    }
    this.#arm();
  }

  /** Carries out what the machine has to say after it was changed from outside. */
  settle(): void {
    this.input((nowMs) => ({ kind: 'deadline', nowMs }));
  }

  /** Ends it without a word; for a farewell, stop the machine first. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#link.close();
  }

  #work(): void {
    for (let immediate = 0; immediate < IMMEDIATE_DEADLINES && !this.#closed; ) {
      const make = this.#waiting.shift();
      const nowMs = this.#clock.nowMs();
      if (make) this.#machine.handle(make(nowMs));
      else if (this.#machine.deadlineMs() > nowMs) return;
      else {
        immediate++;
        this.#machine.handle({ kind: 'deadline', nowMs });
      }
      this.#drain();
    }
  }

  #drain(): void {
    for (let output = this.#machine.poll(); output; output = this.#machine.poll()) {
      if (this.#closed) return;
      if (output.kind !== 'transmit') {
        this.#options.onOutput?.(output as Exclude<O, TransmitOutput>);
        continue;
      }
      const { destination, octets } = output as unknown as TransmitOutput;
      try {
        this.#link.send(destination, octets);
      } catch (error) {
        this.#options.onSendError?.(error);
      }
    }
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const deadlineMs = this.#machine.deadlineMs();
    if (this.#closed || deadlineMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.wakeAt(deadlineMs, () => this.settle());
  }
}
