/**
 * A route table that nobody forwards by: for tests, simulations and dry runs.
 * @module
 */
import type { NextHopSet, RouteChange, RouteResult, RouteTable } from './route-table.ts';
import { type KernelOperation, RoutePlan } from './route-table-plan.ts';

/** Plans as for a kernel, and keeps what the kernel would have been told. */
export class MemoryRouteTable implements RouteTable {
  readonly #plan = new RoutePlan();
  readonly #operations: KernelOperation[] = [];

  /** Every operation a kernel would have been given, in order. */
  get operations(): readonly KernelOperation[] {
    return this.#operations;
  }

  /** The next hops of every prefix. */
  get routes(): ReadonlyMap<string, NextHopSet> {
    return this.#plan.routes();
  }

  async adopt(): Promise<readonly string[]> {
    return [...this.#plan.routes().keys()];
  }

  async apply(changes: readonly RouteChange[]): Promise<RouteResult> {
    return this.#perform(this.#plan.change(changes));
  }

  async releaseUnclaimed(): Promise<RouteResult> {
    return this.#perform(this.#plan.releaseUnclaimed());
  }

  async reconcile(): Promise<RouteResult> {
    return { operations: 0, failures: [] };
  }

  async clear(): Promise<RouteResult> {
    const prefixes = [...this.#plan.routes().keys()];
    return this.apply(prefixes.map((prefix) => ({ prefix, set: undefined })));
  }

  close(): void {}

  #perform(operations: readonly KernelOperation[]): RouteResult {
    this.#operations.push(...operations);
    return { operations: operations.length, failures: [] };
  }
}
