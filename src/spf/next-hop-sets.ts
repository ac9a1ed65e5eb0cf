/**
 * Sets of next hops as numbers (RFC 5340 4.8.2). A set never changes once made: equal sets have
 * equal numbers, so that comparing two is comparing numbers and joining two is one look-up.
 * @module
 */
import { type Address, addressKey } from '../wire/address.ts';
import { PairTable } from './key-table.ts';
import type { NextHop } from './route.ts';

/** The set without next hops: that of the calculating router itself, or of nobody. */
export const NO_NEXT_HOPS = 0;

export class NextHopSets {
  readonly #hops: NextHop[] = [];
  readonly #hopByKey = new Map<string, number>();
  readonly #members: (readonly number[])[] = [[]];
  /** Per set, whether it leads onto a link that the destination is on itself. */
  readonly #hasOnLink: boolean[] = [false];
  readonly #setByKey = new Map<string, number>([['', NO_NEXT_HOPS]]);
  readonly #unions = new PairTable();
  readonly #unionSet: number[] = [];
  /** Interface with Router ID, then that with the router's Interface ID: its address there. */
  readonly #links = new PairTable();
  readonly #ends = new PairTable();
  readonly #endSet: number[] = [];
  /** Counts up when an address comes or goes. */
  version = 0;

  get size(): number {
    return this.#members.length;
  }

  /** The members of a set. */
  nextHops(set: number): NextHop[] {
    return this.#members[set]!.map((hop) => this.#hops[hop]!);
  }

  /**
   * Notes the link-local address in a router's Link-LSA (RFC 5340 A.4.9).
   * @param linkInterfaceId - its Interface ID on the link, the Link State ID of the LSA.
   * @param address - `undefined` when the LSA is gone.
   * @returns whether that changed anything.
   */
  setAddress(
    interfaceId: number,
    routerId: number,
    linkInterfaceId: number,
    address: Address | undefined,
  ): boolean {
    const end = this.#endOf(interfaceId, routerId, linkInterfaceId);
    const set = address === undefined ? NO_NEXT_HOPS : this.#single({ interfaceId, address });
    const changed = this.#endSet[end] !== set;
    this.#endSet[end] = set;
    if (changed) this.version++;
    return changed;
  }

  /** Whether a set leads onto a link that the destination is on itself. */
  hasOnLink(set: number): boolean {
    return this.#hasOnLink[set]!;
  }

  /** The set of one: a router on a link; without next hops while its address is not known. */
  viaRouter(interfaceId: number, routerId: number, linkInterfaceId: number): number {
    return this.#endSet[this.#endOf(interfaceId, routerId, linkInterfaceId)]!;
  }

  /** The set of one: out of an interface, onto the link itself. */
  onLink(interfaceId: number): number {
    return this.#single({ interfaceId, address: undefined });
  }

  /**
   * The next hops to a router behind a network, given those to the network: onto a link of ours
   * means to that router's address there (RFC 2328 16.1.1), all else stays.
   */
  throughNetwork(set: number, routerId: number, linkInterfaceId: number): number {
    if (!this.#hasOnLink[set]) return set;
    return this.#replaceOnLink(set, (interfaceId) =>
      this.viaRouter(interfaceId, routerId, linkInterfaceId),
    );
  }

  /** The next hops to an address, given those to the prefix it is in. */
  toAddress(set: number, address: Address): number {
    if (!this.#hasOnLink[set]) return set;
    return this.#replaceOnLink(set, (interfaceId) => this.#single({ interfaceId, address }));
  }

  union(a: number, b: number): number {
    if (a === b || b === NO_NEXT_HOPS) return a;
    if (a === NO_NEXT_HOPS) return b;
    const pair = a < b ? this.#unions.intern(a, b) : this.#unions.intern(b, a);
    if (pair === this.#unionSet.length) {
      this.#unionSet.push(this.#intern([...this.#members[a]!, ...this.#members[b]!]));
    }
    return this.#unionSet[pair]!;
  }

  /** Each member of a set as a set of one. */
  singlesOf(set: number): number[] {
    return this.#members[set]!.map((hop) => this.#intern([hop]));
  }

  /** The union of several sets. */
  unionOf(sets: readonly number[]): number {
    return this.#intern(sets.flatMap((set) => this.#members[set]!));
  }

  #replaceOnLink(set: number, by: (interfaceId: number) => number): number {
    let result = NO_NEXT_HOPS;
    for (const hop of this.#members[set]!) {
      const { interfaceId, address } = this.#hops[hop]!;
      result = this.union(result, address === undefined ? by(interfaceId) : this.#intern([hop]));
    }
    return result;
  }

  #endOf(interfaceId: number, routerId: number, linkInterfaceId: number): number {
    const link = this.#links.intern(interfaceId, routerId);
    const end = this.#ends.intern(link, linkInterfaceId);
    if (end === this.#endSet.length) this.#endSet.push(NO_NEXT_HOPS);
    return end;
  }

  #single(nextHop: NextHop): number {
    const { interfaceId, address } = nextHop;
    const key = `${interfaceId} ${address === undefined ? '' : addressKey(address)}`;
    let hop = this.#hopByKey.get(key);
    if (hop === undefined) {
      hop = this.#hops.length;
      this.#hops.push(nextHop);
      this.#hopByKey.set(key, hop);
    }
    return this.#intern([hop]);
  }

  #intern(hops: readonly number[]): number {
    const members = [...new Set(hops)].sort((a, b) => a - b);
    const key = members.join(' ');
    let set = this.#setByKey.get(key);
    if (set === undefined) {
      set = this.#members.length;
      this.#members.push(members);
      this.#hasOnLink.push(members.some((hop) => this.#hops[hop]!.address === undefined));
      this.#setByKey.set(key, set);
    }
    return set;
  }
}
