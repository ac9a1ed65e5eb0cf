/**
 * IPv6 sockets that Node does not have: raw ones of any protocol, and UDP ones that tell the hop
 * limit of what they receive. Bound to one interface; destination and hop limit come from ancillary
 * data (RFC 3542). Linux only.
 * @module
 */
import { type Address, parseAddress } from '../wire/address.ts';
import { checked, LITTLE_ENDIAN, libc, pointerTo, wouldBlock } from './libc.ts';
import { unwatchSocket, watchSocket } from './socket-signal.ts';

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVBUF = 8;
const SO_BINDTODEVICE = 25;
const SOL_IPV6 = 41;
const IPV6_CHECKSUM = 7;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPV6_JOIN_GROUP = 20;
const IPV6_LEAVE_GROUP = 21;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const IPV6_PKTINFO = 50;
const IPV6_RECVHOPLIMIT = 51;
const IPV6_HOPLIMIT = 52;
const IPV6_TCLASS = 67;

const SOCKADDR_OCTETS = 28;
const MSGHDR_OCTETS = 56;
const IOVEC_OCTETS = 16;
const CONTROL_OCTETS = 256;
const CONTROL_HEAD_OCTETS = 16;
const LARGEST_DATAGRAM = 65_536;
const RECEIVE_BUFFER_OCTETS = 1 << 20;
/** Datagrams read in one turn before others get theirs. */
const DRAIN_AT_MOST = 256;

/** What the socket is for. */
export interface RawSocketOptions {
  /** Name of the interface it is bound to; nothing from others is received. */
  readonly interfaceName: string;
  /** The kernel's number for that interface. */
  readonly ifIndex: number;
  /** IPv6 Next Header for a raw socket, 89 for OSPF; `udp` for a UDP socket. */
  readonly protocol: number | 'udp';
  /** Local address; by default the kernel picks one for each datagram. */
  readonly source?: Address;
  /** Local UDP port; the kernel picks one by default. Ignored on raw sockets. */
  readonly port?: number;
  /** Hop limit of what is sent, 1..255. */
  readonly hopLimit: number;
  /** Traffic class of what is sent; 0 by default. */
  readonly trafficClass?: number;
  /** Where the kernel fills and verifies the Internet checksum; by default it leaves it alone. */
  readonly checksumOffset?: number;
}

/** A datagram received, without its IPv6 header. */
export interface RawDatagram {
  readonly source: Address;
  /** UDP port of the sender, 0 on raw sockets. */
  readonly sourcePort: number;
  readonly destination: Address;
  readonly hopLimit: number;
  /** A view that holds until the listener returns. */
  readonly octets: Uint8Array;
}

/** One open socket. */
export class RawSocket {
  readonly #fd: number;
  readonly #ifIndex: number;
  readonly #onDatagram: (datagram: RawDatagram) => void;
  readonly #message: ReceiveMessage;
  readonly #destination = Buffer.alloc(SOCKADDR_OCTETS);
  #closed = false;

  /** @throws {SystemCallError} EPERM without CAP_NET_RAW, ENODEV without the interface. */
  constructor(options: RawSocketOptions, onDatagram: (datagram: RawDatagram) => void) {
    const udp = options.protocol === 'udp';
    const type = (udp ? SOCK_DGRAM : SOCK_RAW) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const protocol = options.protocol === 'udp' ? 0 : options.protocol;
    this.#fd = checked('socket', libc().socket(AF_INET6, type, protocol));
    this.#ifIndex = options.ifIndex;
    this.#onDatagram = onDatagram;
    this.#message = new ReceiveMessage();
    try {
      this.#configure(options, udp);
      watchSocket(this.#fd, () => this.#receive());
    } catch (error) {
      libc().close(this.#fd);
      throw error;
    }
  }

  #configure(options: RawSocketOptions, udp: boolean): void {
    const { hopLimit, ifIndex } = options;
    this.setOption(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${options.interfaceName}\0`));
    if (udp) this.setOption(SOL_IPV6, IPV6_V6ONLY, 1);
    this.setOption(SOL_IPV6, IPV6_RECVPKTINFO, 1);
    this.setOption(SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
    this.setOption(SOL_IPV6, IPV6_UNICAST_HOPS, hopLimit);
    this.setOption(SOL_IPV6, IPV6_MULTICAST_HOPS, hopLimit);
    this.setOption(SOL_IPV6, IPV6_MULTICAST_IF, ifIndex);
    this.setOption(SOL_IPV6, IPV6_MULTICAST_LOOP, 0); // our own copies do not come back
    this.setOption(SOL_IPV6, IPV6_TCLASS, options.trafficClass ?? 0);
    // A burst of a large database must not overflow between two turns; the kernel may grant less.
    this.setOption(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_OCTETS);
    if (options.checksumOffset !== undefined) {
      this.setOption(SOL_IPV6, IPV6_CHECKSUM, options.checksumOffset);
    }
    if (udp) this.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
    if (options.source !== undefined || options.port !== undefined) {
      const local = Buffer.alloc(SOCKADDR_OCTETS);
      const source = options.source ?? parseAddress('::');
      writeSocketAddress(local, source, udp ? (options.port ?? 0) : 0, ifIndex);
      checked('bind', libc().bind(this.#fd, local, local.length));
    }
  }

  /**
   * Sets a socket option (setsockopt(2)); a number is passed as an int.
   * @throws {SystemCallError} when the kernel refuses it.
   */
  setOption(level: number, name: number, value: number | Uint8Array): void {
    const octets = typeof value === 'number' ? intOctets(value) : value;
    checked('setsockopt', libc().setsockopt(this.#fd, level, name, octets, octets.length));
  }

  /** Joins a multicast group on the interface; harmless when joined already. */
  join(group: Address): void {
    this.#membership(IPV6_JOIN_GROUP, group, 'EADDRINUSE');
  }

  /** Leaves a group; harmless when never joined. */
  leave(group: Address): void {
    this.#membership(IPV6_LEAVE_GROUP, group, 'EADDRNOTAVAIL');
  }

  #membership(option: number, group: Address, harmless: string): void {
    if (this.#closed) return;
    const request = Buffer.alloc(20);
    request.set(group);
    request.set(intOctets(this.#ifIndex), 16);
    try {
      this.setOption(SOL_IPV6, option, request);
    } catch (error) {
      if ((error as { code?: string }).code !== harmless) throw error;
    }
  }

  /**
   * Sends one datagram.
   * @param port - UDP port of the receiver; leave out on raw sockets.
   * @throws {SystemCallError} EMSGSIZE, ENETDOWN, EADDRNOTAVAIL and the like.
   */
  send(destination: Address, octets: Uint8Array, port = 0): void {
    if (this.#closed) return;
    writeSocketAddress(this.#destination, destination, port, this.#ifIndex);
    const { length } = this.#destination;
    checked('sendto', libc().sendto(this.#fd, octets, octets.length, 0, this.#destination, length));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unwatchSocket(this.#fd);
    libc().close(this.#fd);
  }

  /**
   * Reads one datagram, and the others in the next turn of the event loop: a route that the first
   * one changed is on its way to the kernel before they are looked at.
   */
  #receive(): void {
    if (this.#receiveOne()) setImmediate(() => this.#drain());
  }

  #drain(): void {
    for (let i = 0; i < DRAIN_AT_MOST; i++) if (!this.#receiveOne()) return;
    setImmediate(() => this.#drain()); // no signal tells of what has not been read
  }

  /** @returns whether there was a datagram. */
  #receiveOne(): boolean {
    const datagram = this.#closed ? undefined : this.#message.receive(this.#fd);
    if (datagram === undefined) return false;
    this.#onDatagram(datagram);
    return true;
  }
}

function intOctets(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, LITTLE_ENDIAN);
  return octets;
}

/** Fills a `struct sockaddr_in6`. */
function writeSocketAddress(into: Buffer, address: Address, port: number, scopeId: number): void {
  const view = new DataView(into.buffer, into.byteOffset, into.length);
  view.setUint16(0, AF_INET6, LITTLE_ENDIAN);
  view.setUint16(2, port);
  view.setUint32(4, 0);
  into.set(address, 8);
  view.setUint32(24, scopeId, LITTLE_ENDIAN);
}

/** A `struct msghdr` with its buffers, built once and used for every datagram. */
class ReceiveMessage {
  readonly #header = Buffer.alloc(MSGHDR_OCTETS);
  readonly #source = Buffer.alloc(SOCKADDR_OCTETS);
  readonly #vector = Buffer.alloc(IOVEC_OCTETS);
  // No Buffer: what is decoded is of the same class on every link, and compiled once.
  readonly #data = new Uint8Array(LARGEST_DATAGRAM);
  readonly #control = Buffer.alloc(CONTROL_OCTETS);
  readonly #view = viewOf(this.#header);

  constructor() {
    const vector = viewOf(this.#vector);
    vector.setBigUint64(0, pointerTo(this.#data), LITTLE_ENDIAN);
    vector.setBigUint64(8, BigInt(LARGEST_DATAGRAM), LITTLE_ENDIAN);
    this.#view.setBigUint64(0, pointerTo(this.#source), LITTLE_ENDIAN);
    this.#view.setBigUint64(16, pointerTo(this.#vector), LITTLE_ENDIAN);
    this.#view.setBigUint64(24, 1n, LITTLE_ENDIAN);
    this.#view.setBigUint64(32, pointerTo(this.#control), LITTLE_ENDIAN);
  }

  /** The next datagram, undefined when there is none; one without ancillary data is passed over. */
  receive(fd: number): RawDatagram | undefined {
    for (let errors = 0; ; ) {
      this.#view.setUint32(8, SOCKADDR_OCTETS, LITTLE_ENDIAN);
      this.#view.setBigUint64(40, BigInt(CONTROL_OCTETS), LITTLE_ENDIAN);
      const count = libc().recvmsg(fd, this.#header, 0);
      if (count < 0) {
        if (wouldBlock() || ++errors > 1) return undefined;
        continue; // an error of the past (ENETDOWN, ECONNREFUSED), cleared by telling it
      }
      const { destination, hopLimit } = this.#ancillary();
      if (destination === undefined || hopLimit === undefined) continue;
      return {
        source: new Uint8Array(this.#source.subarray(8, 24)),
        sourcePort: this.#source.readUInt16BE(2),
        destination,
        hopLimit,
        octets: this.#data.subarray(0, count),
      };
    }
  }

  #ancillary(): { destination?: Address; hopLimit?: number } {
    const view = viewOf(this.#control);
    const end = Number(this.#view.getBigUint64(40, LITTLE_ENDIAN));
    const found: { destination?: Address; hopLimit?: number } = {};
    for (let at = 0; at + CONTROL_HEAD_OCTETS <= end; ) {
      const length = Number(view.getBigUint64(at, LITTLE_ENDIAN));
      if (length < CONTROL_HEAD_OCTETS) break;
      const level = view.getInt32(at + 8, LITTLE_ENDIAN);
      const type = view.getInt32(at + 12, LITTLE_ENDIAN);
      const data = at + CONTROL_HEAD_OCTETS;
      if (level === SOL_IPV6 && type === IPV6_PKTINFO) {
        found.destination = new Uint8Array(this.#control.subarray(data, data + 16));
      } else if (level === SOL_IPV6 && type === IPV6_HOPLIMIT) {
        found.hopLimit = view.getInt32(data, LITTLE_ENDIAN);
      }
      at += (length + 7) & ~7;
    }
    return found;
  }
}

const viewOf = (octets: Buffer): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.length);
