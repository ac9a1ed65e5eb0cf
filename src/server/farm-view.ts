/**
 * What the link-state database says of a farm: every server that can be reached and advertises one
 * anycast service, with the load it tells of. Each server reads the same and computes the same.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { Option } from '../lsa/options.ts';
import { RouterInformationTlv } from '../lsa/router-information-lsa.ts';
import { serviceLoadsOf } from '../lsa/service-load.ts';
import type { Lsdb } from '../lsdb/lsdb.ts';
import type { FarmMember } from '../server-cost/farm-member.ts';
import { type Address, sameAddress } from '../wire/address.ts';

function* living(
  lsdb: Lsdb,
  lsType: number,
  reachable: ReadonlySet<number>,
): Generator<Lsa, void, undefined> {
  for (const { lsa } of lsdb.ofType(lsType)) {
    if (lsa.header.ageS < MAX_AGE_S && reachable.has(lsa.header.advertisingRouter)) yield lsa;
  }
}

/** The metric that each router advertises for the address as a /128, by Router ID. */
function metricsOf(
  lsdb: Lsdb,
  address: Address,
  reachable: ReadonlySet<number>,
): Map<number, number> {
  const metrics = new Map<number, number>();
  for (const { header, body } of living(lsdb, LsType.IntraAreaPrefix, reachable)) {
    if (body.kind !== 'IntraAreaPrefix') continue;
    for (const prefix of body.prefixes) {
      if (prefix.prefixLength !== 128 || !sameAddress(prefix.address, address)) continue;
      metrics.set(header.advertisingRouter, prefix.metric);
    }
  }
  return metrics;
}

/** Every reachable server of the area that tells of the service, in the order of Router IDs. */
export function farmMembers(
  lsdb: Lsdb,
  address: Address,
  reachable: ReadonlySet<number>,
): FarmMember[] {
  const metrics = metricsOf(lsdb, address, reachable);
  const members: FarmMember[] = [];
  for (const lsa of living(lsdb, LsType.RouterInformation, reachable)) {
    const routerId = lsa.header.advertisingRouter;
    for (const { address: served, ...load } of serviceLoadsOf(lsa)) {
      if (!sameAddress(served, address)) continue;
      members.push({ ...load, routerId, metric: metrics.get(routerId) });
    }
  }
  return members.sort((a, b) => a.routerId - b.routerId);
}

/**
 * Whether every reachable router that forwards says that it spreads by weights; one that does not
 * say so follows metrics alone. False while no router is known.
 */
export function allRoutersUseWeights(lsdb: Lsdb, reachable: ReadonlySet<number>): boolean {
  const spreading = new Set<number>();
  for (const { header, body } of living(lsdb, LsType.RouterInformation, reachable)) {
    if (body.kind !== 'RouterInformation') continue;
    const says = body.tlvs.some(({ type }) => type === RouterInformationTlv.SpreadCapability);
    if (says) spreading.add(header.advertisingRouter);
  }
  let routers = 0;
  for (const { header, body } of living(lsdb, LsType.Router, reachable)) {
    if (body.kind !== 'Router' || (body.options & Option.R) === 0) continue;
    if (!spreading.has(header.advertisingRouter)) return false;
    routers++;
  }
  return routers > 0;
}
