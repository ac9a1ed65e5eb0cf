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
import { LITTLE_ENDIAN } from './libc.ts';
import { SocketLink, type SocketLinkOptions } from './link-socket.ts';

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

export interface Icmpv6LinkOptions extends SocketLinkOptions {
  /** Whether packets carry {@link ADVERTISEMENT_MARK}, which needs CAP_NET_ADMIN. */
  readonly mark?: boolean;
}

/** Neighbor Discovery messages of one interface. */
export class Icmpv6Link extends SocketLink {
  /**
   * @param options - the kernel sends from its link-local address to every group and to link-local
   *   addresses.
   * @throws {SystemCallError} EPERM without CAP_NET_RAW (with `mark` CAP_NET_ADMIN), ENODEV without
   *   the interface.
   */
  constructor(options: Icmpv6LinkOptions) {
    // Not bound to an address: solicitations come to the service address and to groups as well.
    super(options, { protocol: IP_PROTOCOL_ICMPV6, hopLimit: NEIGHBOR_DISCOVERY_HOP_LIMIT });
    const { NeighborSolicitation, NeighborAdvertisement } = Icmpv6Type;
    const filter = filterOf([NeighborSolicitation, NeighborAdvertisement]);
    try {
      this.socket.setOption(IP_PROTOCOL_ICMPV6, ICMP6_FILTER, filter);
      if (options.mark) this.socket.setOption(SOL_SOCKET, SO_MARK, ADVERTISEMENT_MARK);
    } catch (error) {
      this.close();
      throw error;
    }
  }
}
