/**
 * What is configured for a server.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import type { CostConfig } from '../server-cost/config.ts';
import type { Address } from '../wire/address.ts';

export interface ServiceConfig {
  /** Unique within the server. */
  readonly name: string;
  /** The anycast address; advertised as a /128. */
  readonly address: Address;
  readonly cost: CostConfig;
}

export interface ServerConfig {
  /** `forwards` is false and every interface's priority 0: a server is a host (RFC 5340 2.7). */
  readonly instance: InstanceConfig;
  readonly services: readonly ServiceConfig[];
}
