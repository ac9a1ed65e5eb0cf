/**
 * The address ranges that are configured for our areas, as far as the calculation needs them: what
 * another border router says of a range of ours, while that is active, is not a way for us (RFC 2328
 * 16.2 step 3). Two border routers of one area that say the same range would else send each other
 * the packets to what is in none of its networks.
 * @module
 */
import type { AddressPrefix } from '../wire/prefix.ts';
import { AddressWords, type PrefixTable } from './key-table.ts';
import { PATH_TYPES } from './route.ts';
import type { RouteChoice } from './route-choice.ts';

const INTRA_AREA = PATH_TYPES.indexOf('intra-area');

/** A range of an area (RFC 2328 C.2). */
export interface CalculationRange {
  readonly areaId: number;
  readonly prefix: Pick<AddressPrefix, 'address' | 'prefixLength'>;
}

interface Range {
  readonly areaId: number;
  readonly prefixLength: number;
  readonly prefix: number;
  /** Prefixes in it that are reached by intra-area paths of its area: it is active while there are. */
  readonly networks: Set<number>;
}

export class AreaRanges {
  readonly #prefixes: PrefixTable;
  readonly #ranges: readonly Range[];
  /** The ranges that are active, by their own prefix. */
  readonly #active = new Set<number>();

  constructor(ranges: readonly CalculationRange[], prefixes: PrefixTable) {
    this.#prefixes = prefixes;
    this.#ranges = ranges.map(({ areaId, prefix: { address, prefixLength } }) => {
      const prefix = prefixes.intern(new AddressWords(address), 0, prefixLength);
      return { areaId, prefixLength, prefix, networks: new Set() };
    });
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#ranges.length > 0;
  }

  /** Whether a prefix is that of an active range. */
  isActive(prefix: number): boolean {
    return this.#active.has(prefix);
  }

  /**
   * Looks at the routes that changed.
   * @param areaIdOf - the Area ID of a vertex.
   * @param onChange - told the prefix of every range that became active or ceased to be.
   */
  update(
    routes: RouteChoice,
    areaIdOf: (vertex: number) => number | undefined,
    onChange: (prefix: number) => void,
  ): void {
    const { changed } = routes;
    for (let i = 0; i < changed.size; i++) this.#look(changed.at(i), routes, areaIdOf);
    const active = new Set(
      this.#ranges.filter(({ networks }) => networks.size > 0).map(({ prefix }) => prefix),
    );
    for (const { prefix } of this.#ranges) {
      if (active.has(prefix) === this.#active.has(prefix)) continue;
      if (active.has(prefix)) this.#active.add(prefix);
      else this.#active.delete(prefix);
      onChange(prefix);
    }
  }

  #look(
    network: number,
    routes: RouteChoice,
    areaIdOf: (vertex: number) => number | undefined,
  ): void {
    const chosen = routes.chosen(network);
    const reached = chosen?.rank === INTRA_AREA ? chosen.reached : [];
    for (const { areaId, prefixLength, prefix, networks } of this.#ranges) {
      const within = reached.some(({ vertex }) => areaIdOf(vertex) === areaId);
      if (within && this.#covers(prefix, prefixLength, network)) networks.add(network);
      else networks.delete(network);
    }
  }

  #covers(range: number, prefixLength: number, network: number): boolean {
    if (this.#prefixes.prefixLength(network) < prefixLength) return false;
    return this.#prefixes.covers(range, new AddressWords(this.#prefixes.address(network)));
  }
}
