/**
 * The router role on this machine: its routes go into the kernel, or nowhere.
 * @module
 */
import type { ServiceSpreadConfig } from '../anycast/service-spread.ts';
import type { InstanceConfig } from '../instance/config.ts';
import type { Machine } from '../machine.ts';
import type { Prng } from '../prng.ts';
import { adoptionDeadlineMs } from '../router/adopted-services.ts';
import { neighborServiceKey } from '../router/neighbor-spreads.ts';
import { Router, type RouterInput, type RouterOutput } from '../router/router.ts';
import { nextHopName } from '../router/service-members.ts';
import type { ServiceSummary } from '../router/service-spreads.ts';
import { COST_DEFAULTS } from '../server-cost/config.ts';
import type { NextHop, Route } from '../spf/route.ts';
import { type Address, parseAddress } from '../wire/address.ts';
import type { FoundNextHops } from './adopted-forwarding.ts';
import { systemClock } from './clock.ts';
import type { RouterSettings } from './config.ts';
import { externalRoutesOf } from './config-external.ts';
import type { RouterNeighborDiscoverySettings } from './config-neighbor-discovery.ts';
import {
  kernelServiceOf,
  type RouterServiceSettings,
  serviceKey,
  spreadConfigOf,
} from './config-spread.ts';
import { DiscardRoutes } from './discard-routes.ts';
import { KernelSpread, type MeasuredShare } from './kernel-spread.ts';
import { LoadPoller } from './load-poller.ts';
import { identityText } from './log.ts';
import { NeighborDiscoveryRouter } from './neighbor-discovery-router.ts';
import type { DaemonInput, InstanceReads, Role, RoleOutput, Surroundings } from './role.ts';

/** What is released at its deadline has taken its place when the rest is withdrawn. */
const AFTER_RELEASE_MS = 1000;
/** How often the kernel's routes are compared with ours, against changes by others. */
const RECONCILE_MS = 30_000;

/** How the servers of a service say that they serve it. */
type AdvertisedBy = 'ospfv3' | 'neighborDiscovery';

/** Hands an input to the role's machine through the driver. */
export type RouterInputs = (make: (nowMs: number) => RouterInput) => void;

export class RouterRole implements Role {
  readonly name = 'router';
  readonly #router: Router;
  readonly #settings: RouterSettings;
  readonly #surroundings: Surroundings;
  readonly #kernel: KernelSpread | undefined;
  readonly #discards: DiscardRoutes | undefined;
  /** Undefined when no interface has `neighborDiscovery`. */
  readonly neighborDiscovery: NeighborDiscoveryRouter | undefined;
  readonly #pollers: readonly LoadPoller[];
  readonly #interfaceIds: ReadonlyMap<string, number>;
  readonly #input: RouterInputs;
  #release: NodeJS.Timeout | undefined;
  #reconcile: NodeJS.Timeout | undefined;

  constructor(
    settings: RouterSettings,
    instance: InstanceConfig,
    prng: Prng,
    surroundings: Surroundings,
    input: RouterInputs,
  ) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#input = input;
    this.#interfaceIds = new Map(
      instance.interfaces.map(({ name, interfaceId }) => [name, interfaceId]),
    );
    const { services, spread: policy } = settings;
    const spreads = new Map(services.map((one) => [serviceKey(one), spreadConfigOf(one)]));
    this.#router = new Router(
      {
        instance,
        spread: { policy },
        spreads,
        externalRoutes: externalRoutesOf(settings.externalRoutes),
        calculation: {
          maximumPaths: settings.maximumPaths,
          delay: settings.spfDelay,
          stopwatch: () => performance.now(),
        },
      },
      prng,
    );
    this.#pollers = services.flatMap((service) => pollersOf(service, surroundings, input));
    this.neighborDiscovery = this.#neighborDiscoveryOf(instance, spreads, prng.fork());
    if (settings.routeTable === 'none') return;
    this.#discards = new DiscardRoutes((message) => surroundings.log.warn(`kernel: ${message}`));
    this.#kernel = new KernelSpread({
      services: new Map(services.map((one) => [serviceKey(one), kernelServiceOf(one)])),
      interfaceName: surroundings.interfaceName,
      onFailure: (message) => surroundings.log.warn(`kernel: ${message}`),
      onLoad: (service, load) => {
        input((nowMs) => ({ kind: 'bucketLoad', nowMs, service, load }));
        this.neighborDiscovery?.bucketLoad(service, load);
      },
      hashPorts: settings.multipathHash === 'ports',
      otherwise: (key) => this.neighborDiscovery?.service(key),
      onUsable: (key, usable) => {
        surroundings.log.info({ nextHop: key, usable }, 'neighbor entry');
        input((nowMs) => ({ kind: 'nextHopUsable', nowMs, key, usable }));
        this.neighborDiscovery?.usable(key, usable);
      },
    });
  }

  /** What the kernel sent to each next hop, by service; empty without the kernel. */
  async measured(): Promise<readonly MeasuredShare[]> {
    return (await this.#kernel?.measured()) ?? [];
  }

  get machine(): Machine<DaemonInput, RoleOutput> {
    return this.#router;
  }

  get instance(): InstanceReads {
    return this.#router.instance;
  }

  /** The role of the core, to read: routes, picks. */
  get router(): Pick<Router, 'routes' | 'runs' | 'pick'> {
    return this.#router;
  }

  /** The services that are spread, each with the way in which its servers advertise. */
  services(): (ServiceSummary & { readonly advertisedBy: AdvertisedBy })[] {
    return [
      ...this.#router.services().map((one) => ({ ...one, advertisedBy: 'ospfv3' as const })),
      ...(this.neighborDiscovery?.services() ?? []).map((one) => {
        return { ...one, advertisedBy: 'neighborDiscovery' as const };
      }),
    ];
  }

  perform(output: RoleOutput): void {
    const said = output as RouterOutput;
    if (said.kind === 'route') {
      const { change, route } = said;
      this.neighborDiscovery?.ospfRoute(route.key, change !== 'removed');
      this.#kernel?.route(route.key, change === 'removed' ? undefined : route);
      this.#sayRoute(change, route);
    } else if (said.kind === 'spread') {
      this.#kernel?.spread(said.service, said.change);
    } else if (said.kind === 'adopted') {
      const { service, change, nextHops, reason } = said;
      if (change === 'released') this.#kernel?.release(service);
      else this.#kernel?.reduce(service, new Set(nextHops));
      const { log, interfaceName } = this.#surroundings;
      const names = [...nextHops].map((key) => nextHopName(key, interfaceName));
      log.info({ service, nextHops: names, reason }, `adopted service ${change}`);
    } else if (said.kind === 'discard') {
      this.#discards?.change(said.change, said.prefix);
    } else if (said.kind === 'run') {
      const { kind, reason, triggers, triggerCount, changes, durationMs } = said.run;
      const lsas = triggers.map(identityText);
      const fields = { kind, reason, triggers: lsas, triggerCount, changes, durationMs };
      this.#surroundings.log.debug(fields, 'routes calculated');
    }
  }

  prepare(): void {
    this.#kernel?.prepare();
  }

  forward(): void {
    this.#kernel?.flush();
  }

  async begin(): Promise<void> {
    const [found] = await Promise.all([this.#adopt(), this.#discards?.begin()]);
    for (const poller of this.#pollers) poller.begin();
    // Exact buckets are found by the address alone.
    const key = (prefix: string) => (prefix.includes('/') ? prefix : `${prefix}/128`);
    this.neighborDiscovery?.begin(found.map(key));
  }

  /** @returns what an earlier run left. */
  async #adopt(): Promise<readonly string[]> {
    const kernel = this.#kernel;
    if (!kernel) return [];
    const { log } = this.#surroundings;
    const { prefixes, nextHops } = await kernel.begin();
    if (prefixes.length > 0) {
      log.info({ routes: prefixes.length }, 'routes of an earlier run adopted');
    }
    await this.#hold(kernel, nextHops);
    const deadS = Math.max(...this.#settings.interfaces.map((one) => one.deadIntervalS));
    const report = (work: Promise<unknown>) =>
      work.catch((error: unknown) => log.warn(`kernel routes: ${String(error)}`));
    const releaseMs = adoptionDeadlineMs(deadS * 1000) + AFTER_RELEASE_MS;
    this.#release = setTimeout(() => report(kernel.releaseUnclaimed()), releaseMs);
    this.#reconcile = setInterval(() => report(kernel.reconcile()), RECONCILE_MS);
    return prefixes;
  }

  /**
   * Goes on with the services found until the databases have settled; those heard of by Neighbor
   * Discovery have a rule of their own.
   */
  async #hold(kernel: KernelSpread, found: FoundNextHops): Promise<void> {
    const heard = new Set(
      this.#settings.interfaces.flatMap(({ neighborDiscovery }) =>
        neighborDiscovery ? this.#lookedFor(neighborDiscovery).map(neighborServiceKey) : [],
      ),
    );
    const services = new Map<string, readonly (readonly NextHop[])[]>();
    for (const [key, hops] of found) {
      const nextHops = hops.map((addresses) =>
        addresses.flatMap(({ interfaceName, address }): NextHop[] => {
          const interfaceId = this.#interfaceIds.get(interfaceName);
          return interfaceId === undefined ? [] : [{ interfaceId, address: parseAddress(address) }];
        }),
      );
      // An interface that is configured no more has no say.
      const known = nextHops.every((one) => one.length > 0);
      if (!heard.has(key) && known) services.set(key, nextHops);
    }
    const held = kernel.hold(services);
    this.#input((nowMs) => ({ kind: 'adopted', nowMs, services: held }));
    await kernel.watchHeld();
  }

  async end(): Promise<void> {
    for (const poller of this.#pollers) poller.end();
    this.neighborDiscovery?.end();
    clearTimeout(this.#release);
    clearInterval(this.#reconcile);
    const keep = this.#settings.onStop === 'keep';
    await Promise.all([this.#kernel?.end(keep), this.#discards?.end(keep)]);
  }

  /** Services to look for on a link: the interface's own, or all that the router spreads. */
  #lookedFor({ services }: RouterNeighborDiscoverySettings): readonly Address[] {
    return services ?? this.#settings.services.map(({ address }) => address);
  }

  #neighborDiscoveryOf(
    instance: InstanceConfig,
    spreads: ReadonlyMap<string, ServiceSpreadConfig>,
    prng: Prng,
  ): NeighborDiscoveryRouter | undefined {
    const interfaces = this.#settings.interfaces.flatMap(({ name, neighborDiscovery }) => {
      const known = instance.interfaces.find((one) => one.name === name);
      if (!known || !neighborDiscovery) return [];
      const services = this.#lookedFor(neighborDiscovery);
      return [{ interfaceId: known.interfaceId, name, services, settings: neighborDiscovery }];
    });
    if (interfaces.length === 0) return undefined;
    const { log } = this.#surroundings;
    const onChange = (key: string) => this.#kernel?.touch(key);
    const canTakeTurns = (key: string) =>
      this.#settings.services.some((one) => one.by === 'buckets' && serviceKey(one) === key);
    const spread = { spreads, canTakeTurns };
    return new NeighborDiscoveryRouter({ interfaces, ...spread, prng, log, onChange });
  }

  #sayRoute(change: string, { key, pathType, distance, nextHops }: Route): void {
    const { log, interfaceName } = this.#surroundings;
    if (!log.isLevelEnabled('debug')) return;
    const via = nextHops.map(({ interfaceId, originators }) => {
      return `${interfaceName(interfaceId)} (${originators.length})`;
    });
    log.debug({ prefix: key, pathType, distance, via }, `route ${change}`);
  }
}

/** One poller for each server of a service that is to be asked for its load. */
function pollersOf(
  settings: RouterServiceSettings,
  { log }: Surroundings,
  input: RouterInputs,
): LoadPoller[] {
  const { address, reports, queriesPerSecondPerWeight } = settings;
  const service = serviceKey(settings);
  return reports.map(({ server: routerId, url, everyMs, expiryMs }) => {
    const weight = COST_DEFAULTS.weight;
    return new LoadPoller(
      { address, url, everyMs, expiryMs, queriesPerSecondPerWeight, weight },
      {
        onLoad: (load) =>
          input((nowMs) => ({ kind: 'serviceLoad', nowMs, service, routerId, load })),
        onProblem: (reason) => log.warn({ service }, `load report: ${reason}`),
      },
      systemClock,
    );
  });
}
