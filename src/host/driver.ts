/**
 * Gives a machine of the core its life on this machine: datagrams of its links and the passing of
 * time go in, every drain carries out what comes of them, one timer waits for its deadline.
 * @module
 */
import { assert } from '../errors.ts';
import type { InstanceEvent } from '../instance/output.ts';
import { MAX_OUTPUTS_PER_DRAIN, type Machine } from '../machine.ts';
import { PacketType } from '../packet/packet.ts';
import { type Address, ALL_D_ROUTERS, ALL_SPF_ROUTERS } from '../wire/address.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import type { Link } from './link.ts';

/** The inputs that every machine with links takes; roles add their own. */
export type DrivenInput =
  | {
      readonly kind: 'datagram';
      readonly nowMs: number;
      readonly interfaceId: number;
      readonly source: Address;
      readonly destination: Address;
      readonly octets: Uint8Array;
      readonly hopLimit?: number | undefined;
    }
  | { readonly kind: 'deadline'; readonly nowMs: number };

/** What a machine gives that the driver carries out itself. */
export interface TransmitOutput {
  readonly kind: 'transmit';
  readonly interfaceId: number;
  readonly destination: Address;
  readonly octets: Uint8Array;
}

export interface DriverOptions<O> {
  /** The system's by default. */
  readonly clock?: Clock;
  /**
   * Carries out every output but `transmit`. It may call {@link Driver.input}: that input waits
   * until this drain is over.
   */
  readonly onOutput?: (output: Exclude<O, TransmitOutput>) => void;
  /** A Link State Update has arrived; it is looked at when this returns. */
  readonly onLinkStateUpdate?: () => void;
  /** Every route and spread of a drain was given to {@link onOutput}, and nothing has been sent yet. */
  readonly onForwarding?: () => void;
  /**
   * A datagram that a link refused to send, or a group to hear, and why; by default it is lost in
   * silence.
   */
  readonly onSendError?: (link: Link, error: unknown) => void;
}

/** Outputs that change where packets go: they come before anything is said to neighbors. */
const FORWARDING: ReadonlySet<string> = new Set(['route', 'spread', 'adopted']);
const TRANSMISSIONS: ReadonlySet<string> = new Set(['transmit', 'transmitBfd']);

/** Deadlines that are past are handled at once, at most this often before others get a turn. */
const IMMEDIATE_DEADLINES = 64;

/** A deadline missed by more than this means that the process was held up, not that a timer is coarse. */
const HELD_UP_MS = 5;
/** What arrived while the process was held up is read in so long. */
const READING_MS = 2;
/** Less than any time that a deadline is set by. */
const MOMENT_MS = 0.001;

/**
 * Drives one machine.
 * @example
 * const driver = new Driver(instance, { onOutput: console.log });
 * driver.attach(segment.open({ interfaceId: 1, name: 'memory0' }));
 * driver.input((nowMs) => ({ kind: 'interface', nowMs, interfaceId: 1, up: true, linkLocalAddress }));
 */
export class Driver<I, O extends { readonly kind: string }> {
  readonly #machine: Machine<I | DrivenInput, O>;
  readonly #clock: Clock;
  readonly #options: DriverOptions<O>;
  readonly #links = new Map<number, Link>();
  readonly #waiting: ((nowMs: number) => I | DrivenInput)[] = [];
  #draining = false;
  #closed = false;
  #timer: Timer | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #lastMs: number;
  /** Set while the machine's time is held before a deadline that was missed. */
  #reading: Timer | undefined;

  constructor(machine: Machine<I | DrivenInput, O>, options: DriverOptions<O> = {}) {
    this.#machine = machine;
    this.#clock = options.clock ?? systemClock;
    this.#options = options;
    this.#lastMs = this.#clock.nowMs();
  }

  /** Milliseconds, as the machine sees them. */
  nowMs(): number {
    const nowMs = this.#clock.nowMs();
    this.#lastMs = Math.max(this.#lastMs, this.#reading ? this.#heldMs(nowMs) : nowMs);
    return this.#lastMs;
  }

  /**
   * A process that was held up (other processes, a garbage collection) has missed deadlines, and
   * what would have moved them waits in its sockets: a neighbor that spoke in time would be taken
   * for dead. The machine's time then stands still before the deadline until that has been read.
   */
  #holdIfHeldUp(): void {
    if (this.#reading || this.#closed) return;
    const nowMs = this.#clock.nowMs();
    const deadlineMs = this.#machine.deadlineMs();
    if (nowMs < deadlineMs + HELD_UP_MS || this.#lastMs >= deadlineMs) return;
    this.#reading = this.#clock.wakeAt(nowMs + READING_MS, () => {
      this.#reading = undefined;
      this.#enter((lateMs) => ({ kind: 'deadline', nowMs: lateMs }));
    });
  }

  #heldMs(nowMs: number): number {
    return Math.min(nowMs, this.#machine.deadlineMs() - MOMENT_MS);
  }

  /** Hears a link and sends on it, in the place of one with the same interface id. */
  attach(link: Link): void {
    this.#links.get(link.interfaceId)?.close();
    this.#links.set(link.interfaceId, link);
    link.join(ALL_SPF_ROUTERS);
    const { interfaceId } = link;
    link.listen(({ source, destination, octets, hopLimit }) => {
      if (octets[1] === PacketType.LinkStateUpdate) this.#options.onLinkStateUpdate?.();
      this.input((nowMs) => {
        return { kind: 'datagram', nowMs, interfaceId, source, destination, octets, hopLimit };
      });
    });
  }

  /** Closes a link and forgets it. */
  detach(interfaceId: number): void {
    this.#links.get(interfaceId)?.close();
    this.#links.delete(interfaceId);
  }

  /** Hands one input over, made for the present moment, and carries out what comes of it. */
  input(make: (nowMs: number) => I | DrivenInput): void {
    if (!this.#draining) this.#holdIfHeldUp();
    this.#enter(make);
  }

  #enter(make: (nowMs: number) => I | DrivenInput): void {
    if (this.#closed) return;
    this.#waiting.push(make);
    if (this.#draining) return;
    this.#draining = true;
    try {
      this.#work();
    } finally {
      this.#draining = false;
    }
    this.#arm();
  }

  /** Ends it without a word: links closed, no timer, inputs ignored. For a farewell, stop first. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#reading?.cancel();
    this.#reading = undefined;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #work(): void {
    for (let immediate = 0; immediate < IMMEDIATE_DEADLINES && !this.#closed; ) {
      const make = this.#waiting.shift();
      if (make) {
        this.#machine.handle(make(this.nowMs()));
      } else {
        if (this.#machine.deadlineMs() > this.nowMs()) return;
        immediate++;
        this.#machine.handle({ kind: 'deadline', nowMs: this.nowMs() });
      }
      this.#drain();
    }
  }

  /**
   * Forwarding first, then datagrams, then news: to send may cost the processor to those who
   * receive, and a log line can wait. Within each the machine's order is kept.
   */
  #drain(): void {
    const transmissions: O[] = [];
    const news: O[] = [];
    let forwarding = false;
    let outputs = 0;
    for (let output = this.#machine.poll(); output !== undefined; output = this.#machine.poll()) {
      assert(++outputs < MAX_OUTPUTS_PER_DRAIN, 'a machine falls silent');
      if (TRANSMISSIONS.has(output.kind)) transmissions.push(output);
      else if (!FORWARDING.has(output.kind)) news.push(output);
      else {
        forwarding = true;
        this.#carryOut(output);
      }
    }
    if (forwarding && !this.#closed) this.#options.onForwarding?.();
    for (const output of transmissions) this.#carryOut(output);
    for (const output of news) this.#carryOut(output);
  }

  #carryOut(output: O): void {
    if (this.#closed) return;
    if (output.kind === 'transmit') {
      this.#transmit(output as unknown as TransmitOutput);
      return;
    }
    this.#followGroups(output);
    this.#options.onOutput?.(output as Exclude<O, TransmitOutput>);
  }

  #transmit({ interfaceId, destination, octets }: TransmitOutput): void {
    const link = this.#links.get(interfaceId);
    if (!link) return; // the interface went away after this was put out
    try {
      link.send(destination, octets);
    } catch (error) {
      this.#options.onSendError?.(link, error);
    }
  }

  /** AllDRouters is heard while we are designated router or its backup (RFC 5340 A.1). */
  #followGroups(output: { readonly kind: string }): void {
    if (output.kind !== 'event') return;
    const { event } = output as unknown as { readonly event: InstanceEvent };
    if (event.name !== 'interfaceState') return;
    const link = this.#links.get(event.interfaceId);
    if (!link) return;
    try {
      if (event.to === 'DR' || event.to === 'Backup') link.join(ALL_D_ROUTERS);
      else link.leave(ALL_D_ROUTERS);
    } catch (error) {
      this.#options.onSendError?.(link, error); // it has just gone, which is told in a moment
    }
  }

  #arm(): void {
    const deadlineMs = this.#closed ? Number.POSITIVE_INFINITY : this.#machine.deadlineMs();
    if (deadlineMs === this.#timerMs && this.#timer) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerMs = deadlineMs;
    if (deadlineMs === Number.POSITIVE_INFINITY || this.#reading) return;
    this.#timer = this.#clock.wakeAt(deadlineMs, () => {
      this.#timer = undefined;
      this.#holdIfHeldUp();
      if (!this.#reading) this.#enter((nowMs) => ({ kind: 'deadline', nowMs }));
    });
  }
}
