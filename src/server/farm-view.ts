/**
 * What the LSAs of one area say of its farms: every server that can be reached and tells of an
 * anycast service, with its load and metric. Each server reads the same and computes the same.
 *
 * The view is kept as LSAs come and go: one LSA is read once, and the members are made anew only
 * of the router that it came from.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import { identityKey } from '../lsa/header.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { Option } from '../lsa/options.ts';
import { RouterInformationTlv } from '../lsa/router-information-lsa.ts';
import { type ServiceLoad, serviceLoadsOf } from '../lsa/service-load.ts';
import type { Lsdb } from '../lsdb/lsdb.ts';
import type { FarmMember } from '../server-cost/farm-member.ts';
import { type Address, addressKey } from '../wire/address.ts';
import { reachableRouters } from './reachable.ts';

/** What one LSA says of farms. */
interface Statement {
  readonly loads: readonly ServiceLoad[];
  /** Metrics of its /128 prefixes, by address. */
  readonly metrics: ReadonlyMap<string, number>;
  /** Whether its router spreads by weights. */
  readonly spreads: boolean;
  /** Whether its router forwards. */
  readonly forwards: boolean;
}

/** What one router says in all its LSAs. */
interface Told {
  readonly statements: Map<string, Statement>;
  /** Its part in each farm, by address. */
  members: ReadonlyMap<string, FarmMember>;
  spreads: boolean;
  forwards: boolean;
}

const NOTHING: Statement = { loads: [], metrics: new Map(), spreads: false, forwards: false };

/** @returns undefined for an LSA that says nothing of farms. */
function statementOf(lsa: Lsa): Statement | undefined {
  const { body } = lsa;
  switch (body.kind) {
    case 'Router':
      return { ...NOTHING, forwards: (body.options & Option.R) !== 0 };
    case 'RouterInformation': {
      const spreads = body.tlvs.some(({ type }) => type === RouterInformationTlv.SpreadCapability);
      return { ...NOTHING, loads: serviceLoadsOf(lsa), spreads };
    }
    case 'IntraAreaPrefix': {
      const hosts = body.prefixes.filter(({ prefixLength }) => prefixLength === 128);
      const metrics = new Map(hosts.map((each) => [addressKey(each.address), each.metric]));
      return { ...NOTHING, metrics };
    }
    default:
      return undefined;
  }
}

function membersOf(routerId: number, statements: readonly Statement[]): Map<string, FarmMember> {
  const metrics = new Map(statements.flatMap((each) => [...each.metrics]));
  const members = new Map<string, FarmMember>();
  for (const { loads } of statements) {
    for (const load of loads) {
      const key = addressKey(load.address);
      members.set(key, {
        routerId,
        metric: metrics.get(key),
        state: load.state,
        weight: load.weight,
        capacityQueriesPerSecond: load.capacityQueriesPerSecond,
        offeredQueriesPerSecond: load.offeredQueriesPerSecond,
        utilizationRatio: load.utilizationRatio,
      });
    }
  }
  return members;
}

export class FarmView {
  readonly #lsdb: Lsdb;
  readonly #routerId: number;
  readonly #told = new Map<number, Told>();
  /** Who can be reached, until a Router- or Network-LSA says otherwise. */
  #reachable: ReadonlySet<number> | undefined;

  /**
   * @param lsdb - the area's; every change of it must be taken in.
   * @param routerId - ours: others are reached from here.
   */
  constructor(lsdb: Lsdb, routerId: number) {
    this.#lsdb = lsdb;
    this.#routerId = routerId;
    for (const { lsa } of lsdb.entries()) this.take(lsa);
  }

  /**
   * Takes in an LSA that was installed; one of age MaxAge says nothing any more.
   * @returns whether the view may be another than before.
   */
  take(lsa: Lsa): boolean {
    const { lsType, advertisingRouter, ageS } = lsa.header;
    const isTopology = lsType === LsType.Router || lsType === LsType.Network;
    if (isTopology) this.#reachable = undefined;
    const key = identityKey(lsa.header);
    const statement = ageS < MAX_AGE_S ? statementOf(lsa) : undefined;
    let told = this.#told.get(advertisingRouter);
    if (statement !== undefined) {
      told ??= { statements: new Map(), members: new Map(), spreads: false, forwards: false };
      this.#told.set(advertisingRouter, told);
      told.statements.set(key, statement);
    } else if (told === undefined || !told.statements.delete(key)) return isTopology;
    const all = [...told.statements.values()];
    if (all.length === 0) this.#told.delete(advertisingRouter);
    told.members = membersOf(advertisingRouter, all);
    told.spreads = all.some(({ spreads }) => spreads);
    told.forwards = all.some(({ forwards }) => forwards);
    return true;
  }

  /** Every reachable server that tells of the service, in the order of Router IDs. */
  members(address: Address): FarmMember[] {
    const key = addressKey(address);
    const members: FarmMember[] = [];
    const reachable = this.#reachableRouters();
    for (const [routerId, told] of this.#told) {
      const member = told.members.get(key);
      if (member !== undefined && reachable.has(routerId)) members.push(member);
    }
    return members.sort((a, b) => a.routerId - b.routerId);
  }

  /**
   * Whether every reachable router that forwards says that it spreads by weights; one that does
   * not say so follows metrics alone. False while no router is known.
   */
  allRoutersUseWeights(): boolean {
    const reachable = this.#reachableRouters();
    let routers = 0;
    for (const [routerId, { spreads, forwards }] of this.#told) {
      if (!forwards || !reachable.has(routerId)) continue;
      if (!spreads) return false;
      routers++;
    }
    return routers > 0;
  }

  #reachableRouters(): ReadonlySet<number> {
    this.#reachable ??= reachableRouters(this.#lsdb, this.#routerId);
    return this.#reachable;
  }
}
