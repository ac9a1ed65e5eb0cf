/**
 * The Options field of Hellos, Database Descriptions and LSAs: 24 bits, kept as a number so that
 * bits we do not know survive (RFC 5340 A.2, RFC 5838, RFC 5613, RFC 7166).
 * @module
 */

export const Option = {
  /** IPv6 routing calculations should include the router. */
  V6: 0x000001,
  /** AS-external LSAs are flooded; clear in stub areas and NSSAs. */
  E: 0x000002,
  /** Not-so-stubby area. */
  N: 0x000008,
  /** The originator forwards for others; clear on a host (RFC 5340 2.7). */
  R: 0x000010,
  DC: 0x000020,
  /** Address families other than IPv6 (RFC 5838). */
  AF: 0x000100,
  /** A link-local signalling block follows the packet (RFC 5613). */
  L: 0x000200,
  /** An authentication trailer follows (RFC 7166). */
  AT: 0x000400,
} as const;
