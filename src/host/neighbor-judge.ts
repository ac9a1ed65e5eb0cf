/**
 * Which next hops have a valid neighbor entry in the kernel (RFC 4861 7.3.2). A next hop that was
 * never resolved is not used until it is; one that was is used until resolution fails, so that the
 * kernel's own housekeeping moves no flow.
 * @module
 */

/** States of the kernel's entries, as iproute2 names them. */
const VALID = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP']);

/** An entry as the kernel tells it. */
export interface NeighborEntry {
  readonly interfaceName: string;
  /** Canonical text. */
  readonly address: string;
  readonly linkLayerAddress: string | undefined;
  /** Undefined when the entry was removed. */
  readonly state: string | undefined;
}

/** A next hop whose usability changed, or whose link-layer address did while it was usable. */
export interface UsableChange {
  readonly interfaceName: string;
  readonly address: string;
  readonly usable: boolean;
}

/** A next hop, as the kernel calls it. */
export type NeighborName = Pick<NeighborEntry, 'interfaceName' | 'address'>;

interface WatchedEntry extends NeighborName {
  usable: boolean;
  linkLayerAddress: string | undefined;
}

/** Reads a line of `ip -o monitor neigh`; undefined for anything else. */
export function readNeighborLine(line: string): NeighborEntry | undefined {
  const words = line.trim().split(/\s+/);
  const deleted = words[0] === 'Deleted';
  const [address = '', dev, interfaceName, ...rest] = deleted ? words.slice(1) : words;
  if (dev !== 'dev' || interfaceName === undefined || !/^[0-9a-f.:]+$/.test(address)) {
    return undefined;
  }
  const linkLayerAddress = rest[0] === 'lladdr' ? rest[1] : undefined;
  const state = deleted ? undefined : rest.find((word) => /^[A-Z]+$/.test(word));
  return { interfaceName, address, linkLayerAddress, state };
}

export class NeighborJudge {
  readonly #entries = new Map<string, NeighborEntry>();
  /** What was told of the next hops that are watched. */
  readonly #watched = new Map<string, WatchedEntry>();

  /** The link-layer address of a neighbor, when it is known. */
  linkLayerAddressOf(interfaceName: string, address: string): string | undefined {
    return this.#entries.get(keyOf(interfaceName, address))?.linkLayerAddress;
  }

  /** The link-local addresses that are known at a link-layer address. */
  neighborsAt(linkLayerAddress: string): { interfaceName: string; address: string }[] {
    return [...this.#entries.values()].flatMap(({ interfaceName, address, ...entry }) => {
      if (entry.linkLayerAddress !== linkLayerAddress) return [];
      return address.startsWith('fe80:') ? [{ interfaceName, address }] : [];
    });
  }

  /** The state of an entry; undefined when there is none. */
  stateOf(interfaceName: string, address: string): string | undefined {
    return this.#entries.get(keyOf(interfaceName, address))?.state;
  }

  /**
   * Begins to watch a next hop.
   * @param used - whether it was in use already, so that it is until resolution fails.
   * @returns whether it is usable now; if not, solicit it.
   */
  watch(interfaceName: string, address: string, used = false): boolean {
    const key = keyOf(interfaceName, address);
    const held = this.#watched.get(key);
    if (held !== undefined) return held.usable;
    const { state, linkLayerAddress } = this.#entries.get(key) ?? {};
    const usable = VALID.has(state ?? '') || (used && state !== 'FAILED');
    this.#watched.set(key, { interfaceName, address, usable, linkLayerAddress });
    return usable;
  }

  unwatch(interfaceName: string, address: string): void {
    this.#watched.delete(keyOf(interfaceName, address));
  }

  /** Those that are watched and not usable: to be solicited again, since no flow goes to them. */
  unusable(): NeighborName[] {
    const missing = [...this.#watched.values()].filter(({ usable }) => !usable);
    return missing.map(({ interfaceName, address }) => ({ interfaceName, address }));
  }

  /** Takes in what the kernel says. @returns the change, when it is one for a watched next hop. */
  learn(entry: NeighborEntry): UsableChange | undefined {
    const { interfaceName, address, state } = entry;
    const key = keyOf(interfaceName, address);
    if (state === undefined) this.#entries.delete(key);
    else this.#entries.set(key, entry);
    const told = this.#watched.get(key);
    if (told === undefined) return undefined;
    const valid = VALID.has(state ?? '');
    const usable = valid || (told.usable && state !== 'FAILED');
    const moved = valid && entry.linkLayerAddress !== told.linkLayerAddress;
    if (usable === told.usable && !moved) return undefined;
    told.usable = usable;
    if (valid) told.linkLayerAddress = entry.linkLayerAddress;
    return { interfaceName, address, usable };
  }
}

const keyOf = (interfaceName: string, address: string): string => `${address}%${interfaceName}`;
