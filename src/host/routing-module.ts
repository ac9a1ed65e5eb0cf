/**
 * The router role for applications: give it links, hear of route changes, and ask it for the next
 * hop of a flow.
 * @module
 */
import { randomInt } from 'node:crypto';
import { EventEmitter } from 'eventemitter3';
import { INTERFACE_DEFAULTS, type InterfaceConfig } from '../instance/config.ts';
import type { InstanceEvent, LsaOutput } from '../instance/output.ts';
import { Prng } from '../prng.ts';
import { Router, type RouterInput, type RouterOutput } from '../router/router.ts';
import type { ServiceSummary, SpreadOutput } from '../router/service-spreads.ts';
import type { Route, RouteOutput } from '../spf/route.ts';
import { formatAddress, parseAddress } from '../wire/address.ts';
import { formatPrefix } from '../wire/prefix.ts';
import { Driver } from './driver.ts';
import type { Link } from './link.ts';
import { linkUp } from './link-input.ts';
import { flowOf } from './relay-flow.ts';
import {
  checkModuleOptions,
  type RoutingInterface,
  type RoutingModuleOptions,
  readQuad,
} from './routing-module-options.ts';

/** Who sends: the source address (IPv4 or IPv6, as text) and port of a query or connection. */
export interface Flow {
  readonly address: string;
  /** 0..65535. */
  readonly port: number;
}

/** Where a flow goes. */
export interface PickedNextHop {
  readonly link: Link;
  /** The server's link-local address, as text. */
  readonly address: string;
}

interface RoutingEvents {
  /** A route came, changed or went. */
  route: [RouteOutput];
  /** The buckets of a service changed hands. */
  spread: [SpreadOutput];
  /** A link-state database changed. */
  lsa: [LsaOutput];
  /** Neighbors, interfaces, drops. */
  event: [InstanceEvent];
}

/**
 * A routing module that runs as soon as it is made.
 * @example
 * const link = await openUdpLink({ interfaceId: 1, name: 'farm' });
 * const routing = new RoutingModule({ routerId: '10.0.0.1', interfaces: [{ link }] });
 * routing.on('route', ({ change, route }) => console.log(change, route.key));
 */
export class RoutingModule extends EventEmitter<RoutingEvents> {
  readonly #router: Router;
  readonly #driver: Driver<RouterInput, RouterOutput>;
  readonly #links: ReadonlyMap<number, Link>;

  /** @throws {RangeError} naming the option that cannot be, what was found and what is allowed. */
  constructor(options: RoutingModuleOptions) {
    super();
    checkModuleOptions(options);
    const interfaces = options.interfaces.map(interfaceConfig);
    const areaIds = [...new Set(interfaces.map(({ areaId }) => areaId))];
    const { maximumPaths, spfDelay: delay } = options;
    this.#router = new Router(
      {
        instance: {
          routerId: readQuad('routerId', options.routerId),
          areas: areaIds.map((areaId) => ({ areaId, type: 'normal' as const })),
          interfaces,
          forwards: options.forwards ?? true,
        },
        ...(options.spread ? { spread: options.spread } : {}),
        calculation: { ...(maximumPaths && { maximumPaths }), ...(delay && { delay }) },
      },
      new Prng(options.seed ?? randomInt(2 ** 32)),
    );
    this.#links = new Map(options.interfaces.map(({ link }) => [link.interfaceId, link]));
    this.#driver = new Driver(this.#router, { onOutput: (output) => this.#hear(output) });
    for (const { link } of options.interfaces) this.#attach(link);
  }

  routes(): Iterable<Route> {
    return this.#router.routes();
  }

  services(): ServiceSummary[] {
    return this.#router.services();
  }

  /**
   * The next hop of a flow to an anycast service; the same flow keeps it while nothing changes.
   * @param service - the anycast address, or its /128 as in `route.key`.
   * @returns undefined when no server of the service can be reached.
   * @throws {RangeError} when the service or the flow's address is no address, or its port is none.
   */
  pick(service: string, flow: Flow): PickedNextHop | undefined {
    const address = parseAddress(service.replace(/\/128$/, ''));
    if (!(flow.port >>> 0 === flow.port && flow.port <= 0xffff)) {
      throw new RangeError(`not a port, 0..65535: ${flow.port}`);
    }
    const { hash } = flowOf(flow.address, flow.port, 0);
    const hop = this.#router.pick(formatPrefix({ address, prefixLength: 128 }), hash);
    const link = hop && this.#links.get(hop.interfaceId);
    if (link === undefined || hop?.address === undefined) return undefined;
    return { link, address: formatAddress(hop.address) };
  }

  /** Flushes what it originated and closes its links; resolves when that is done. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.on('event', ({ name }) => {
        if (name === 'stopped') resolve();
      });
      this.#driver.input((nowMs) => ({ kind: 'stop', nowMs }));
    });
    this.#driver.close();
  }

  #attach(link: Link): void {
    this.#driver.attach(link);
    this.#driver.input(linkUp(link));
  }

  #hear(output: RouterOutput): void {
    switch (output.kind) {
      case 'route':
        this.emit('route', output);
        break;
      case 'spread':
        this.emit('spread', output);
        break;
      case 'lsa':
        this.emit('lsa', output);
        break;
      case 'event':
        this.emit('event', output.event);
        break;
    }
  }
}

function interfaceConfig({ link, area, ...rest }: RoutingInterface): InterfaceConfig {
  const { interfaceId, name } = link;
  const areaId = readQuad(`interface ${name}: area`, area ?? '0.0.0.0');
  return { ...INTERFACE_DEFAULTS, ...rest, interfaceId, name, areaId };
}
