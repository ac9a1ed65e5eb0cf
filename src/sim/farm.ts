/**
 * A farm in virtual time: the real server and router roles over simulated links, servers as
 * queues, and demand that the routers' buckets spread. A site is a link; every router is on every
 * link, each server on one.
 * @module
 */
import type { Prng } from '../prng.ts';
import {
  Router,
  type RouterConfig,
  type RouterInput,
  type RouterOutput,
} from '../router/router.ts';
import { nextHopKey } from '../router/service-members.ts';
import { type Address, addressKey, parseAddress } from '../wire/address.ts';
import type { QuerySource } from './demand.ts';
import { PERFECT, Segment, type SegmentFaults } from './segment.ts';
import { joinLink, SimulatedServer, type SimulatedServerConfig } from './server.ts';
import type { ServiceQueueConfig } from './service-queue.ts';
import { World } from './world.ts';

export interface SimulatedFarmConfig {
  /** Each with one interface per site, numbered from 1 in the order of sites. */
  readonly routers: readonly RouterConfig[];
  readonly servers: readonly SimulatedServerConfig[];
  /** What each site's link does to datagrams; one perfect link by default. */
  readonly sites?: readonly SegmentFaults[];
  /** The service's name in each server's configuration. */
  readonly serviceName: string;
  /** The key of the service's route. */
  readonly serviceKey: string;
  readonly sampleIntervalMs: number;
  readonly queue: Omit<ServiceQueueConfig, 'capacityQueriesPerSecond'>;
}

/** Chooses the server of a flow in the place of the routers, by index; undefined for none. */
export type Placement = (flowHash: number) => number | undefined;

/** What a watcher is told of every query. */
export interface QueryWatcher {
  /** The server that took it will be done `latencyMs` after it came. */
  taken(server: SimulatedServer, latencyMs: number): void;
  /** Nobody took it: no next hop, a full buffer, or a dead server. */
  lost(): void;
}

const FIRST_ROUTER_ADDRESS = 1;
const FIRST_SERVER_ADDRESS = 0x100;
const linkLocal = (number: number): Address => parseAddress(`fe80::${number.toString(16)}`);

export class SimulatedFarm {
  readonly world = new World();
  readonly segments: readonly Segment[];
  readonly routers: readonly Router[];
  readonly servers: readonly SimulatedServer[];
  readonly #config: SimulatedFarmConfig;
  readonly #prng: Prng;
  readonly #byAddress: ReadonlyMap<string, SimulatedServer>;
  readonly #watchers: QueryWatcher[] = [];
  /** Takes the place of the routers' own buckets while it is set. */
  placement: Placement | undefined;
  sent = 0;
  lost = 0;
  /** Changes of the service's next-hop set, by router. */
  setChanges = 0;
  /** Buckets that moved, and those of them that need not have. */
  moves = 0;
  needlessMoves = 0;

  constructor(config: SimulatedFarmConfig, prng: Prng) {
    this.#config = config;
    this.#prng = prng.fork();
    const { world } = this;
    const sites = config.sites ?? [PERFECT];
    this.segments = sites.map((faults) => new Segment(world, prng.fork(), faults));
    this.routers = config.routers.map((each, index) => this.#router(each, index, prng.fork()));
    this.servers = config.servers.map((server, index) => {
      const segment = this.segments[server.site ?? 0]!;
      const address = linkLocal(FIRST_SERVER_ADDRESS + index);
      return new SimulatedServer(world, segment, address, server, config, prng.fork());
    });
    this.#byAddress = new Map(this.servers.map((server) => [addressKey(server.address), server]));
  }

  #router(config: RouterConfig, index: number, prng: Prng): Router {
    const router = new Router(config, prng);
    const address = linkLocal(FIRST_ROUTER_ADDRESS + index);
    const life = this.world.inhabit<RouterInput, RouterOutput>(
      router,
      (nowMs) => ({ kind: 'deadline', nowMs }),
      (output) => this.#hear(output, address),
    );
    this.segments.forEach((segment, site) => {
      joinLink(segment, site + 1, address, life);
    });
    return router;
  }

  #hear(output: RouterOutput, address: Address): void {
    switch (output.kind) {
      case 'transmit':
        this.segments[output.interfaceId - 1]?.send(address, output.destination, output.octets);
        break;
      case 'route':
        if (output.route.key === this.#config.serviceKey && setChanged(output)) this.setChanges++;
        break;
      case 'spread':
        this.moves += output.change.moves.length;
        this.needlessMoves += output.change.needless;
        break;
    }
  }

  watch(watcher: QueryWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Runs until every router knows every server, near or far. @throws when that does not come. */
  comeTogether(withinMs: number): void {
    const byMs = this.world.nowMs + withinMs;
    while (!this.routers.every((router) => this.#knowsAll(router))) {
      if (this.world.nowMs > byMs) throw new Error('the routers did not hear of all servers');
      this.world.run(this.world.nowMs + 50);
    }
  }

  #knowsAll(router: Router): boolean {
    for (const { key, candidates } of router.routes()) {
      if (key === this.#config.serviceKey) return candidates.length === this.servers.length;
    }
    return false;
  }

  /** Lets queries come from now on. */
  startDemand(demand: QuerySource): void {
    const startMs = this.world.nowMs;
    const next = (): void => {
      const rate = Math.max(1e-3, demand.rateAt(this.world.nowMs - startMs));
      this.world.after(this.#prng.exponential(1000 / rate), () => {
        this.#query(demand.nextFlow());
        next();
      });
    };
    next();
  }

  /** Share of the flows that a server is to have over all routers, 0..1. */
  wantedShareOf(server: SimulatedServer): number {
    const hop = nextHopKey({ interfaceId: server.site + 1, address: server.address });
    const shares = this.routers.map((router) => {
      const service = router.services().find((each) => each.service === this.#config.serviceKey);
      return service?.shares.find(({ key }) => key === hop)?.bucketRatio ?? 0;
    });
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  }

  #place(flowHash: number): SimulatedServer | undefined {
    if (this.placement !== undefined) {
      const index = this.placement(flowHash);
      return index === undefined ? undefined : this.servers[index];
    }
    const router = this.routers[this.#prng.below(this.routers.length)]!;
    const address = router.pick(this.#config.serviceKey, flowHash)?.address;
    return address === undefined ? undefined : this.#byAddress.get(addressKey(address));
  }

  #query(flowHash: number): void {
    this.sent++;
    const server = this.#place(flowHash);
    const { nowMs } = this.world;
    const doneMs = server?.take(nowMs);
    if (server === undefined || doneMs === undefined) {
      this.lost++;
      for (const watcher of this.#watchers) watcher.lost();
      return;
    }
    for (const watcher of this.#watchers) watcher.taken(server, doneMs - nowMs);
  }

  /** Ends a server without goodbye; what it had taken in is lost. */
  kill(server: SimulatedServer): void {
    const inFlight = server.kill(this.world.nowMs);
    this.lost += inFlight;
    for (const watcher of this.#watchers) for (let i = 0; i < inFlight; i++) watcher.lost();
  }
}

/** Whether the next hops are others than before, and not only the distance or the weights. */
function setChanged({
  change,
  route,
  previous,
}: Extract<RouterOutput, { kind: 'route' }>): boolean {
  if (change !== 'changed' || previous === undefined) return true;
  const names = (of: typeof route): string => of.nextHops.map(nextHopKey).join();
  return names(route) !== names(previous);
}
