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
  /** Next hops of host routes, by the route's key, where all could be told. */
  readonly nextHops: ReadonlyMap<string, readonly BucketNextHop[]>;
}

const HOST = '/128';

/**
 * The next hops of host routes, of nexthop groups and of buckets.
 * @param buckets - link-layer address of every bucket, by the service's address.
 * @param neighborOf - whose a link-layer address is.
 */
export function foundNextHops(
  routes: ReadonlyMap<string, NextHopSet>,
  buckets: ReadonlyMap<string, readonly string[]>,
  neighborOf: (linkLayerAddress: string) => BucketNextHop | undefined,
): Map<string, readonly BucketNextHop[]> {
  const found = new Map<string, readonly BucketNextHop[]>();
  for (const [key, { nextHops }] of routes) if (key.endsWith(HOST)) found.set(key, nextHops);
  for (const [address, ofService] of buckets) {
    const hops: BucketNextHop[] = [];
    const linkLayerAddresses = new Set(ofService);
    for (const one of linkLayerAddresses) {
      const neighbor = neighborOf(one);
      if (neighbor !== undefined) hops.push(neighbor);
    }
    // One whose entry failed cannot be told from one that was forgotten, and must not be held.
    if (hops.length === linkLayerAddresses.size) found.set(`${address}${HOST}`, hops);
  }
  return found;
}

/**
 * Buckets by the next hops that own them; undefined when an owner is none of them, or when they are
 * on several links.
 * @param buckets - link-layer address of every bucket.
 */
export function heldBuckets(
  buckets: readonly string[],
  nextHops: readonly (BucketNextHop & { readonly key: string })[],
  linkLayerAddressOf: (nextHop: BucketNextHop) => string | undefined,
): HeldBuckets | undefined {
  const keys = new Map<string, string>();
  const linkLayerAddresses = new Map<string, string>();
  for (const hop of nextHops) {
    const linkLayerAddress = linkLayerAddressOf(hop);
    if (linkLayerAddress === undefined) continue;
    keys.set(linkLayerAddress, hop.key);
    linkLayerAddresses.set(hop.key, linkLayerAddress);
  }
  const [interfaceName, ...others] = new Set(nextHops.map((hop) => hop.interfaceName));
  const owners = buckets.flatMap((one) => keys.get(one) ?? []);
  if (interfaceName === undefined || others.length > 0) return undefined;
  return owners.length < buckets.length ? undefined : { interfaceName, owners, linkLayerAddresses };
}
