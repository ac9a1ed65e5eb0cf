/**
 * The predetermined ways in which queries are delivered to the cached servers (rule 15): shares for
 * tables in the kernel, and a pick per query for applications that forward by themselves.
 * @module
 */
import type { CachedAddress, ShareReason } from './cache-entry.ts';
import type { LinkLayerAddress } from './link-layer-address.ts';

/**
 * `roundRobin`: one after the other; `hash`: a flow stays with its server, equal shares;
 * `weighted`: a flow stays, shares by weight; `leastLoad`: all to the least utilized server.
 */
export type Delivery = 'roundRobin' | 'hash' | 'weighted' | 'leastLoad';

/** By how much another server has to be less utilized before it takes over, against flapping. */
const LEAST_LOAD_MARGIN = 0.1;

/** Gives every address its share, 0..1, and the reason; the shares add up to 1, or all are 0. */
export function setShares(addresses: readonly CachedAddress[], delivery: Delivery): void {
  const willing = addresses.filter((address) => address.state !== 'draining');
  // All draining: they still serve, and nobody else does.
  const serving = willing.length > 0 ? willing : addresses;
  const least = delivery === 'leastLoad' ? leastLoaded(serving) : undefined;
  const total = serving.reduce((sum, address) => sum + address.weight, 0);
  for (const address of addresses) {
    const [share, reason] = ((): [number, ShareReason] => {
      if (!serving.includes(address)) return [0, 'draining'];
      if (least) return address === least ? [1, 'leastLoad'] : [0, 'moreLoaded'];
      if (delivery === 'weighted') return [address.weight / total, 'weighted'];
      return [1 / serving.length, 'equal'];
    })();
    address.share = share;
    address.reason = reason;
  }
}

/** The one in use stays until another is clearly better; undefined while loads are not known. */
function leastLoaded(serving: readonly CachedAddress[]): CachedAddress | undefined {
  let least: CachedAddress | undefined;
  for (const address of serving) {
    if (address.utilizationRatio === undefined) return undefined;
    if (!least || address.utilizationRatio < least.utilizationRatio!) least = address;
  }
  const now = serving.find((address) => address.reason === 'leastLoad');
  if (now && least && now.utilizationRatio! - least.utilizationRatio! < LEAST_LOAD_MARGIN) {
    return now;
  }
  return least;
}

/**
 * The server for one query.
 * @param flowHash - 32 bits that are equal for all packets of a flow.
 * @param turn - how many picks went before, for round robin.
 */
export function pickAddress(
  addresses: readonly CachedAddress[],
  delivery: Delivery,
  flowHash: number,
  turn: number,
): CachedAddress | undefined {
  const serving = addresses.filter((address) => address.share > 0);
  if (delivery === 'roundRobin') return serving[turn % serving.length];
  // Weighted rendezvous: a server that comes or goes moves no flow between the others.
  let best: CachedAddress | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const address of serving) {
    const score = Math.log(unitHash(address.linkLayerAddress, flowHash)) / address.share;
    if (score > bestScore) {
      best = address;
      bestScore = score;
    }
  }
  return best;
}

/** FNV-1a over the address and the flow, finished by murmur3's mixer, as a number in (0, 1). */
function unitHash(address: LinkLayerAddress, flowHash: number): number {
  let hash = 0x811c9dc5;
  const add = (octet: number): void => {
    hash = Math.imul(hash ^ octet, 0x01000193);
  };
  for (const octet of address) add(octet);
  for (let shift = 0; shift < 32; shift += 8) add((flowHash >>> shift) & 255);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash >>> 0) + 0.5) / 0x1_0000_0000;
}
