/**
 * The architectural constants of OSPF (RFC 2328 appendix B, RFC 5340 appendix B).
 * @module
 */

/** The age at which an LSA is no longer used and is flushed, seconds. */
export const MAX_AGE_S = 3600;
/** The age at which the originator refreshes its LSA, seconds. */
export const LS_REFRESH_TIME_S = 1800;
/** Two ages that differ by more than this belong to different instances, seconds. */
export const MAX_AGE_DIFF_S = 900;
/** How often the checksums of the LSAs held are verified, seconds. */
export const CHECK_AGE_S = 300;
/** The least time between two originations of an LSA, milliseconds. */
export const MIN_LS_INTERVAL_MS = 5000;
/** The least time between two instances of an LSA that are accepted in flooding, milliseconds. */
export const MIN_LS_ARRIVAL_MS = 1000;
/** The metric that means unreachable, 24 bits. */
export const LS_INFINITY = 0xffffff;
/** The first sequence number of an LSA: -2^31 + 1. */
export const INITIAL_SEQUENCE_NUMBER = -0x7fffffff;
/** The last sequence number of an LSA, behind which it must be flushed: 2^31 - 1. */
export const MAX_SEQUENCE_NUMBER = 0x7fffffff;
