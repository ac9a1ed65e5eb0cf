/**
 * The graph of RFC 5340 4.8.1 as arrays: vertices are routers and transit networks, an edge is one
 * link of one LSA, and each vertex owns a run of the edge arrays. An edge counts only when the
 * other end has a matching edge back (RFC 2328 16.1 step 2b); that is worked out when an LSA
 * changes, not when the graph is searched: an edge without its twin leads back to where it starts,
 * which no search can profit from. All areas share the arrays; nothing joins their vertices.
 * @module
 */
import type { EdgeList } from './edge-list.ts';
import { IndexSet } from './index-set.ts';
import { FIRST_LENGTH, grown, PairTable } from './key-table.ts';

/** What a vertex stands for. The last two have no edges: their distance is given to them. */
export const VertexKind = {
  Router: 0,
  Network: 1,
  /** An AS boundary router, whatever area it is reached by. */
  BoundaryRouter: 2,
  /** An address that external routes forward to. */
  ForwardingAddress: 3,
} as const;

/** Whether paths go on behind a vertex, and how: bits. */
export const Forwards = {
  /** It forwards for others. */
  Others: 1,
  /** It is the calculating router itself. */
  Root: 2,
  /** Beside `Others`, of a network: when we are on it, its edges begin paths of their own. */
  Network: 4,
} as const;

/** Vertices and edges; changed vertex by vertex. */
export class Graph {
  vertexCount = 0;
  /** Per vertex, see {@link VertexKind}. */
  kind = new Uint8Array(FIRST_LENGTH);
  /** Per vertex bits of {@link Forwards}; 0 when no path goes on behind it (R-bit clear, RFC 5340 2.7). */
  forwards = new Uint8Array(FIRST_LENGTH);
  /** Per vertex: where its edges begin, and how many there are. */
  start = new Int32Array(FIRST_LENGTH);
  count = new Int32Array(FIRST_LENGTH);
  #capacity = new Int32Array(FIRST_LENGTH);

  /** Per edge: where it leads; its own source while it has no twin. */
  target = new Int32Array(FIRST_LENGTH);
  cost = new Uint16Array(FIRST_LENGTH);
  /** Per edge: the vertex that the LSA names, twin or not. */
  neighbor = new Int32Array(FIRST_LENGTH);
  /** Per edge: the matching edge back, or -1. */
  twin = new Int32Array(FIRST_LENGTH);
  interfaceId = new Uint32Array(FIRST_LENGTH);
  neighborInterfaceId = new Uint32Array(FIRST_LENGTH);
  /** Per edge: 1 of a virtual link, whose next hops are those through its transit area. */
  virtual = new Uint8Array(FIRST_LENGTH);
  /** No edge was ever longer. */
  longestEdge = 0;
  /** Counts up when edges come, go or find the edge back; not when costs change. */
  linksVersion = 0;
  /** Edges of no cost that leave a router: with them cycles may be of no length. */
  freeRouterEdges = 0;
  /** Vertices into which the edges have changed since the last run. */
  readonly touched = new IndexSet();

  readonly #routers = new PairTable();
  readonly #routerVertex: number[] = [];
  readonly #networks = new PairTable();
  readonly #networkVertex: number[] = [];
  readonly #name: number[] = [];
  #edgesEnd = 0;
  #edgesUnused = 0;
  readonly #unpaired = new IndexSet();

  /** Makes room for vertices and edges to come. */
  reserve(vertices: number, edges: number): void {
    this.#routers.reserve(vertices);
    this.touched.reserve(this.vertexCount + vertices);
    this.#unpaired.reserve(this.vertexCount + vertices);
    if (this.vertexCount + vertices > this.kind.length) {
      this.#growVertices(this.vertexCount + vertices);
    }
    if (this.#edgesEnd + edges > this.target.length) this.#growEdges(this.#edgesEnd + edges);
  }

  /** The vertex of a router in an area, made at first mention. */
  router(routerId: number, area: number): number {
    const name = this.#routers.intern(routerId, area);
    if (name === this.#routerVertex.length) {
      this.#routerVertex.push(this.addVertex(VertexKind.Router, name));
    }
    return this.#routerVertex[name]!;
  }

  /** The vertex of a router in an area, or -1 when nobody mentioned it. */
  findRouter(routerId: number, area: number): number {
    const name = this.#routers.find(routerId, area);
    return name < 0 ? -1 : this.#routerVertex[name]!;
  }

  /** The vertex of a transit network, made at first mention. */
  network(designatedRouter: number, interfaceId: number): number {
    const name = this.#networks.intern(designatedRouter, interfaceId);
    if (name === this.#networkVertex.length) {
      this.#networkVertex.push(this.addVertex(VertexKind.Network, name));
    }
    return this.#networkVertex[name]!;
  }

  /** @param name - kept for the one who adds it. */
  addVertex(kind: number, name: number): number {
    const vertex = this.vertexCount++;
    if (vertex === this.kind.length) this.#growVertices(2 * vertex);
    this.kind[vertex] = kind;
    this.#name.push(name);
    return vertex;
  }

  /** The Router ID of a router, or of a network's designated router. */
  routerIdOf(vertex: number): number {
    const name = this.#name[vertex]!;
    if (this.kind[vertex] === VertexKind.Router) return this.#routers.first(name);
    return this.routerIdOf(this.#networks.first(name));
  }

  /** The number of a vertex's area, in the order in which areas were met. */
  areaOf(vertex: number): number {
    const name = this.#name[vertex]!;
    if (this.kind[vertex] === VertexKind.Router) return this.#routers.second(name);
    return this.areaOf(this.#networks.first(name));
  }

  /** Of a network: the Interface ID of its designated router. */
  networkInterfaceIdOf(vertex: number): number {
    return this.#networks.second(this.#name[vertex]!);
  }

  /** What `addVertex` was told. */
  nameOf(vertex: number): number {
    return this.#name[vertex]!;
  }

  /** Sets whether paths may go on behind a vertex. */
  setForwards(vertex: number, forwards: boolean): void {
    const before = this.forwards[vertex]!;
    const bits =
      Forwards.Others | (this.kind[vertex] === VertexKind.Network ? Forwards.Network : 0);
    const now = forwards ? before | bits : before & ~bits;
    if (before === now) return;
    this.forwards[vertex] = now;
    this.#touchTargets(vertex);
  }

  /** Makes a vertex one that paths begin at, or an ordinary one again. */
  setRoot(vertex: number, root: boolean): void {
    this.linksVersion++;
    this.forwards[vertex]! &= ~Forwards.Root;
    if (root) this.forwards[vertex]! |= Forwards.Root;
  }

  isRoot(vertex: number): boolean {
    return (this.forwards[vertex]! & Forwards.Root) !== 0;
  }

  /** Gives a vertex other edges than it had. */
  setEdges(vertex: number, edges: EdgeList): void {
    if (this.#sameLinks(vertex, edges)) {
      for (let i = 0; i < edges.size; i++) this.setCost(vertex, i, edges.cost[i]!);
      return;
    }
    this.linksVersion++;
    this.#touchTargets(vertex);
    this.touched.add(vertex);
    const from = this.start[vertex]!;
    const router = this.kind[vertex] === VertexKind.Router;
    for (let e = from; e < from + this.count[vertex]!; e++) {
      this.#unpair(e);
      if (router && this.cost[e] === 0) this.freeRouterEdges--;
    }
    const at = this.#roomFor(vertex, edges.size);
    const { target, twin, cost, neighbor, interfaceId, neighborInterfaceId, virtual } = this;
    for (let i = 0; i < edges.size; i++) {
      const e = at + i;
      target[e] = vertex;
      twin[e] = -1;
      cost[e] = edges.cost[i]!;
      neighbor[e] = edges.neighbor[i]!;
      interfaceId[e] = edges.interfaceId[i]!;
      neighborInterfaceId[e] = edges.neighborInterfaceId[i]!;
      virtual[e] = edges.virtual[i]!;
      if (cost[e]! > this.longestEdge) this.longestEdge = cost[e]!;
      if (router && cost[e] === 0) this.freeRouterEdges++;
    }
    this.count[vertex] = edges.size;
    this.#unpaired.add(vertex);
  }

  /** Matches edges with those back, for all vertices changed since the last time. */
  pair(): void {
    const changed = this.#unpaired;
    if (changed.size > 64 && changed.size > this.vertexCount >>> 3) this.#pairAll();
    else for (let i = 0; i < changed.size; i++) this.#pairEdgesOf(changed.at(i));
    changed.clear();
  }

  #pairEdgesOf(vertex: number): void {
    const from = this.start[vertex]!;
    for (let e = from; e < from + this.count[vertex]!; e++) {
      if (this.twin[e]! >= 0) continue;
      const neighbor = this.neighbor[e]!;
      const first = this.start[neighbor]!;
      for (let f = first; f < first + this.count[neighbor]!; f++) {
        if (this.neighbor[f] === vertex && this.twin[f]! < 0 && this.#match(e, f)) {
          this.#join(e, f);
          this.touched.add(neighbor);
          this.touched.add(vertex);
          break;
        }
      }
    }
  }

  /** The same for every vertex at once, in time linear in the number of edges. */
  #pairAll(): void {
    const { vertexCount, start, count, neighbor, twin, touched } = this;
    // Edges without a twin, listed by the vertex they lead to, the last one first.
    const head = new Int32Array(vertexCount).fill(-1);
    const next = new Int32Array(this.#edgesEnd);
    const source = new Int32Array(this.#edgesEnd);
    for (let v = 0; v < vertexCount; v++) {
      const from = start[v]!;
      for (let e = from; e < from + count[v]!; e++) {
        if (twin[e]! >= 0) continue;
        source[e] = v;
        const to = neighbor[e]!;
        next[e] = head[to]!;
        head[to] = e;
      }
    }
    // Per source, the edges from there to the vertex in hand, now the first one first.
    const inward = new Int32Array(vertexCount).fill(-1);
    const chain = new Int32Array(this.#edgesEnd);
    for (let v = 0; v < vertexCount; v++) {
      for (let f = head[v]!; f >= 0; f = next[f]!) {
        const x = source[f]!;
        chain[f] = inward[x]!;
        inward[x] = f;
      }
      const from = start[v]!;
      for (let e = from; e < from + count[v]!; e++) {
        if (twin[e]! >= 0) continue;
        for (let f = inward[neighbor[e]!]!; f >= 0; f = chain[f]!) {
          if (twin[f]! >= 0 || !this.#match(e, f)) continue;
          this.#join(e, f);
          touched.add(v);
          touched.add(neighbor[e]!);
          break;
        }
      }
      for (let f = head[v]!; f >= 0; f = next[f]!) inward[source[f]!] = -1;
    }
  }

  /** Whether two edges between the same vertices are the two ends of one link. */
  #match(e: number, f: number): boolean {
    if (this.kind[this.neighbor[e]!] === VertexKind.Network) return true;
    if (this.kind[this.neighbor[f]!] === VertexKind.Network) return true;
    // Parallel links are told apart by their Interface IDs.
    return (
      this.virtual[e] === this.virtual[f] &&
      this.interfaceId[e] === this.neighborInterfaceId[f] &&
      this.interfaceId[f] === this.neighborInterfaceId[e] &&
      e !== f
    );
  }

  #join(e: number, f: number): void {
    this.linksVersion++;
    this.twin[e] = f;
    this.twin[f] = e;
    this.target[e] = this.neighbor[e]!;
    this.target[f] = this.neighbor[f]!;
  }

  #unpair(e: number): void {
    const twin = this.twin[e]!;
    if (twin < 0) return;
    this.twin[twin] = -1;
    // Back to its own source, the neighbor of e.
    this.target[twin] = this.neighbor[e]!;
    this.#unpaired.add(this.neighbor[e]!);
  }

  #sameLinks(vertex: number, edges: EdgeList): boolean {
    if (this.count[vertex] !== edges.size || edges.size === 0) return false;
    const from = this.start[vertex]!;
    for (let i = 0; i < edges.size; i++) {
      if (
        this.neighbor[from + i] !== edges.neighbor[i] ||
        this.interfaceId[from + i] !== edges.interfaceId[i] ||
        this.neighborInterfaceId[from + i] !== edges.neighborInterfaceId[i] ||
        this.virtual[from + i] !== edges.virtual[i]
      ) {
        return false;
      }
    }
    return true;
  }

  /** Gives an edge of a vertex another cost. @param place - among its edges, from 0 up. */
  setCost(vertex: number, place: number, cost: number): void {
    const e = this.start[vertex]! + place;
    if (this.cost[e] === cost) return;
    if (this.kind[vertex] === VertexKind.Router) {
      if (this.cost[e] === 0) this.freeRouterEdges--;
      if (cost === 0) this.freeRouterEdges++;
    }
    this.cost[e] = cost;
    if (cost > this.longestEdge) this.longestEdge = cost;
    this.touched.add(this.target[e]!);
  }

  #touchTargets(vertex: number): void {
    const from = this.start[vertex]!;
    for (let e = from; e < from + this.count[vertex]!; e++) this.touched.add(this.target[e]!);
  }

  /** Where the edges of a vertex can stand: where they were, or at the end. */
  #roomFor(vertex: number, edges: number): number {
    if (edges <= this.#capacity[vertex]!) return this.start[vertex]!;
    this.#edgesUnused += this.#capacity[vertex]!;
    if (this.#edgesUnused > 1024 && this.#edgesUnused > this.#edgesEnd >>> 1) this.#compact(vertex);
    const at = this.#edgesEnd;
    this.#edgesEnd += edges;
    if (this.#edgesEnd > this.target.length) this.#growEdges(2 * this.#edgesEnd);
    this.start[vertex] = at;
    this.#capacity[vertex] = edges;
    return at;
  }

  /** Moves all runs of edges together; that of one vertex, about to be replaced, is dropped. */
  #compact(dropped: number): void {
    this.count[dropped] = 0;
    const moved = new Int32Array(this.#edgesEnd);
    const order = Array.from({ length: this.vertexCount }, (_, v) => v);
    order.sort((a, b) => this.start[a]! - this.start[b]!);
    let end = 0;
    for (const v of order) {
      const from = this.start[v]!;
      const count = this.count[v]!;
      this.start[v] = end;
      this.#capacity[v] = count;
      for (let i = 0; i < count; i++) {
        moved[from + i] = end + i;
        this.target[end + i] = this.target[from + i]!;
        this.cost[end + i] = this.cost[from + i]!;
        this.neighbor[end + i] = this.neighbor[from + i]!;
        this.twin[end + i] = this.twin[from + i]!;
        this.interfaceId[end + i] = this.interfaceId[from + i]!;
        this.neighborInterfaceId[end + i] = this.neighborInterfaceId[from + i]!;
        this.virtual[end + i] = this.virtual[from + i]!;
      }
      end += count;
    }
    for (let e = 0; e < end; e++) if (this.twin[e]! >= 0) this.twin[e] = moved[this.twin[e]!]!;
    this.#edgesEnd = end;
    this.#edgesUnused = 0;
  }

  #growVertices(length: number): void {
    this.kind = grown(this.kind, length);
    this.forwards = grown(this.forwards, length);
    this.start = grown(this.start, length);
    this.count = grown(this.count, length);
    this.#capacity = grown(this.#capacity, length);
  }

  #growEdges(length: number): void {
    this.target = grown(this.target, length);
    this.cost = grown(this.cost, length);
    this.neighbor = grown(this.neighbor, length);
    this.twin = grown(this.twin, length);
    this.interfaceId = grown(this.interfaceId, length);
    this.neighborInterfaceId = grown(this.neighborInterfaceId, length);
    this.virtual = grown(this.virtual, length);
  }
}
