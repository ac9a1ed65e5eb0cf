/**
 * The port between a machine and the medium: whole datagrams in and out of one interface. Raw
 * sockets, UDP on the loopback and memory implement it; recorders and faults wrap it.
 * @module
 */
import type { Address } from '../wire/address.ts';

/** One datagram as the medium delivered it. */
export interface LinkDatagram {
  readonly source: Address;
  readonly destination: Address;
  /** Valid until the listener returns. */
  readonly octets: Uint8Array;
  /** As received, 0..255; left out where the medium does not tell. */
  readonly hopLimit?: number;
}

/** One interface on one medium. */
export interface Link {
  /** OSPF's number for the interface, 1..2^32-1. */
  readonly interfaceId: number;
  /** For people, such as `eth0`. */
  readonly name: string;
  /** Octets of the largest IPv6 packet. */
  readonly mtu: number;
  readonly linkLocalAddress: Address;
  /**
   * Sends from the link-local address. What the medium cannot carry is lost, as on any medium:
   * the protocol above repeats what matters.
   */
  send(destination: Address, octets: Uint8Array): void;
  /**
   * Names who hears what comes in; one listener, the last one named. Never called from within
   * `send`, never with our own datagrams, and only with what is addressed to us or to a group
   * joined.
   */
  listen(onDatagram: (datagram: LinkDatagram) => void): void;
  /** Hears a multicast group from now on; harmless when joined already. */
  join(group: Address): void;
  /** Hears the group no more; harmless when never joined. */
  leave(group: Address): void;
  /** Ends it; nothing is heard or sent afterwards. */
  close(): void;
}
