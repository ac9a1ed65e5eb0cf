/**
 * How the addresses are reached that external routes forward to (RFC 2328 16.4 step 3): by the
 * longest prefix around them that is reached within the autonomous system.
 * @module
 */
import { type Address, addressKey } from '../wire/address.ts';
import type { Graph } from './graph.ts';
import { AddressWords, type PrefixTable } from './key-table.ts';
import { NO_NEXT_HOPS } from './next-hop-sets.ts';
import type { OwnAreas } from './own-areas.ts';
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
  readonly key: string;
  readonly words: AddressWords;
  /** The number of the only area that may lead there, of an NSSA-LSA (RFC 3101 2.5), or -1. */
  readonly area: number;
}

/** Keeps the distance and the next hops of every forwarding address's vertex. */
export class ForwardingAddresses {
  readonly #graph: Graph;
  readonly #tree: Tree;
  readonly #prefixes: PrefixTable;
  readonly #areas: OwnAreas;
  readonly #known = new Map<string, Forwarding>();
  /** In the order of the addresses: those in a prefix lie side by side. */
  readonly #inOrder: Forwarding[] = [];
  /** Those that were not looked up yet. */
  readonly #fresh = new Set<Forwarding>();
  readonly #standIns: StandIns;

  constructor(graph: Graph, tree: Tree, prefixes: PrefixTable, areas: OwnAreas) {
    this.#graph = graph;
    this.#tree = tree;
    this.#prefixes = prefixes;
    this.#areas = areas;
    this.#standIns = new StandIns(tree);
  }

  get size(): number {
    return this.#known.size;
  }

  /** The vertex that stands for an address, made at first mention. */
  vertexOf(address: Address, area: number): number {
    const key = addressKey(address);
    const name = `${area} ${key}`;
    let known = this.#known.get(name);
    if (known === undefined) {
      const vertex = this.#graph.standIn(VertexKind.ForwardingAddress, this.size);
      known = { vertex, address, key, words: new AddressWords(address), area };
      this.#known.set(name, known);
      this.#inOrder.splice(this.#placeOf(key), 0, known);
      this.#fresh.add(known);
    }
    return known.vertex;
  }

  preferred(vertex: number): boolean {
    return this.#standIns.preferred(vertex);
  }

  /**
   * Looks every address up anew when the tree has, else those that are new or lie in a prefix whose
   * route changed.
   * @param onChange - told the vertices that changed.
   * @returns how many were looked up.
   */
  update(treeAnew: boolean, routes: RouteChoice, onChange: (vertex: number) => void): number {
    const { changed } = routes;
    const all = treeAnew || changed.size > this.size;
    const concerned = all ? new Set(this.#inOrder) : new Set(this.#fresh);
    for (let i = 0; !all && i < changed.size; i++) this.#addThoseIn(changed.at(i), concerned);
    this.#fresh.clear();
    for (const forwarding of concerned) {
      const { vertex } = forwarding;
      if (this.#standIns.set(vertex, this.#lookUp(forwarding, routes))) onChange(vertex);
    }
    return concerned.size;
  }

  #addThoseIn(prefix: number, concerned: Set<Forwarding>): void {
    const first = this.#placeOf(addressKey(this.#prefixes.address(prefix)));
    for (let place = first; place < this.size; place++) {
      const forwarding = this.#inOrder[place]!;
      if (!this.#prefixes.covers(prefix, forwarding.words)) return;
      concerned.add(forwarding);
    }
  }

  /** The place of the first address that is not before another. */
  #placeOf(key: string): number {
    let [from, end] = [0, this.#inOrder.length];
    while (from < end) {
      const middle = (from + end) >>> 1;
      if (this.#inOrder[middle]!.key < key) from = middle + 1;
      else end = middle;
    }
    return from;
  }

  #lookUp(forwarding: Forwarding, routes: RouteChoice): StandInPath | undefined {
    const { address, words, area } = forwarding;
    for (const prefix of this.#prefixes.around(words)) {
      const chosen = routes.chosen(prefix);
      if (chosen === undefined) continue;
      // 16.4 (3): the path must be within an area or between areas; external ones do not lead on.
      if (chosen.rank !== INTRA_AREA && chosen.rank !== INTER_AREA) continue;
      const nearest = chosen.reached[0]!;
      const areaId = chosen.transit ? BACKBONE : this.#areas.idOf(nearest.vertex);
      const stays = chosen.rank === INTRA_AREA && areaId === this.#areas.idAt(area);
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
