/**
 * What is configured for a server.
 * @module
 */
import type { InstanceConfig } from '../instance/config.ts';
import type { CostConfig } from '../server-cost/config.ts';
import type { Address } from '../wire/address.ts';

/** How a service is advertised: in LSAs, or in Neighbor Advertisements that the host sends. */
export type AdvertiseBy = 'ospfv3' | 'neighborDiscovery';

export interface ServiceConfig {
  /** Unique within the server. */
  readonly name: string;
  /** The anycast address; advertised as a /128. */
  readonly address: Address;
  readonly cost: CostConfig;
  /** By default `ospfv3`. Load is told in the Router Information LSA either way. */
  readonly advertise?: AdvertiseBy;
}

export interface ServerConfig {
  /** `forwards` is false and every interface's priority 0: a server is a host (RFC 5340 2.7). */
  readonly instance: InstanceConfig;
  readonly services: readonly ServiceConfig[];
  /**
   * Whether routers that do not spread by weights are prompted to run SPF some seconds after a
   * service was announced or its metric changed; false by default.
   */
  readonly promptsSpf?: boolean;
}
