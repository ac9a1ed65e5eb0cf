/**
 * Functionally equivalent AS-External-LSAs: of several that name one destination, cost and forwarding
 * address, that of the highest Router ID is used, and the others need not be said (RFC 2328 12.4.4.1;
 * RFC 3101 3.2 for translations).
 * @module
 */
import { type AsExternalLsa, ExternalFlag } from '../lsa/as-external-lsa.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsdb } from '../lsdb/lsdb.ts';
import { addressKey, sameAddress, UNSPECIFIED } from '../wire/address.ts';
import { formatPrefix } from '../wire/prefix.ts';
import type { Desired } from './inter-area.ts';

/** What makes two LSAs equivalent, as text; undefined without an address to forward to. */
function meaningOf({ prefix, flags, metric, forwardingAddress: to }: AsExternalLsa) {
  if (to === undefined || sameAddress(to, UNSPECIFIED)) return undefined;
  return `${formatPrefix(prefix)} ${flags & ExternalFlag.E} ${metric} ${addressKey(to)}`;
}

/** Whether others may say the same: an AS-External-LSA with a forwarding address. */
export const hasEquivalents = ({ body }: Desired): boolean =>
  body.kind === 'AsExternal' && meaningOf(body) !== undefined;

/**
 * Those that nobody else says who goes before us.
 * @param external - the AS-External-LSAs that there are.
 * @param isReached - whether there is a path to a router.
 */
export function withoutEquivalents(
  desired: readonly Desired[],
  external: Lsdb,
  ownRouterId: number,
  isReached: (routerId: number) => boolean,
): readonly Desired[] {
  if (!desired.some(hasEquivalents)) return desired;
  const said = new Set<string>();
  for (const { lsa } of external.ofType(LsType.AsExternal)) {
    const { ageS, advertisingRouter } = lsa.header;
    if (advertisingRouter <= ownRouterId || ageS >= MAX_AGE_S) continue;
    if (lsa.body.kind !== 'AsExternal' || !isReached(advertisingRouter)) continue;
    const meaning = meaningOf(lsa.body);
    if (meaning !== undefined) said.add(meaning);
  }
  return desired.filter(
    ({ body }) => body.kind !== 'AsExternal' || !said.has(meaningOf(body) ?? ''),
  );
}
