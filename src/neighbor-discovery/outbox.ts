/**
 * What a machine has to say and has not said yet, and its count of what it refused.
 * @module
 */
import type { Address } from '../wire/address.ts';
import { encodeMessage, type NeighborDiscoveryMessage } from './message.ts';

/** ICMPv6 octets with checksum, to be sent with hop limit 255. */
export interface TransmitOutput {
  readonly kind: 'transmit';
  readonly source: Address;
  readonly destination: Address;
  readonly octets: Uint8Array;
}

/** A datagram, advertisement or solicitation that was refused, under its name. */
export interface DroppedEvent {
  readonly name: 'dropped';
  readonly reason: string;
}

export class Outbox<Output> {
  readonly #queue: (Output | TransmitOutput | { kind: 'event'; event: DroppedEvent })[] = [];
  readonly drops = new Map<string, number>();
  /** Pairs of state and event that no row of a table lists, such as `Stopped solicitation`. */
  readonly ignored = new Map<string, number>();

  poll(): Output | TransmitOutput | { kind: 'event'; event: DroppedEvent } | undefined {
    return this.#queue.shift();
  }

  put(output: Output): void {
    this.#queue.push(output);
  }

  transmit(message: NeighborDiscoveryMessage, source: Address, destination: Address): void {
    const octets = encodeMessage(message, source, destination);
    this.#queue.push({ kind: 'transmit', source, destination, octets });
  }

  drop(reason: string): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
    this.#queue.push({ kind: 'event', event: { name: 'dropped', reason } });
  }

  /** Something happened that means nothing in this state: it changes nothing and is counted. */
  ignore(state: string, on: string): void {
    const pair = `${state} ${on}`;
    this.ignored.set(pair, (this.ignored.get(pair) ?? 0) + 1);
  }
}
