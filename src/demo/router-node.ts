/**
 * The router of the demonstration farm: the routing module on a link, and the relay that sends
 * each flow where the module's buckets say.
 * @module
 */
import { Driver } from '../host/driver.ts';
import type { Link } from '../host/link.ts';
import { linkUp } from '../host/link-input.ts';
import { Relay, type RelayBackend } from '../host/relay.ts';
import { Prng } from '../prng.ts';
import { Router, type RouterInput, type RouterOutput } from '../router/router.ts';
import { formatAddress, formatDottedQuad } from '../wire/address.ts';
import { demoRouterConfig, SERVICE_KEY } from './settings.ts';

/** Where a server's queries go, by the link-local address of its next hop. */
export type BackendOf = (
  linkLocalAddress: string,
) => { readonly address: string; readonly port: number } | undefined;

/** What the router has counted since it started. */
export interface RouterCounts {
  readonly lsasInstalled: number;
  readonly lsasReceived: number;
  readonly lsasOriginated: number;
  readonly routeChanges: number;
}

/** What the router does with one server. */
export interface ServerTraffic {
  /** Share of the buckets, 0..1. */
  readonly wantedShare: number;
  /** Queries sent since the router started. */
  readonly sent: number;
  /** Milliseconds of `performance.now`; NaN for never. */
  readonly lastSentMs: number;
}

export class RouterNode {
  readonly #router = new Router(demoRouterConfig(), new Prng(1));
  readonly #driver: Driver<RouterInput, RouterOutput>;
  readonly #relay: Relay;
  readonly #link: Link;
  readonly #backends = new Map<string, RelayBackend>();
  readonly #onEvent: (text: string) => void;
  #lsasInstalled = 0;
  #lsasOriginated = 0;
  #routeChanges = 0;

  constructor(link: Link, port: number, backendOf: BackendOf, onEvent: (text: string) => void) {
    this.#link = link;
    this.#onEvent = onEvent;
    this.#driver = new Driver(this.#router, { onOutput: (output) => this.#hear(output) });
    this.#relay = new Relay({
      listen: { address: '::1', port },
      pick: ({ hash }) => {
        const address = this.#router.pick(SERVICE_KEY, hash)?.address;
        if (address === undefined) return undefined;
        const key = formatAddress(address);
        const backend = backendOf(key);
        return backend === undefined ? undefined : this.#backend(key, backend);
      },
    });
  }

  get port(): number {
    return this.#relay.port;
  }

  /** Opens the relay and brings the link up. Rejects when the port cannot be had. */
  async start(): Promise<void> {
    await this.#relay.open();
    this.#driver.attach(this.#link);
    this.#driver.input(linkUp(this.#link));
  }

  stop(): void {
    this.#driver.close();
    this.#relay.close();
  }

  counts(): RouterCounts {
    return {
      lsasInstalled: this.#lsasInstalled,
      lsasReceived: this.#router.instance.lsasReceived,
      lsasOriginated: this.#lsasOriginated,
      routeChanges: this.#routeChanges,
    };
  }

  /** How many next hops the service has now. */
  nextHopCount(): number {
    return this.#shares().size;
  }

  traffic(linkLocalAddress: string): ServerTraffic {
    const seen = this.#relay.nextHops().find(({ key }) => key === linkLocalAddress);
    return {
      wantedShare: this.#shares().get(linkLocalAddress) ?? 0,
      sent: seen?.sent ?? 0,
      lastSentMs: seen?.lastSentMs ?? Number.NaN,
    };
  }

  /** Wanted shares by link-local address. */
  #shares(): Map<string, number> {
    const service = this.#router.services().find(({ service: key }) => key === SERVICE_KEY);
    return new Map(
      (service?.shares ?? []).map(({ key, wantedRatio }) => [key.split(' ')[1] ?? '', wantedRatio]),
    );
  }

  /** One object per backend, made when its place changes and not per query. */
  #backend(key: string, place: { readonly address: string; readonly port: number }): RelayBackend {
    const held = this.#backends.get(key);
    if (held?.port === place.port && held.address === place.address) return held;
    const backend = { key, ...place };
    this.#backends.set(key, backend);
    return backend;
  }

  #hear(output: RouterOutput): void {
    switch (output.kind) {
      case 'lsa': {
        if (output.change !== 'installed') break;
        this.#lsasInstalled++;
        break;
      }
      case 'route':
        this.#routeChanges++;
        this.#onEvent(
          `router: route ${output.route.key} ${output.change}, ` +
            `${output.route.nextHops.length} next hops`,
        );
        break;
      case 'event':
        if (output.event.name === 'lsaOriginated') this.#lsasOriginated++;
        else if (output.event.name === 'neighborState') {
          const { neighbor, to, because } = output.event;
          if (to !== 'Full' && to !== 'Down') break;
          this.#onEvent(`router: ${formatDottedQuad(neighbor)} is ${to} (${because})`);
        }
        break;
    }
  }
}
