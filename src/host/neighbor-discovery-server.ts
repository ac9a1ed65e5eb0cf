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

/** A service that is advertised by Neighbor Discovery. */
export interface NeighborDiscoveryService {
  readonly name: string;
  readonly address: Address;
  readonly settings: AdvertiserSettings;
}

export interface NeighborDiscoveryServerOptions {
  readonly services: readonly NeighborDiscoveryService[];
  /** Interfaces that carry packets, for services that name none. */
  readonly interfaces: readonly string[];
  readonly prng: Prng;
  readonly log: Logger;
  readonly clock?: Clock;
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

/** What the controller of a service wants said; undefined while it wants silence. */
type Wanted = OwnLoad | undefined;

export class NeighborDiscoveryServer {
  readonly #options: NeighborDiscoveryServerOptions;
  readonly #running: Running[] = [];
  readonly #wanted = new Map<string, Wanted>();
  readonly #addresses = new Map<string, AnycastAddress>();
  #links: NeighborDiscoveryLinks | undefined;

  constructor(options: NeighborDiscoveryServerOptions) {
    this.#options = options;
  }

  /** Adds the service addresses and begins to follow the interfaces. @throws Error as `ip` does. */
  begin(): void {
    const names = new Set<string>();
    let mark = false;
    for (const service of this.#options.services) {
      const interfaces = this.#interfacesOf(service);
      for (const name of interfaces) names.add(name);
      const { address: placement } = service.settings;
      if (placement === 'none') continue;
      mark ||= placement === 'link';
      const [interfaceName = 'lo'] = interfaces;
      const address = new AnycastAddress({ address: service.address, placement, interfaceName });
      address.add();
      this.#addresses.set(service.name, address);
    }
    this.#links = new NeighborDiscoveryLinks({
      names: [...names],
      mark,
      onUp: (name, openLink, linkLayerAddress) => this.open(name, openLink, linkLayerAddress),
      onDown: (name) => this.#down(name),
      say: (level, message) => this.#options.log[level](message),
    });
  }

  /** Says goodbye on all links, and takes away the addresses it added. */
  end(): void {
    for (const { hosted } of this.#running) hosted.stop();
    this.#running.length = 0;
    this.#links?.close();
    for (const address of this.#addresses.values()) address.remove();
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

  /** Advertises on a link; {@link begin} does it as links come up. */
  open(interfaceName: string, openLink: OpenLink, linkLayerAddress: Uint8Array): void {
    const { services, prng, clock } = this.#options;
    for (const service of services) {
      if (!this.#interfacesOf(service).includes(interfaceName)) continue;
      const hosted = new HostedAdvertiser({
        target: service.address,
        link: openLink(),
        linkLayerAddress,
        router: forwards(interfaceName),
        prng: prng.fork(),
        advertiser: advertiserOptionsOf(service.settings),
        ...(clock && { clock }),
        onEvent: (event) => this.#say(service, interfaceName, event),
      });
      const running = { service, interfaceName, hosted };
      this.#running.push(running);
      this.#apply(running);
    }
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
    for (const running of this.#running.filter((one) => one.interfaceName === interfaceName)) {
      running.hosted.abandon();
      this.#running.splice(this.#running.indexOf(running), 1);
    }
  }

  #say(service: NeighborDiscoveryService, interfaceName: string, event: AdvertiserEvent): void {
    const { log } = this.#options;
    const at = { service: service.name, interface: interfaceName };
    if (event.name === 'advertiserState') {
      const { from, to, on } = event;
      // A turn comes and goes every second; the rest is worth a line.
      const level = [from, to].every((state) => state === 'Yielding' || state === 'Holding');
      log[level ? 'debug' : 'info']({ ...at, from, to, on }, 'neighbor discovery');
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
