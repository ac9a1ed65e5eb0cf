/**
 * Virtual time: machines are driven exactly as on a real host (handle, drain, wait for the
 * deadline), but waiting costs nothing and the same seed gives the same run, to the octet.
 * @module
 */
import { assert } from '../errors.ts';
import { MAX_OUTPUTS_PER_DRAIN, type Machine } from '../machine.ts';
import { EventQueue } from './event-queue.ts';

/** A machine living in a world. */
export interface Inhabitant<I> {
  /** Hands one input over, made for the present moment, and carries out what comes of it. */
  input(make: (nowMs: number) => I): void;
  /** Ends it without a word: no input, no output, no wake-up from now on. */
  halt(): void;
  readonly halted: boolean;
}

/** Events at one moment beyond this mean that time stands still: somebody wakes himself for ever. */
const MAX_EVENTS_PER_MOMENT = 100_000;

export class World {
  readonly #events = new EventQueue<() => void>();
  #nowMs = 0;

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets something happen at a time, not before now. */
  at(atMs: number, happen: () => void): void {
    this.#events.push(Math.max(atMs, this.#nowMs), happen);
  }

  after(delayMs: number, happen: () => void): void {
    this.at(this.#nowMs + delayMs, happen);
  }

  /** Lets something happen again and again, first after one interval. */
  every(intervalMs: number, happen: () => void): void {
    const again = (): void => {
      happen();
      this.after(intervalMs, again);
    };
    this.after(intervalMs, again);
  }

  /** Runs until a time; what is due at that very time has happened when it returns. */
  run(untilMs: number): void {
    let events = 0;
    while (this.#events.nextMs() <= untilMs) {
      events = this.#events.nextMs() === this.#nowMs ? events + 1 : 0;
      assert(events < MAX_EVENTS_PER_MOMENT, 'time goes on');
      this.#nowMs = this.#events.nextMs();
      this.#events.pop()?.();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /**
   * Gives a machine a life in this world.
   * @param onDeadline - makes the machine's own deadline input.
   * @param perform - carries out one output; it may schedule, but must not call the machine.
   */
  inhabit<I, O>(
    machine: Machine<I, O>,
    onDeadline: (nowMs: number) => I,
    perform: (output: O) => void,
  ): Inhabitant<I> {
    let wakeMs = Number.POSITIVE_INFINITY;
    let halted = false;
    const input = (make: (nowMs: number) => I): void => {
      if (halted) return;
      machine.handle(make(this.#nowMs));
      let outputs = 0;
      for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
        assert(++outputs < MAX_OUTPUTS_PER_DRAIN, 'a machine falls silent');
        perform(output);
      }
      const deadlineMs = machine.deadlineMs();
      if (deadlineMs === wakeMs || deadlineMs === Number.POSITIVE_INFINITY) return;
      wakeMs = deadlineMs;
      this.at(deadlineMs, () => {
        if (wakeMs !== deadlineMs) return; // another wake-up has taken its place
        wakeMs = Number.POSITIVE_INFINITY;
        input(onDeadline);
      });
    };
    return {
      input,
      halt: () => {
        halted = true;
      },
      get halted() {
        return halted;
      },
    };
  }
}
