/**
 * The router role on this machine: its routes go into the kernel, or nowhere.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import type { Prng } from '../prng.ts';
import { Router, type RouterOutput } from '../router/router.ts';
import type { Route } from '../spf/route.ts';
import type { RouterSettings } from './config.ts';
import type { Machine } from './driver.ts';
import { NeighborDiscoveryRouter } from './neighbor-discovery-router.ts';
import type { DaemonInput, InstanceReads, Role, RoleOutput, Surroundings } from './role.ts';
import { RouteInstaller } from './route-installer.ts';
import type { RouteTable } from './route-table.ts';
import { KernelRouteTable } from './route-table-kernel.ts';

/** How often the kernel's routes are compared with ours, against changes by others. */
const RECONCILE_MS = 30_000;

export class RouterRole implements Role {
  readonly name = 'router';
  readonly #router: Router;
  readonly #settings: RouterSettings;
  readonly #surroundings: Surroundings;
  readonly #table: RouteTable | undefined;
  readonly #installer: RouteInstaller | undefined;
  /** Undefined when no interface has `neighborDiscovery`. */
  readonly neighborDiscovery: NeighborDiscoveryRouter | undefined;
  #release: NodeJS.Timeout | undefined;
  #reconcile: NodeJS.Timeout | undefined;

  constructor(
    settings: RouterSettings,
    instance: InstanceConfig,
    prng: Prng,
    surroundings: Surroundings,
  ) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#router = new Router({ instance, spread: { policy: settings.spread } }, prng);
    this.neighborDiscovery = this.#neighborDiscoveryOf(instance, prng.fork());
    if (settings.routeTable === 'none') return;
    this.#table = new KernelRouteTable();
    this.#installer = new RouteInstaller({
      table: this.#table,
      interfaceName: surroundings.interfaceName,
      onFailure: (message) => surroundings.log.warn(`route refused: ${message}`),
      otherwise: (key) => this.neighborDiscovery?.set(key),
    });
  }

  get machine(): Machine<DaemonInput, RoleOutput> {
    return this.#router;
  }

  get instance(): InstanceReads {
    return this.#router.instance;
  }

  /** The role of the core, to read: routes, services, picks. */
  get router(): Pick<Router, 'routes' | 'services' | 'pick'> {
    return this.#router;
  }

  perform(output: RoleOutput): void {
    const said = output as RouterOutput;
    if (said.kind === 'route') {
      const { change, route } = said;
      this.#sayRoute(change, route);
      this.neighborDiscovery?.ospfRoute(route.key, change !== 'removed');
      this.#installer?.route(route.key, change === 'removed' ? undefined : route);
    } else if (said.kind === 'spread') {
      this.#installer?.spread(said.service, said.change.shares);
    }
  }

  async begin(): Promise<void> {
    await this.#adopt();
    this.neighborDiscovery?.begin();
  }

  async #adopt(): Promise<void> {
    const table = this.#table;
    if (!table) return;
    const { log } = this.#surroundings;
    const found = await table.adopt();
    if (found.length > 0) log.info({ routes: found.length }, 'routes of an earlier run adopted');
    // What nobody has announced after neighbors had twice the time to be found is gone.
    const deadS = Math.max(...this.#settings.interfaces.map((one) => one.deadIntervalS));
    const report = (work: Promise<unknown>) =>
      work.catch((error: unknown) => log.warn(`kernel routes: ${String(error)}`));
    this.#release = setTimeout(() => report(table.releaseUnclaimed()), 2 * deadS * 1000);
    this.#reconcile = setInterval(() => report(table.reconcile()), RECONCILE_MS);
  }

  async end(): Promise<void> {
    this.neighborDiscovery?.end();
    clearTimeout(this.#release);
    clearInterval(this.#reconcile);
    await this.#installer?.settled();
    await this.#table?.clear();
    this.#table?.close();
  }

  #neighborDiscoveryOf(instance: InstanceConfig, prng: Prng): NeighborDiscoveryRouter | undefined {
    const interfaces = this.#settings.interfaces.flatMap(({ name, neighborDiscovery }) => {
      const known = instance.interfaces.find((one) => one.name === name);
      if (!known || !neighborDiscovery) return [];
      return [{ interfaceId: known.interfaceId, name, settings: neighborDiscovery }];
    });
    if (interfaces.length === 0) return undefined;
    const { log } = this.#surroundings;
    const onChange = (key: string) => this.#installer?.touch(key);
    return new NeighborDiscoveryRouter({ interfaces, prng, log, onChange });
  }

  #sayRoute(change: string, { key, pathType, distance, nextHops }: Route): void {
    const { log, interfaceName } = this.#surroundings;
    const via = nextHops.map(({ interfaceId, originators }) => {
      return `${interfaceName(interfaceId)} (${originators.length})`;
    });
    log.debug({ prefix: key, pathType, distance, via }, `route ${change}`);
  }
}
