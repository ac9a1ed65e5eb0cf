/**
 * What an LSA that came, changed or went does to the parts of the calculation: Router- and
 * Network-LSAs to the graph, Link-LSAs to the addresses of next hops, all others to what is
 * announced. What follows for routes is worked out by a run (see `calculation.ts`).
 * @module
 */
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import type { Advertisements } from './advertisements.ts';
import type { BoundaryRouters } from './boundary-routers.ts';
import { databaseSize } from './database-size.ts';
import type { ForwardingAddresses } from './forwarding-addresses.ts';
import type { Graph } from './graph.ts';
import { IndexSet } from './index-set.ts';
import { PairTable, type PrefixTable } from './key-table.ts';
import { AnnouncementReader, announcementsOf } from './lsa-announcements.ts';
import type { NextHopSets } from './next-hop-sets.ts';
import type { OwnAreas } from './own-areas.ts';
import type { Topology } from './topology.ts';

/** What a changed LSA makes necessary: a run over the tree, a look at prefixes, or nothing. */
export type Effect = 'topology' | 'prefixes' | 'none';

/** A database's LSA. */
export interface ScopedLsa {
  readonly scope: LsdbScope;
  readonly lsa: Lsa;
}

/** What LSAs are read into. */
export interface IntakeParts {
  readonly graph: Graph;
  readonly sets: NextHopSets;
  readonly topology: Topology;
  readonly areas: OwnAreas;
  readonly prefixes: PrefixTable;
  readonly advertisements: Advertisements;
  readonly boundaryRouters: BoundaryRouters;
  readonly forwarding: ForwardingAddresses;
}

export class LsaIntake {
  readonly #routerId: number;
  readonly #parts: IntakeParts;
  readonly #reader: AnnouncementReader;
  readonly #nssasWithoutSummaries: ReadonlySet<number>;
  /** Who originates AS-External-LSAs. */
  readonly #externalOriginators: PairTable;
  /** NSSA-LSAs, which are read again when we become or cease to be a border router. */
  readonly #nssa = new Map<string, { readonly lsa: Lsa; readonly area: number }>();
  /** Routers whose flags changed: their prefixes may be used or not, however near they are. */
  readonly reflagged = new IndexSet();

  /**
   * @param nssasWithoutSummaries - Area IDs of the NSSAs that we send no summaries into.
   * @param secret - see `key-table.ts`.
   */
  constructor(
    routerId: number,
    parts: IntakeParts,
    nssasWithoutSummaries: readonly number[],
    secret: number,
  ) {
    this.#routerId = routerId;
    this.#externalOriginators = new PairTable(secret);
    this.#parts = parts;
    this.#nssasWithoutSummaries = new Set(nssasWithoutSummaries);
    const { graph, boundaryRouters, forwarding } = parts;
    this.#reader = new AnnouncementReader(
      parts.prefixes,
      {
        router: (id, area) => graph.router(id, area),
        network: (router, interfaceId) => graph.network(router, interfaceId),
        boundaryRouter: (id) => boundaryRouters.vertexOf(id),
        forwardingAddress: (address, area) => forwarding.vertexOf(address, area),
      },
      (area, isTranslated) => this.#takesNssaDefault(area, isTranslated),
    );
  }

  /** Takes in a database of many LSAs, for which room is made at once. */
  load(lsas: readonly ScopedLsa[]): void {
    const { graph, topology, prefixes, advertisements } = this.#parts;
    const size = databaseSize(lsas);
    graph.reserve(size.vertices, size.edges);
    topology.reserve(size.vertices);
    prefixes.reserve(size.prefixes);
    advertisements.reserve(size.prefixes, size.prefixLsas, graph.vertexCount + size.vertices);
    for (const { scope, lsa } of lsas) this.change(scope, lsa, true);
  }

  /** Takes a new instance of an LSA in, or takes an LSA out. Its age is not looked at. */
  change(scope: LsdbScope, lsa: Lsa, present: boolean): Effect {
    if (scope.kind === 'link') return this.#changeLink(scope.interfaceId, lsa, present);
    const area = scope.kind === 'area' ? this.#parts.areas.numberOf(scope.areaId) : -1;
    switch (lsa.header.lsType) {
      case LsType.Router:
      case LsType.Network:
        if (area < 0) return 'none';
        return this.#changeTopology(lsa, area, present);
      case LsType.IntraAreaPrefix:
      case LsType.InterAreaPrefix:
      case LsType.Nssa:
        return area < 0 ? 'none' : this.#changePrefixes(lsa, area, present);
      case LsType.InterAreaRouter: {
        const own = lsa.header.advertisingRouter === this.#routerId;
        if (area < 0 || own) return 'none';
        const { body } = lsa;
        const summary = present && body.kind === 'InterAreaRouter' ? body : undefined;
        this.#parts.boundaryRouters.setSummary(lsa, area, summary);
        return 'prefixes';
      }
      case LsType.AsExternal:
        return scope.kind === 'as' ? this.#changePrefixes(lsa, area, present) : 'none';
    }
    return 'none';
  }

  /** Lets go of the instance before, which said the same. */
  refresh(scope: LsdbScope, lsa: Lsa): void {
    const { lsType } = lsa.header;
    if (scope.kind !== 'area' || (lsType !== LsType.Router && lsType !== LsType.Network)) return;
    const { topology, areas } = this.#parts;
    topology.refresh(lsa, areas.numberOf(scope.areaId));
  }

  /** Reads NSSA-LSAs again: what they say depends on our place. */
  readNssaAgain(): void {
    for (const { lsa, area } of [...this.#nssa.values()]) this.#changePrefixes(lsa, area, true);
  }

  #changeTopology(lsa: Lsa, area: number, present: boolean): Effect {
    const { topology, graph, areas } = this.#parts;
    const vertex = topology.vertexOf(lsa, area);
    const before = topology.routerFlagsOf(vertex);
    if (present) topology.install(vertex, lsa, area);
    else topology.remove(vertex, lsa, area);
    if (topology.routerFlagsOf(vertex) !== before) this.reflagged.add(vertex);
    if (lsa.header.advertisingRouter === this.#routerId && graph.isRouter(vertex)) {
      areas.setRoot(vertex, topology.lsasOf(vertex).length > 0);
    }
    return 'topology';
  }

  #changeLink(interfaceId: number, lsa: Lsa, present: boolean): Effect {
    const { lsType, advertisingRouter, linkStateId } = lsa.header;
    if (lsType !== LsType.Link || advertisingRouter === this.#routerId) return 'none';
    const { graph, sets, areas } = this.#parts;
    const { body } = lsa;
    const address = present && body.kind === 'Link' ? body.linkLocalAddress : undefined;
    if (!sets.setAddress(interfaceId, advertisingRouter, linkStateId, address)) return 'none';
    for (const area of areas.numbers) {
      const vertex = graph.names.findRouter(advertisingRouter, area);
      if (vertex >= 0) graph.touched.add(vertex);
    }
    return 'topology';
  }

  #changePrefixes(lsa: Lsa, area: number, present: boolean): Effect {
    const { lsType, advertisingRouter, linkStateId } = lsa.header;
    // 16.2 (2), 16.4 (2): what we ourselves say of other areas and systems tells us nothing.
    if (lsType !== LsType.IntraAreaPrefix && advertisingRouter === this.#routerId) return 'none';
    const { graph, advertisements } = this.#parts;
    const reader = this.#reader;
    reader.count = 0;
    if (present) reader.read(lsa, area);
    if (lsType === LsType.Nssa) {
      const key = `${area} ${advertisingRouter} ${linkStateId}`;
      if (present) this.#nssa.set(key, { lsa, area });
      else this.#nssa.delete(key);
    }
    // Within an area the originator is the number of its vertex, else one of its own.
    const place =
      area < 0
        ? this.#externalOriginators.intern(advertisingRouter, 0)
        : graph.router(advertisingRouter, area);
    const origin = announcementsOf(lsType, place);
    advertisements.replace(origin, advertisingRouter, linkStateId, reader.said, reader.count);
    return 'prefixes';
  }

  /**
   * RFC 3101 2.5 (3): a border router takes no default that is not to be translated, and none at
   * all where it says one itself instead of summaries.
   */
  #takesNssaDefault(area: number, isTranslated: boolean): boolean {
    const { areas } = this.#parts;
    if (!areas.borderRouter) return true;
    return isTranslated && !this.#nssasWithoutSummaries.has(areas.idAt(area));
  }
}
