/**
 * A recording that cannot fill the disk: at most two files of bounded size, the newer under the
 * path given, the older beside it as `PATH.1`.
 * @module
 */
import { lstatSync, renameSync } from 'node:fs';
import {
  openRecording,
  PCAP_HEADER_OCTETS,
  RECORD_OVERHEAD_OCTETS,
  type RecordedDatagram,
  type Recording,
} from './pcap-writer.ts';

/** A recording of two files; what an earlier run left is kept as the older one. */
export class BoundedRecording implements Recording {
  readonly #path: string;
  readonly #maxOctets: number;
  readonly #onError: (error: Error) => void;
  readonly #closing: Promise<void>[] = [];
  #file: Recording | undefined;
  #sizeOctets = 0;
  #hasFailed = false;

  /**
   * @param maxOctets - of one file, its headers included; a datagram larger than that has a file
   *   of its own.
   * @param onError - told once when the disk fails; from then nothing more is written. Told before
   *   this returns when the file cannot be opened.
   */
  constructor(path: string, maxOctets: number, onError: (error: Error) => void) {
    this.#path = path;
    this.#maxOctets = maxOctets;
    this.#onError = onError;
    this.#begin();
  }

  add(datagram: RecordedDatagram): void {
    if (this.#hasFailed) return;
    const recordOctets = RECORD_OVERHEAD_OCTETS + datagram.octets.length;
    const isEmpty = this.#sizeOctets === PCAP_HEADER_OCTETS;
    if (!isEmpty && this.#sizeOctets + recordOctets > this.#maxOctets) this.#begin();
    this.#sizeOctets += recordOctets;
    this.#file?.add(datagram);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closing, this.#file?.close()]);
  }

  #begin(): void {
    const full = this.#file;
    this.#file = undefined;
    // The file before the last one has long been written when the last one is full.
    if (full) this.#closing.splice(0, this.#closing.length, full.close());
    try {
      keepAsOlder(this.#path);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#file = openRecording(this.#path, (error) => this.#fail(error));
    this.#sizeOctets = PCAP_HEADER_OCTETS;
  }

  #fail(error: Error): void {
    if (!this.#hasFailed) this.#onError(error);
    this.#hasFailed = true;
  }
}

/** @throws {Error} when what is there is no ordinary file; Node's error when it cannot be renamed. */
function keepAsOlder(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isFile()) throw new Error(`${path} is not an ordinary file`);
  renameSync(path, `${path}.1`);
}
