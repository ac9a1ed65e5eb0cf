/**
 * Load per bucket from counters that only grow.
 * @module
 */

/** Packets per bucket between two readings of a service's counters. */
export class BucketLoad {
  #last: readonly number[] | undefined;

  /**
   * Takes a reading.
   * @param packets - per bucket, since the service was set up.
   * @returns how many came since the last reading; `undefined` of the first one, which holds what
   *   came at any time before, for an earlier run as well.
   */
  read(packets: readonly number[]): readonly number[] | undefined {
    const last = this.#last;
    this.#last = packets;
    // A service that was set up anew counts from nothing again.
    return last && packets.map((count, bucket) => Math.max(0, count - (last[bucket] ?? 0)));
  }
}
