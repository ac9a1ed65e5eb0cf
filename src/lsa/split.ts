/**
 * Bodies too large for one packet, cut into several. The parts of a Router-LSA and those of an
 * Intra-Area-Prefix-LSA differ in Link State ID alone and count as one (RFC 5340 4.4.3.2, 4.4.3.9).
 * A Link-LSA's Link State ID is the Interface ID (4.4.3.8), so that of its parts only the first is
 * sure to be heard: it carries the prefixes that come first.
 * @module
 */

import { prefixOctets } from '../wire/prefix.ts';
import { LSA_HEADER_OCTETS } from './header.ts';
import { type IntraAreaPrefixLsa, intraAreaPrefixLsaOctets } from './intra-area-prefix-lsa.ts';
import { type LinkLsa, linkLsaOctets } from './link-lsa.ts';
import { RouterLink, type RouterLsa, routerLsaOctets } from './router-lsa.ts';

/** The parts of a Router-LSA, in the order of its links; one when it fits, also without links. */
export const splitRouterLsa = (body: RouterLsa, lsaOctetsMax: number): RouterLsa[] =>
  groups(
    body.links,
    () => RouterLink.span,
    lsaOctetsMax - LSA_HEADER_OCTETS - routerLsaOctets({ ...body, links: [] }),
  ).map((links) => ({ ...body, links }));

/** The parts of an Intra-Area-Prefix-LSA, in the order of its prefixes. */
export const splitIntraAreaPrefixLsa = (
  body: IntraAreaPrefixLsa,
  lsaOctetsMax: number,
): IntraAreaPrefixLsa[] =>
  groups(
    body.prefixes,
    (prefix) => prefixOctets(prefix.prefixLength),
    lsaOctetsMax - LSA_HEADER_OCTETS - intraAreaPrefixLsaOctets({ ...body, prefixes: [] }),
  ).map((prefixes) => ({ ...body, prefixes }));

/** The parts of a Link-LSA, in the order of its prefixes. */
export const splitLinkLsa = (body: LinkLsa, lsaOctetsMax: number): LinkLsa[] =>
  groups(
    body.prefixes,
    (prefix) => prefixOctets(prefix.prefixLength),
    lsaOctetsMax - LSA_HEADER_OCTETS - linkLsaOctets({ ...body, prefixes: [] }),
  ).map((prefixes) => ({ ...body, prefixes }));

/** Consecutive items in groups of at most `roomOctets` each; a group has at least one item. */
function groups<T>(items: readonly T[], octetsOf: (item: T) => number, roomOctets: number): T[][] {
  const first: T[] = [];
  const all = [first];
  let group = first;
  let used = 0;
  for (const item of items) {
    const octets = octetsOf(item);
    if (group.length > 0 && used + octets > roomOctets) {
      group = [];
      all.push(group);
      used = 0;
    }
    group.push(item);
    used += octets;
  }
  return all;
}
