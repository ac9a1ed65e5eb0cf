/**
 * The server role on this machine: liveness and load of its services go in as the machine measures
 * them, what the services say goes out in LSAs.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import type { Machine } from '../machine.ts';
import type { Prng } from '../prng.ts';
import type { AdvertiseBy } from '../server/config.ts';
import {
  Server,
  type ServerInput,
  type ServerOutput,
  type ServiceOutput,
} from '../server/server.ts';
import type { ServiceStatus } from '../server/service-speaker.ts';
import type { ControllerCommand } from '../server-cost/controller-messages.ts';
import type { Explanation } from '../server-cost/explanation.ts';
import { AgentCheck } from './agent-check.ts';
import { systemClock } from './clock.ts';
import type { ServerSettings } from './config.ts';
import { costConfig } from './config-service.ts';
import { serviceWatchConfig } from './config-signal.ts';
import { NeighborDiscoveryServer } from './neighbor-discovery-server.ts';
import type { DaemonInput, InstanceReads, Role, RoleOutput, Surroundings } from './role.ts';
import { ServiceWatch, type ServiceWatchStatus } from './service-watch.ts';

/** Hands an input to the role's machine through the driver. */
export type ServerInputs = (make: (nowMs: number) => ServerInput) => void;

/** What an operator can tell a service. */
export const SERVICE_COMMANDS = [
  'drain',
  'undrain',
  'disable',
  'enable',
] as const satisfies readonly ControllerCommand[];

export const isServiceCommand = (word: string): word is ControllerCommand =>
  (SERVICE_COMMANDS as readonly string[]).includes(word);

/** How long a service is advertised in both ways when it changes: a pacing interval, SPF, a turn. */
const HANDOVER_MS = 8_000;

const advertiseBy = (setting: ServerSettings['services'][number]['advertise']): AdvertiseBy =>
  setting === 'ospfv3' ? 'ospfv3' : 'neighborDiscovery';

export class ServerRole implements Role {
  readonly name = 'server';
  readonly #server: Server;
  readonly #watches: ReadonlyMap<string, ServiceWatch>;
  readonly #surroundings: Surroundings;
  readonly #input: ServerInputs;
  readonly neighborDiscovery: NeighborDiscoveryServer;
  readonly #agentChecks: readonly AgentCheck[];
  readonly #handovers = new Map<string, NodeJS.Timeout>();

  constructor(
    settings: ServerSettings,
    instance: InstanceConfig,
    prng: Prng,
    surroundings: Surroundings,
    input: ServerInputs,
  ) {
    this.#watches = new Map(
      settings.services.map((service) => [service.name, this.#watch(service)]),
    );
    this.#surroundings = surroundings;
    this.#input = input;
    const services = settings.services.map((service) => ({
      name: service.name,
      address: service.address,
      advertise: advertiseBy(service.advertise),
      cost: costConfig(service, settings.minLsIntervalMs),
    }));
    const { promptsSpf } = settings;
    this.#server = new Server({ instance, services, promptsSpf }, prng);
    this.#agentChecks = settings.services.map(({ name, report, weight: configuredWeight }) => {
      const status = () => this.services().find((one) => one.name === name)!;
      return new AgentCheck(report, { status, configuredWeight });
    });
    this.neighborDiscovery = new NeighborDiscoveryServer({
      services: settings.services.map(({ name, address, advertise, neighborDiscovery }) => {
        return { name, address, active: advertise !== 'ospfv3', settings: neighborDiscovery };
      }),
      interfaces: settings.interfaces
        .filter(({ type }) => type !== 'loopback') // where OSPF is passive this may well speak
        .map(({ name }) => name),
      prng: prng.fork(),
      log: surroundings.log,
      onSolicited: (service) => input((nowMs) => ({ kind: 'solicited', nowMs, service })),
    });
  }

  /** The signals of each service, by its name. */
  signals(): ReadonlyMap<string, ServiceWatchStatus> {
    return new Map([...this.#watches].map(([name, watch]) => [name, watch.status()]));
  }

  #watch(settings: ServerSettings['services'][number]): ServiceWatch {
    const service = settings.name;
    return new ServiceWatch(
      serviceWatchConfig(settings),
      {
        onLiveness: (alive, reason) =>
          this.#input((nowMs) => ({ kind: 'liveness', nowMs, service, alive, reason })),
        onSample: (sample) => this.#input((nowMs) => ({ kind: 'sample', nowMs, service, sample })),
      },
      systemClock,
    );
  }

  get machine(): Machine<DaemonInput, RoleOutput> {
    return this.#server;
  }

  get instance(): InstanceReads {
    return this.#server.instance;
  }

  services(): ServiceStatus[] {
    return this.#server.services();
  }

  /** Why a service says what it says. @throws {RangeError} when no service has the name. */
  explain(service: string): Explanation {
    return this.#server.explain(service);
  }

  /** @param service - name of a configured service. */
  command(service: string, command: ControllerCommand): void {
    this.#input((nowMs) => ({ kind: 'command', nowMs, service, command }));
  }

  perform(output: RoleOutput): void {
    const said = output as ServerOutput;
    if (said.kind !== 'service') return;
    const { service, output: told } = said;
    if (told.kind === 'selfTest') {
      this.#watches.get(service)?.selfTest(told.queriesPerSecond, told.durationMs);
    }
    this.#tellNeighborDiscovery(said);
    this.#surroundings.log.info({ service: said.service, ...said.output }, 'service');
  }

  /** A server forwards nothing. */
  forward(): void {}

  /**
   * Advertises a service in another way while it runs. The new way begins before the old one ends,
   * so that routers have next hops all the time.
   * @throws {RangeError} when no service has the name.
   */
  advertise(service: string, by: AdvertiseBy): void {
    const known = this.#server.services().find(({ name }) => name === service);
    if (!known) throw new RangeError(`service: none is named ${service}`);
    clearTimeout(this.#handovers.get(service));
    const change = (): void => this.#input((nowMs) => ({ kind: 'advertise', nowMs, service, by }));
    const end = (): void => this.neighborDiscovery.deactivate(service);
    if (by === 'ospfv3') change();
    else this.neighborDiscovery.activate(service);
    this.#handovers.set(service, setTimeout(by === 'ospfv3' ? end : change, HANDOVER_MS));
  }

  #tellNeighborDiscovery({ service, output }: ServiceOutput): void {
    if (output.kind === 'advertise') {
      const { weight, load } = output.advertisement;
      this.neighborDiscovery.advertise(service, { weight, ...load });
      return;
    }
    if (output.kind === 'standBy') this.neighborDiscovery.standBy(service);
    if (output.kind === 'withdraw') this.neighborDiscovery.withdraw(service);
  }

  async begin(): Promise<void> {
    const { log } = this.#surroundings;
    const onProblem = (reason: string): void => log.warn(`load report: ${reason}`);
    await Promise.all(this.#agentChecks.map((agentCheck) => agentCheck.begin(onProblem)));
    this.neighborDiscovery.begin();
    for (const watch of this.#watches.values()) watch.begin();
  }

  async end(): Promise<void> {
    for (const agentCheck of this.#agentChecks) agentCheck.close();
    for (const watch of this.#watches.values()) watch.end();
    for (const handover of this.#handovers.values()) clearTimeout(handover);
    this.neighborDiscovery.end();
  }
}
