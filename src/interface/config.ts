/**
 * What is configured for an interface (RFC 2328 C.3, RFC 5340 C.3).
 * @module
 */

import type { BfdConfig } from '../neighbor/bfd-session.ts';
import type { AuthenticationConfig } from '../packet/authentication.ts';

export type InterfaceType = 'broadcast' | 'pointToPoint' | 'loopback';

/** The parameters of one interface. */
export interface InterfaceConfig {
  /** OSPF's number for the interface, 1..2^32-1, unique within the router. */
  readonly interfaceId: number;
  /** For people: the name of the link, such as `eth0`. */
  readonly name: string;
  readonly areaId: number;
  readonly type: InterfaceType;
  /** Announces the link's prefixes and speaks to no neighbor on it. */
  readonly passive: boolean;
  /** Interface output cost, 1..65535. */
  readonly cost: number;
  /** Router Priority, 0..255; 0 never becomes designated router. */
  readonly priority: number;
  /** 1..65535, the same for all routers on the link. */
  readonly helloIntervalS: number;
  /** 1..65535, the same for all routers on the link. */
  readonly routerDeadIntervalS: number;
  /** Time between retransmissions to one neighbor. */
  readonly rxmtIntervalS: number;
  /** Added to the age of every LSA sent. */
  readonly infTransDelayS: number;
  /** 0..255 (RFC 5340 2.4). */
  readonly instanceId: number;
  /** Forms adjacencies in spite of a larger Interface MTU in Database Descriptions. */
  readonly mtuIgnore: boolean;
  /**
   * Whether addresses of a loopback carry the LA-bit, as RFC 5340 4.4.3.9 says: true by default.
   * FRR copies it into Inter-Area-Prefix-LSAs as a border router, and ignores such as a receiver.
   */
  readonly localAddressBit?: boolean;
  /** Watches neighbors with BFD at these intervals (RFC 5881). */
  readonly bfd?: BfdConfig;
  /** Keys of the authentication trailer (RFC 7166); without it packets carry a checksum alone. */
  readonly authentication?: AuthenticationConfig;
}

/** The values that RFC 2328 C.3 gives as samples. */
export const INTERFACE_DEFAULTS = {
  type: 'broadcast',
  passive: false,
  cost: 10,
  priority: 1,
  helloIntervalS: 10,
  routerDeadIntervalS: 40,
  rxmtIntervalS: 5,
  infTransDelayS: 1,
  instanceId: 0,
  mtuIgnore: false,
} as const satisfies Partial<InterfaceConfig>;
