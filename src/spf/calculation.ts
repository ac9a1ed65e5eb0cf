/**
 * The routing calculation (RFC 5340 4.8): link-state databases in, routes out. It keeps the graph,
 * the tree and the announced prefixes, so that a change costs what it affects. When runs take place
 * is not decided here (see `route-table.ts`).
 *
 * The way of a value: an LSA becomes edges (`topology.ts`, `graph.ts`) or announcements of prefixes
 * (`lsa-announcements.ts`, `advertisements.ts`); a run makes distances and next hops of the edges
 * (`tree.ts`, `incremental.ts`); the choice makes routes of those and the announcements
 * (`route-choice.ts`).
 * @module
 */
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import { parsePrefix } from '../wire/prefix.ts';
import { Advertisements } from './advertisements.ts';
import { AreaRanges, type CalculationRange } from './area-ranges.ts';
import { type AreasView, BoundaryRouters } from './boundary-routers.ts';
import { databaseSize } from './database-size.ts';
import { pairEdges } from './edge-pairs.ts';
import { ForwardingAddresses } from './forwarding-addresses.ts';
import { Graph } from './graph.ts';
import { IncrementalRun } from './incremental.ts';
import { IndexSet } from './index-set.ts';
import { AddressWords, PairTable, PrefixTable } from './key-table.ts';
import { AnnouncementReader, announcementsOf } from './lsa-announcements.ts';
import { NextHopSets } from './next-hop-sets.ts';
import type { VertexFacts } from './path-choice.ts';
import { PATH_TYPES } from './route.ts';
import { RouteChoice } from './route-choice.ts';
import { Topology } from './topology.ts';
import { TransitAreas } from './transit-areas.ts';
import { Tree } from './tree.ts';
import { VertexKind } from './vertex-names.ts';

const INTER_AREA = PATH_TYPES.indexOf('inter-area');
/** What a changed LSA makes necessary: a run over the tree, a look at prefixes, or nothing. */
export type Effect = 'topology' | 'prefixes' | 'none';

/** Why a run went over the whole tree; otherwise the changed LSAs alone decide what it looks at. */
export type FullRunReason = 'first' | 'ownPlace' | 'manyChanges' | 'linksOfNoCost';

/** What a run did. */
export interface RunWork {
  /** Vertices looked at. */
  readonly vertices: number;
  /** Prefixes looked at. */
  readonly prefixes: number;
}

export class Calculation implements AreasView {
  readonly routerId: number;
  readonly graph = new Graph();
  readonly sets = new NextHopSets();
  readonly topology = new Topology(this.graph);
  readonly tree = new Tree(this.graph, this.sets);
  readonly routes: RouteChoice;
  readonly #advertisements = new Advertisements();
  readonly #prefixes = new PrefixTable();
  /** Who originates AS-External-LSAs. */
  readonly #externalOriginators = new PairTable();
  readonly #incremental = new IncrementalRun(this.tree);
  readonly #transit = new TransitAreas(this.graph, this.topology, this.tree, (vertex) =>
    this.#inBackbone(vertex),
  );
  readonly #boundaryRouters = new BoundaryRouters(this.graph, this.topology, this.tree, this);
  readonly #forwarding: ForwardingAddresses;
  readonly #reader: AnnouncementReader;
  readonly #ranges: AreaRanges;
  readonly #nssasWithoutSummaries: ReadonlySet<number>;
  readonly #areaIds: number[] = [];
  /** The number of an area asked for last: the next LSA is mostly of the same. */
  #lastArea = 0;
  /** NSSA-LSAs, which are read again when we become or cease to be a border router. */
  readonly #nssa = new Map<string, { readonly lsa: Lsa; readonly area: number }>();
  /** Routers whose flags changed: their prefixes may be used or not, however near they are. */
  readonly #reflagged = new IndexSet();
  readonly #mark = (vertex: number): void => this.#advertisements.markVertex(vertex);
  #roots: number[] = [];
  #rootsChanged = false;

  /**
   * @param ranges - the address ranges configured for our areas.
   * @param nssasWithoutSummaries - Area IDs of the NSSAs that we send no summaries into.
   */
  constructor(
    routerId: number,
    ranges: readonly CalculationRange[] = [],
    nssasWithoutSummaries: readonly number[] = [],
  ) {
    this.routerId = routerId;
    this.#nssasWithoutSummaries = new Set(nssasWithoutSummaries);
    this.#ranges = new AreaRanges(ranges, this.#prefixes);
    this.#forwarding = new ForwardingAddresses(this.graph, this.tree, this.#prefixes, (area) =>
      this.areaIdAt(area),
    );
    this.#reader = new AnnouncementReader(
      this.#prefixes,
      {
        router: (id, area) => this.graph.router(id, area),
        network: (router, interfaceId) => this.graph.network(router, interfaceId),
        boundaryRouter: (id) => this.#boundaryRouters.vertexOf(id),
        forwardingAddress: (address, area) => this.#forwarding.vertexOf(address, area),
      },
      (area, isTranslated) => this.#takesNssaDefault(area, isTranslated),
    );
    const transit = this.#transit;
    const facts: VertexFacts = {
      get transit() {
        return transit.any;
      },
      isRoot: (vertex) => this.graph.isRoot(vertex),
      usable: (vertex, rank) => rank !== INTER_AREA || this.#summarizes(vertex),
      preferred: (vertex) => this.#preferred(vertex),
      inBackbone: (vertex) => this.#inBackbone(vertex),
      leadsThroughTransit: (vertex) => transit.leadsThrough(vertex),
      areaIdOf: (vertex) => this.#areaIdOf(vertex),
      isOwnRange: (prefix) => this.#ranges.isActive(prefix),
    };
    this.routes = new RouteChoice(this.#prefixes, this.#advertisements, this.tree, facts);
  }

  /** Our vertex in each area that we are in. */
  get roots(): readonly number[] {
    return this.#roots;
  }

  get areaNumbers(): Iterable<number> {
    return this.#areaIds.keys();
  }

  get transitAreas(): ReadonlySet<number> {
    return this.#transit.areas;
  }

  areaIdAt(area: number): number {
    return this.#areaIds[area]!;
  }

  /** The number of an area, given at first mention. */
  areaNumber(areaId: number): number {
    if (this.#areaIds[this.#lastArea] === areaId) return this.#lastArea;
    const known = this.#areaIds.indexOf(areaId);
    this.#lastArea = known >= 0 ? known : this.#areaIds.push(areaId) - 1;
    return this.#lastArea;
  }

  /** Whether we are in more than one area (RFC 2328 3.3). */
  get borderRouter(): boolean {
    return this.#roots.length > 1;
  }

  readsInterArea(area: number): boolean {
    // 16.2: border routers look at the backbone's alone; without the backbone, as others do
    // (RFC 3509 2.2).
    if (!this.borderRouter || this.areaIdAt(area) === 0) return true;
    return !this.#roots.some((root) => this.areaIdAt(this.graph.names.areaOf(root)) === 0);
  }

  /** Takes in a database of many LSAs, for which room is made at once. */
  load(lsas: readonly { readonly scope: LsdbScope; readonly lsa: Lsa }[]): void {
    const { vertices, edges, prefixLsas, prefixes } = databaseSize(lsas);
    this.graph.reserve(vertices, edges);
    this.topology.reserve(vertices);
    this.#prefixes.reserve(prefixes);
    this.#advertisements.reserve(prefixes, prefixLsas, this.graph.vertexCount + vertices);
    for (const { scope, lsa } of lsas) this.change(scope, lsa, true);
  }

  /** Takes a new instance of an LSA in, or takes an LSA out. Its age is not looked at. */
  change(scope: LsdbScope, lsa: Lsa, present: boolean): Effect {
    if (scope.kind === 'link') return this.#changeLink(scope.interfaceId, lsa, present);
    const area = scope.kind === 'area' ? this.areaNumber(scope.areaId) : -1;
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
        const own = lsa.header.advertisingRouter === this.routerId;
        if (area < 0 || own) return 'none';
        const { body } = lsa;
        const summary = present && body.kind === 'InterAreaRouter' ? body : undefined;
        this.#boundaryRouters.setSummary(lsa, area, summary);
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
    this.topology.refresh(lsa, this.areaNumber(scope.areaId));
  }

  /** The number of a prefix, or -1 when no LSA ever named it. @param key - the prefix as text. */
  prefixOf(key: string): number {
    const { address, prefixLength } = parsePrefix(key);
    return this.#prefixes.find(new AddressWords(address), prefixLength);
  }

  /** Router IDs of all that announce a prefix, reachable or not. @param key - the prefix as text. */
  originatorsOf(key: string): Set<number> {
    return this.#advertisements.originatorsOf(this.prefixOf(key));
  }

  /**
   * Forgets sets of next hops that no vertex and no route has any more. All changes must have been
   * taken, and nobody may use one of them after this.
   */
  forgetUnused(): void {
    this.tree.reserve();
    const { nextHops } = this.tree;
    const { routes } = this;
    const { vertexCount } = this.graph;
    this.sets.keepOnly(
      (function* () {
        yield* nextHops.subarray(0, vertexCount);
        yield* routes.nextHopSets();
      })(),
    );
  }

  /** Computes everything anew. */
  runFull(): RunWork {
    pairEdges(this.graph);
    const rootsChanged = this.#rootsChanged;
    if (rootsChanged) this.#readNssaAgain();
    this.tree.run(this.#roots);
    const transitChanged = this.#transit.update(this.#roots);
    this.#boundaryRouters.update(true, this.#mark);
    if (rootsChanged || transitChanged) this.#advertisements.dirty.addAll();
    else {
      this.tree.eachChanged(this.#mark);
      this.#advertisements.markVertices(this.#reflagged);
    }
    this.graph.touched.clear();
    this.#reflagged.clear();
    const prefixes = this.routes.updateDirty();
    return { vertices: this.tree.visited, prefixes: prefixes + this.#follow(true).prefixes };
  }

  /** Computes what the changed LSAs can affect; the same routes as a full run. */
  runIncremental(): RunWork &
    ({ readonly kind: 'incremental' } | { readonly kind: 'full'; readonly reason: FullRunReason }) {
    pairEdges(this.graph);
    const reason = this.#reasonForFull();
    if (reason !== undefined) return { ...this.runFull(), kind: 'full', reason };
    this.#incremental.run();
    const { changed, visited } = this.#incremental;
    this.#advertisements.markVertices(changed);
    this.#advertisements.markVertices(this.#reflagged);
    this.graph.touched.clear();
    this.#reflagged.clear();
    if (this.#transit.update(this.#roots)) this.#advertisements.dirty.addAll();
    const { prefixes } = this.#updatePrefixes(true);
    return { kind: 'incremental', vertices: visited, prefixes };
  }

  #reasonForFull(): FullRunReason | undefined {
    if (this.#rootsChanged) return 'ownPlace';
    const { touched, vertexCount } = this.graph;
    if (touched.all || touched.size > 64 + (vertexCount >>> 2)) return 'manyChanges';
    return this.#incremental.possible ? undefined : 'linksOfNoCost';
  }

  /** Computes the routes of prefixes that changed LSAs name, on the tree as it is. */
  runPrefixes(): RunWork {
    this.tree.reserve();
    return this.#updatePrefixes(false);
  }

  #updatePrefixes(treeChanged: boolean): RunWork {
    const looked = this.#boundaryRouters.update(treeChanged, this.#mark);
    const prefixes = this.routes.updateDirty();
    const followed = this.#follow(false);
    return { vertices: looked + followed.vertices, prefixes: prefixes + followed.prefixes };
  }

  /** What depends on other routes: first what is ignored for our ranges, then what leads on. */
  #follow(treeAnew: boolean): RunWork {
    let prefixes = 0;
    if (this.#ranges.any) {
      const { dirty } = this.#advertisements;
      this.#ranges.update(
        this.routes,
        (vertex) => this.#areaIdOf(vertex),
        (prefix) => dirty.add(prefix),
      );
      prefixes += this.routes.updateDirty();
    }
    if (this.#forwarding.size === 0) return { vertices: 0, prefixes };
    const vertices = this.#forwarding.update(treeAnew, this.routes, this.#mark);
    return { vertices, prefixes: prefixes + this.routes.updateDirty() };
  }

  #areaIdOf(vertex: number): number {
    return this.areaIdAt(this.graph.names.areaOf(vertex));
  }

  #changeTopology(lsa: Lsa, area: number, present: boolean): Effect {
    const { topology, graph } = this;
    const vertex = topology.vertexOf(lsa, area);
    const before = topology.routerFlagsOf(vertex);
    if (present) topology.install(vertex, lsa, area);
    else topology.remove(vertex, lsa, area);
    if (topology.routerFlagsOf(vertex) !== before) this.#reflagged.add(vertex);
    if (lsa.header.advertisingRouter === this.routerId && graph.isRouter(vertex)) {
      const root = topology.lsasOf(vertex).length > 0;
      if (root !== graph.isRoot(vertex)) {
        graph.setRoot(vertex, root);
        this.#roots = root
          ? [...this.#roots, vertex]
          : this.#roots.filter((other) => other !== vertex);
        this.#rootsChanged = true;
      }
    }
    return 'topology';
  }

  #changeLink(interfaceId: number, lsa: Lsa, present: boolean): Effect {
    const { lsType, advertisingRouter, linkStateId } = lsa.header;
    if (lsType !== LsType.Link || advertisingRouter === this.routerId) return 'none';
    const { body } = lsa;
    const address = present && body.kind === 'Link' ? body.linkLocalAddress : undefined;
    if (!this.sets.setAddress(interfaceId, advertisingRouter, linkStateId, address)) return 'none';
    for (const area of this.areaNumbers) {
      const vertex = this.graph.names.findRouter(advertisingRouter, area);
      if (vertex >= 0) this.graph.touched.add(vertex);
    }
    return 'topology';
  }

  #changePrefixes(lsa: Lsa, area: number, present: boolean): Effect {
    const { lsType, advertisingRouter, linkStateId } = lsa.header;
    // 16.2 (2), 16.4 (2): what we ourselves say of other areas and systems tells us nothing.
    if (lsType !== LsType.IntraAreaPrefix && advertisingRouter === this.routerId) return 'none';
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
        : this.graph.router(advertisingRouter, area);
    const origin = announcementsOf(lsType, place);
    const { said, count } = reader;
    this.#advertisements.replace(origin, advertisingRouter, linkStateId, said, count);
    return 'prefixes';
  }

  #readNssaAgain(): void {
    this.#rootsChanged = false;
    for (const { lsa, area } of [...this.#nssa.values()]) this.#changePrefixes(lsa, area, true);
  }

  /**
   * RFC 3101 2.5 (3): a border router takes no default that is not to be translated, and none at
   * all where it says one itself instead of summaries.
   */
  #takesNssaDefault(area: number, isTranslated: boolean): boolean {
    if (!this.borderRouter) return true;
    return isTranslated && !this.#nssasWithoutSummaries.has(this.areaIdAt(area));
  }

  /** 16.2 (3): whether a vertex is a border router whose Inter-Area LSAs count here. */
  #summarizes(vertex: number): boolean {
    return (
      this.topology.isBorderRouter(vertex) && this.readsInterArea(this.graph.names.areaOf(vertex))
    );
  }

  #inBackbone(vertex: number): boolean {
    return this.areaIdAt(this.graph.names.areaOf(vertex)) === 0;
  }

  #preferred(vertex: number): boolean {
    switch (this.graph.names.kindOf(vertex)) {
      case VertexKind.BoundaryRouter:
        return this.#boundaryRouters.preferred(vertex);
      case VertexKind.ForwardingAddress:
        return this.#forwarding.preferred(vertex);
    }
    return this.areaIdAt(this.graph.names.areaOf(vertex)) !== 0;
  }
}
