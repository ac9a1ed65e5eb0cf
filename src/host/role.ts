/**
 * What a daemon needs of the role it runs.
 * @module
 */
import type { Instance } from '../instance/instance.ts';
import type { Machine } from '../machine.ts';
import type { RouterInput } from '../router/router.ts';
import type { ServerInput } from '../server/server.ts';
import type { DrivenInput } from './driver.ts';
import type { InterfaceChange } from './interface-attachment.ts';
import type { Logger } from './log.ts';

/** What a machine is told; each role takes its own part of it. */
export type DaemonInput = DrivenInput | InterfaceChange | ServerInput | RouterInput;

export type RoleOutput = { readonly kind: string };

/** What may be read of the role's instance at any time. */
export type InstanceReads = Pick<
  Instance,
  'lsdbOf' | 'interfaces' | 'neighbors' | 'drops' | 'isStubRouter'
>;

/** What a role is given of its surroundings. */
export interface Surroundings {
  readonly log: Logger;
  interfaceName(interfaceId: number): string;
}

/** A role on this machine: the core's machine and what of this machine belongs to it. */
export interface Role {
  readonly name: 'server' | 'router';
  readonly machine: Machine<DaemonInput, RoleOutput>;
  readonly instance: InstanceReads;
  /** A Link State Update has come and will be looked at now: forwarding may change in a moment. */
  prepare?(): void;
  /** Carries out an output that is neither `transmit` nor an event of the instance. */
  perform(output: RoleOutput): void;
  /** Every output of one moment that changes forwarding was performed; nothing has been sent yet. */
  forward(): void;
  /** Called once the driver runs; {@link Role.perform} and {@link Role.forward} only after it. */
  begin(): Promise<void>;
  /** Stops what the role started; the machine has said its farewell by then. */
  end(): Promise<void>;
}
