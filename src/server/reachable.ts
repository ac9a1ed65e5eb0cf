/**
 * Which routers of an area can be reached over links that both ends describe: a dead server's LSAs
 * stay for an hour, but nobody links to it any more (RFC 2328 16.1 step 2b). A host asks only
 * whether, not at what distance.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { RouterLinkType } from '../lsa/router-lsa.ts';
import type { Lsdb } from '../lsdb/lsdb.ts';

/** A vertex: a router by its ID, a network by its designated router's interface. */
const routerKey = (routerId: number): string => `${routerId}`;
const networkKey = (routerId: number, interfaceId: number): string => `${routerId}/${interfaceId}`;

/** Whom each vertex of the area links to. */
function linksOf(lsdb: Lsdb): Map<string, Set<string>> {
  const links = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    const targets = links.get(from);
    if (targets === undefined) links.set(from, new Set([to]));
    else targets.add(to);
  };
  const of = (lsType: number): Lsa[] =>
    [...lsdb.ofType(lsType)].map(({ lsa }) => lsa).filter(({ header }) => header.ageS < MAX_AGE_S);
  for (const { header, body } of of(LsType.Router)) {
    if (body.kind !== 'Router') continue;
    for (const { type, neighborRouterId, neighborInterfaceId } of body.links) {
      const to =
        type === RouterLinkType.Transit
          ? networkKey(neighborRouterId, neighborInterfaceId)
          : routerKey(neighborRouterId);
      add(routerKey(header.advertisingRouter), to);
    }
  }
  for (const { header, body } of of(LsType.Network)) {
    if (body.kind !== 'Network') continue;
    for (const routerId of body.attachedRouters) {
      add(networkKey(header.advertisingRouter, header.linkStateId), routerKey(routerId));
    }
  }
  return links;
}

/** The Router IDs that can be reached from `routerId`, itself among them. */
export function reachableRouters(lsdb: Lsdb, routerId: number): Set<number> {
  const links = linksOf(lsdb);
  const found = new Set([routerKey(routerId)]);
  for (const from of found) {
    for (const to of links.get(from) ?? []) if (links.get(to)?.has(from)) found.add(to);
  }
  return new Set([...found].filter((key) => !key.includes('/')).map(Number));
}
