/**
 * Neighbor Discovery on a real interface: raw ICMPv6 sockets that pass Neighbor Solicitations and
 * Advertisements and nothing else, sent with hop limit 255. The kernel fills and verifies the
 * checksum of ICMPv6 by itself (RFC 3542 3.1), and goes on with its own Neighbor Discovery.
 * @module
 */
import {
  Icmpv6Type,
  IP_PROTOCOL_ICMPV6,
  NEIGHBOR_DISCOVERY_HOP_LIMIT,
} from '../neighbor-discovery/constants.ts';
import type { Address } from '../wire/address.ts';
import { LITTLE_ENDIAN } from './libc.ts';
import type { Link, LinkDatagram } from './link.ts';
import { RawSocket } from './raw-socket.ts';

const SOL_SOCKET = 1;
const SO_MARK = 36;
const ICMP6_FILTER = 1;

/** One bit per ICMPv6 type, set for those that are blocked (RFC 3542 3.2). */
function filterOf(passed: readonly number[]): Uint8Array {
  const words = new Uint32Array(8).fill(0xffff_ffff);
  for (const type of passed) words[type >>> 5]! &= ~(1 << (type & 31));
  const octets = new Uint8Array(32);
  const view = new DataView(octets.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, LITTLE_ENDIAN);
  });
  return octets;
}

/** By which our own advertisements are told from the kernel's in packet filters: `tide`. */
export const ADVERTISEMENT_MARK = 0x74_69_64_65;

export interface Icmpv6LinkOptions {
  readonly interfaceId: number;
  /** The kernel's name and number of the interface. */
  readonly name: string;
  readonly ifIndex: number;
  readonly mtu: number;
  /** The interface's own; the kernel sends from it to every group and to link-local addresses. */
  readonly linkLocalAddress: Address;
  /** Whether packets carry {@link ADVERTISEMENT_MARK}, which needs CAP_NET_ADMIN. */
  readonly mark?: boolean;
}

/** Neighbor Discovery messages of one interface. */
export class Icmpv6Link implements Link {
  readonly interfaceId: number;
  readonly name: string;
  readonly mtu: number;
  readonly linkLocalAddress: Address;
  readonly #socket: RawSocket;
  #onDatagram: ((datagram: LinkDatagram) => void) | undefined;

  /** @throws {SystemCallError} EPERM without CAP_NET_RAW, ENODEV without the interface. */
  constructor(options: Icmpv6LinkOptions) {
    this.interfaceId = options.interfaceId;
    this.name = options.name;
    this.mtu = options.mtu;
    this.linkLocalAddress = options.linkLocalAddress;
    // Not bound to an address: solicitations come to the service address and to groups as well.
    this.#socket = new RawSocket(
      {
        interfaceName: options.name,
        ifIndex: options.ifIndex,
        protocol: IP_PROTOCOL_ICMPV6,
        hopLimit: NEIGHBOR_DISCOVERY_HOP_LIMIT,
      },
      (datagram) => this.#onDatagram?.(datagram),
    );
    const { NeighborSolicitation, NeighborAdvertisement } = Icmpv6Type;
    const filter = filterOf([NeighborSolicitation, NeighborAdvertisement]);
    this.#socket.setOption(IP_PROTOCOL_ICMPV6, ICMP6_FILTER, filter);
    if (options.mark) this.#socket.setOption(SOL_SOCKET, SO_MARK, ADVERTISEMENT_MARK);
  }

  send(destination: Address, octets: Uint8Array): void {
    this.#socket.send(destination, octets);
  }

  listen(onDatagram: (datagram: LinkDatagram) => void): void {
    this.#onDatagram = onDatagram;
  }

  join(group: Address): void {
    this.#socket.join(group);
  }

  leave(group: Address): void {
    this.#socket.leave(group);
  }

  close(): void {
    this.#socket.close();
  }
}
