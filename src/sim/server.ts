/**
 * One simulated server: the real server role, and a queue that stands for its service.
 * @module
 */
import { LsType } from '../lsa/ls-type.ts';
import type { Prng } from '../prng.ts';
import type { RouterInput } from '../router/router.ts';
import type { ServerConfig } from '../server/config.ts';
import { Server, type ServerInput, type ServerOutput } from '../server/server.ts';
import type { SelfTest } from '../server-cost/plan-follower.ts';
import type { Address } from '../wire/address.ts';
import type { Segment } from './segment.ts';
import { ServiceQueue, type ServiceQueueConfig } from './service-queue.ts';
import type { Inhabitant, World } from './world.ts';

export interface SimulatedServerConfig {
  readonly name: string;
  readonly config: ServerConfig;
  readonly capacityQueriesPerSecond: number;
  /** Index of the site it stands in; 0 by default. */
  readonly site?: number;
}

/** What all servers of a farm share. */
export interface SimulatedServiceConfig {
  readonly serviceName: string;
  readonly sampleIntervalMs: number;
  readonly queue: Omit<ServiceQueueConfig, 'capacityQueriesPerSecond'>;
}

export const MTU_OCTETS = 1500;
const SERVER_INTERFACE_ID = 1;
const SERVICE_TYPES = new Set<number>([LsType.IntraAreaPrefix, LsType.RouterInformation]);

export class SimulatedServer {
  readonly name: string;
  readonly site: number;
  readonly address: Address;
  readonly queue: ServiceQueue;
  readonly #world: World;
  readonly #segment: Segment;
  readonly #config: SimulatedServerConfig;
  readonly #service: SimulatedServiceConfig;
  readonly #prng: Prng;
  #role: Server;
  #life: Inhabitant<ServerInput>;
  #alive = true;
  #separated = false;
  /** Queries that routers sent here. */
  sent = 0;
  lastSentMs = Number.NEGATIVE_INFINITY;
  /** LSAs about its service that it originated. */
  lsasOriginated = 0;

  constructor(
    world: World,
    segment: Segment,
    address: Address,
    config: SimulatedServerConfig,
    service: SimulatedServiceConfig,
    prng: Prng,
  ) {
    this.name = config.name;
    this.site = config.site ?? 0;
    this.address = address;
    this.#world = world;
    this.#segment = segment;
    this.#config = config;
    this.#service = service;
    this.#prng = prng;
    const { capacityQueriesPerSecond } = config;
    this.queue = new ServiceQueue({ ...service.queue, capacityQueriesPerSecond }, prng.fork());
    this.#role = new Server(config.config, prng.fork());
    this.#life = this.#live();
    world.every(service.sampleIntervalMs, () => this.#sample());
  }

  get alive(): boolean {
    return this.#alive;
  }

  get role(): Server {
    return this.#role;
  }

  get life(): Inhabitant<ServerInput> {
    return this.#life;
  }

  /** What it was made to serve, queries per second. */
  get configuredCapacity(): number {
    return this.#config.capacityQueriesPerSecond;
  }

  /** What it can serve now, queries per second. */
  get capacityQueriesPerSecond(): number {
    return this.#alive && !this.#separated ? this.queue.capacityQueriesPerSecond : 0;
  }

  /** @returns when a query will be done; undefined when it is dropped or nobody can be reached. */
  take(nowMs: number): number | undefined {
    this.sent++;
    this.lastSentMs = nowMs;
    return this.#alive && !this.#separated ? this.queue.offer(nowMs) : undefined;
  }

  /** Cuts it off from its link, for packets and queries, or joins it again. */
  separate(separated: boolean): void {
    this.#separated = separated;
    this.#segment.separate(this.address, separated);
  }

  /** Ends without goodbye. @returns the queries that it had taken in and not answered. */
  kill(nowMs: number): number {
    if (!this.#alive) return 0;
    this.#alive = false;
    this.#life.halt();
    this.#segment.detach(this.address);
    return this.queue.inFlight(nowMs);
  }

  /** Starts again with nothing remembered. */
  revive(): void {
    if (this.#alive) return;
    this.#alive = true;
    this.queue.sample(this.#world.nowMs);
    this.#role = new Server(this.#config.config, this.#prng.fork());
    this.#life = this.#live();
  }

  #live(): Inhabitant<ServerInput> {
    const life = this.#world.inhabit<ServerInput, ServerOutput>(
      this.#role,
      (nowMs) => ({ kind: 'deadline', nowMs }),
      (output) => {
        if (output.kind === 'transmit') {
          this.#segment.send(this.address, output.destination, output.octets);
        } else if (output.kind === 'event' && output.event.name === 'lsaOriginated') {
          if (SERVICE_TYPES.has(output.event.lsa.header.lsType)) this.lsasOriginated++;
        } else if (output.kind === 'service' && output.output.kind === 'selfTest') {
          this.#selfTest(output.output);
        }
      },
    );
    joinLink(this.#segment, SERVER_INTERFACE_ID, this.address, life);
    const service = this.#service.serviceName;
    const reason = 'the service has started';
    life.input((nowMs) => ({ kind: 'liveness', nowMs, service, alive: true, reason }));
    return life;
  }

  /** Serves queries of its own, so that samples show what it can do. */
  #selfTest({ queriesPerSecond, durationMs }: SelfTest): void {
    const life = this.#life;
    const gapMs = 1000 / queriesPerSecond;
    const untilMs = this.#world.nowMs + durationMs;
    const ask = (): void => {
      if (this.#life !== life || !this.#alive || this.#world.nowMs >= untilMs) return;
      this.queue.offer(this.#world.nowMs);
      this.#world.after(gapMs, ask);
    };
    ask();
  }

  #sample(): void {
    if (!this.#alive) return;
    const sample = this.queue.sample(this.#world.nowMs);
    const service = this.#service.serviceName;
    this.#life.input((nowMs) => ({ kind: 'sample', nowMs, service, sample }));
  }
}

/** Joins a role's interface to a link and brings it up. */
export function joinLink(
  segment: Segment,
  interfaceId: number,
  address: Address,
  life: Inhabitant<ServerInput> | Inhabitant<RouterInput>,
): void {
  segment.attach({
    address,
    receive: ({ source, destination, octets }) => {
      life.input((nowMs) => ({
        kind: 'datagram',
        nowMs,
        interfaceId,
        source,
        destination,
        octets,
      }));
    },
  });
  life.input((nowMs) => ({
    kind: 'interface',
    nowMs,
    interfaceId,
    up: true,
    linkLocalAddress: address,
    mtu: MTU_OCTETS,
    prefixes: [],
  }));
}
