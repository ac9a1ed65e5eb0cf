/**
 * Carries a router's routes into a route table: equal-cost next hops as SPF found them, and for
 * anycast services the weights of their spread. Changes of one moment are applied together.
 * @module
 */
import type { BucketShare } from '../anycast/bucket-table.ts';
import { nextHopKey } from '../router/service-members.ts';
import type { NextHop, Route } from '../spf/route.ts';
import { formatAddress } from '../wire/address.ts';
import type { KernelService } from './config-spread.ts';
import type {
  NextHopSet,
  RouteChange,
  RouteResult,
  RouteTable,
  RouteTableNextHop,
} from './route-table.ts';

export interface RouteInstallerOptions {
  readonly table: RouteTable;
  /** Name of an interface by its Interface ID. */
  readonly interfaceName: (interfaceId: number) => string;
  readonly onFailure: (message: string) => void;
  /** Buckets and timers of a prefix. */
  readonly kernelService: (key: string) => KernelService;
  /** The next hops of a prefix that SPF has no route for, known in another way. */
  readonly otherwise?: (key: string) => readonly RouteTableNextHop[];
}

export class RouteInstaller {
  readonly #options: RouteInstallerOptions;
  readonly #routes = new Map<string, Route>();
  readonly #shares = new Map<string, readonly BucketShare[]>();
  readonly #dirty = new Set<string>();
  /** What prefixes are held at, whatever is said of them. */
  readonly #held = new Map<string, NextHopSet>();
  #scheduled = false;
  /** Settles when everything asked for so far has been applied. */
  #applied: Promise<void> = Promise.resolve();

  constructor(options: RouteInstallerOptions) {
    this.#options = options;
  }

  /** Takes over the route of a prefix; `undefined` when it went. */
  route(key: string, route: Route | undefined): void {
    if (route) this.#routes.set(key, route);
    else this.#routes.delete(key);
    this.touch(key);
  }

  /** Takes over how a service's flows are spread; no shares when it is no service any more. */
  spread(key: string, shares: readonly BucketShare[]): void {
    if (shares.length > 0) this.#shares.set(key, shares);
    else this.#shares.delete(key);
    this.touch(key);
  }

  /** Holds a prefix at what the table has for it, until {@link release}. */
  hold(key: string, set: NextHopSet): void {
    this.#held.set(key, set);
  }

  /** Goes on holding a prefix, with some of the next hops alone. */
  reduce(key: string, remains: (nextHop: RouteTableNextHop) => boolean): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.set(key, { ...held, nextHops: held.nextHops.filter(remains) });
    this.touch(key);
  }

  /** Lets what was said of a prefix meanwhile take its place. */
  release(key: string): void {
    if (this.#held.delete(key)) this.touch(key);
  }

  /** Resolves when everything asked for so far has been applied. */
  async settled(): Promise<void> {
    while (this.#scheduled) await new Promise(setImmediate);
    await this.#applied;
  }

  /** Something of the prefix has changed: what is to be in the table is looked up again. */
  touch(key: string): void {
    this.#dirty.add(key);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Everything that one drain of the machine says is one change.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Applies what has changed, without waiting for the end of the turn. */
  flush(): void {
    if (this.#dirty.size === 0) return;
    const changes = [...this.#dirty].flatMap((dirty) => this.#changeOf(dirty));
    this.#dirty.clear();
    this.#applied = this.#apply(changes);
  }

  async #apply(changes: readonly RouteChange[]): Promise<void> {
    let result: RouteResult;
    try {
      result = await this.#options.table.apply(changes);
    } catch (error) {
      this.#options.onFailure(String(error));
      return;
    }
    for (const { what, message } of result.failures) {
      this.#options.onFailure(`${what}: ${message}`);
    }
  }

  #changeOf(key: string): RouteChange[] {
    const held = this.#held.get(key);
    if (held !== undefined) return [{ prefix: key, set: held }];
    const route = this.#routes.get(key);
    // One change from the old set to the new: a service that is advertised otherwise has no gap.
    const nextHops = route
      ? this.#weighted(route, this.#shares.get(key))
      : (this.#options.otherwise?.(key) ?? []);
    // Nobody, or a prefix of our own link: the kernel has that route already.
    if (nextHops.length === 0) return [{ prefix: key, set: undefined }];
    const { bucketCount, idleTimerS, unbalancedTimerS } = this.#options.kernelService(key);
    return [{ prefix: key, set: { nextHops, bucketCount, idleTimerS, unbalancedTimerS } }];
  }

  #weighted(route: Route, shares: readonly BucketShare[] | undefined): RouteTableNextHop[] {
    if (!shares) return route.nextHops.flatMap((hop) => this.#nextHop(hop, 1));
    const hops = new Map<string, NextHop>();
    for (const hop of route.candidates.flatMap((one) => one.nextHops)) {
      hops.set(nextHopKey(hop), hop);
    }
    return shares.flatMap(({ key, weight }) => {
      const hop = hops.get(key);
      return hop ? this.#nextHop(hop, weight) : [];
    });
  }

  #nextHop({ interfaceId, address }: NextHop, weight: number): RouteTableNextHop[] {
    if (address === undefined || weight <= 0) return [];
    const interfaceName = this.#options.interfaceName(interfaceId);
    return [{ interfaceName, address: formatAddress(address), weight }];
  }
}
