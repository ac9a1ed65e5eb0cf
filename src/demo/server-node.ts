/**
 * One server of the demonstration farm: a DNS service with a limit, the server role that watches
 * and advertises it, and the commands a spectator has.
 * @module
 */
import { Driver } from '../host/driver.ts';
import type { Link } from '../host/link.ts';
import { linkUp } from '../host/link-input.ts';
import { Prng } from '../prng.ts';
import { Server, type ServerInput, type ServerOutput } from '../server/server.ts';
import { formatAddress, formatDottedQuad } from '../wire/address.ts';
import { DnsService } from './dns-service.ts';
import { demoServerConfig, SERVICE_NAME } from './settings.ts';

/** How often load is sampled. */
const SAMPLE_INTERVAL_MS = 250;

export interface ServerNodeConfig {
  readonly name: string;
  readonly routerId: number;
  readonly capacityQueriesPerSecond: number;
  readonly seed: number;
}

/** What a server tells of itself, in plain values, so that it can cross a process boundary. */
export interface ServerNodeStatus {
  readonly name: string;
  readonly routerId: string;
  readonly linkLocalAddress: string;
  readonly dnsPort: number;
  readonly state: string;
  readonly cost: number | null;
  readonly weight: number | null;
  readonly utilization: number;
  readonly queriesPerSecond: number;
  readonly capacityQueriesPerSecond: number;
  readonly cause: string;
  readonly lsasOriginated: number;
}

/** What a spectator can do to a server. */
export type ServerNodeCommand =
  | { readonly kind: 'capacity'; readonly queriesPerSecond: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'undrain' };

export class ServerNode {
  readonly #config: ServerNodeConfig;
  readonly #dns: DnsService;
  readonly #server: Server;
  readonly #driver: Driver<ServerInput, ServerOutput>;
  readonly #link: Link;
  readonly #onEvent: (text: string) => void;
  #sampler: NodeJS.Timeout | undefined;
  #lsasOriginated = 0;

  constructor(config: ServerNodeConfig, link: Link, onEvent: (text: string) => void) {
    this.#config = config;
    this.#link = link;
    this.#onEvent = onEvent;
    const { name, capacityQueriesPerSecond, seed, routerId } = config;
    this.#dns = new DnsService({ name, address: '::1', port: 0, capacityQueriesPerSecond, seed });
    this.#server = new Server(demoServerConfig(routerId), new Prng(seed));
    this.#driver = new Driver(this.#server, { onOutput: (output) => this.#hear(output) });
  }

  async start(): Promise<void> {
    await this.#dns.open();
    this.#driver.attach(this.#link);
    this.#driver.input(linkUp(this.#link));
    this.#driver.input((nowMs) => ({
      kind: 'liveness',
      nowMs,
      service: SERVICE_NAME,
      alive: true,
      reason: 'the service has opened its sockets',
    }));
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS);
  }

  /** Ends it as a crash would: nothing more is said or answered. */
  kill(): void {
    clearInterval(this.#sampler);
    this.#driver.close();
    this.#dns.close();
  }

  command(command: ServerNodeCommand): void {
    if (command.kind === 'capacity') {
      this.#dns.capacityQueriesPerSecond = command.queriesPerSecond;
      return;
    }
    const { kind } = command;
    this.#driver.input((nowMs) => ({
      kind: 'command',
      nowMs,
      service: SERVICE_NAME,
      command: kind,
    }));
  }

  status(): ServerNodeStatus {
    const [service] = this.#server.services();
    const advertisement = service?.advertisement;
    return {
      name: this.#config.name,
      routerId: formatDottedQuad(this.#config.routerId),
      linkLocalAddress: formatAddress(this.#link.linkLocalAddress),
      dnsPort: this.#dns.port,
      state: service?.controller.state ?? 'DOWN',
      cost: advertisement?.metric ?? null,
      weight: advertisement?.weight ?? null,
      utilization: service?.controller.utilizationRatio ?? 0,
      queriesPerSecond: service?.controller.offeredQueriesPerSecond ?? 0,
      capacityQueriesPerSecond: this.#dns.capacityQueriesPerSecond,
      cause: service?.reason ?? '',
      lsasOriginated: this.#lsasOriginated,
    };
  }

  #sample(): void {
    const sample = this.#dns.sample();
    this.#driver.input((nowMs) => ({
      kind: 'sample',
      nowMs,
      service: SERVICE_NAME,
      sample: { ...sample, atMs: nowMs },
    }));
  }

  #hear(output: ServerOutput): void {
    const { name } = this.#config;
    if (output.kind === 'service') this.#tell(output.output);
    else if (output.kind === 'event') {
      const { event } = output;
      if (event.name === 'lsaOriginated') this.#lsasOriginated++;
      else if (event.name === 'neighborState' && event.to === 'Full') {
        this.#onEvent(`${name}: Full with ${formatDottedQuad(event.neighbor)}`);
      }
    }
  }

  #tell(output: Extract<ServerOutput, { kind: 'service' }>['output']): void {
    const { name } = this.#config;
    switch (output.kind) {
      case 'advertise': {
        const { metric, weight, reason } = output.advertisement;
        this.#onEvent(`${name}: advertises cost ${metric}, weight ${weight}: ${reason}`);
        break;
      }
      case 'withdraw':
      case 'standBy':
        this.#onEvent(`${name}: withdraws its route: ${output.reason}`);
        break;
      case 'state':
        this.#onEvent(`${name}: ${output.from} → ${output.to}: ${output.reason}`);
        break;
    }
  }
}
