/**
 * Router- and Network-LSAs into the graph (RFC 5340 4.8.1). The octets are read where they lie: of a
 * large database most LSAs are looked at once, and their decoded bodies would only take memory.
 * Numbers of 32 bits are signed here (see `key-table.ts`).
 * @module
 */
import { LSA_HEADER_OCTETS } from '../lsa/header.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { Option } from '../lsa/options.ts';
import { RouterFlag, RouterLink, RouterLinkType } from '../lsa/router-lsa.ts';
import type { Graph } from './graph.ts';

/** Behind the header: 8 bits of flags and 24 of options in either LSA. */
const HEAD_OCTETS = 4;
const FIRST_LINK = LSA_HEADER_OCTETS + HEAD_OCTETS;
const METRIC = RouterLink.offsetOf('metric');
const INTERFACE_ID = RouterLink.offsetOf('interfaceId');
const NEIGHBOR_INTERFACE_ID = RouterLink.offsetOf('neighborInterfaceId');
const NEIGHBOR_ROUTER_ID = RouterLink.offsetOf('neighborRouterId');

/** Flags and options of an LSA; 0 of one that is too short for them. */
const headOf = (lsa: Lsa): number =>
  lsa.header.length < FIRST_LINK ? 0 : lsa.s32(LSA_HEADER_OCTETS);

/** What a Router-LSA says its router can do, 24 bits (RFC 5340 A.4.3). */
export const optionsOf = (lsa: Lsa): number => headOf(lsa) & 0xffffff;

/** How many links a Router-LSA has. */
const linksIn = (lsa: Lsa): number =>
  Math.max(0, Math.floor((lsa.header.length - FIRST_LINK) / RouterLink.span));

const byLinkStateId = (a: Lsa, b: Lsa): number => a.header.linkStateId - b.header.linkStateId;

/** The LSAs that the graph is made of, by vertex. */
export class Topology {
  readonly graph: Graph;
  /** Per vertex its LSA; of a router with several Router-LSAs these, by Link State ID. */
  readonly #lsas: (Lsa | Lsa[] | undefined)[] = [];
  readonly #virtualLinkEnds = new Set<number>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Makes room for LSAs to come. */
  reserve(vertices: number): void {
    this.#lsas.length = Math.max(this.#lsas.length, this.graph.vertexCount + vertices);
  }

  /** The LSAs a vertex is made of. */
  lsasOf(vertex: number): readonly Lsa[] {
    const lsas = this.#lsas[vertex];
    if (lsas === undefined) return [];
    return Array.isArray(lsas) ? lsas : [lsas];
  }

  /** The bits of {@link RouterFlag} that a router set; 0 without Router-LSA. */
  routerFlagsOf(vertex: number): number {
    // 4.8.1: from the Router-LSA with the smallest Link State ID.
    const lsas = this.#lsas[vertex];
    const first = Array.isArray(lsas) ? lsas[0] : lsas;
    return first === undefined ? 0 : headOf(first) >>> 24;
  }

  isBorderRouter(vertex: number): boolean {
    return (this.routerFlagsOf(vertex) & RouterFlag.B) !== 0;
  }

  /** The routers, reached or not, that say that virtual links end at them (V-bit). */
  get virtualLinkEnds(): ReadonlySet<number> {
    return this.#virtualLinkEnds;
  }

  isBoundaryRouter(vertex: number): boolean {
    return (this.routerFlagsOf(vertex) & RouterFlag.E) !== 0;
  }

  /** The vertex that a Router- or Network-LSA describes. */
  vertexOf(lsa: Lsa, area: number): number {
    const { lsType, advertisingRouter, linkStateId } = lsa.header;
    const router = this.graph.router(advertisingRouter, area);
    return lsType === LsType.Router ? router : this.graph.network(router, linkStateId);
  }

  /** Puts an LSA in the place of its last instance. @param vertex - as `vertexOf` gives it. */
  install(vertex: number, lsa: Lsa, area: number): void {
    // Without gaps, an array stays an array.
    while (this.#lsas.length <= vertex) this.#lsas.push(undefined);
    const before = this.#lsas[vertex];
    if (before === undefined) this.#lsas[vertex] = lsa;
    else if (!Array.isArray(before) && byLinkStateId(before, lsa) === 0) {
      this.#lsas[vertex] = lsa;
      if (this.#takeCosts(vertex, before, lsa)) return;
    } else {
      const others = this.lsasOf(vertex).filter((known) => byLinkStateId(known, lsa) !== 0);
      this.#lsas[vertex] = [...others, lsa].sort(byLinkStateId);
    }
    this.#update(vertex, area);
  }

  /** Keeps a new instance that says the same as the last. */
  refresh(lsa: Lsa, area: number): void {
    const vertex = this.vertexOf(lsa, area);
    const lsas = this.lsasOf(vertex);
    const at = lsas.findIndex((known) => byLinkStateId(known, lsa) === 0);
    if (at >= 0) this.#lsas[vertex] = lsas.length === 1 ? lsa : lsas.with(at, lsa);
  }

  /** Takes an LSA out. @param vertex - as `vertexOf` gives it. */
  remove(vertex: number, lsa: Lsa, area: number): void {
    const left = this.lsasOf(vertex).filter((known) => byLinkStateId(known, lsa) !== 0);
    if (vertex < this.#lsas.length) this.#lsas[vertex] = left.length > 1 ? left : left[0];
    this.#update(vertex, area);
  }

  #update(vertex: number, area: number): void {
    const { graph } = this;
    const lsas = this.#lsas[vertex];
    if (this.#endsVirtualLinks(vertex)) this.#virtualLinkEnds.add(vertex);
    else if (this.#virtualLinkEnds.size > 0) this.#virtualLinkEnds.delete(vertex);
    const first = Array.isArray(lsas) ? lsas[0] : lsas;
    if (lsas === undefined || first === undefined) {
      graph.setEdges(vertex);
      return;
    }
    if (first.header.lsType === LsType.Network) {
      graph.setForwards(vertex, true);
      this.#readNetwork(vertex, first, area);
    } else {
      const options = optionsOf(first);
      // 4.8.1: without V6-bit not part of it at all; without R-bit no path goes on behind it,
      // though one may end there (erratum 2078). Instances of other address families set the
      // AF-bit in place of the V6-bit (RFC 5838 2.4).
      graph.setForwards(vertex, (options & Option.R) !== 0);
      if (options & (Option.V6 | Option.AF)) {
        if (Array.isArray(lsas)) for (const lsa of lsas) this.#readLinks(vertex, lsa, area);
        else this.#readLinks(vertex, lsas, area);
      }
    }
    graph.setEdges(vertex);
  }

  /**
   * Takes the costs of a Router-LSA that is the last instance with other costs: most changes are
   * such, and the links need not be named again.
   * @returns whether it was.
   */
  #takeCosts(vertex: number, before: Lsa, lsa: Lsa): boolean {
    const { lsType, length } = lsa.header;
    if (lsType !== LsType.Router || before.header.length !== length) return false;
    if (headOf(before) !== headOf(lsa)) return false;
    const links = linksIn(lsa);
    // Links of unknown types, or all of a router without V6-bit, are no edges.
    if (this.graph.edgeCount(vertex) !== links) return false;
    for (let i = 0, at = FIRST_LINK; i < links; i++, at += RouterLink.span) {
      const same =
        before.u8(at) === lsa.u8(at) &&
        before.s32(at + INTERFACE_ID) === lsa.s32(at + INTERFACE_ID) &&
        before.s32(at + NEIGHBOR_INTERFACE_ID) === lsa.s32(at + NEIGHBOR_INTERFACE_ID) &&
        before.s32(at + NEIGHBOR_ROUTER_ID) === lsa.s32(at + NEIGHBOR_ROUTER_ID);
      if (!same) return false;
    }
    for (let i = 0, at = FIRST_LINK + METRIC; i < links; i++, at += RouterLink.span) {
      this.graph.setCost(vertex, i, lsa.u16(at));
    }
    return true;
  }

  #endsVirtualLinks(vertex: number): boolean {
    return (this.routerFlagsOf(vertex) & RouterFlag.V) !== 0 && this.graph.isRouter(vertex);
  }

  #readLinks(vertex: number, lsa: Lsa, area: number): void {
    const { graph } = this;
    const end = lsa.header.length - RouterLink.span;
    for (let at = FIRST_LINK; at <= end; at += RouterLink.span) {
      const type = lsa.u8(at);
      const metric = lsa.u16(at + METRIC);
      const interfaceId = lsa.s32(at + INTERFACE_ID);
      const neighborInterfaceId = lsa.s32(at + NEIGHBOR_INTERFACE_ID);
      const router = graph.router(lsa.s32(at + NEIGHBOR_ROUTER_ID), area);
      if (type === RouterLinkType.PointToPoint) {
        graph.list(vertex, router, metric, interfaceId, neighborInterfaceId);
      } else if (type === RouterLinkType.Transit) {
        // The Network-LSA is named by the designated router and its Interface ID (A.4.3).
        const network = graph.network(router, neighborInterfaceId);
        graph.list(vertex, network, metric, interfaceId, neighborInterfaceId);
      } else if (type === RouterLinkType.VirtualLink) {
        // In the graph of the backbone it is like a point-to-point link (RFC 5340 4.7, C.4).
        graph.list(vertex, router, metric, interfaceId, neighborInterfaceId, 1);
      }
    }
  }

  #readNetwork(vertex: number, lsa: Lsa, area: number): void {
    for (let at = FIRST_LINK; at + 4 <= lsa.header.length; at += 4) {
      this.graph.list(vertex, this.graph.router(lsa.s32(at), area), 0, 0, 0);
    }
  }
}
