/**
 * The server role on this machine: liveness and load of its services go in as the machine measures
 * them, what the services say goes out in LSAs.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import type { Prng } from '../prng.ts';
import { Server, type ServerInput, type ServerOutput } from '../server/server.ts';
import type { ServiceStatus } from '../server/service-speaker.ts';
import type { ServerSettings } from './config.ts';
import { costConfig } from './config-service.ts';
import type { Machine } from './driver.ts';
import type { DaemonInput, InstanceReads, Role, RoleOutput, Surroundings } from './role.ts';

/** Hands an input to the role's machine through the driver. */
export type ServerInputs = (make: (nowMs: number) => ServerInput) => void;

export class ServerRole implements Role {
  readonly name = 'server';
  readonly #server: Server;
  readonly #settings: ServerSettings;
  readonly #surroundings: Surroundings;
  readonly #input: ServerInputs;

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
      cost: costConfig(service, settings.minLsIntervalMs),
    }));
    this.#server = new Server({ instance, services }, prng);
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
