/**
 * OSPF on a real interface: raw IPv6 sockets of protocol 89. The checksum is left to the packet's
 * own code, because a packet with an authentication trailer has none (RFC 7166 4.1).
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { Link, LinkDatagram } from './link.ts';
import { RawSocket } from './raw-socket.ts';

/** IPv6 Next Header of OSPF (RFC 5340 2.8). */
const OSPF_PROTOCOL = 89;
/** Internetwork Control, as routing protocols are marked (RFC 2474 4.2.2). */
const INTERNETWORK_CONTROL = 0xc0;

export interface RawLinkOptions {
  readonly interfaceId: number;
  /** The kernel's name and number of the interface. */
  readonly name: string;
  readonly ifIndex: number;
  readonly mtu: number;
  /** Sends from it; must be an address of the interface that is not tentative. */
  readonly linkLocalAddress: Address;
  /** Called when the link is closed. */
  readonly onClose?: () => void;
}

/** An OSPF link on an interface of this machine. */
export class RawLink implements Link {
  readonly interfaceId: number;
  readonly name: string;
  readonly linkLocalAddress: Address;
  /** Follows the interface; see `src/host/interface-attachment.ts`. */
  mtu: number;
  readonly #socket: RawSocket;
  readonly #onClose: (() => void) | undefined;
  #onDatagram: ((datagram: LinkDatagram) => void) | undefined;

  /** @throws {SystemCallError} EPERM without CAP_NET_RAW, ENODEV, EADDRNOTAVAIL. */
  constructor(options: RawLinkOptions) {
    this.interfaceId = options.interfaceId;
    this.name = options.name;
    this.mtu = options.mtu;
    this.linkLocalAddress = options.linkLocalAddress;
    this.#onClose = options.onClose;
    const { name: interfaceName, ifIndex, linkLocalAddress: source } = options;
    this.#socket = new RawSocket(
      {
        interfaceName,
        ifIndex,
        source,
        protocol: OSPF_PROTOCOL,
        hopLimit: 1,
        trafficClass: INTERNETWORK_CONTROL,
      },
      // The hop limit is not judged: FRR sends its unicast packets with 64.
      (datagram) => this.#onDatagram?.(datagram),
    );
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
    this.#onClose?.();
  }
}
