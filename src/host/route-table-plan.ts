/**
 * What to tell the kernel: next hop objects, one resilient group per set of next hops, and routes
 * that use the groups. Pure: changes in, operations out, in an order in which no route ever lacks
 * its group. A group whose prefixes all change alike is changed in place, since a new group would
 * lay its buckets out anew and move flows.
 * @module
 */
import type { NextHopSet, RouteChange, RouteTableNextHop } from './route-table.ts';

/** A kernel group's member: a next hop object and its weight. */
export interface GroupMember {
  readonly id: number;
  /** 1..256. */
  readonly weight: number;
}

export type KernelOperation =
  | {
      readonly kind: 'addNextHop';
      readonly id: number;
      readonly interfaceName: string;
      readonly address: string;
    }
  | {
      readonly kind: 'setGroup';
      readonly id: number;
      readonly exists: boolean;
      readonly members: readonly GroupMember[];
      readonly bucketCount: number;
      readonly idleTimerS: number;
      readonly unbalancedTimerS: number;
    }
  | {
      readonly kind: 'setRoute';
      readonly prefix: string;
      readonly groupId: number;
      readonly exists: boolean;
    }
  | { readonly kind: 'deleteRoute'; readonly prefix: string }
  | { readonly kind: 'deleteNextHop'; readonly id: number };

/** What was found of ours in the kernel. */
export interface KernelState {
  readonly nextHops: readonly {
    readonly id: number;
    readonly interfaceName: string;
    readonly address: string;
  }[];
  readonly groups: readonly {
    readonly id: number;
    readonly members: readonly GroupMember[];
    readonly bucketCount: number;
    readonly idleTimerS: number;
    readonly unbalancedTimerS: number;
  }[];
  readonly routes: readonly { readonly prefix: string; readonly groupId: number }[];
  /** Ids in use by others. */
  readonly foreignIds: readonly number[];
}

interface Group {
  readonly id: number;
  set: NextHopSet;
  signature: string;
  readonly prefixes: Set<string>;
  /** Its members, each counted as one use of a next hop. */
  hops: readonly HeldNextHop[];
}

/** A next hop object, and how many groups have it. */
interface HeldNextHop {
  readonly key: string;
  readonly id: number;
  uses: number;
}

/** Prefixes that go the same way in one change. */
interface Part {
  readonly set: NextHopSet;
  readonly signature: string;
  readonly prefixes: string[];
}

/** "TC" in the high half, so that people recognize our objects. */
export const FIRST_NEXT_HOP_ID = 0x5443_0001;
export const MAX_KERNEL_WEIGHT = 256;

const nextHopKey = ({ address, interfaceName }: Omit<RouteTableNextHop, 'weight'>): string =>
  `${address}%${interfaceName}`;

/**
 * Weights as the kernel takes them, whole numbers 1..256: kept when they are such already, else
 * scaled so that the largest is 256.
 */
export function kernelWeights(weights: readonly number[]): number[] {
  if (weights.every((w) => Number.isInteger(w) && w >= 1 && w <= MAX_KERNEL_WEIGHT)) {
    return [...weights];
  }
  const largest = Math.max(...weights);
  return weights.map((weight) => Math.max(1, Math.round((MAX_KERNEL_WEIGHT * weight) / largest)));
}

function signatureOf(set: NextHopSet): string {
  const weights = kernelWeights(set.nextHops.map(({ weight }) => weight));
  const hops = set.nextHops.map((hop, i) => `${nextHopKey(hop)}*${weights[i]}`).sort();
  return `${set.bucketCount} ${set.idleTimerS} ${set.unbalancedTimerS} ${hops.join(' ')}`;
}

export class RoutePlan {
  readonly #nextHops = new Map<string, HeldNextHop>();
  readonly #groups = new Map<number, Group>();
  readonly #bySignature = new Map<string, Group>();
  readonly #groupOf = new Map<string, Group>();
  readonly #usedIds = new Set<number>();
  /** Groups that may have lost their last prefix, next hops that may have lost their last group. */
  readonly #touched = new Set<Group>();
  readonly #idle = new Set<HeldNextHop>();
  /** Adopted prefixes that nobody has asked for yet. */
  readonly #unclaimed = new Set<string>();
  #nextId = FIRST_NEXT_HOP_ID;

  /** The next hops of every prefix. */
  routes(): ReadonlyMap<string, NextHopSet> {
    return new Map([...this.#groupOf].map(([prefix, { set }]) => [prefix, set]));
  }

  /** Starts from what is in the kernel; everything found is unclaimed. */
  load(state: KernelState): void {
    for (const map of [this.#nextHops, this.#groups, this.#bySignature, this.#groupOf]) {
      map.clear();
    }
    for (const held of [this.#usedIds, this.#unclaimed, this.#touched, this.#idle]) held.clear();
    const hops = new Map(state.nextHops.map((hop) => [hop.id, hop]));
    for (const id of state.foreignIds) this.#usedIds.add(id);
    for (const hop of state.nextHops) {
      this.#usedIds.add(hop.id);
      const key = nextHopKey(hop);
      this.#nextHops.set(key, { key, id: hop.id, uses: 0 });
    }
    for (const { id, members, bucketCount, idleTimerS, unbalancedTimerS } of state.groups) {
      this.#usedIds.add(id);
      const nextHops = members.flatMap(({ id: member, weight }) => {
        const hop = hops.get(member);
        return hop === undefined ? [] : [{ ...hop, weight }];
      });
      const set = { nextHops, bucketCount, idleTimerS, unbalancedTimerS };
      const signature = signatureOf(set);
      const group: Group = { id, set, signature, prefixes: new Set<string>(), hops: [] };
      this.#use(
        group,
        nextHops.map((hop) => this.#nextHops.get(nextHopKey(hop))!),
      );
      this.#groups.set(id, group);
      this.#bySignature.set(group.signature, group);
    }
    for (const { prefix, groupId } of state.routes) {
      const group = this.#groups.get(groupId);
      if (group === undefined) continue;
      group.prefixes.add(prefix);
      this.#groupOf.set(prefix, group);
      this.#unclaimed.add(prefix);
    }
    // What was left half-way goes with the next change.
    for (const group of this.#groups.values()) this.#touched.add(group);
    for (const hop of this.#nextHops.values()) if (hop.uses === 0) this.#idle.add(hop);
  }

  /** Withdraws what was adopted and not asked for since. */
  releaseUnclaimed(): KernelOperation[] {
    return this.change([...this.#unclaimed].map((prefix) => ({ prefix, set: undefined })));
  }

  /** Plans changes, all together; a prefix named twice goes by its last mention. */
  change(changes: readonly RouteChange[]): KernelOperation[] {
    const latest = new Map(changes.map(({ prefix, set }) => [prefix, set]));
    const operations: KernelOperation[] = [];
    for (const prefix of latest.keys()) this.#unclaimed.delete(prefix);
    for (const [group, parts] of this.#partsByGroup(latest)) {
      this.#place(group, parts, operations);
    }
    for (const [prefix, set] of latest) {
      if (set !== undefined && set.nextHops.length > 0) continue;
      const group = this.#groupOf.get(prefix);
      if (group === undefined) continue;
      this.#leave(group, prefix);
      this.#groupOf.delete(prefix);
      operations.push({ kind: 'deleteRoute', prefix });
    }
    this.#sweep(operations);
    return operations;
  }

  /** Prefixes that want a set, by the group they have now and the set they want. */
  #partsByGroup(
    latest: ReadonlyMap<string, NextHopSet | undefined>,
  ): Map<Group | undefined, Map<string, Part>> {
    const parts = new Map<Group | undefined, Map<string, Part>>();
    const signatures = new Map<NextHopSet, string>(); // many prefixes share one set object
    for (const [prefix, set] of latest) {
      if (set === undefined || set.nextHops.length === 0) continue;
      const signature = signatures.get(set) ?? signatureOf(set);
      signatures.set(set, signature);
      const group = this.#groupOf.get(prefix);
      const ofGroup = parts.get(group) ?? new Map<string, Part>();
      parts.set(group, ofGroup);
      const part = ofGroup.get(signature);
      if (part === undefined) ofGroup.set(signature, { set, signature, prefixes: [prefix] });
      else part.prefixes.push(prefix);
    }
    return parts;
  }

  #place(
    group: Group | undefined,
    parts: ReadonlyMap<string, Part>,
    operations: KernelOperation[],
  ): void {
    const moving = [...parts.values()].filter(({ signature }) => signature !== group?.signature);
    const heir = group === undefined ? undefined : this.#heirOf(group, moving);
    if (group !== undefined && heir !== undefined) {
      this.#setGroup(group, heir, true, operations);
    }
    for (const part of moving) {
      if (part === heir) continue;
      const target = this.#bySignature.get(part.signature) ?? this.#newGroup(part, operations);
      for (const prefix of part.prefixes) {
        const exists = group !== undefined;
        if (group !== undefined) this.#leave(group, prefix);
        target.prefixes.add(prefix);
        this.#groupOf.set(prefix, target);
        operations.push({ kind: 'setRoute', prefix, groupId: target.id, exists });
      }
    }
  }

  /** The part that keeps the group, changed in place: the largest, if no prefix of it stays behind. */
  #heirOf(group: Group, moving: readonly Part[]): Part | undefined {
    const leaving = moving.reduce((sum, { prefixes }) => sum + prefixes.length, 0);
    if (leaving < group.prefixes.size) return undefined;
    const able = moving.filter(({ set }) => set.bucketCount === group.set.bucketCount);
    return able.sort((a, b) => b.prefixes.length - a.prefixes.length)[0];
  }

  #newGroup(part: Part, operations: KernelOperation[]): Group {
    const { set, signature } = part;
    const group: Group = { id: this.#newId(), set, signature, prefixes: new Set(), hops: [] };
    this.#groups.set(group.id, group);
    this.#setGroup(group, part, false, operations);
    return group;
  }

  #setGroup(group: Group, part: Part, exists: boolean, operations: KernelOperation[]): void {
    if (this.#bySignature.get(group.signature) === group) this.#bySignature.delete(group.signature);
    const { set, signature } = part;
    Object.assign(group, { set, signature });
    if (!this.#bySignature.has(signature)) this.#bySignature.set(signature, group);
    const weights = kernelWeights(set.nextHops.map(({ weight }) => weight));
    const hops = set.nextHops.map((hop) => this.#nextHop(hop, operations));
    this.#use(group, hops);
    const members = hops.map(({ id }, i) => ({ id, weight: weights[i] ?? 1 }));
    const { bucketCount, idleTimerS, unbalancedTimerS } = set;
    operations.push({
      kind: 'setGroup',
      id: group.id,
      exists,
      members: members.sort((a, b) => a.id - b.id),
      bucketCount,
      idleTimerS,
      unbalancedTimerS,
    });
  }

  #nextHop(hop: RouteTableNextHop, operations: KernelOperation[]): HeldNextHop {
    const key = nextHopKey(hop);
    const held = this.#nextHops.get(key);
    if (held !== undefined) return held;
    const made = { key, id: this.#newId(), uses: 0 };
    this.#nextHops.set(key, made);
    const { interfaceName, address } = hop;
    operations.push({ kind: 'addNextHop', id: made.id, interfaceName, address });
    return made;
  }

  /** Gives a group its members, and notes those it had for sweeping. */
  #use(group: Group, hops: readonly HeldNextHop[]): void {
    for (const hop of hops) hop.uses++;
    for (const hop of group.hops) {
      hop.uses--;
      if (hop.uses === 0) this.#idle.add(hop);
    }
    group.hops = hops;
  }

  #leave(group: Group, prefix: string): void {
    group.prefixes.delete(prefix);
    if (group.prefixes.size === 0) this.#touched.add(group);
  }

  /** Removes groups without routes, then next hops without groups. */
  #sweep(operations: KernelOperation[]): void {
    for (const group of this.#touched) {
      if (group.prefixes.size > 0) continue;
      this.#use(group, []);
      this.#groups.delete(group.id);
      this.#usedIds.delete(group.id);
      if (this.#bySignature.get(group.signature) === group) {
        this.#bySignature.delete(group.signature);
      }
      operations.push({ kind: 'deleteNextHop', id: group.id });
    }
    this.#touched.clear();
    for (const hop of this.#idle) {
      if (hop.uses > 0) continue;
      this.#nextHops.delete(hop.key);
      this.#usedIds.delete(hop.id);
      operations.push({ kind: 'deleteNextHop', id: hop.id });
    }
    this.#idle.clear();
  }

  #newId(): number {
    while (this.#usedIds.has(this.#nextId)) this.#nextId++;
    this.#usedIds.add(this.#nextId);
    return this.#nextId++;
  }
}
