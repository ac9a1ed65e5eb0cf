/**
 * The server role on this machine: liveness and load of its services go in as the machine measures
 * them, what the services say goes out in LSAs.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import type { Prng } from '../prng.ts';
import { Server, type ServerInput, type ServerOutput } from '../server/server.ts';
import type { ServiceStatus } from '../server/service-speaker.ts';
import type { ControllerCommand } from '../server-cost/controller-messages.ts';
import type { ServerSettings } from './config.ts';
import { costConfig } from './config-service.ts';
import type { Machine } from './driver.ts';
import { NeighborDiscoveryServer } from './neighbor-discovery-server.ts';
import type { DaemonInput, InstanceReads, Role, RoleOutput, Surroundings } from './role.ts';

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

export class ServerRole implements Role {
  readonly name = 'server';
  readonly #server: Server;
  readonly #settings: ServerSettings;
  readonly #surroundings: Surroundings;
  readonly #input: ServerInputs;
  readonly neighborDiscovery: NeighborDiscoveryServer;

  constructor(
    settings: ServerSettings,
    instance: InstanceConfig,
    prng: Prng,
    surroundings: Surroundings,
    input: ServerInputs,
  ) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#input = input;
    const services = settings.services.map((service) => ({
      name: service.name,
      address: service.address,
      advertise: advertiseBy(service.advertise),
      cost: costConfig(service, settings.minLsIntervalMs),
    }));
    this.#server = new Server({ instance, services }, prng);
    this.neighborDiscovery = new NeighborDiscoveryServer({
      services: settings.services.map(({ name, address, advertise, neighborDiscovery }) => {
        return { name, address, active: advertise !== 'ospfv3', settings: neighborDiscovery };
      }),
      interfaces: settings.interfaces
        .filter(({ type, passive }) => type !== 'loopback' && !passive)
        .map(({ name }) => name),
      prng: prng.fork(),
      log: surroundings.log,
      onSolicited: (service) => input((nowMs) => ({ kind: 'solicited', nowMs, service })),
    });
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

  /** @param service - name of a configured service. */
  command(service: string, command: ControllerCommand): void {
    this.#input((nowMs) => ({ kind: 'command', nowMs, service, command }));
  }

  perform(output: RoleOutput): void {
    const said = output as ServerOutput;
    if (said.kind !== 'service') return;
    this.#surroundings.log.info({ service: said.service, ...said.output }, 'service');
  }

  async begin(): Promise<void> {
    for (const { name } of this.#settings.services) {
      // Without a liveness signal nobody could ever say that it lives.
      const reason = 'no liveness is configured';
      this.#input((nowMs) => ({ kind: 'liveness', nowMs, service: name, alive: true, reason }));
    }
  }

  async end(): Promise<void> {}
}
