/**
 * Changes to a database that nobody made: other costs, links and routers that are down.
 * @module
 */
import { LsType } from '../lsa/ls-type.ts';
import { Lsa } from '../lsa/lsa.ts';
import { type RouterLink, RouterLinkType, type RouterLsa } from '../lsa/router-lsa.ts';
import { formatDottedQuad, parseDottedQuad } from '../wire/address.ts';
import type { FoundLsa } from './spf-found-lsa.ts';

/** One change asked for. */
export type WhatIf =
  /** The cost of A's links towards B. */
  | { readonly kind: 'cost'; readonly from: number; readonly to: number; readonly cost: number }
  /** Links between A and B are down; on a link of several routers, A is off it. */
  | { readonly kind: 'linkDown'; readonly from: number; readonly to: number }
  | { readonly kind: 'routerDown'; readonly router: number };

/** Reads `A:B=N`. @throws {RangeError} when it is not that. */
export function parseCost(text: string): WhatIf {
  const [, from, to, cost] = /^([^:=]*):([^:=]*)=(\d{1,5})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(cost) > 65535) {
    throw new RangeError(`cost must be ROUTER-ID:ROUTER-ID=0..65535, not ${text}`);
  }
  return { kind: 'cost', from: parseDottedQuad(from), to: parseDottedQuad(to), cost: Number(cost) };
}

/** Reads `A:B` or `A`. @throws {RangeError} when it is neither. */
export function parseDown(text: string): WhatIf {
  const [from = '', to, ...more] = text.split(':');
  if (more.length > 0) {
    throw new RangeError(`down must be ROUTER-ID:ROUTER-ID or ROUTER-ID, not ${text}`);
  }
  if (to === undefined) return { kind: 'routerDown', router: parseDottedQuad(from) };
  return { kind: 'linkDown', from: parseDottedQuad(from), to: parseDottedQuad(to) };
}

/**
 * The database as it would be.
 * @throws {RangeError} when a change names a router or a link that is not there.
 */
export function withChanges(
  database: readonly FoundLsa[],
  changes: readonly WhatIf[],
): readonly FoundLsa[] {
  return changes.reduce(withChange, database);
}

function withChange(database: readonly FoundLsa[], change: WhatIf): readonly FoundLsa[] {
  if (change.kind === 'routerDown') {
    const left = database.filter(
      ({ lsa }) =>
        lsa.header.advertisingRouter !== change.router || lsa.header.lsType !== LsType.Router,
    );
    if (left.length === database.length) throw new RangeError(`no router ${quad(change.router)}`);
    return left;
  }
  const { from, to } = change;
  let touched = 0;
  const edit = (link: RouterLink): RouterLink | undefined => {
    touched++;
    return change.kind === 'cost' ? { ...link, metric: change.cost } : undefined;
  };
  const pointToPoint = (neighbor: number) => (link: RouterLink) =>
    link.type === RouterLinkType.PointToPoint && link.neighborRouterId === neighbor;
  let changed = database.map((found) => edited(found, from, pointToPoint(to), edit));
  if (change.kind === 'linkDown') {
    changed = changed.map((found) => edited(found, to, pointToPoint(from), () => undefined));
  }
  const shared = networksOf(database, to);
  const onShared = (link: RouterLink): boolean =>
    link.type === RouterLinkType.Transit &&
    shared.has(`${link.neighborRouterId} ${link.neighborInterfaceId}`);
  changed = changed.map((found) => edited(found, from, onShared, edit));
  if (touched === 0) throw new RangeError(`no link from ${quad(from)} to ${quad(to)}`);
  return changed;
}

const quad = formatDottedQuad;

/** The transit networks that a router is on, by designated router and its Interface ID. */
function networksOf(database: readonly FoundLsa[], router: number): Set<string> {
  const networks = new Set<string>();
  for (const { lsa } of database) {
    const { body, header } = lsa;
    if (body.kind === 'Network' && body.attachedRouters.includes(router)) {
      networks.add(`${header.advertisingRouter} ${header.linkStateId}`);
    }
  }
  return networks;
}

function edited(
  found: FoundLsa,
  router: number,
  which: (link: RouterLink) => boolean,
  edit: (link: RouterLink) => RouterLink | undefined,
): FoundLsa {
  const { header, body } = found.lsa;
  if (body.kind !== 'Router' || header.advertisingRouter !== router) return found;
  if (!body.links.some(which)) return found;
  const links = body.links.flatMap((link) => {
    const now = which(link) ? edit(link) : link;
    return now === undefined ? [] : [now];
  });
  const next: RouterLsa = { ...body, links };
  return { ...found, lsa: Lsa.originate(header, header.sequenceNumber + 1, next, header.ageS) };
}
