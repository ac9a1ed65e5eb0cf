/**
 * A link whose datagrams pass through a raw socket: what OSPF and Neighbor Discovery on a real
 * interface have in common.
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { Link, LinkDatagram } from './link.ts';
import { RawSocket, type RawSocketOptions } from './raw-socket.ts';

export interface SocketLinkOptions {
  readonly interfaceId: number;
  /** The kernel's name and number of the interface. */
  readonly name: string;
  readonly ifIndex: number;
  readonly mtu: number;
  readonly linkLocalAddress: Address;
}

export class SocketLink implements Link {
  readonly interfaceId: number;
  readonly name: string;
  readonly linkLocalAddress: Address;
  /** Follows the interface; see `src/host/interface-attachment.ts`. */
  mtu: number;
  protected readonly socket: RawSocket;
  #onDatagram: ((datagram: LinkDatagram) => void) | undefined;

  /** @throws {SystemCallError} EPERM without CAP_NET_RAW, ENODEV, EADDRNOTAVAIL. */
  protected constructor(
    { interfaceId, name, ifIndex, mtu, linkLocalAddress }: SocketLinkOptions,
    socket: Omit<RawSocketOptions, 'interfaceName' | 'ifIndex'>,
  ) {
    this.interfaceId = interfaceId;
    this.name = name;
    this.mtu = mtu;
    this.linkLocalAddress = linkLocalAddress;
    this.socket = new RawSocket({ ...socket, interfaceName: name, ifIndex }, (datagram) =>
      this.#onDatagram?.(datagram),
    );
  }

  send(destination: Address, octets: Uint8Array): void {
    this.socket.send(destination, octets);
  }

  listen(onDatagram: (datagram: LinkDatagram) => void): void {
    this.#onDatagram = onDatagram;
  }

  join(group: Address): void {
    this.socket.join(group);
  }

  leave(group: Address): void {
    this.socket.leave(group);
  }

  close(): void {
    this.socket.close();
  }
}
