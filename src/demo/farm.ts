/**
 * The demonstration farm: four servers, a router with its relay, and a load; what a spectator can
 * do to it, and what can be seen of it.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MemorySegment } from '../host/link-memory.ts';
import { openUdpLink } from '../host/link-udp.ts';
import { Prng } from '../prng.ts';
import { parseAddress } from '../wire/address.ts';
import { type FarmServer, LocalServer, ProcessServer } from './farm-server.ts';
import { Load } from './load.ts';
import { RouterNode } from './router-node.ts';
import type { Row } from './screen.ts';
import { LOAD_RATIO, SERVERS } from './settings.ts';
import { ShareMeter } from './share-meter.ts';

export interface FarmOptions {
  /** `memory` joins all nodes in this process; `udp` gives each server a process of its own. */
  readonly link: 'memory' | 'udp';
  /** UDP and TCP port of the relay on `::1`; 0 for any free one. */
  readonly port: number;
  readonly seed: number;
  readonly onEvent: (text: string) => void;
}

/** The farm is given so long until every server is a next hop. */
const READY_WITHIN_MS = 30_000;
const READY_POLL_MS = 50;
const ROUTER_LINK_LOCAL = 'fe80::1';
/** A congested server keeps this part of its capacity. */
const CONGESTED_RATIO = 0.5;
const LOAD_STEP = 1.25;
/** Ports in which the UDP link of one farm is looked for, so that two farms do not meet. */
const LINK_PORTS = { from: 20_000, count: 10_000 };

export class Farm {
  readonly servers: readonly FarmServer[];
  readonly #options: FarmOptions;
  readonly #segment = new MemorySegment();
  readonly #linkPort: number;
  readonly #meter = new ShareMeter();
  #router: RouterNode | undefined;
  #load: Load | undefined;

  constructor(options: FarmOptions) {
    this.#options = options;
    this.#linkPort = LINK_PORTS.from + new Prng(process.pid).below(LINK_PORTS.count);
    this.servers = SERVERS.map((config) =>
      options.link === 'memory'
        ? new LocalServer(config, this.#segment, options.onEvent)
        : new ProcessServer(config, this.#linkPort, options.onEvent),
    );
  }

  get router(): RouterNode {
    if (this.#router === undefined) throw new Error('the farm has not started');
    return this.#router;
  }

  get load(): Load {
    if (this.#load === undefined) throw new Error('the farm has not started');
    return this.#load;
  }

  /** Brings everything up. Rejects when a port is taken or the farm does not come together. */
  async start(): Promise<void> {
    const { link, port, onEvent, seed } = this.#options;
    const place = {
      interfaceId: 1,
      name: 'router',
      linkLocalAddress: parseAddress(ROUTER_LINK_LOCAL),
    };
    const opened =
      link === 'memory'
        ? this.#segment.open(place)
        : await openUdpLink({ ...place, port: this.#linkPort });
    const backendOf = (linkLocalAddress: string) => {
      const server = this.servers.find((each) => each.linkLocalAddress === linkLocalAddress);
      const dnsPort = server?.status()?.dnsPort;
      return dnsPort === undefined ? undefined : { address: '::1', port: dnsPort };
    };
    this.#router = new RouterNode(opened, port, backendOf, onEvent);
    await this.#router.start();
    const capacity = SERVERS.reduce((sum, server) => sum + server.capacityQueriesPerSecond, 0);
    const target = { address: '::1', port: this.#router.port };
    this.#load = new Load(target, LOAD_RATIO * capacity, seed);
    await Promise.all(this.servers.map((server) => server.start()));
    await this.#ready();
  }

  async #ready(): Promise<void> {
    const byMs = performance.now() + READY_WITHIN_MS;
    while (this.router.nextHopCount() < this.servers.length) {
      if (performance.now() > byMs) throw new Error('the servers did not all become next hops');
      await sleep(READY_POLL_MS);
    }
  }

  stop(): void {
    this.#load?.stop();
    for (const server of this.servers) server.kill();
    this.#router?.stop();
  }

  /** Takes half of the server's capacity away, or gives it back. */
  congest(server: FarmServer): void {
    const full = server.config.capacityQueriesPerSecond;
    const now = server.status()?.capacityQueriesPerSecond ?? full;
    const queriesPerSecond = now < full ? full : full * CONGESTED_RATIO;
    server.command({ kind: 'capacity', queriesPerSecond });
    this.#options.onEvent(`${server.config.name}: capacity is ${queriesPerSecond} q/s now`);
  }

  kill(server: FarmServer): void {
    if (!server.alive) return;
    server.kill();
    this.#options.onEvent(`${server.config.name}: killed without goodbye`);
  }

  /** Starts a dead server again, or brings a draining one back. */
  async revive(server: FarmServer): Promise<void> {
    if (server.alive) server.command({ kind: 'undrain' });
    else await server.start();
    this.#options.onEvent(`${server.config.name}: revived`);
  }

  drain(server: FarmServer): void {
    server.command({ kind: 'drain' });
    this.#options.onEvent(`${server.config.name}: asked to drain`);
  }

  changeLoad(direction: 1 | -1): void {
    this.load.queriesPerSecond *= LOAD_STEP ** direction;
  }

  /** Every server as it is now; to be called at even intervals, since shares are measured between. */
  rows(chosen?: FarmServer): Row[] {
    const sent = new Map(
      this.servers.map(({ config, linkLocalAddress }) => [
        config.name,
        this.router.traffic(linkLocalAddress).sent,
      ]),
    );
    this.#meter.take(performance.now(), sent);
    return this.servers.map((server) => this.#row(server, server === chosen));
  }

  #row(server: FarmServer, chosen: boolean): Row {
    const { name } = server.config;
    const { alive } = server;
    const status = server.status();
    return {
      name,
      chosen,
      state: alive ? (status?.state ?? 'DOWN') : 'DEAD',
      cost: alive ? (status?.cost ?? null) : null,
      weight: alive ? (status?.weight ?? null) : null,
      wantedShare: this.router.traffic(server.linkLocalAddress).wantedShare,
      measuredShare: this.#meter.shareOf(name),
      utilization: alive ? (status?.utilization ?? 0) : 0,
      queriesPerSecond: alive ? (status?.queriesPerSecond ?? 0) : 0,
      capacityQueriesPerSecond: alive ? (status?.capacityQueriesPerSecond ?? 0) : 0,
      latency: this.load.latencyOf(name),
      cause: alive ? (status?.cause ?? '') : 'killed without goodbye',
    };
  }
}
