/**
 * What vertices are called in LSAs, and their numbers, given in the order of first mention. Like
 * that, neighbors lie near each other in everything that goes by the number.
 * @module
 */
import { PairTable } from './key-table.ts';

/** What a vertex stands for. The last two have no edges: their distance is given to them. */
export const VertexKind = {
  Router: 0,
  Network: 1,
  /** An AS boundary router, whatever area it is reached by. */
  BoundaryRouter: 2,
  /** An address that external routes forward to. */
  ForwardingAddress: 3,
} as const;

/** In the second word of a name the kind has so many bits; above them is where the vertex is. */
const KIND_BITS = 2;
const KIND = 3;

/** One table for all kinds, so that a name's number is the vertex. */
export class VertexNames {
  readonly #table: PairTable;
  /** The router named last: an LSA often names its originator again. */
  #lastRouterId = -1;
  #lastArea = -1;
  #lastRouter = -1;

  /** @param secret - see {@link PairTable}. */
  constructor(secret = 0) {
    this.#table = new PairTable(secret);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Makes room for names to come. */
  reserve(names: number): void {
    this.#table.reserve(names);
  }

  /** @param area - the number of its area. */
  router(routerId: number, area: number): number {
    if (routerId === this.#lastRouterId && area === this.#lastArea) return this.#lastRouter;
    this.#lastRouterId = routerId;
    this.#lastArea = area;
    this.#lastRouter = this.#table.intern(routerId, (area << KIND_BITS) | VertexKind.Router);
    return this.#lastRouter;
  }

  /** @returns -1 when nobody mentioned it. */
  findRouter(routerId: number, area: number): number {
    return this.#table.find(routerId, (area << KIND_BITS) | VertexKind.Router);
  }

  /** @param designatedRouter - its vertex. @param interfaceId - the one it has there. */
  network(designatedRouter: number, interfaceId: number): number {
    return this.#table.intern(interfaceId, (designatedRouter << KIND_BITS) | VertexKind.Network);
  }

  /** @param name - what tells it from others of its kind. */
  standIn(kind: number, name: number): number {
    return this.#table.intern(name, kind);
  }

  /** One of {@link VertexKind}. */
  kindOf(vertex: number): number {
    return this.#table.second(vertex) & KIND;
  }

  /** The Router ID of a router, or of a network's designated router. */
  routerIdOf(vertex: number): number {
    const router =
      this.kindOf(vertex) === VertexKind.Network
        ? this.#table.second(vertex) >>> KIND_BITS
        : vertex;
    return this.#table.first(router);
  }

  /** The number of the area that a router or a network is in. */
  areaOf(vertex: number): number {
    const place = this.#table.second(vertex) >>> KIND_BITS;
    if (this.kindOf(vertex) !== VertexKind.Network) return place;
    return this.#table.second(place) >>> KIND_BITS;
  }

  /** Of a network: the Interface ID of its designated router. */
  networkInterfaceIdOf(vertex: number): number {
    return this.#table.first(vertex);
  }

  /** Of a stand-in: what it was made with. */
  standInNameOf(vertex: number): number {
    return this.#table.first(vertex);
  }
}
