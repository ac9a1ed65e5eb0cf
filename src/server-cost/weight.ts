/**
 * From capacity to weight. Weights are shares, so all servers must mean the same by one unit. They
 * agree without asking: the member with the largest capacity sets the scale, and every other reads
 * it from what that member advertises. A scale in use is kept, so that a change of one server's
 * capacity changes that server's weight and nobody else's.
 * @module
 */
import type { CostConfig } from './config.ts';
import type { FarmMember } from './farm-member.ts';

const LEAST_WEIGHT = 1;
const GREATEST_WEIGHT = 255;
/** Outside these the largest member's weight leaves too few steps or too little room. */
const LEAST_LARGEST_WEIGHT = 64;
/** A scale is taken over when it is off ours by more than this; rounding alone never is. */
const SCALE_TOLERANCE_RATIO = 0.05;

/** Weight per query per second. */
export type WeightScale = number;

/** The other member that has the largest known capacity, the lowest Router ID of equals. */
export function largestOther(
  members: readonly FarmMember[],
  routerId: number,
): FarmMember | undefined {
  let largest: FarmMember | undefined;
  for (const member of members) {
    if (member.routerId === routerId || member.metric === undefined) continue;
    if (member.capacityQueriesPerSecond <= 0 || member.state === 'draining') continue;
    const more =
      member.capacityQueriesPerSecond - (largest?.capacityQueriesPerSecond ?? 0) ||
      (largest?.routerId ?? 0) - member.routerId;
    if (more > 0) largest = member;
  }
  return largest;
}

/**
 * The scale to use for our own weight.
 * @param other - {@link largestOther}.
 * @param capacity - ours, queries per second.
 * @param inUse - the scale of what we advertise; undefined before we know our capacity.
 */
export function weightScale(
  config: CostConfig,
  other: FarmMember | undefined,
  routerId: number,
  capacity: number,
  inUse: WeightScale | undefined,
): WeightScale {
  if (config.queriesPerSecondPerWeight !== undefined) return 1 / config.queriesPerSecondPerWeight;
  const theirs = other && other.weight / other.capacityQueriesPerSecond;
  const weAreLargest =
    other === undefined ||
    capacity > other.capacityQueriesPerSecond ||
    (capacity === other.capacityQueriesPerSecond && routerId < other.routerId);
  if (!weAreLargest && theirs !== undefined) {
    if (inUse === undefined) return theirs;
    return Math.abs(theirs / inUse - 1) > SCALE_TOLERANCE_RATIO ? theirs : inUse;
  }
  const scale = inUse ?? theirs;
  const weight = scale === undefined ? 0 : scale * capacity;
  if (scale !== undefined && weight >= LEAST_LARGEST_WEIGHT && weight <= GREATEST_WEIGHT) {
    return scale;
  }
  return Math.max(config.weight, LEAST_LARGEST_WEIGHT) / capacity;
}

/** The weight of a capacity: a whole number, 1..255, near the configured one if so wanted. */
export function weightOf(config: CostConfig, capacity: number, scale: WeightScale): number {
  const { weight, clampToConfigured } = config;
  const least = clampToConfigured ? Math.max(LEAST_WEIGHT, Math.ceil(weight / 2)) : LEAST_WEIGHT;
  const greatest = clampToConfigured ? Math.min(GREATEST_WEIGHT, 2 * weight) : GREATEST_WEIGHT;
  return Math.min(greatest, Math.max(least, Math.round(capacity * scale)));
}
