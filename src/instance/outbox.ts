/**
 * What an instance has to say, in order, until it is asked; and how often it dropped what.
 * @module
 */
import { OutputQueue } from '../machine.ts';
import type { Address } from '../wire/address.ts';
import type { DropReason, InstanceEvent, InstanceOutput } from './output.ts';

export class Outbox {
  readonly drops = new Map<DropReason, number>();
  /** Events that a state table does not list for the state, by machine, state and event. */
  readonly illegalTransitions = new Map<string, number>();
  readonly #outputs = new OutputQueue<InstanceOutput>();

  put(output: InstanceOutput): void {
    this.#outputs.put(output);
  }

  event(event: InstanceEvent): void {
    this.put({ kind: 'event', event });
  }

  drop(interfaceId: number, source: Address, reason: DropReason, detail: string): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
    this.event({ name: 'datagramDropped', interfaceId, source, reason, detail });
  }

  illegalTransition(machine: string, state: string, event: string): void {
    const key = `${machine} ${state} ${event}`;
    this.illegalTransitions.set(key, (this.illegalTransitions.get(key) ?? 0) + 1);
  }

  /** The next output, or `undefined` when everything was said. */
  poll(): InstanceOutput | undefined {
    return this.#outputs.poll();
  }
}
