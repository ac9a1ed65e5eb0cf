/**
 * What the routing calculation gives: a route per prefix, with the set of equal-cost next hops
 * (RFC 2328 11, RFC 5340 4.8).
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { AddressPrefix } from '../wire/prefix.ts';

/** In order of preference (RFC 2328 11): a path of an earlier type wins whatever the distances. */
export const PATH_TYPES = ['intra-area', 'inter-area', 'external-1', 'external-2'] as const;
export type PathType = (typeof PATH_TYPES)[number];

/** Where packets go next: out of an interface, to a router's link-local address there. */
export interface NextHop {
  readonly interfaceId: number;
  /** 16 octets; `undefined` when the destination itself is on the link (RFC 5340 4.8.2). */
  readonly address: Address | undefined;
}

/** One of a route's next hops, with who announces the prefix behind it. */
export interface RouteNextHop extends NextHop {
  /**
   * Router IDs, ascending: the advertising routers of the prefix that are nearest through this next
   * hop. Of an anycast prefix these are the servers, whose weights can be joined here.
   */
  readonly originators: readonly number[];
}

/** One originator of a prefix with its own shortest paths, whether or not it is the nearest. */
export interface RouteCandidate {
  /** Router ID of the LSA's originator. */
  readonly originator: number;
  /** The metric of the prefix in the LSA. */
  readonly metric: number;
  /** The distance by this originator, in the terms of `Route.distance`. */
  readonly distance: number;
  /** Empty when we originate the prefix ourselves. */
  readonly nextHops: readonly NextHop[];
}

/** The best paths to a prefix. */
export interface Route {
  /** The prefix as text, the key of tables. */
  readonly key: string;
  readonly prefix: AddressPrefix;
  readonly pathType: PathType;
  /** Sum of metrics along the path; of an external type 2 path, as far as the boundary router. */
  readonly distance: number;
  /** Only of external type 2 paths: the metric outside, compared before the distance. */
  readonly type2Metric?: number;
  /** The area the path begins in; `undefined` for external paths. */
  readonly areaId: number | undefined;
  /** By interface, then by address; empty when the prefix is our own. */
  readonly nextHops: readonly RouteNextHop[];
  /**
   * Every reachable originator of the prefix by the same path type, nearest first: what policies
   * beyond least cost choose from.
   */
  readonly candidates: readonly RouteCandidate[];
}

/** A route came, went, or has other next hops, another distance or other candidates. */
export interface RouteOutput {
  readonly kind: 'route';
  readonly change: 'added' | 'changed' | 'removed';
  /** The route now; of a removed one, the last. */
  readonly route: Route;
  readonly previous?: Route;
}
