/**
 * What an earlier run left in the kernel, read as next hops of services. Pure.
 * @module
 */
import type { BucketNextHop, HeldBuckets } from './bucket-installer.ts';
import type { NextHopSet } from './route-table.ts';

/** What an earlier run left. */
export interface FoundForwarding {
  /** Everything, as the kernel calls it. */
  readonly prefixes: readonly string[];
  /**
   * Next hops of host routes, by the route's key, where all could be told: each by all addresses
   * that it may be known by.
   */
  readonly nextHops: FoundNextHops;
}

export type FoundNextHops = ReadonlyMap<string, readonly (readonly BucketNextHop[])[]>;

const HOST = '/128';

/**
 * The next hops of host routes, of nexthop groups and of buckets.
 * @param buckets - link-layer address of every bucket, by the service's address.
 * @param neighborsAt - the addresses known at a link-layer address.
 */
export function foundNextHops(
  routes: ReadonlyMap<string, NextHopSet>,
  buckets: ReadonlyMap<string, readonly string[]>,
  neighborsAt: (linkLayerAddress: string) => readonly BucketNextHop[],
): FoundNextHops {
  const found = new Map<string, readonly (readonly BucketNextHop[])[]>();
  for (const [key, { nextHops }] of routes) {
    if (!key.endsWith(HOST)) continue;
    const hops = nextHops.map(({ interfaceName, address }) => [{ interfaceName, address }]);
    found.set(key, hops);
  }
  for (const [address, ofService] of buckets) {
    const hops = [...new Set(ofService)].map(neighborsAt);
    // One whose entry failed cannot be told from one that was forgotten, and must not be held.
    if (hops.every((one) => one.length > 0)) found.set(`${address}${HOST}`, hops);
  }
  return found;
}

/**
 * Buckets with the next hops that own them; undefined when an owner is none of them, or when they
 * are on several links.
 * @param buckets - link-layer address of every bucket.
 */
export function heldBuckets(
  buckets: readonly string[],
  nextHops: readonly (BucketNextHop & { readonly key: string })[],
  linkLayerAddressOf: (nextHop: BucketNextHop) => string | undefined,
): HeldBuckets | undefined {
  const keys = new Map<string, string[]>();
  for (const hop of nextHops) {
    const linkLayerAddress = linkLayerAddressOf(hop);
    if (linkLayerAddress === undefined) continue;
    keys.set(linkLayerAddress, [...(keys.get(linkLayerAddress) ?? []), hop.key]);
  }
  const [interfaceName, ...others] = new Set(nextHops.map((hop) => hop.interfaceName));
  if (interfaceName === undefined || others.length > 0) return undefined;
  return buckets.every((one) => keys.has(one)) ? { interfaceName, buckets, keys } : undefined;
}
