/**
 * Which next hops routes lead to, and what was told of their neighbor entries: a next hop is watched
 * while a route leads to it, and one that was told to have failed is told to be well again even when
 * it recovered while none did.
 * @module
 */
import type { UsableChange } from './neighbor-judge.ts';

/** A next hop that is watched. */
export interface WatchedNextHop {
  /** By which spreads know it. */
  readonly key: string;
  readonly interfaceName: string;
  /** Canonical text. */
  readonly address: string;
}

/** Where neighbor entries are followed. */
export interface NeighborEntries {
  /** @returns whether the next hop is usable now. */
  watch(interfaceName: string, address: string): boolean;
  unwatch(interfaceName: string, address: string): void;
}

interface Watched extends WatchedNextHop {
  /** Keys of the routes that lead to it. */
  readonly routes: Set<string>;
}

export class NextHopWatch {
  readonly #entries: NeighborEntries;
  readonly #onUsable: (key: string, usable: boolean) => void;
  /** By what the kernel calls them. */
  readonly #watched = new Map<string, Watched>();
  /** Keys of next hops that were told to have failed. */
  readonly #failed = new Set<string>();

  /** @param onUsable - told of next hops that failed, and that are well again, by key. */
  constructor(entries: NeighborEntries, onUsable: (key: string, usable: boolean) => void) {
    this.#entries = entries;
    this.#onUsable = onUsable;
  }

  /** The next hops that are watched. */
  nextHops(): Iterable<WatchedNextHop> {
    return this.#watched.values();
  }

  /** The next hops of a route are these from now on. */
  follow(route: string, nextHops: readonly WatchedNextHop[]): void {
    const wanted = new Map(nextHops.map((hop) => [nameOf(hop), hop]));
    for (const [name, { routes, interfaceName, address }] of this.#watched) {
      if (wanted.has(name) || !routes.delete(route) || routes.size > 0) continue;
      this.#watched.delete(name);
      this.#entries.unwatch(interfaceName, address);
    }
    for (const [name, hop] of wanted) {
      const held = this.#watched.get(name);
      if (held !== undefined) {
        held.routes.add(route);
        continue;
      }
      this.#watched.set(name, { ...hop, routes: new Set([route]) });
      this.#tell(hop.key, this.#entries.watch(hop.interfaceName, hop.address));
    }
  }

  /** What the kernel says of a next hop; of one that is not watched it means nothing. */
  changed(change: UsableChange): void {
    const watched = this.#watched.get(nameOf(change));
    if (watched !== undefined) this.#tell(watched.key, change.usable);
  }

  #tell(key: string, usable: boolean): void {
    if (usable ? !this.#failed.delete(key) : this.#failed.has(key)) return;
    if (!usable) this.#failed.add(key);
    this.#onUsable(key, usable);
  }
}

const nameOf = ({ interfaceName, address }: Omit<WatchedNextHop, 'key'>): string =>
  `${address}%${interfaceName}`;
