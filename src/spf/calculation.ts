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
import type { Lsa } from '../lsa/lsa.ts';
import type { LsdbScope } from '../lsdb/lsdb.ts';
import { parsePrefix } from '../wire/prefix.ts';
import { Advertisements } from './advertisements.ts';
import { AreaRanges, type CalculationRange } from './area-ranges.ts';
import { BoundaryRouters } from './boundary-routers.ts';
import { pairEdges } from './edge-pairs.ts';
import { ForwardingAddresses } from './forwarding-addresses.ts';
import { Graph } from './graph.ts';
import { IncrementalRun } from './incremental.ts';
import { AddressWords, PrefixTable } from './key-table.ts';
import { type Effect, LsaIntake, type ScopedLsa } from './lsa-intake.ts';
import { NextHopSets } from './next-hop-sets.ts';
import { OwnAreas } from './own-areas.ts';
import type { VertexFacts } from './path-choice.ts';
import { PATH_TYPES } from './route.ts';
import { RouteChoice } from './route-choice.ts';
import { Topology } from './topology.ts';
import { TransitAreas } from './transit-areas.ts';
import { Tree } from './tree.ts';
import { VertexKind } from './vertex-names.ts';

const INTER_AREA = PATH_TYPES.indexOf('inter-area');

/** Why a run went over the whole tree; otherwise the changed LSAs alone decide what it looks at. */
export type FullRunReason = 'first' | 'ownPlace' | 'manyChanges' | 'linksOfNoCost';

/** What a run did. */
export interface RunWork {
  /** Vertices looked at. */
  readonly vertices: number;
  /** Prefixes looked at. */
  readonly prefixes: number;
}

export class Calculation {
  readonly routerId: number;
  readonly graph: Graph;
  readonly sets: NextHopSets;
  readonly topology: Topology;
  readonly tree: Tree;
  readonly areas: OwnAreas;
  readonly routes: RouteChoice;
  readonly #advertisements: Advertisements;
  readonly #prefixes: PrefixTable;
  readonly #incremental: IncrementalRun;
  readonly #transit: TransitAreas;
  readonly #boundaryRouters: BoundaryRouters;
  readonly #forwarding: ForwardingAddresses;
  readonly #intake: LsaIntake;
  readonly #ranges: AreaRanges;
  readonly #mark = (vertex: number): void => this.#advertisements.markVertex(vertex);

  /**
   * @param ranges - the address ranges configured for our areas.
   * @param nssasWithoutSummaries - Area IDs of the NSSAs that we send no summaries into.
   * @param secret - a number that neighbors do not know (`key-table.ts`); no route depends on it.
   */
  constructor(
    routerId: number,
    ranges: readonly CalculationRange[] = [],
    nssasWithoutSummaries: readonly number[] = [],
    secret = 0,
  ) {
    this.routerId = routerId;
    this.graph = new Graph(secret);
    this.sets = new NextHopSets(secret);
    const { graph, sets } = this;
    this.topology = new Topology(graph);
    this.tree = new Tree(graph, sets);
    this.areas = new OwnAreas(graph);
    const { topology, tree, areas } = this;
    this.#prefixes = new PrefixTable(secret);
    this.#advertisements = new Advertisements(secret);
    const [prefixes, advertisements] = [this.#prefixes, this.#advertisements];
    this.#incremental = new IncrementalRun(tree);
    this.#transit = new TransitAreas(graph, topology, tree, areas);
    this.#ranges = new AreaRanges(ranges, prefixes);
    this.#boundaryRouters = new BoundaryRouters(graph, topology, tree, areas, this.#transit);
    this.#forwarding = new ForwardingAddresses(graph, tree, prefixes, areas);
    const [boundaryRouters, forwarding] = [this.#boundaryRouters, this.#forwarding];
    this.#intake = new LsaIntake(
      routerId,
      { graph, sets, topology, areas, prefixes, advertisements, boundaryRouters, forwarding },
      nssasWithoutSummaries,
      secret,
    );
    const transit = this.#transit;
    const facts: VertexFacts = {
      get transit() {
        return transit.any;
      },
      isRoot: (vertex) => this.graph.isRoot(vertex),
      usable: (vertex, rank) => rank !== INTER_AREA || this.#summarizes(vertex),
      preferred: (vertex) => this.#preferred(vertex),
      inBackbone: (vertex) => areas.inBackbone(vertex),
      leadsThroughTransit: (vertex) => transit.leadsThrough(vertex),
      areaIdOf: (vertex) => areas.idOf(vertex),
      isOwnRange: (prefix) => this.#ranges.isActive(prefix),
    };
    this.routes = new RouteChoice(prefixes, advertisements, tree, facts);
  }

  /** Our vertex in each area that we are in. */
  get roots(): readonly number[] {
    return this.areas.roots;
  }

  /** Takes in a database of many LSAs, for which room is made at once. */
  load(lsas: readonly ScopedLsa[]): void {
    this.#intake.load(lsas);
  }

  /** Takes a new instance of an LSA in, or takes an LSA out. Its age is not looked at. */
  change(scope: LsdbScope, lsa: Lsa, present: boolean): Effect {
    return this.#intake.change(scope, lsa, present);
  }

  /** Lets go of the instance before, which said the same. */
  refresh(scope: LsdbScope, lsa: Lsa): void {
    this.#intake.refresh(scope, lsa);
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
    const { rootsChanged } = this.areas;
    this.areas.rootsChanged = false;
    if (rootsChanged) this.#intake.readNssaAgain();
    this.tree.run(this.roots);
    const transitChanged = this.#transit.update();
    this.#boundaryRouters.update(true, this.#mark);
    if (rootsChanged || transitChanged) this.#advertisements.dirty.addAll();
    else {
      this.tree.eachChanged(this.#mark);
      this.#advertisements.markVertices(this.#intake.reflagged);
    }
    this.graph.touched.clear();
    this.#intake.reflagged.clear();
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
    this.#advertisements.markVertices(this.#intake.reflagged);
    this.graph.touched.clear();
    this.#intake.reflagged.clear();
    if (this.#transit.update()) this.#advertisements.dirty.addAll();
    const { prefixes } = this.#updatePrefixes(true);
    return { kind: 'incremental', vertices: visited, prefixes };
  }

  #reasonForFull(): FullRunReason | undefined {
    if (this.areas.rootsChanged) return 'ownPlace';
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
        (vertex) => this.areas.idOf(vertex),
        (prefix) => dirty.add(prefix),
      );
      prefixes += this.routes.updateDirty();
    }
    if (this.#forwarding.size === 0) return { vertices: 0, prefixes };
    const vertices = this.#forwarding.update(treeAnew, this.routes, this.#mark);
    return { vertices, prefixes: prefixes + this.routes.updateDirty() };
  }

  /** 16.2 (3): whether a vertex is a border router whose Inter-Area LSAs count here. */
  #summarizes(vertex: number): boolean {
    return (
      this.topology.isBorderRouter(vertex) &&
      this.areas.readsInterArea(this.graph.names.areaOf(vertex))
    );
  }

  #preferred(vertex: number): boolean {
    switch (this.graph.names.kindOf(vertex)) {
      case VertexKind.BoundaryRouter:
        return this.#boundaryRouters.preferred(vertex);
      case VertexKind.ForwardingAddress:
        return this.#forwarding.preferred(vertex);
    }
    return !this.areas.inBackbone(vertex);
  }
}
