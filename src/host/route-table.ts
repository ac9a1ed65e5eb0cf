/**
 * The port to a machine's routes: each anycast prefix leads to a set of next hops with weights. Two
 * implementations: the kernel's (route-table-kernel.ts) and one in
 * memory (route-table-memory.ts).
 * @module
 */

/** A next hop as the machine knows it. */
export interface RouteTableNextHop {
  readonly interfaceName: string;
  /** Text form; link-local as a rule, and IPv6 for IPv4 prefixes too (RFC 8950's next hops). */
  readonly address: string;
  /** Relative to the others; finite and above 0. */
  readonly weight: number;
}

/** Next hops that share flows, and how the kernel shall treat their buckets. */
export interface NextHopSet {
  readonly nextHops: readonly RouteTableNextHop[];
  /** Buckets of the resilient group, 1..65535. */
  readonly bucketCount: number;
  /** A bucket without a packet for so long may move to a next hop that is due more. */
  readonly idleTimerS: number;
  /** Shares still off after so long move busy buckets too; 0 for never. */
  readonly unbalancedTimerS: number;
}

/** Timers for queries that are one packet each way: a bucket falls idle in a moment. */
export const DATAGRAM_TIMERS = { idleTimerS: 1, unbalancedTimerS: 2 } as const;
/** Timers for connections: a bucket moves only when all its connections have been silent. */
export const CONNECTION_TIMERS = { idleTimerS: 120, unbalancedTimerS: 0 } as const;

/** What shall become of one prefix. */
export interface RouteChange {
  /** `2001:db8::53/128` or `192.0.2.53/32`. */
  readonly prefix: string;
  /** Undefined, or a set without next hops, withdraws the route. */
  readonly set: NextHopSet | undefined;
}

/** What the machine refused. */
export interface RouteFailure {
  readonly what: string;
  readonly message: string;
}

/** The outcome of a change. */
export interface RouteResult {
  /** Objects that were made, changed or removed. */
  readonly operations: number;
  readonly failures: readonly RouteFailure[];
}

export interface RouteTable {
  /**
   * Takes over what an earlier run of ours left behind; forwarding goes on meanwhile.
   * @returns the prefixes found.
   */
  adopt(): Promise<readonly string[]>;
  /** Makes changes; resolves when the machine has them. All of one call are planned together. */
  apply(changes: readonly RouteChange[]): Promise<RouteResult>;
  /** Withdraws adopted routes that nobody has asked for since. */
  releaseUnclaimed(): Promise<RouteResult>;
  /** Compares what the machine has with what it should have, and puts it right. */
  reconcile(): Promise<RouteResult>;
  /** Removes everything of ours. */
  clear(): Promise<RouteResult>;
  /** Stops; routes stay, so that a restart loses nothing. */
  close(): void;
}
