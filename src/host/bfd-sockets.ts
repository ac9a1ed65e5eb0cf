/**
 * The UDP side of single-hop BFD on one interface (RFC 5881 4, 5): packets come in at port 3784
 * with their hop limit, and go out with hop limit 255 from a port that stays the same.
 * @module
 */
import { randomInt } from 'node:crypto';
import type { Address } from '../wire/address.ts';
import { type RawDatagram, RawSocket } from './raw-socket.ts';

const BFD_PORT = 3784;
/** Source ports that RFC 5881 4 allows. */
const FIRST_SOURCE_PORT = 49_152;
const HOP_LIMIT = 255;
/** Internetwork Control, as routing protocols are marked. */
const TRAFFIC_CLASS = 0xc0;
const ATTEMPTS = 16;

export interface BfdSocketsOptions {
  readonly interfaceName: string;
  readonly ifIndex: number;
  readonly linkLocalAddress: Address;
}

export class BfdSockets {
  readonly #receiver: RawSocket;
  readonly #sender: RawSocket;

  /** @throws {SystemCallError} when the port is taken or the privilege is missing. */
  constructor(options: BfdSocketsOptions, onDatagram: (datagram: RawDatagram) => void) {
    const { interfaceName, ifIndex, linkLocalAddress: source } = options;
    const udp = {
      interfaceName,
      ifIndex,
      source,
      protocol: 'udp',
      hopLimit: HOP_LIMIT,
      trafficClass: TRAFFIC_CLASS,
    } as const;
    this.#receiver = new RawSocket({ ...udp, port: BFD_PORT }, onDatagram);
    try {
      this.#sender = openSender((port) => new RawSocket({ ...udp, port }, () => undefined));
    } catch (error) {
      this.#receiver.close();
      throw error;
    }
  }

  send(destination: Address, octets: Uint8Array): void {
    this.#sender.send(destination, octets, BFD_PORT);
  }

  close(): void {
    this.#receiver.close();
    this.#sender.close();
  }
}

function openSender(open: (port: number) => RawSocket): RawSocket {
  for (let attempt = 1; ; attempt++) {
    try {
      return open(randomInt(FIRST_SOURCE_PORT, 0x1_0000));
    } catch (error) {
      const taken = (error as { code?: string }).code === 'EADDRINUSE';
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}
