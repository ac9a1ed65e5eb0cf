/**
 * What is configured for an instance (RFC 2328 C.1, C.2; RFC 5340 C.1, C.2).
 * @module
 */
import type { InterfaceConfig } from '../interface/config.ts';
import type { AddressPrefix } from '../wire/prefix.ts';

export type { InterfaceConfig } from '../interface/config.ts';
export { INTERFACE_DEFAULTS } from '../interface/config.ts';

type AreaType = 'normal' | 'stub' | 'nssa';

/** The parameters of one area. */
export interface AreaConfig {
  readonly areaId: number;
  /** `stub` and `nssa` take no AS-External-LSAs (RFC 2328 3.6, RFC 3101). */
  readonly type: AreaType;
  /** Totally stubby: a border router sends in a default route and no other summaries. */
  readonly noSummaries?: boolean;
  /** Cost of the default route that a border router sends into a stub area or NSSA; 1 by default. */
  readonly defaultCost?: number;
  /** Of an NSSA: whether a border router sends in a default route; true by default (RFC 3101 2.4). */
  readonly defaultRoute?: boolean;
  /** What a border router says outside of the prefixes inside (RFC 2328 C.2). */
  readonly ranges?: readonly AreaRange[];
  /** Of an NSSA: whether a border router always translates, or as elected (RFC 3101 3.1). */
  readonly translatorRole?: 'candidate' | 'always';
}

/** An address range of an area (RFC 2328 C.2). */
export interface AreaRange {
  readonly prefix: AddressPrefix;
  /** Said as one prefix, or not at all. */
  readonly advertise: boolean;
  /** The cost said; that of the farthest prefix inside by default (RFC 2328 12.4.3). */
  readonly cost?: number;
}

/**
 * `maxLinkMetric`: our links cost so much that traffic passes through us only where there is no
 * other way (RFC 6987 2). `rBit`: the R-bit is clear, and no traffic passes through us at all
 * (RFC 5340 2.7).
 */
type StubRouterMethod = 'maxLinkMetric' | 'rBit';

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
  /** How a stub router keeps traffic away; `maxLinkMetric` by default. */
  readonly stubRouterMethod?: StubRouterMethod;
  /** Least time between two received instances of an LSA; MinLSArrival by default. */
  readonly minLsArrivalMs?: number;
}
