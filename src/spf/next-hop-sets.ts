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

/**
 * The set of one: a virtual link, which stands for the next hops through its transit area until
 * those are found (RFC 2328 16.1.1, 16.3).
 */
export const VIRTUAL_LINK = 1;

/** Before all others in a set. */
const VIRTUAL_HOP: NextHop = { interfaceId: -1, address: undefined };
const VIRTUAL_HOP_NUMBER = 0;

/** Fewer sets than this are not worth a look at which are in use. */
const FEW_SETS = 1024;

export class NextHopSets {
  readonly #secret: number;
  readonly #hops = new Interned<NextHop>();
  readonly #sets = new Interned<readonly number[]>();
  /** Per set, whether it leads onto a link that the destination is on itself. */
  readonly #hasOnLink: boolean[] = [];
  /** Pairs of sets joined before. */
  #unions: PairTable;
  #unionSet: number[] = [];
  /** Interface with Router ID, then that with the router's Interface ID: its address there. */
  #links: PairTable;
  #ends: PairTable;
  #endSet: number[] = [];
  #collectAt = FEW_SETS;
  /** Counts up when an address comes or goes, and when sets do that nobody uses. */
  version = 0;

  /** @param secret - see `key-table.ts`. */
  constructor(secret = 0) {
    this.#secret = secret;
    this.#unions = new PairTable(secret);
    this.#links = new PairTable(secret);
    this.#ends = new PairTable(secret);
    this.#intern([]);
    // Its next hop, never handed out, is the first there is.
    this.#intern([this.#hops.intern('virtual link', () => VIRTUAL_HOP)]);
  }

  /** How many sets there are. */
  get size(): number {
    return this.#sets.size;
  }

  /** Whether so many sets came since the last `keepOnly` that another is due. */
  get crowded(): boolean {
    return this.#sets.size + this.#unions.size + this.#ends.size > this.#collectAt;
  }

  /** Forgets all sets, next hops and addresses that are not in use. @param used - sets, repeated or not. */
  keepOnly(used: Iterable<number>): void {
    this.#keepEnds();
    const sets = new Set([NO_NEXT_HOPS, VIRTUAL_LINK, ...this.#endSet]);
    for (const set of used) sets.add(set);
    const hops = new Set<number>();
    for (const set of sets) for (const hop of this.#sets.at(set)) hops.add(hop);
    this.#sets.keepOnly(sets);
    this.#hops.keepOnly(hops);
    this.#unions = new PairTable(this.#secret);
    this.#unionSet = [];
    this.#collectAt = FEW_SETS + 2 * (this.#sets.size + this.#ends.size);
    this.version++;
  }

  /** Names those ends anew whose address is known. */
  #keepEnds(): void {
    const [links, ends, endSet] = [this.#links, this.#ends, this.#endSet];
    this.#links = new PairTable(this.#secret);
    this.#ends = new PairTable(this.#secret);
    this.#endSet = [];
    endSet.forEach((set, end) => {
      if (set === NO_NEXT_HOPS) return;
      const link = ends.first(end);
      const known = this.#endOf(links.first(link), links.second(link), ends.second(end));
      this.#endSet[known] = set;
    });
  }

  /** The members of a set, by interface, then by address. */
  nextHops(set: number): NextHop[] {
    return this.#sets.at(this.withoutVirtualLink(set)).map((hop) => this.#hops.at(hop));
  }

  /** A set but for {@link VIRTUAL_LINK}. */
  withoutVirtualLink(set: number): number {
    const members = this.#sets.at(set);
    if (members[0] !== VIRTUAL_HOP_NUMBER) return set;
    return this.#intern(members.slice(1));
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
    const link = this.#links.find(interfaceId, routerId);
    const end = link < 0 ? -1 : this.#ends.find(link, linkInterfaceId);
    return end < 0 ? NO_NEXT_HOPS : this.#endSet[end]!;
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
      this.#unionSet.push(this.#intern([...this.#sets.at(a), ...this.#sets.at(b)]));
    }
    return this.#unionSet[pair]!;
  }

  /** Each member of a set as a set of one. */
  singlesOf(set: number): number[] {
    return this.#sets.at(set).map((hop) => this.#intern([hop]));
  }

  /** The union of several sets. */
  unionOf(sets: readonly number[]): number {
    return this.#intern(sets.flatMap((set) => this.#sets.at(set)));
  }

  #replaceOnLink(set: number, by: (interfaceId: number) => number): number {
    let result = NO_NEXT_HOPS;
    for (const hop of this.#sets.at(set)) {
      const { interfaceId, address } = this.#hops.at(hop);
      const stays = address !== undefined || hop === VIRTUAL_HOP_NUMBER;
      result = this.union(result, stays ? this.#intern([hop]) : by(interfaceId));
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
    const { interfaceId } = nextHop;
    const key = `${interfaceId} ${textOf(nextHop)}`;
    return this.#intern([this.#hops.intern(key, () => nextHop)]);
  }

  #intern(hops: readonly number[]): number {
    const members = [...new Set(hops)].sort((a, b) => a - b);
    const set = this.#sets.intern(members.join(' '), () =>
      members.sort((a, b) => byInterface(this.#hops.at(a), this.#hops.at(b))),
    );
    this.#hasOnLink[set] = members.some((hop) => {
      return hop !== VIRTUAL_HOP_NUMBER && this.#hops.at(hop).address === undefined;
    });
    return set;
  }
}

const textOf = ({ address }: NextHop): string => (address === undefined ? '' : addressKey(address));

/** By interface, then by address. */
function byInterface(a: NextHop, b: NextHop): number {
  return a.interfaceId - b.interfaceId || (textOf(a) < textOf(b) ? -1 : 1);
}

/** Values by key, each with a number that is given to another when it goes. */
class Interned<Value> {
  readonly #numbers = new Map<string, number>();
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#numbers.size;
  }

  at(number: number): Value {
    return this.#values[number]!;
  }

  /** The number of the value under a key, which is made when it is new. */
  intern(key: string, make: () => Value): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#free.pop() ?? this.#values.length;
    this.#values[number] = make();
    this.#numbers.set(key, number);
    return number;
  }

  keepOnly(used: ReadonlySet<number>): void {
    for (const [key, number] of this.#numbers) {
      if (used.has(number)) continue;
      this.#numbers.delete(key);
      this.#values[number] = undefined;
      this.#free.push(number);
    }
  }
}
