/**
 * From a route and the loads that servers advertise to the members of a spread: one per next hop,
 * with the weights of the servers behind it.
 * @module
 */
import type { SpreadMember } from '../anycast/policy.ts';
import type { ServiceLoad } from '../lsa/service-load.ts';
import type { NextHop, Route } from '../spf/route.ts';
import { formatAddress } from '../wire/address.ts';

/** Names a next hop: its interface and link-local address, such as `3 fe80::1`. */
export const nextHopKey = ({ interfaceId, address }: NextHop): string =>
  address === undefined ? `${interfaceId}` : `${interfaceId} ${formatAddress(address)}`;

/** A next hop for people: the name of the interface stands in the place of its Interface ID. */
export const nextHopName = (key: string, interfaceName: (interfaceId: number) => string): string =>
  key.replace(/^\d+(?= |$)/, (interfaceId) => interfaceName(Number(interfaceId)));

/** What is gathered of one next hop while its servers are counted. */
interface Gathered {
  weight: number;
  /** Whether every server behind it advertises a weight. */
  weighted: boolean;
  distance: number;
  rampWindowS: number;
}

/**
 * The members of one anycast service.
 *
 * A server that is reached by several next hops gives each an equal part of its weight; the servers
 * behind one next hop add theirs up. A server that drains or stands by takes no new flows while
 * another one can.
 * @param loads - what servers advertise of the service, by Router ID.
 */
export function membersOf(route: Route, loads: ReadonlyMap<number, ServiceLoad>): SpreadMember[] {
  const serving = route.candidates.filter(({ originator }) => {
    const state = loads.get(originator)?.state;
    return state !== 'draining' && state !== 'standby';
  });
  const gathered = new Map<string, Gathered>();
  for (const candidate of serving.length > 0 ? serving : route.candidates) {
    const load = loads.get(candidate.originator);
    for (const nextHop of candidate.nextHops) {
      const key = nextHopKey(nextHop);
      const held = gathered.get(key);
      const weight = (load?.weight ?? 0) / candidate.nextHops.length;
      gathered.set(key, {
        weight: (held?.weight ?? 0) + weight,
        weighted: (held?.weighted ?? true) && load !== undefined,
        distance: Math.min(held?.distance ?? Number.POSITIVE_INFINITY, candidate.distance),
        rampWindowS: Math.max(held?.rampWindowS ?? 0, load?.rampWindowS ?? 0),
      });
    }
  }
  return [...gathered].map(([key, { weight, weighted, distance, rampWindowS }]) => ({
    key,
    distance,
    rampWindowS,
    ...(weighted ? { weight } : {}),
  }));
}
