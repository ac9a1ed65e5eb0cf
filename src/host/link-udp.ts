/**
 * A medium for several processes without privilege: the octets of each datagram travel in UDP
 * multicast, by default on the loopback of this machine. A head carries what IPv6 would: source
 * and destination. IPv4 multicast is the default because Linux's loopback has no IPv6 multicast
 * route, which only root could add; a group given as IPv6 is used as such.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  ADDRESS_OCTETS,
  type Address,
  addressKey,
  isMulticast,
  parseAddress,
  sameAddress,
} from '../wire/address.ts';
import { record, u8, u32 } from '../wire/record.ts';
import type { Link, LinkDatagram } from './link.ts';

/** Where a UDP link is found and who it is there. */
export interface UdpLinkOptions {
  readonly interfaceId: number;
  readonly name: string;
  /** UDP port, 1..65535: all links of a segment have the same. 5089 by default. */
  readonly port?: number;
  /** Multicast group, IPv4 or IPv6; 239.255.89.89 by default. */
  readonly group?: string;
  /**
   * The interface to use: for an IPv4 group its address (127.0.0.1 by default), for an IPv6 group
   * its name.
   */
  readonly via?: string;
  /** Must be unique on the segment; random by default. */
  readonly linkLocalAddress?: Address;
  /** Octets; 1500 by default. */
  readonly mtu?: number;
}

/** The head of each UDP datagram; source and destination addresses follow it, then the octets. */
const UdpLinkHead = record('UdpLinkHead', { magic: u32, version: u8, hopLimit: u8 });
const MAGIC = 0x54_69_64_65; // `Tide`
const VERSION = 1;
const HEAD_OCTETS = UdpLinkHead.span + 2 * ADDRESS_OCTETS;

/** A random address in fe80::/64. */
export function randomLinkLocalAddress(): Address {
  const address = Uint8Array.from(parseAddress('fe80::'));
  address.set(randomBytes(8), 8);
  return address;
}

/**
 * Opens a UDP link.
 * @throws {RangeError} when the port is none; Node's error when the port or group cannot be had.
 */
export async function openUdpLink(options: UdpLinkOptions): Promise<Link> {
  const { port = 1 } = options;
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) {
    throw new RangeError(`port cannot be ${port}: allowed is 1..65535`);
  }
  const link = new UdpLink(options);
  await link.open();
  return link;
}

class UdpLink implements Link {
  readonly interfaceId: number;
  readonly name: string;
  readonly mtu: number;
  readonly linkLocalAddress: Address;
  readonly #socket: Socket;
  readonly #group: string;
  readonly #port: number;
  readonly #via: string | undefined;
  readonly #groups = new Set<string>();
  #onDatagram: ((datagram: LinkDatagram) => void) | undefined;
  #closed = false;

  constructor(options: UdpLinkOptions) {
    this.interfaceId = options.interfaceId;
    this.name = options.name;
    this.mtu = options.mtu ?? 1500;
    this.linkLocalAddress = options.linkLocalAddress ?? randomLinkLocalAddress();
    this.#group = options.group ?? '239.255.89.89';
    this.#port = options.port ?? 5089;
    this.#via = options.via;
    const type = this.#group.includes(':') ? 'udp6' : 'udp4';
    this.#socket = createSocket({ type, reuseAddr: true });
  }

  async open(): Promise<void> {
    const ipv6 = this.#group.includes(':');
    const scoped = this.#via === undefined ? undefined : `::%${this.#via}`;
    const via = ipv6 ? scoped : (this.#via ?? '127.0.0.1');
    try {
      this.#socket.bind(this.#port);
      await once(this.#socket, 'listening');
      this.#socket.addMembership(this.#group, via);
      if (via !== undefined) this.#socket.setMulticastInterface(via);
      this.#socket.setMulticastLoopback(true);
      this.#socket.setMulticastTTL(1);
    } catch (cause) {
      this.#socket.close();
      throw new Error(`link ${this.name}: no UDP group ${this.#group} port ${this.#port}`, {
        cause,
      });
    }
    this.#socket.on('error', () => undefined); // a datagram lost, as on any medium
    this.#socket.on('message', (message) => this.#receive(message));
  }

  send(destination: Address, octets: Uint8Array): void {
    if (this.#closed) return;
    const message = new Uint8Array(HEAD_OCTETS + octets.length);
    const view = new DataView(message.buffer);
    UdpLinkHead.encode({ magic: MAGIC, version: VERSION, hopLimit: 1 }, view, 0);
    message.set(this.linkLocalAddress, UdpLinkHead.span);
    message.set(destination, UdpLinkHead.span + ADDRESS_OCTETS);
    message.set(octets, HEAD_OCTETS);
    this.#socket.send(message, this.#port, this.#group, () => undefined);
  }

  #receive(message: Uint8Array): void {
    if (this.#closed || message.length < HEAD_OCTETS) return;
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const head = UdpLinkHead.decode(view, 0);
    if (head.magic !== MAGIC || head.version !== VERSION) return; // somebody else's
    const source = message.slice(UdpLinkHead.span, UdpLinkHead.span + ADDRESS_OCTETS);
    if (sameAddress(source, this.linkLocalAddress)) return; // our own
    const destination = message.slice(UdpLinkHead.span + ADDRESS_OCTETS, HEAD_OCTETS);
    const forUs = isMulticast(destination)
      ? this.#groups.has(addressKey(destination))
      : sameAddress(destination, this.linkLocalAddress);
    if (!forUs) return;
    const octets = message.subarray(HEAD_OCTETS);
    this.#onDatagram?.({ source, destination, octets, hopLimit: head.hopLimit });
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

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // What was sent in this turn is handed to the kernel before the socket goes.
    setImmediate(() => this.#socket.close());
  }
}
