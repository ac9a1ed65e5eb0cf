/**
 * Writes pcap files of IPv6 datagrams that carry OSPF, the IPv6 header made from what is known of
 * each datagram, so that any tool that reads captures can open them.
 * @module
 */
import { createWriteStream } from 'node:fs';
import type { Address } from '../wire/address.ts';
import { IP_PROTOCOL_OSPF } from '../wire/checksum.ts';
import { LinkType } from './pcap.ts';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const SNAPSHOT_OCTETS = 262_144;
const IPV6_HEADER_OCTETS = 40;
/** Internetwork control, with which routing protocols are sent (RFC 2328 A.1). */
const TRAFFIC_CLASS = 0xc0;

/** The 24 octets that a pcap file of IPv6 datagrams begins with. */
export function pcapHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, MAGIC_MICROSECONDS);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, SNAPSHOT_OCTETS);
  view.setUint32(20, LinkType.Raw);
  return new Uint8Array(view.buffer);
}

/** A datagram to record. */
export interface RecordedDatagram {
  /** Milliseconds since 1970; microseconds are kept. */
  readonly atMs: number;
  readonly source: Address;
  readonly destination: Address;
  /** As received; 1 for what is sent (RFC 5340 A.1). */
  readonly hopLimit: number;
  /** The OSPF packet and all behind it, at most 65535 octets. */
  readonly octets: Uint8Array;
}

/** The octets of one record. */
export function pcapRecord(datagram: RecordedDatagram): Uint8Array {
  const { atMs, source, destination, hopLimit, octets } = datagram;
  const length = IPV6_HEADER_OCTETS + octets.length;
  const file = new Uint8Array(16 + length);
  const view = new DataView(file.buffer);
  const microseconds = Math.round(atMs * 1000);
  view.setUint32(0, Math.floor(microseconds / 1e6));
  view.setUint32(4, microseconds % 1e6);
  view.setUint32(8, length);
  view.setUint32(12, length);
  view.setUint32(16, (6 << 28) | (TRAFFIC_CLASS << 20));
  view.setUint16(20, octets.length);
  view.setUint8(22, IP_PROTOCOL_OSPF);
  view.setUint8(23, hopLimit);
  file.set(source, 24);
  file.set(destination, 40);
  file.set(octets, 16 + IPV6_HEADER_OCTETS);
  return file;
}

/** A capture file being written. */
export interface Recording {
  add(datagram: RecordedDatagram): void;
  /** Resolves when all is on disk. */
  close(): Promise<void>;
}

/**
 * Starts a capture file; an existing one is overwritten.
 * @param onError - told once when the disk fails; from then nothing more is written.
 */
export function openRecording(path: string, onError: (error: Error) => void): Recording {
  const file = createWriteStream(path);
  let hasFailed = false;
  file.on('error', (error) => {
    if (!hasFailed) onError(error);
    hasFailed = true;
  });
  file.write(pcapHeader());
  return {
    add: (datagram) => {
      if (!hasFailed) file.write(pcapRecord(datagram));
    },
    close: () =>
      new Promise((resolve) => {
        if (hasFailed || file.destroyed) resolve();
        else file.end(resolve);
      }),
  };
}
