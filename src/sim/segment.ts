/**
 * A link of the simulated world: several attachments share it, and what it does to datagrams
 * (delay, loss, duplication, reordering by jitter, partition) is drawn from a seeded generator.
 * @module
 */
import type { Prng } from '../prng.ts';
import { type Address, addressKey, isMulticast } from '../wire/address.ts';
import type { World } from './world.ts';

/** How a segment treats datagrams; a jitter above the spacing of datagrams reorders them. */
export interface SegmentFaults {
  /** Least time a datagram takes, milliseconds. */
  readonly delayMs: number;
  /** Added uniformly, 0..jitterMs. */
  readonly jitterMs: number;
  /** Share of datagrams lost, 0..1, drawn per receiver. */
  readonly lossRatio: number;
  /** Share of datagrams that arrive twice, 0..1. */
  readonly duplicateRatio: number;
}

export const PERFECT: SegmentFaults = {
  delayMs: 0.1,
  jitterMs: 0,
  lossRatio: 0,
  duplicateRatio: 0,
};

export interface SimulatedDatagram {
  readonly source: Address;
  readonly destination: Address;
  readonly octets: Uint8Array;
}

/** One interface on the segment. */
export interface Attachment {
  readonly address: Address;
  receive(datagram: SimulatedDatagram): void;
}

export class Segment {
  readonly #world: World;
  readonly #prng: Prng;
  readonly #attachments = new Map<string, Attachment>();
  readonly #separated = new Set<string>();
  faults: SegmentFaults;
  /** Datagrams sent on this segment so far. */
  sent = 0;

  constructor(world: World, prng: Prng, faults: SegmentFaults = PERFECT) {
    this.#world = world;
    this.#prng = prng;
    this.faults = faults;
  }

  attach(attachment: Attachment): void {
    this.#attachments.set(addressKey(attachment.address), attachment);
  }

  detach(address: Address): void {
    this.#attachments.delete(addressKey(address));
  }

  /** Cuts the attachments off from all others, or joins them again. */
  separate(address: Address, separated: boolean): void {
    if (separated) this.#separated.add(addressKey(address));
    else this.#separated.delete(addressKey(address));
  }

  send(source: Address, destination: Address, octets: Uint8Array): void {
    this.sent++;
    const from = addressKey(source);
    if (this.#separated.has(from)) return;
    const datagram = { source, destination, octets };
    const all = isMulticast(destination)
      ? [...this.#attachments.keys()].filter((key) => key !== from)
      : [addressKey(destination)];
    const { jitterMs, lossRatio, duplicateRatio } = this.faults;
    const hears = all.filter((key) => !this.#separated.has(key));
    // Without faults all hear it at the same moment: one event, not one for each.
    if (jitterMs === 0 && lossRatio === 0 && duplicateRatio === 0) this.#deliver(hears, datagram);
    else for (const key of hears) this.#tryDeliver(key, datagram);
  }

  #tryDeliver(to: string, datagram: SimulatedDatagram): void {
    const { lossRatio, duplicateRatio } = this.faults;
    if (lossRatio > 0 && this.#prng.unit() < lossRatio) return;
    const copies = duplicateRatio > 0 && this.#prng.unit() < duplicateRatio ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.#deliver([to], datagram);
  }

  #deliver(to: readonly string[], datagram: SimulatedDatagram): void {
    const { delayMs, jitterMs } = this.faults;
    const jitter = jitterMs > 0 ? this.#prng.between(0, jitterMs) : 0;
    this.#world.after(delayMs + jitter, () => {
      for (const key of to) this.#attachments.get(key)?.receive(datagram);
    });
  }
}
