/**
 * How the addresses are reached that external routes forward to (RFC 2328 16.4 step 3): by the
 * longest prefix around them that is reached within the autonomous system.
 * @module
 */
import { ADDRESS_OCTETS, type Address, addressKey } from '../wire/address.ts';
import type { Graph } from './graph.ts';
import type { PrefixTable } from './key-table.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import { PATH_TYPES } from './route.ts';
import type { RouteChoice } from './route-choice.ts';
import { type StandInPath, StandIns } from './stand-ins.ts';
import type { Tree } from './tree.ts';
import { VertexKind } from './vertex-names.ts';

const BACKBONE = 0;
const INTRA_AREA = PATH_TYPES.indexOf('intra-area');
const INTER_AREA = PATH_TYPES.indexOf('inter-area');

interface Forwarding {
  readonly vertex: number;
  readonly address: Address;
  /** The number of the only area that may lead there, of an NSSA-LSA (RFC 3101 2.5), or -1. */
  readonly area: number;
}

/** Keeps the distance and the next hops of every forwarding address's vertex. */
export class ForwardingAddresses {
  readonly #graph: Graph;
  readonly #tree: Tree;
  readonly #prefixes: PrefixTable;
  readonly #areaIdAt: (area: number) => number;
  readonly #known = new Map<string, Forwarding>();
  readonly #standIns: StandIns;

  constructor(graph: Graph, tree: Tree, prefixes: PrefixTable, areaIdAt: (area: number) => number) {
    this.#graph = graph;
    this.#tree = tree;
    this.#prefixes = prefixes;
    this.#areaIdAt = areaIdAt;
    this.#standIns = new StandIns(tree);
  }

  get size(): number {
    return this.#known.size;
  }

  /** The vertex that stands for an address, made at first mention. */
  vertexOf(address: Address, area: number): number {
    const key = `${area} ${addressKey(address)}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const vertex = this.#graph.standIn(VertexKind.ForwardingAddress, this.#known.size);
      known = { vertex, address, area };
      this.#known.set(key, known);
    }
    return known.vertex;
  }

  preferred(vertex: number): boolean {
    return this.#standIns.preferred(vertex);
  }

  /** Looks every address up anew. @param onChange - told the vertices that changed. */
  update(routes: RouteChoice, onChange: (vertex: number) => void): void {
    for (const forwarding of this.#known.values()) {
      const { vertex } = forwarding;
      if (this.#standIns.set(vertex, this.#lookUp(forwarding, routes))) onChange(vertex);
    }
  }

  #lookUp(forwarding: Forwarding, routes: RouteChoice): StandInPath | undefined {
    const { address, area } = forwarding;
    for (let length = 8 * ADDRESS_OCTETS; length >= 0; length--) {
      const prefix = this.#prefixes.find(address, length);
      if (prefix < 0) continue;
      const chosen = routes.chosen(prefix);
      if (chosen === undefined) continue;
      // 16.4 (3): the path must be within an area or between areas; external ones do not lead on.
      if (chosen.rank !== INTRA_AREA && chosen.rank !== INTER_AREA) continue;
      const nearest = chosen.reached[0]!;
      const areaId = chosen.transit
        ? BACKBONE
        : this.#areaIdAt(this.#graph.names.areaOf(nearest.vertex));
      const stays = chosen.rank === INTRA_AREA && areaId === this.#areaIdAt(area);
      if (area >= 0 && !stays) return undefined;
      const { sets } = this.#tree;
      let union = chosen.reached
        .slice(0, chosen.best)
        .reduce((set, { nextHops }) => sets.union(set, nextHops), NO_NEXT_HOPS);
      if (union === NO_NEXT_HOPS) {
        // A prefix of our own on a point-to-point link: the address is the other end's.
        const others = chosen.reached.find(({ nextHops }) => nextHops !== NO_NEXT_HOPS);
        union = others?.nextHops ?? NO_NEXT_HOPS;
      }
      return {
        distance: nearest.distance,
        nextHops: sets.toAddress(union, address),
        preferred: chosen.rank === INTRA_AREA && areaId !== BACKBONE,
      };
    }
    return undefined;
  }
}
