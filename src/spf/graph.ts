/**
 * The graph of RFC 5340 4.8.1 as arrays: vertices are routers and transit networks, an edge is one
 * link of one LSA, and each vertex owns a run of edges. An edge counts only when the other end has a
 * matching edge back (RFC 2328 16.1 step 2b); that is worked out when an LSA changes
 * (`edge-pairs.ts`), not when the graph is searched: an edge without its twin leads back to where it
 * starts, which no search can profit from. All areas share the arrays; nothing joins their vertices.
 * @module
 */
import {
  COUNT,
  END_WORDS,
  FORWARDS,
  INTERFACE_ID,
  NEIGHBOR_INTERFACE_ID,
  ROOM,
  START,
  VERTEX_WORDS,
} from './graph-rows.ts';
import { IndexSet } from './index-set.ts';
import { VertexKind, VertexNames } from './vertex-names.ts';
import {
  FIRST_LENGTH,
  grownCosts,
  grownOctets,
  grownWords,
  newCosts,
  newOctets,
  newWords,
} from './words.ts';

/** Whether paths go on behind a vertex, and how: bits. */
export const Forwards = {
  /** It forwards for others. */
  Others: 1,
  /** It is the calculating router itself. */
  Root: 2,
  /** Beside `Others`, of a network: when we are on it, its edges begin paths of their own. */
  Network: 4,
} as const;

/** So many vertices to come are not worth being told apart. */
const FEW_VERTICES = 64;
/** So many rows of edges may lie about in vain, or as many as are in use. */
const UNUSED_MAX = 1024;
const NO_COST = -1;

/** Vertices and edges; changed vertex by vertex. */
export class Graph {
  readonly names: VertexNames;
  /** Rows of `graph-rows.ts`, by the number of the vertex. */
  vertices = newWords(0);
  /** Per edge: where it leads; its own source while it has no twin. */
  target = newWords(0);
  cost = newCosts(0);
  /** The vertex that the LSA names, twin or not. */
  neighbor = newWords(0);
  /** The matching edge back, or -1. */
  twin = newWords(0);
  /** Rows of Interface IDs. */
  ends = newWords(0);
  /** 1 of a virtual link, whose next hops are those through its transit area. */
  virtual = newOctets(0);
  /** No edge was ever longer. */
  longestEdge = 0;
  /** The cost of the first edge there was, and how many edges cost something else. */
  commonCost = NO_COST;
  uncommonEdges = 0;
  /** Counts up when edges come, go or find the edge back, and when a vertex forwards or ceases to. */
  linksVersion = 0;
  /** Edges of no cost that leave a router: with them cycles may be of no length. */
  freeRouterEdges = 0;
  /** Vertices into which the edges have changed since the last run. */
  readonly touched = new IndexSet();
  /** Vertices with edges whose twins were not looked for yet: see `pairEdges`. */
  readonly unpaired = new IndexSet();
  #edgesEnd = 0;
  #edgesUnused = 0;
  /** How many edges were listed behind the end. */
  #listed = 0;

  /** @param secret - see `key-table.ts`. */
  constructor(secret = 0) {
    this.names = new VertexNames(secret);
  }

  /** Whether all edges cost the same, and something. */
  get even(): boolean {
    return this.uncommonEdges === 0 && this.commonCost > 0;
  }

  /** How many vertices there are; their numbers are all below it. */
  get vertexCount(): number {
    return this.names.size;
  }

  /** Where the rows of edges end. */
  get edgesEnd(): number {
    return this.#edgesEnd;
  }

  /** Makes room for vertices and edges to come. */
  reserve(vertices: number, edges: number): void {
    const count = this.vertexCount + vertices;
    this.names.reserve(vertices);
    if (VERTEX_WORDS * count > this.vertices.length) this.#growVertices(count);
    const end = this.#edgesEnd + edges;
    if (end > this.target.length) this.#growEdges(end);
    // Where most is new, nothing is gained by knowing what.
    if (vertices > FEW_VERTICES && 2 * vertices > count) {
      this.touched.addAll();
      this.unpaired.addAll();
    }
  }

  /** The vertex of a router in an area, made at first mention. */
  router(routerId: number, area: number): number {
    return this.#made(this.names.router(routerId, area));
  }

  /** The vertex of a transit network, made at first mention. */
  network(designatedRouter: number, interfaceId: number): number {
    return this.#made(this.names.network(designatedRouter, interfaceId));
  }

  /** The vertex of something that has no edges. @param name - what tells it from others of its kind. */
  standIn(kind: number, name: number): number {
    return this.#made(this.names.standIn(kind, name));
  }

  #made(vertex: number): number {
    if (VERTEX_WORDS * vertex >= this.vertices.length) this.#growVertices(2 * vertex + 1);
    return vertex;
  }

  isRouter(vertex: number): boolean {
    return this.names.kindOf(vertex) === VertexKind.Router;
  }

  isNetwork(vertex: number): boolean {
    return this.names.kindOf(vertex) === VertexKind.Network;
  }

  /** The first edge of a vertex; the others follow. */
  firstEdge(vertex: number): number {
    return this.vertices[VERTEX_WORDS * vertex + START]!;
  }

  edgeCount(vertex: number): number {
    return this.vertices[VERTEX_WORDS * vertex + COUNT]!;
  }

  /** Bits of {@link Forwards}; 0 when no path goes on behind it (R-bit clear, RFC 5340 2.7). */
  forwardsOf(vertex: number): number {
    return this.vertices[VERTEX_WORDS * vertex + FORWARDS]!;
  }

  /** Where an edge leads; its own source while it has no twin. */
  targetOf(edge: number): number {
    return this.target[edge]!;
  }

  costOf(edge: number): number {
    return this.cost[edge]!;
  }

  /** The matching edge back, or -1. */
  twinOf(edge: number): number {
    return this.twin[edge]!;
  }

  interfaceIdOf(edge: number): number {
    return this.ends[END_WORDS * edge + INTERFACE_ID]! >>> 0;
  }

  neighborInterfaceIdOf(edge: number): number {
    return this.ends[END_WORDS * edge + NEIGHBOR_INTERFACE_ID]! >>> 0;
  }

  isVirtual(edge: number): boolean {
    return this.virtual[edge] === 1;
  }

  isRoot(vertex: number): boolean {
    return (this.forwardsOf(vertex) & Forwards.Root) !== 0;
  }

  /** Sets whether paths may go on behind a vertex. */
  setForwards(vertex: number, forwards: boolean): void {
    const at = VERTEX_WORDS * vertex + FORWARDS;
    const before = this.vertices[at]!;
    const bits = Forwards.Others | (this.isNetwork(vertex) ? Forwards.Network : 0);
    const now = forwards ? before | bits : before & ~bits;
    if (before === now) return;
    this.vertices[at] = now;
    this.linksVersion++;
    this.#touchTargets(vertex);
  }

  /** Makes a vertex one that paths begin at, or an ordinary one again. */
  setRoot(vertex: number, root: boolean): void {
    const at = VERTEX_WORDS * vertex + FORWARDS;
    this.linksVersion++;
    if (root) this.vertices[at]! |= Forwards.Root;
    else this.vertices[at]! &= ~Forwards.Root;
  }

  /**
   * Lists an edge of a vertex for {@link setEdges}, behind all others.
   * @param virtual - 1 of a virtual link.
   */
  list(
    source: number,
    neighbor: number,
    cost: number,
    interfaceId: number,
    neighborInterfaceId: number,
    virtual = 0,
  ): void {
    const edge = this.#edgesEnd + this.#listed++;
    if (edge === this.target.length) this.#growEdges(2 * edge + FIRST_LENGTH);
    this.target[edge] = source;
    this.cost[edge] = cost;
    this.neighbor[edge] = neighbor;
    this.twin[edge] = -1;
    this.ends[END_WORDS * edge + INTERFACE_ID] = interfaceId;
    this.ends[END_WORDS * edge + NEIGHBOR_INTERFACE_ID] = neighborInterfaceId;
    this.virtual[edge] = virtual;
  }

  /** Puts the edges that were listed in the place of those that a vertex had. */
  setEdges(vertex: number): void {
    const size = this.#listed;
    const listed = this.#edgesEnd;
    this.#listed = 0;
    if (this.#sameLinks(vertex, listed, size)) {
      for (let i = 0; i < size; i++) this.setCost(vertex, i, this.costOf(listed + i));
      return;
    }
    this.linksVersion++;
    this.#dropEdges(vertex);
    const first = this.#adopt(vertex, listed, size);
    const router = this.isRouter(vertex);
    for (let e = first; e < first + size; e++) {
      const cost = this.costOf(e);
      if (cost > this.longestEdge) this.longestEdge = cost;
      if (router && cost === 0) this.freeRouterEdges++;
      if (this.commonCost === NO_COST) this.commonCost = cost;
      if (cost !== this.commonCost) this.uncommonEdges++;
    }
    this.touched.add(vertex);
    this.unpaired.add(vertex);
    const unused = this.#edgesUnused;
    if (unused > UNUSED_MAX && unused > this.#edgesEnd >>> 1) this.#compact();
  }

  /** Gives an edge of a vertex another cost. @param place - among its edges, from 0 up. */
  setCost(vertex: number, place: number, cost: number): void {
    const edge = this.firstEdge(vertex) + place;
    const before = this.cost[edge];
    if (before === cost) return;
    if (this.isRouter(vertex)) {
      if (before === 0) this.freeRouterEdges--;
      if (cost === 0) this.freeRouterEdges++;
    }
    if (before === this.commonCost) this.uncommonEdges++;
    if (cost === this.commonCost) this.uncommonEdges--;
    this.cost[edge] = cost;
    if (cost > this.longestEdge) this.longestEdge = cost;
    this.touched.add(this.target[edge]!);
  }

  /** Makes two edges the two ends of one link. */
  join(e: number, f: number): void {
    const there = this.neighbor[e]!;
    const back = this.neighbor[f]!;
    this.linksVersion++;
    this.twin[e] = f;
    this.twin[f] = e;
    this.target[e] = there;
    this.target[f] = back;
    this.touched.add(there);
    this.touched.add(back);
  }

  #unpair(e: number): void {
    const twin = this.twin[e]!;
    if (twin < 0) return;
    const neighbor = this.neighbor[e]!;
    this.twin[twin] = -1;
    // Back to its own source.
    this.target[twin] = neighbor;
    this.unpaired.add(neighbor);
  }

  /** Whether what was listed are the edges that a vertex has, whatever their costs. */
  #sameLinks(vertex: number, listed: number, size: number): boolean {
    if (this.edgeCount(vertex) !== size || size === 0) return false;
    const first = this.firstEdge(vertex);
    for (let i = 0; i < size; i++) {
      const [edge, other] = [first + i, listed + i];
      if (
        this.neighbor[edge] !== this.neighbor[other] ||
        this.interfaceIdOf(edge) !== this.interfaceIdOf(other) ||
        this.neighborInterfaceIdOf(edge) !== this.neighborInterfaceIdOf(other) ||
        this.virtual[edge] !== this.virtual[other]
      ) {
        return false;
      }
    }
    return true;
  }

  #dropEdges(vertex: number): void {
    this.#touchTargets(vertex);
    const router = this.isRouter(vertex);
    const first = this.firstEdge(vertex);
    for (let e = first; e < first + this.edgeCount(vertex); e++) {
      this.#unpair(e);
      const cost = this.costOf(e);
      if (router && cost === 0) this.freeRouterEdges--;
      if (cost !== this.commonCost) this.uncommonEdges--;
    }
  }

  /** Makes listed edges those of a vertex, where it had others or where they are. */
  #adopt(vertex: number, listed: number, size: number): number {
    const row = VERTEX_WORDS * vertex;
    const { vertices } = this;
    vertices[row + COUNT] = size;
    if (size <= vertices[row + ROOM]!) {
      this.#moveEdges(listed, size, vertices[row + START]!);
      return vertices[row + START]!;
    }
    this.#edgesUnused += vertices[row + ROOM]!;
    this.#edgesEnd = listed + size;
    vertices[row + START] = listed;
    vertices[row + ROOM] = size;
    return listed;
  }

  #moveEdges(from: number, count: number, to: number): void {
    this.target.copyWithin(to, from, from + count);
    this.cost.copyWithin(to, from, from + count);
    this.neighbor.copyWithin(to, from, from + count);
    this.twin.copyWithin(to, from, from + count);
    this.virtual.copyWithin(to, from, from + count);
    this.ends.copyWithin(END_WORDS * to, END_WORDS * from, END_WORDS * (from + count));
  }

  #touchTargets(vertex: number): void {
    const first = this.firstEdge(vertex);
    for (let i = 0; i < this.edgeCount(vertex); i++) this.touched.add(this.targetOf(first + i));
  }

  /** Moves all runs of edges together. */
  #compact(): void {
    const { vertices, twin } = this;
    const moved = newWords(this.#edgesEnd);
    const order = Array.from({ length: this.vertexCount }, (_, v) => v);
    order.sort((a, b) => this.firstEdge(a) - this.firstEdge(b));
    let end = 0;
    for (const v of order) {
      const from = this.firstEdge(v);
      const count = this.edgeCount(v);
      this.#moveEdges(from, count, end);
      for (let i = 0; i < count; i++) moved[from + i] = end + i;
      vertices[VERTEX_WORDS * v + START] = end;
      vertices[VERTEX_WORDS * v + ROOM] = count;
      end += count;
    }
    for (let e = 0; e < end; e++) if (twin[e]! >= 0) twin[e] = moved[twin[e]!]!;
    this.#edgesEnd = end;
    this.#edgesUnused = 0;
  }

  #growVertices(length: number): void {
    this.vertices = grownWords(this.vertices, VERTEX_WORDS * length);
  }

  #growEdges(length: number): void {
    this.target = grownWords(this.target, length);
    this.cost = grownCosts(this.cost, length);
    this.neighbor = grownWords(this.neighbor, length);
    this.twin = grownWords(this.twin, length);
    this.virtual = grownOctets(this.virtual, length);
    this.ends = grownWords(this.ends, END_WORDS * length);
  }
}
