/**
 * Policies: how the next hops of a service become wanted weights. Pure functions of what SPF and the
 * servers say. Where a policy lacks what it needs, it falls back: advertised weights, then inverse
 * distance, then equal.
 * @module
 */
import type { WeightedKey } from './bucket-table.ts';

/** One next hop of a service as the router knows it. */
export interface SpreadMember {
  /** Names the next hop; equal keys are the same next hop. */
  readonly key: string;
  /** What the server advertises, 1..255; undefined when it advertises none. */
  readonly weight?: number;
  /** The distance of the path, 0..2^24-2. */
  readonly distance: number;
  /** Only for `failover`: lower tiers are used first; by default the distance is the tier. */
  readonly tier?: number;
  /** Seconds over which the next hop is eased in when it joins others; 0 or undefined for none. */
  readonly rampWindowS?: number;
  /** Whether it has been in use since before this run, and needs no easing in; by default false. */
  readonly established?: boolean;
  /** False when its neighbor entry is not valid or its BFD session is down; by default true. */
  readonly usable?: boolean;
}

/**
 * - `weighted`: the next hops of least distance by advertised weights, so that a raised cost takes a
 *   server out; when one of them advertises no weight, all next hops by inverse distance.
 * - `inverse`: shares in proportion to 1 / distance.
 * - `equal`: equal-cost multipath, the next hops of least distance share equally.
 * - `least`: one next hop alone, that of least distance (of several, the one with the least key).
 * - `failover`: the first tier that has a usable next hop, weighted within it.
 * - a function, for embedders: given the usable next hops, it returns those to use.
 */
export type SpreadPolicy =
  | 'weighted'
  | 'inverse'
  | 'equal'
  | 'least'
  | 'failover'
  | ((members: readonly SpreadMember[]) => readonly WeightedKey[]);

/** What weights were derived from in the end. */
export type WeightSource = 'weight' | 'distance' | 'equal' | 'custom';

/** The wanted weights of a set. */
export interface WantedWeights {
  readonly members: readonly WeightedKey[];
  readonly source: WeightSource;
}

/** Applies a policy to the next hops that are usable. */
export function wantedWeights(
  policy: SpreadPolicy,
  members: readonly SpreadMember[],
): WantedWeights {
  const usable = members.filter((member) => member.usable !== false);
  if (typeof policy === 'function') return { members: policy(usable), source: 'custom' };
  switch (policy) {
    case 'weighted':
      return byWeight(nearest(usable), usable);
    case 'inverse':
      return byDistance(usable);
    case 'equal':
      return equally(nearest(usable));
    case 'least':
      return equally(nearest(usable).sort(byKey).slice(0, 1));
    case 'failover':
      return byWeight(firstTier(usable));
  }
}

const least = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

const byKey = (a: SpreadMember, b: SpreadMember): number => (a.key < b.key ? -1 : 1);

function nearest(members: readonly SpreadMember[]): SpreadMember[] {
  const distance = least(members.map((member) => member.distance));
  return members.filter((member) => member.distance === distance);
}

function firstTier(members: readonly SpreadMember[]): SpreadMember[] {
  const tierOf = (member: SpreadMember): number => member.tier ?? member.distance;
  const first = least(members.map(tierOf));
  return members.filter((member) => tierOf(member) === first);
}

/** All or nothing: a set in which one server says no weight is not weighted. */
function byWeight(
  members: readonly SpreadMember[],
  otherwise: readonly SpreadMember[] = members,
): WantedWeights {
  const weighted: WeightedKey[] = [];
  for (const { key, weight } of members) {
    if (weight === undefined || !(weight > 0)) return byDistance(otherwise);
    weighted.push({ key, weight });
  }
  return { members: weighted, source: 'weight' };
}

function byDistance(members: readonly SpreadMember[]): WantedWeights {
  const distances = new Set(members.map(({ distance }) => distance));
  const known = [...distances].every((distance) => distance > 0 && Number.isFinite(distance));
  if (!known || distances.size < 2) return equally(members);
  return {
    members: members.map(({ key, distance }) => ({ key, weight: 1 / distance })),
    source: 'distance',
  };
}

function equally(members: readonly SpreadMember[]): WantedWeights {
  return { members: members.map(({ key }) => ({ key, weight: 1 })), source: 'equal' };
}
