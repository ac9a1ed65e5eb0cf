/**
 * A medium within this process: a segment to which several links are attached, as to an Ethernet.
 * @module
 */
import { type Address, addressKey, isMulticast, parseAddress } from '../wire/address.ts';
import type { Link, LinkDatagram } from './link.ts';

/** How a link is attached. */
export interface MemoryLinkOptions {
  readonly interfaceId: number;
  readonly name: string;
  /** Must be unique on the segment; by default the segment gives one. */
  readonly linkLocalAddress?: Address;
  /** Octets; 1500 by default. */
  readonly mtu?: number;
}

/** Runs work after the present call stack has ended; the system's by default. */
export type Later = (work: () => void) => void;

/** A broadcast segment; datagrams arrive in the order sent, never from within `send`. */
export class MemorySegment {
  readonly #links = new Map<string, MemoryLink>();
  readonly #later: Later;
  #queue: (() => void)[] = [];
  #given = 0;

  constructor(later: Later = (work) => void setImmediate(work)) {
    this.#later = later;
  }

  /**
   * Attaches a link.
   * @throws {RangeError} when the link-local address is taken.
   */
  open(options: MemoryLinkOptions): Link {
    const linkLocalAddress = options.linkLocalAddress ?? linkLocalAddressOf(++this.#given);
    const key = addressKey(linkLocalAddress);
    if (this.#links.has(key)) throw new RangeError('linkLocalAddress is taken on this segment');
    const link = new MemoryLink(this, { mtu: 1500, ...options, linkLocalAddress });
    this.#links.set(key, link);
    return link;
  }

  /** @internal */
  detach(link: Link): void {
    this.#links.delete(addressKey(link.linkLocalAddress));
  }

  /** @internal */
  carry(from: MemoryLink, destination: Address, octets: Uint8Array): void {
    const datagram = { source: from.linkLocalAddress, destination, octets, hopLimit: 1 };
    if (isMulticast(destination)) {
      const group = addressKey(destination);
      for (const link of this.#links.values()) {
        if (link !== from && link.joined(group)) this.#deliver(link, datagram);
      }
    } else {
      const link = this.#links.get(addressKey(destination));
      if (link) this.#deliver(link, datagram);
    }
  }

  #deliver(link: MemoryLink, datagram: LinkDatagram): void {
    this.#queue.push(() => link.receive(datagram));
    if (this.#queue.length > 1) return;
    this.#later(() => {
      const due = this.#queue;
      this.#queue = [];
      for (const deliver of due) deliver();
    });
  }
}

class MemoryLink implements Link {
  readonly interfaceId: number;
  readonly name: string;
  readonly mtu: number;
  readonly linkLocalAddress: Address;
  readonly #segment: MemorySegment;
  readonly #groups = new Set<string>();
  #onDatagram: ((datagram: LinkDatagram) => void) | undefined;
  #closed = false;

  constructor(segment: MemorySegment, options: Required<MemoryLinkOptions>) {
    this.#segment = segment;
    this.interfaceId = options.interfaceId;
    this.name = options.name;
    this.mtu = options.mtu;
    this.linkLocalAddress = options.linkLocalAddress;
  }

  send(destination: Address, octets: Uint8Array): void {
    if (!this.#closed) this.#segment.carry(this, destination, octets);
  }

  listen(onDatagram: (datagram: LinkDatagram) => void): void {
    this.#onDatagram = onDatagram;
  }

  join(group: Address): void {
    this.#groups.add(addressKey(group));
  }

  leave(group: Address): void {
    this.#groups.delete(addressKey(group));
  }

  joined(group: string): boolean {
    return this.#groups.has(group);
  }

  receive(datagram: LinkDatagram): void {
    if (!this.#closed) this.#onDatagram?.(datagram);
  }

  close(): void {
    this.#closed = true;
    this.#segment.detach(this);
  }
}

/** fe80::n */
function linkLocalAddressOf(n: number): Address {
  const address = Uint8Array.from(parseAddress('fe80::'));
  new DataView(address.buffer).setUint32(12, n);
  return address;
}
