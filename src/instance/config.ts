/**
 * What is configured for an instance (RFC 2328 C.1, C.2; RFC 5340 C.1, C.2).
 * @module
 */
import type { InterfaceConfig } from '../interface/config.ts';

export type { InterfaceConfig, InterfaceType } from '../interface/config.ts';
export { INTERFACE_DEFAULTS } from '../interface/config.ts';

export type AreaType = 'normal' | 'stub' | 'nssa';

/** The parameters of one area. */
export interface AreaConfig {
  readonly areaId: number;
  /** `stub` and `nssa` take no AS-External-LSAs (RFC 2328 3.6, RFC 3101). */
  readonly type: AreaType;
}

/** The parameters of an instance. */
export interface InstanceConfig {
  /** 1..2^32-1, unique within the autonomous system. */
  readonly routerId: number;
  /** Every area that an interface names. */
  readonly areas: readonly AreaConfig[];
  readonly interfaces: readonly InterfaceConfig[];
  /** Whether we forward for others: the R-bit. False on a host (RFC 5340 2.7). */
  readonly forwards: boolean;
  /** Least time between two originations of an LSA, 1000 or more; MinLSInterval by default. */
  readonly minLsIntervalMs?: number;
  /** A name for people, in our Router Information LSA: 1..255 printable ASCII (RFC 5642). */
  readonly hostname?: string;
  /** Starts as a stub router, for this long (RFC 6987); 0 by default. */
  readonly stubRouterOnStartMs?: number;
  /** Least time between two received instances of an LSA; MinLSArrival by default. */
  readonly minLsArrivalMs?: number;
}
