import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { NextHopSet, RouteChange } from '../../src/host/route-table.ts';
import { MemoryRouteTable } from '../../src/host/route-table-memory.ts';
import {
  FIRST_NEXT_HOP_ID as FIRST,
  type GroupMember,
  type KernelOperation,
  kernelWeights,
  RoutePlan,
} from '../../src/host/route-table-plan.ts';

const set = (weights: Readonly<Record<string, number>>, bucketCount = 1024): NextHopSet => ({
  nextHops: Object.entries(weights).map(([name, weight]) => ({
    interfaceName: 'east',
    address: `fe80::${name}`,
    weight,
  })),
  bucketCount,
  idleTimerS: 1,
  unbalancedTimerS: 2,
});
const kinds = (operations: readonly KernelOperation[]): string[] =>
  operations.map(({ kind }) => kind);

describe('weights as the kernel takes them', () => {
  test('whole numbers up to 256 are kept', () => {
    expect(kernelWeights([1, 100, 256])).toEqual([1, 100, 256]);
  });
  test('others are scaled to a largest of 256, and none becomes nothing', () => {
    expect(kernelWeights([0.1, 0.05, 0.00001])).toEqual([256, 128, 1]);
    expect(kernelWeights([1000, 500])).toEqual([256, 128]);
  });
});

describe('planning kernel routes', () => {
  test('a first route: next hops, then their group, then the route', () => {
    const plan = new RoutePlan();
    const operations = plan.change([{ prefix: '2001:db8::53/128', set: set({ 1: 4, 2: 2 }) }]);
    expect(operations).toEqual([
      { kind: 'addNextHop', id: FIRST + 1, interfaceName: 'east', address: 'fe80::1' },
      { kind: 'addNextHop', id: FIRST + 2, interfaceName: 'east', address: 'fe80::2' },
      {
        kind: 'setGroup',
        id: FIRST,
        exists: false,
        members: [
          { id: FIRST + 1, weight: 4 },
          { id: FIRST + 2, weight: 2 },
        ],
        bucketCount: 1024,
        idleTimerS: 1,
        unbalancedTimerS: 2,
      },
      { kind: 'setRoute', prefix: '2001:db8::53/128', groupId: FIRST, exists: false },
    ]);
  });

  test('prefixes with the same set share one group', () => {
    const plan = new RoutePlan();
    const changes = ['a::/128', 'b::/128', 'c::/128'].map((prefix) => ({
      prefix,
      set: set({ 1: 1, 2: 1 }),
    }));
    expect(kinds(plan.change(changes)).filter((kind) => kind === 'setGroup')).toHaveLength(1);
    const later = plan.change([{ prefix: 'd::/128', set: set({ 2: 1, 1: 1 }) }]);
    expect(kinds(later)).toEqual(['setRoute']);
  });

  test('when all prefixes of a group change alike, the group changes in place, once', () => {
    const plan = new RoutePlan();
    const prefixes = ['a::/128', 'b::/128'];
    plan.change(prefixes.map((prefix) => ({ prefix, set: set({ 1: 1, 2: 1 }) })));
    const operations = plan.change(
      prefixes.map((prefix) => ({ prefix, set: set({ 1: 1, 2: 3 }) })),
    );
    expect(operations).toMatchObject([{ kind: 'setGroup', id: FIRST, exists: true }]);
  });

  test('a prefix that goes its own way gets a group of its own; the others keep theirs', () => {
    const plan = new RoutePlan();
    plan.change(['a::/128', 'b::/128'].map((prefix) => ({ prefix, set: set({ 1: 1, 2: 1 }) })));
    const operations = plan.change([{ prefix: 'b::/128', set: set({ 1: 1, 2: 9 }) }]);
    expect(kinds(operations)).toEqual(['setGroup', 'setRoute']);
    expect(operations[1]).toMatchObject({ prefix: 'b::/128', exists: true });
    expect(plan.routes().get('a::/128')).toEqual(set({ 1: 1, 2: 1 }));
  });

  test('another number of buckets needs another group: the kernel cannot change it in place', () => {
    const plan = new RoutePlan();
    plan.change([{ prefix: 'a::/128', set: set({ 1: 1 }, 256) }]);
    const operations = plan.change([{ prefix: 'a::/128', set: set({ 1: 1 }, 512) }]);
    expect(kinds(operations)).toEqual(['setGroup', 'setRoute', 'deleteNextHop']);
  });

  test('a server that leaves: its next hop goes after the group has let go of it', () => {
    const plan = new RoutePlan();
    plan.change([{ prefix: 'a::/128', set: set({ 1: 1, 2: 1 }) }]);
    const operations = plan.change([{ prefix: 'a::/128', set: set({ 1: 1 }) }]);
    expect(kinds(operations)).toEqual(['setGroup', 'deleteNextHop']);
    expect(operations[1]).toMatchObject({ id: FIRST + 2 });
  });

  test('a withdrawn route takes its group and next hops along', () => {
    const plan = new RoutePlan();
    plan.change([{ prefix: 'a::/128', set: set({ 1: 1, 2: 1 }) }]);
    expect(kinds(plan.change([{ prefix: 'a::/128', set: undefined }]))).toEqual([
      'deleteRoute',
      'deleteNextHop',
      'deleteNextHop',
      'deleteNextHop',
    ]);
    expect(plan.change([{ prefix: 'a::/128', set: set({}) }])).toEqual([]);
  });

  test('an unchanged wish is no operation', () => {
    const plan = new RoutePlan();
    plan.change([{ prefix: 'a::/128', set: set({ 1: 1, 2: 1 }) }]);
    expect(plan.change([{ prefix: 'a::/128', set: set({ 2: 1, 1: 1 }) }])).toEqual([]);
  });
});

describe('after a restart', () => {
  const found = {
    nextHops: [
      { id: 7, interfaceName: 'east', address: 'fe80::1' },
      { id: 8, interfaceName: 'east', address: 'fe80::2' },
    ],
    groups: [
      {
        id: 9,
        members: [
          { id: 7, weight: 1 },
          { id: 8, weight: 1 },
        ],
        bucketCount: 1024,
        idleTimerS: 1,
        unbalancedTimerS: 2,
      },
    ],
    routes: [
      { prefix: 'a::/128', groupId: 9 },
      { prefix: 'b::/128', groupId: 9 },
    ],
    foreignIds: [FIRST, FIRST + 1],
  };

  test('what is as wished is kept without an operation', () => {
    const plan = new RoutePlan();
    plan.load(found);
    expect(plan.change([{ prefix: 'a::/128', set: set({ 1: 1, 2: 1 }) }])).toEqual([]);
  });

  test('what nobody asks for is released, the rest stays', () => {
    const plan = new RoutePlan();
    plan.load(found);
    plan.change([{ prefix: 'a::/128', set: set({ 1: 1, 2: 1 }) }]);
    expect(plan.releaseUnclaimed()).toEqual([{ kind: 'deleteRoute', prefix: 'b::/128' }]);
    expect(plan.releaseUnclaimed()).toEqual([]);
  });

  test('ids of others are never taken', () => {
    const plan = new RoutePlan();
    plan.load(found);
    const operations = plan.change([{ prefix: 'c::/128', set: set({ 3: 1 }) }]);
    const ids = operations.flatMap((operation) => ('id' in operation ? [operation.id] : []));
    for (const id of ids) expect([7, 8, 9, FIRST, FIRST + 1]).not.toContain(id);
  });
});

/** A kernel that checks references as Linux does. */
class StrictKernel {
  readonly hops = new Map<number, string>();
  readonly groups = new Map<number, readonly GroupMember[]>();
  readonly routes = new Map<string, number>();

  perform(operation: KernelOperation): void {
    switch (operation.kind) {
      case 'addNextHop':
        if (this.hops.has(operation.id) || this.groups.has(operation.id)) throw new Error('exists');
        this.hops.set(operation.id, operation.address);
        break;
      case 'setGroup':
        if (operation.exists !== this.groups.has(operation.id)) throw new Error('add or replace');
        for (const { id } of operation.members) if (!this.hops.has(id)) throw new Error('no hop');
        this.groups.set(operation.id, operation.members);
        break;
      case 'setRoute':
        if (operation.exists !== this.routes.has(operation.prefix)) throw new Error('route');
        if (!this.groups.has(operation.groupId)) throw new Error('no group');
        this.routes.set(operation.prefix, operation.groupId);
        break;
      case 'deleteRoute':
        if (!this.routes.delete(operation.prefix)) throw new Error('no route');
        break;
      case 'deleteNextHop':
        // Linux would delete the routes of a deleted group, too: nobody may still use it.
        if ([...this.routes.values()].includes(operation.id)) throw new Error('in use');
        for (const members of this.groups.values()) {
          if (members.some(({ id }) => id === operation.id)) throw new Error('in a group');
        }
        if (!this.hops.delete(operation.id) && !this.groups.delete(operation.id)) {
          throw new Error('no such id');
        }
    }
  }

  view(): Record<string, Record<string, number>> {
    const view: Record<string, Record<string, number>> = {};
    for (const [prefix, id] of this.routes) {
      view[prefix] = Object.fromEntries(
        (this.groups.get(id) ?? []).map(({ id: hop, weight }) => [this.hops.get(hop)!, weight]),
      );
    }
    return view;
  }
}

describe('for every history of changes', () => {
  const wish = fc.record({
    prefix: fc.constantFrom('a::/128', 'b::/128', 'c::/128', 'd::/128'),
    weights: fc.dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 3 })),
    buckets: fc.constantFrom(256, 1024),
  });

  test('the kernel accepts every operation, ends as wished, and keeps nothing unused', () => {
    fc.assert(
      fc.property(fc.array(fc.array(wish, { maxLength: 5 }), { maxLength: 12 }), (history) => {
        const plan = new RoutePlan();
        const kernel = new StrictKernel();
        const wanted = new Map<string, Record<string, number>>();
        for (const wishes of history) {
          const changes = wishes.map(({ prefix, weights, buckets }): RouteChange => {
            if (Object.keys(weights).length === 0) wanted.delete(prefix);
            else {
              const named = Object.entries(weights).map(([n, w]) => [`fe80::${n}`, w] as const);
              wanted.set(prefix, Object.fromEntries(named));
            }
            return { prefix, set: set(weights, buckets) };
          });
          for (const operation of plan.change(changes)) kernel.perform(operation);
          expect(kernel.view()).toEqual(Object.fromEntries(wanted));
          const used = new Set(kernel.routes.values());
          expect([...kernel.groups.keys()].every((id) => used.has(id))).toBe(true);
          const members = new Set([...kernel.groups.values()].flat().map(({ id }) => id));
          expect([...kernel.hops.keys()].every((id) => members.has(id))).toBe(true);
        }
      }),
    );
  });
});

describe('the route table in memory', () => {
  test('plans as for a kernel and remembers what it would have been told', async () => {
    const table = new MemoryRouteTable();
    const result = await table.apply([{ prefix: 'a::/128', set: set({ 1: 1 }) }]);
    expect(result).toEqual({ operations: 3, failures: [] });
    expect(kinds(table.operations)).toEqual(['addNextHop', 'setGroup', 'setRoute']);
    expect(table.routes.get('a::/128')).toEqual(set({ 1: 1 }));
    await table.clear();
    expect(table.routes.size).toBe(0);
  });
});
