/**
 * OSPF on a real interface: raw IPv6 sockets of protocol 89. The checksum is left to the packet's
 * own code, because a packet with an authentication trailer has none (RFC 7166 4.1).
 * @module
 */
import { SocketLink, type SocketLinkOptions } from './link-socket.ts';

/** IPv6 Next Header of OSPF (RFC 5340 2.8). */
const OSPF_PROTOCOL = 89;
/** Internetwork Control, as routing protocols are marked (RFC 2474 4.2.2). */
const INTERNETWORK_CONTROL = 0xc0;

export interface RawLinkOptions extends SocketLinkOptions {
  /** Called when the link is closed. */
  readonly onClose?: () => void;
}

/** An OSPF link on an interface of this machine. */
export class RawLink extends SocketLink {
  readonly #onClose: (() => void) | undefined;

  /**
   * @param options - its link-local address is sent from, and must not be tentative.
   * @throws {SystemCallError} EPERM without CAP_NET_RAW, ENODEV, EADDRNOTAVAIL.
   */
  constructor(options: RawLinkOptions) {
    // The hop limit of what comes in is not judged: FRR sends its unicast packets with 64.
    super(options, {
      source: options.linkLocalAddress,
      protocol: OSPF_PROTOCOL,
      hopLimit: 1,
      trafficClass: INTERNETWORK_CONTROL,
    });
    this.#onClose = options.onClose;
  }

  override close(): void {
    super.close();
    this.#onClose?.();
  }
}
