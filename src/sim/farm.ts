/**
 * A farm in virtual time: the real server and router roles over a simulated link, servers as
 * queues, and Poisson demand that the router's buckets spread.
 * @module
 */
import { flowHash } from '../anycast/flow-hash.ts';
import { Prng } from '../prng.ts';
import {
  Router,
  type RouterConfig,
  type RouterInput,
  type RouterOutput,
} from '../router/router.ts';
import { nextHopKey } from '../router/service-members.ts';
import type { ServerConfig } from '../server/config.ts';
import { Server, type ServerInput, type ServerOutput } from '../server/server.ts';
import { type Address, addressKey, parseAddress } from '../wire/address.ts';
import { PERFECT, Segment, type SegmentFaults } from './segment.ts';
import { ServiceQueue } from './service-queue.ts';
import { type Inhabitant, World } from './world.ts';

export interface SimulatedServerConfig {
  readonly name: string;
  readonly config: ServerConfig;
  readonly capacityQueriesPerSecond: number;
}

export interface SimulatedFarmConfig {
  readonly seed: number;
  readonly router: RouterConfig;
  readonly servers: readonly SimulatedServerConfig[];
  /** The service's name in each server's configuration. */
  readonly serviceName: string;
  /** The key of the service's route. */
  readonly serviceKey: string;
  readonly queriesPerSecond: number;
  readonly sampleIntervalMs: number;
  readonly bufferQueries: number;
  readonly faults?: SegmentFaults;
}

const INTERFACE_ID = 1;
const MTU_OCTETS = 1500;
/** Every query comes from this address. */
const CLIENT = parseAddress('2001:db8::c');
const deadline = (nowMs: number) => ({ kind: 'deadline' as const, nowMs });

/** One simulated server; its counters only grow. */
export class SimulatedServer {
  readonly name: string;
  readonly address: Address;
  readonly role: Server;
  readonly queue: ServiceQueue;
  readonly life: Inhabitant<ServerInput>;
  /** Queries that the router sent here, and those of them that were answered. */
  sent = 0;
  answered = 0;
  lastSentMs = Number.NEGATIVE_INFINITY;
  utilizationRatio = 0;
  alive = true;

  constructor(
    world: World,
    segment: Segment,
    index: number,
    farm: SimulatedFarmConfig,
    prng: Prng,
  ) {
    const { name, config, capacityQueriesPerSecond } = farm.servers[index]!;
    this.name = name;
    this.address = parseAddress(`fe80::${(index + 2).toString(16)}`);
    this.role = new Server(config, prng.fork());
    const { bufferQueries } = farm;
    this.queue = new ServiceQueue(
      { capacityQueriesPerSecond, workers: 1, bufferQueries, serviceTime: 'exponential' },
      prng.fork(),
    );
    this.life = world.inhabit(this.role, deadline, (output: ServerOutput) => {
      if (output.kind === 'transmit') segment.send(this.address, output.destination, output.octets);
    });
    attach(segment, this.address, this.life);
    const service = farm.serviceName;
    this.life.input((nowMs) => ({
      kind: 'liveness',
      nowMs,
      service,
      alive: true,
      reason: 'the service has started',
    }));
    world.every(farm.sampleIntervalMs, () => {
      if (!this.alive) return;
      const sample = this.queue.sample(world.nowMs);
      this.utilizationRatio = sample.utilizationRatio;
      this.life.input((nowMs) => ({ kind: 'sample', nowMs, service, sample }));
    });
  }

  /** Ends without goodbye: nothing more is said or answered. */
  kill(): void {
    this.alive = false;
    this.life.halt();
  }
}

/** Joins a role to a segment and brings its one interface up. */
function attach(
  segment: Segment,
  address: Address,
  life: Inhabitant<ServerInput> | Inhabitant<RouterInput>,
): void {
  segment.attach({
    address,
    receive: ({ source, destination, octets }) => {
      life.input((nowMs) => ({
        kind: 'datagram',
        nowMs,
        interfaceId: INTERFACE_ID,
        source,
        destination,
        octets,
      }));
    },
  });
  life.input((nowMs) => ({
    kind: 'interface',
    nowMs,
    interfaceId: INTERFACE_ID,
    up: true,
    linkLocalAddress: address,
    mtu: MTU_OCTETS,
    prefixes: [],
  }));
}

export class SimulatedFarm {
  readonly world = new World();
  readonly segment: Segment;
  readonly router: Router;
  readonly servers: readonly SimulatedServer[];
  readonly #config: SimulatedFarmConfig;
  readonly #demand: Prng;
  readonly #byAddress: ReadonlyMap<string, SimulatedServer>;
  queriesPerSecond: number;
  sent = 0;
  lost = 0;
  routeChanges = 0;

  constructor(config: SimulatedFarmConfig) {
    const prng = new Prng(config.seed);
    this.#config = config;
    this.queriesPerSecond = config.queriesPerSecond;
    this.segment = new Segment(this.world, prng.fork(), config.faults ?? PERFECT);
    this.router = new Router(config.router, prng.fork());
    const address = parseAddress('fe80::1');
    const life = this.world.inhabit(this.router, deadline, (output: RouterOutput) => {
      if (output.kind === 'transmit') this.segment.send(address, output.destination, output.octets);
      else if (output.kind === 'route') this.routeChanges++;
    });
    attach(this.segment, address, life);
    this.servers = config.servers.map(
      (_, index) => new SimulatedServer(this.world, this.segment, index, config, prng.fork()),
    );
    this.#byAddress = new Map(this.servers.map((server) => [addressKey(server.address), server]));
    this.#demand = prng.fork();
  }

  /** Lets queries come from now on. */
  startDemand(): void {
    this.#next();
  }

  /** Wanted share of a server, 0..1. */
  wantedShareOf(server: SimulatedServer): number {
    const service = this.router.services().find((each) => each.service === this.#config.serviceKey);
    const shares = service?.shares ?? [];
    const hop = nextHopKey({ interfaceId: INTERFACE_ID, address: server.address });
    return shares.find(({ key }) => key === hop)?.wantedRatio ?? 0;
  }

  #next(): void {
    this.world.after(this.#demand.exponential(1000 / this.queriesPerSecond), () => {
      this.#query();
      this.#next();
    });
  }

  /** One query is a flow of its own: a new source port, as resolvers choose it. */
  #query(): void {
    this.sent++;
    const hash = flowHash(CLIENT, this.#demand.below(0x10000));
    const hop = this.router.pick(this.#config.serviceKey, hash)?.address;
    const server = hop === undefined ? undefined : this.#byAddress.get(addressKey(hop));
    if (server === undefined) {
      this.lost++;
      return;
    }
    const { nowMs } = this.world;
    server.sent++;
    server.lastSentMs = nowMs;
    const doneMs = server.alive ? server.queue.offer(nowMs) : undefined;
    if (doneMs === undefined) {
      this.lost++;
      return;
    }
    this.world.at(doneMs, () => {
      if (server.alive) server.answered++;
      else this.lost++;
    });
  }
}
