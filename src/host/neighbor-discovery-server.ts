/**
 * The server's side of advertising by Neighbor Discovery on this machine: an advertiser for each
 * service and interface, fed with what the service's controller decides.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { AdvertiserOptions } from '../neighbor-discovery/advertiser-config.ts';
import type { AdvertiserEvent, OwnLoad } from '../neighbor-discovery/advertiser-io.ts';
import type { AdvertiserState } from '../neighbor-discovery/advertiser-table.ts';
import type { Prng } from '../prng.ts';
import { type Address, formatAddress } from '../wire/address.ts';
import { AnycastAddress } from './anycast-address.ts';
import type { Clock } from './clock.ts';
import type { AdvertiserSettings } from './config-neighbor-discovery.ts';
import { HostedAdvertiser } from './icmpv6-advertiser.ts';
import type { Logger } from './log.ts';
import { NeighborDiscoveryLinks, type OpenLink } from './neighbor-discovery-link.ts';
import { QueryCounter } from './query-counter.ts';

/** A service that is advertised by Neighbor Discovery. */
export interface NeighborDiscoveryService {
  readonly name: string;
  readonly address: Address;
  readonly settings: AdvertiserSettings;
  /** Whether it is advertised so from the beginning. */
  readonly active: boolean;
}

export interface NeighborDiscoveryServerOptions {
  readonly services: readonly NeighborDiscoveryService[];
  /** Interfaces that carry packets, for services that name none. */
  readonly interfaces: readonly string[];
  readonly prng: Prng;
  readonly log: Logger;
  readonly clock?: Clock;
  /** A router asked for a service that stood by. */
  readonly onSolicited?: (service: string) => void;
}

/** One advertiser as it is shown. */
export interface AdvertiserSummary {
  readonly service: string;
  readonly interface: string;
  readonly state: AdvertiserState;
  /** The server that has the turn, as far as is known. */
  readonly holder: string | undefined;
  readonly peers: readonly { readonly source: string; readonly weight: number }[];
  readonly drops: Readonly<Record<string, number>>;
}

interface Running {
  readonly service: NeighborDiscoveryService;
  readonly interfaceName: string;
  readonly hosted: HostedAdvertiser;
}

/** How often queries are counted within the time after which a server stands by. */
const COUNTS_PER_IDLE_TIME = 10;

export class NeighborDiscoveryServer {
  readonly #options: NeighborDiscoveryServerOptions;
  readonly #running: Running[] = [];
  /** What the controller of a service wants said; undefined while it wants silence. */
  readonly #wanted = new Map<string, OwnLoad | undefined>();
  readonly #addresses = new Map<string, AnycastAddress>();
  /** Services advertised in this way now. */
  readonly #active = new Set<string>();
  /** Of services that stand by when nobody asks. */
  readonly #counters = new Map<string, QueryCounter>();
  readonly #usable = new Map<string, { openLink: OpenLink; linkLayerAddress: Uint8Array }>();
  #links: NeighborDiscoveryLinks | undefined;
  #begun = false;

  constructor(options: NeighborDiscoveryServerOptions) {
    this.#options = options;
  }

  /** Begins to advertise the services that are to be from the beginning. */
  begin(): void {
    this.#begun = true;
    for (const { name, active } of this.#options.services) if (active) this.activate(name);
  }

  /** Advertises a service in this way from now on. */
  activate(name: string): void {
    const service = this.#options.services.find((one) => one.name === name);
    if (!service || this.#active.has(name)) return;
    this.#addAddress(service);
    this.#active.add(name);
    this.#countQueries(service);
    if (this.#begun) this.#links ??= this.#follow();
    for (const [interfaceName, { openLink, linkLayerAddress }] of this.#usable) {
      this.#run(service, interfaceName, openLink, linkLayerAddress);
    }
  }

  #follow(): NeighborDiscoveryLinks {
    return new NeighborDiscoveryLinks({
      names: [...new Set(this.#options.services.flatMap((one) => this.#interfacesOf(one)))],
      // Set once for all: it needs a privilege that filters need as well.
      mark: this.#options.services.some(({ settings }) => settings.address === 'link'),
      onUp: (interfaceName, openLink, linkLayerAddress) => {
        this.open(interfaceName, openLink, linkLayerAddress);
      },
      onDown: (interfaceName) => this.#down(interfaceName),
      say: (level, message) => this.#options.log[level](message),
    });
  }

  /** Ends advertising a service in this way; its address stays, for the other way needs it too. */
  deactivate(name: string): void {
    this.#active.delete(name);
    this.#counters.get(name)?.close();
    this.#counters.delete(name);
    for (const running of this.#of(name)) {
      running.hosted.stop();
      this.#running.splice(this.#running.indexOf(running), 1);
    }
  }

  /** Says goodbye on all links, and takes away the addresses it added. */
  end(): void {
    for (const name of [...this.#active]) this.deactivate(name);
    this.#links?.close();
    for (const [name, address] of this.#addresses) {
      try {
        address.remove();
      } catch (error) {
        const { message } = error as Error;
        this.#options.log.warn(`address of ${name} not removed: ${message}`);
      }
    }
  }

  /** The service can serve and has this load. */
  advertise(service: string, load: OwnLoad): void {
    this.#wanted.set(service, load);
    for (const running of this.#of(service)) this.#apply(running);
  }

  /** The service cannot serve: advertising stops before this returns. */
  withdraw(service: string): void {
    this.#wanted.set(service, undefined);
    for (const running of this.#of(service)) this.#apply(running);
  }

  /** The service could serve but is not needed: silent until a router asks (rules 7 and 8). */
  standBy(service: string): void {
    const load = this.#wanted.get(service) ?? { weight: 1 };
    this.#wanted.set(service, { ...load, state: 'standby' });
    for (const running of this.#of(service)) this.#apply(running);
  }

  /** Queries that came since the last call. */
  queries(service: string, count: number): void {
    for (const { hosted } of this.#of(service)) hosted.queries(count);
  }

  summaries(): AdvertiserSummary[] {
    return this.#running.map(({ service, interfaceName, hosted: { advertiser } }) => ({
      service: service.name,
      interface: interfaceName,
      state: advertiser.state,
      holder: advertiser.holder && formatAddress(advertiser.holder),
      peers: advertiser.peers().map(({ source, weight }) => {
        return { source: formatAddress(source), weight };
      }),
      drops: Object.fromEntries(advertiser.drops),
    }));
  }

  /** An interface is usable: advertises on it what is to be advertised. Called as links come up. */
  open(interfaceName: string, openLink: OpenLink, linkLayerAddress: Uint8Array): void {
    this.#usable.set(interfaceName, { openLink, linkLayerAddress });
    for (const service of this.#options.services) {
      if (!this.#active.has(service.name)) continue;
      this.#run(service, interfaceName, openLink, linkLayerAddress);
    }
  }

  #run(
    service: NeighborDiscoveryService,
    interfaceName: string,
    openLink: OpenLink,
    linkLayerAddress: Uint8Array,
  ): void {
    if (!this.#interfacesOf(service).includes(interfaceName)) return;
    const { prng, clock } = this.#options;
    const hosted = new HostedAdvertiser({
      target: service.address,
      link: openLink(),
      linkLayerAddress,
      router: forwards(interfaceName),
      prng: prng.fork(),
      advertiser: advertiserOptionsOf(service.settings),
      ...(clock && { clock }),
      onEvent: (event) => this.#said(service, interfaceName, event),
    });
    this.#addAddress(service); // before anybody hears of it
    const running = { service, interfaceName, hosted };
    this.#running.push(running);
    this.#apply(running);
  }

  /** Also when it was added before: an interface that was down comes back without it. */
  #addAddress(service: NeighborDiscoveryService): void {
    const { name, settings } = service;
    const { address: placement } = settings;
    if (placement === 'none') return;
    const [interfaceName = 'lo'] = this.#interfacesOf(service);
    const address =
      this.#addresses.get(name) ??
      new AnycastAddress({ address: service.address, placement, interfaceName });
    this.#addresses.set(name, address);
    try {
      address.add();
    } catch (error) {
      // Not there yet, or no privilege; it is tried again when an interface comes up.
      this.#options.log.warn(`address of ${name} not added: ${(error as Error).message}`);
    }
  }

  /** Rule 7 needs to know of queries; without `idleS` nothing is counted. */
  #countQueries({ name, address, settings: { idleS } }: NeighborDiscoveryService): void {
    if (idleS === undefined) return;
    const counter = new QueryCounter({
      address,
      everyMs: (idleS * 1_000) / COUNTS_PER_IDLE_TIME,
      onCount: (count) => this.queries(name, count),
      onError: (error) =>
        this.#options.log.warn(`queries of ${name} not counted: ${error.message}`),
    });
    this.#counters.set(name, counter);
  }

  #interfacesOf({ settings }: NeighborDiscoveryService): readonly string[] {
    return settings.interfaces ?? this.#options.interfaces;
  }

  #of(service: string): Running[] {
    return this.#running.filter((running) => running.service.name === service);
  }

  #apply({ service, hosted }: Running): void {
    const load = this.#wanted.get(service.name);
    if (load) hosted.load(load);
    hosted.serving(load !== undefined);
  }

  #down(interfaceName: string): void {
    this.#usable.delete(interfaceName);
    for (const running of this.#running.filter((one) => one.interfaceName === interfaceName)) {
      running.hosted.abandon();
      this.#running.splice(this.#running.indexOf(running), 1);
    }
  }

  #said(service: NeighborDiscoveryService, interfaceName: string, event: AdvertiserEvent): void {
    const { log } = this.#options;
    const at = { service: service.name, interface: interfaceName };
    if (event.name === 'advertiserState') {
      const { from, to, on } = event;
      // A turn comes and goes every second; the rest is worth a line.
      const turns = [from, to].every((state) => state === 'Yielding' || state === 'Holding');
      if (from === 'Standby' && on === 'solicitation') this.#options.onSolicited?.(service.name);
      log[turns ? 'debug' : 'info']({ ...at, from, to, on }, 'neighbor discovery');
    } else if (event.name === 'peer') {
      log.info({ ...at, server: formatAddress(event.source) }, `other server: ${event.change}`);
    }
  }
}

function advertiserOptionsOf(settings: AdvertiserSettings): Partial<AdvertiserOptions> {
  const { interfaces: _, address: __, idleS, ...options } = settings;
  return idleS === undefined ? options : { ...options, idleMs: idleS * 1_000 };
}

/** Whether this host forwards what comes in by an interface, which the R flag tells. */
function forwards(interfaceName: string): boolean {
  try {
    const file = `/proc/sys/net/ipv6/conf/${interfaceName}/forwarding`;
    return readFileSync(file, 'utf8').trim() !== '0';
  } catch {
    return false; // no such file: another system, or the interface has just gone
  }
}
