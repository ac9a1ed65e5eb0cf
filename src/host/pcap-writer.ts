/**
 * Writes pcap files of IPv6 datagrams that carry OSPF, the IPv6 header made from what is known of
 * each datagram, so that any tool that reads captures can open them.
 * @module
 */
import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import type { Address } from '../wire/address.ts';
import { IP_PROTOCOL_OSPF } from '../wire/checksum.ts';
import { LinkType } from './pcap.ts';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const SNAPSHOT_OCTETS = 262_144;
/** Octets of a pcap file before its first record. */
export const PCAP_HEADER_OCTETS = 24;
const IPV6_HEADER_OCTETS = 40;
/** Octets of a record beside those of the OSPF packet: its own header and that of IPv6. */
export const RECORD_OVERHEAD_OCTETS = 16 + IPV6_HEADER_OCTETS;
/** Internetwork control, with which routing protocols are sent (RFC 2328 A.1). */
const TRAFFIC_CLASS = 0xc0;

/** What a pcap file of IPv6 datagrams begins with. */
export function pcapHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(PCAP_HEADER_OCTETS));
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
  const file = new Uint8Array(RECORD_OVERHEAD_OCTETS + octets.length);
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
  file.set(octets, RECORD_OVERHEAD_OCTETS);
  return file;
}

/** A capture file being written. */
export interface Recording {
  add(datagram: RecordedDatagram): void;
  /** Resolves when all is on disk. */
  close(): Promise<void>;
}

/** Octets that may wait for a slow disk before the recording is given up: memory is for routing. */
const MAX_WAITING_OCTETS = 16_777_216;
/** Not for everyone: digests of authenticated packets let a weak key be guessed. */
const FILE_MODE = 0o640;

/**
 * Starts a capture file; an existing one is overwritten.
 * @param onError - told once when the disk fails; from then nothing more is written. Told before
 *   this returns when the file cannot be opened.
 */
export function openRecording(path: string, onError: (error: Error) => void): Recording {
  let hasFailed = false;
  const fail = (error: Error): void => {
    if (!hasFailed) onError(error);
    hasFailed = true;
  };
  const file = openFile(path, fail);
  file?.on('error', fail);
  file?.write(pcapHeader());
  return {
    add: (datagram) => {
      if (hasFailed) return;
      file?.write(pcapRecord(datagram));
      if (file && file.writableLength > MAX_WAITING_OCTETS) {
        fail(new Error(`the disk is too slow for ${path}`));
        file.destroy();
      }
    },
    close: () =>
      new Promise((resolve) => {
        if (!file || file.destroyed) resolve();
        else file.end(resolve);
      }),
  };
}

/** Opens at once, so that the file may be renamed while it is written. */
function openFile(path: string, fail: (error: Error) => void): WriteStream | undefined {
  try {
    return createWriteStream(path, { fd: openSync(path, 'w', FILE_MODE) });
  } catch (error) {
    fail(error as Error);
    return undefined;
  }
}
