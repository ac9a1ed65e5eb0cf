/**
 * Routes of the Linux kernel through iproute2: weighted resilient nexthop groups, so that packets
 * pass at line rate and flows keep their next hop. Every object carries our protocol number; what
 * does not is never touched.
 * @module
 */
import { IpBatch } from './ip-batch.ts';
import { IpReader } from './ip-reader.ts';
import type {
  NextHopSet,
  RouteChange,
  RouteFailure,
  RouteResult,
  RouteTable,
} from './route-table.ts';
import { type KernelOperation, type KernelState, RoutePlan } from './route-table-plan.ts';
import { type KernelReaders, readKernelState } from './route-table-read.ts';
import type { ToolFailure } from './tool-pipe.ts';

/** The protocol number on everything we put into the kernel; free in /etc/iproute2/rt_protos. */
export const ROUTE_PROTOCOL = 177;
/** Better than the kernel's default of 1024 and than IPv6 on-link routes at 256. */
const DEFAULT_METRIC = 64;

const DELETES = /^(route|nexthop) del /;
const ADDS_ROUTE = /^route add (\S+) /;
/** The kernel's words for ESRCH and ENOENT. */
const GONE = /No such process|No such file|does not exist/;

export interface KernelRouteTableConfig {
  /** Another network namespace than our own, by name. */
  readonly networkNamespace?: string;
  /** Routing table, by default 254 (main). */
  readonly table?: number;
  /** By default 64. */
  readonly metric?: number;
}

export class KernelRouteTable implements RouteTable {
  readonly #ip: IpBatch;
  readonly #readers: KernelReaders;
  readonly #table: number;
  readonly #metric: number;
  readonly #plan = new RoutePlan();
  /** What was asked for, by prefix; what reconciliation works towards. */
  readonly #wanted = new Map<string, RouteChange>();
  /** Changes are made one after the other: how many have not come to their end, and the last. */
  #underWay = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: KernelRouteTableConfig = {}) {
    const { networkNamespace } = config;
    this.#ip = new IpBatch(networkNamespace);
    this.#readers = {
      any: new IpReader(undefined, networkNamespace),
      ipv6: new IpReader('-6', networkNamespace),
    };
    this.#table = config.table ?? 254;
    this.#metric = config.metric ?? DEFAULT_METRIC;
  }

  /** Must come first, once: it also learns which ids others use. */
  adopt(): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      this.#plan.load(await this.#read());
      return [...this.#plan.routes().keys()];
    });
  }

  /** The next hops of every prefix, as they were adopted or changed since. */
  routes(): ReadonlyMap<string, NextHopSet> {
    return this.#plan.routes();
  }

  apply(changes: readonly RouteChange[]): Promise<RouteResult> {
    return this.#inTurn(async () => {
      for (const change of changes) {
        if (change.set === undefined) this.#wanted.delete(change.prefix);
        else this.#wanted.set(change.prefix, change);
      }
      return this.#perform(this.#plan.change(changes));
    });
  }

  /** A change is likely to come in a moment: iproute2 is woken for it. */
  prepare(): void {
    this.#ip.wake();
  }

  releaseUnclaimed(): Promise<RouteResult> {
    return this.#inTurn(async () => this.#perform(this.#plan.releaseUnclaimed()));
  }

  /** Reads the kernel back, and plans anew from what is really there. */
  reconcile(): Promise<RouteResult> {
    return this.#inTurn(async () => {
      const before = new Set(this.#plan.routes().keys());
      const state = await this.#read();
      this.#plan.load(state);
      const changes = [...this.#wanted.values()];
      const lost = this.#plan.change(changes);
      const result = await this.#perform(lost);
      // What was adopted by an earlier call and not claimed stays so; nothing else is left over.
      const stale = [...this.#plan.routes().keys()].filter(
        (prefix) => !this.#wanted.has(prefix) && !before.has(prefix),
      );
      if (stale.length === 0) return result;
      const more = await this.#perform(
        this.#plan.change(stale.map((prefix) => ({ prefix, set: undefined }))),
      );
      return {
        operations: result.operations + more.operations,
        failures: [...result.failures, ...more.failures],
      };
    });
  }

  clear(): Promise<RouteResult> {
    return this.#inTurn(async () => {
      this.#wanted.clear();
      this.#plan.load(await this.#read());
      return this.#perform(this.#plan.releaseUnclaimed());
    });
  }

  close(): void {
    this.#ip.close();
    this.#readers.any.close();
    this.#readers.ipv6.close();
  }

  #read(): Promise<KernelState> {
    return readKernelState(this.#readers, ROUTE_PROTOCOL, this.#table, this.#metric);
  }

  async #perform(operations: readonly KernelOperation[]): Promise<RouteResult> {
    if (operations.length === 0) return { operations: 0, failures: [] };
    const commands = operations.map((operation) => this.#command(operation));
    const refused = await this.#takeOver(await this.#ip.run(commands));
    const failures = refused.flatMap(({ command, message }): RouteFailure[] => {
      // What is to go and is gone already has gone: a link that went down took it along.
      return DELETES.test(command) && GONE.test(message) ? [] : [{ what: command, message }];
    });
    return { operations: operations.length, failures };
  }

  /** Routes that are refused since one of ours is there, which an earlier run made in another way. */
  async #takeOver(refused: readonly ToolFailure[]): Promise<readonly ToolFailure[]> {
    const left: ToolFailure[] = [];
    for (const failure of refused) {
      const [, prefix = ''] = ADDS_ROUTE.exec(failure.command) ?? [];
      if (!prefix || !failure.message.includes('File exists')) {
        left.push(failure);
        continue;
      }
      const family = prefix.includes(':') ? '-6' : '-4';
      const where = `${this.#routeOf(prefix)} proto ${ROUTE_PROTOCOL}`.split(' ');
      const mine = (await this.#ip.show([family, 'route', 'show', ...where])) as unknown[];
      const replace = failure.command.replace('route add', 'route replace');
      left.push(...(mine.length > 0 ? await this.#ip.run([replace]) : [failure]));
    }
    return left;
  }

  /** At once when nothing is under way: the words are on their way when the call returns. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = async (): Promise<T> => {
      try {
        return await work();
      } finally {
        this.#underWay--;
      }
    };
    const result = this.#underWay++ === 0 ? turn() : this.#last.then(turn);
    this.#last = result.catch(() => {});
    return result;
  }

  /** The words for iproute2. `add` is used for what is new: it refuses to overwrite. */
  #command(operation: KernelOperation): string {
    const ours = `protocol ${ROUTE_PROTOCOL}`;
    switch (operation.kind) {
      case 'addNextHop': {
        const { id, address, interfaceName } = operation;
        return `nexthop add id ${id} via ${address} dev ${interfaceName} ${ours}`;
      }
      case 'setGroup': {
        const { id, exists, members, bucketCount, idleTimerS, unbalancedTimerS } = operation;
        const group = members.map((member) => `${member.id},${member.weight}`).join('/');
        return (
          `nexthop ${exists ? 'replace' : 'add'} id ${id} group ${group} type resilient ` +
          `buckets ${bucketCount} idle_timer ${idleTimerS} ` +
          `unbalanced_timer ${unbalancedTimerS} ${ours}`
        );
      }
      case 'setRoute': {
        const verb = operation.exists ? 'replace' : 'add';
        return `route ${verb} ${this.#routeOf(operation.prefix)} nhid ${operation.groupId} ${ours}`;
      }
      case 'deleteRoute':
        return `route del ${this.#routeOf(operation.prefix)} ${ours}`;
      case 'deleteNextHop':
        return `nexthop del id ${operation.id}`;
    }
  }

  #routeOf(prefix: string): string {
    return `${prefix} table ${this.#table} metric ${this.#metric}`;
  }
}
