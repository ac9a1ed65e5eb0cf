/**
 * Router-LSA: the router's links within an area (RFC 5340 A.4.3).
 * @module
 */
import { type RecordOf, record, u8, u16, u24, u32, zero } from '../wire/record.ts';

/** Bits of the Router-LSA's first octet (RFC 5340 A.4.3, RFC 3101 for Nt). */
export const RouterFlag = {
  /** Area border router. */
  B: 0x01,
  /** AS boundary router. */
  E: 0x02,
  /** Endpoint of a virtual link. */
  V: 0x04,
  /** NSSA translator, unconditionally. */
  Nt: 0x10,
} as const;

/** What a link description points at (RFC 5340 A.4.3). */
export const RouterLinkType = { PointToPoint: 1, Transit: 2, VirtualLink: 4 } as const;

/** One link description, 16 octets. */
export const RouterLink = record('RouterLink', {
  type: u8,
  reserved: zero(1),
  metric: u16,
  interfaceId: u32,
  neighborInterfaceId: u32,
  neighborRouterId: u32,
});
export type RouterLink = RecordOf<typeof RouterLink>;

const RouterLsaHead = record('RouterLsa', { flags: u8, options: u24 });

export interface RouterLsa {
  readonly kind: 'Router';
  /** 8 bits, see {@link RouterFlag}. */
  readonly flags: number;
  /** 24 bits, see `Option`. */
  readonly options: number;
  readonly links: readonly RouterLink[];
}

/** @throws {DecodeError} `Short` without the head, `Length` when the links do not fill the rest. */
export function decodeRouterLsa(view: DataView, at: number, end: number): RouterLsa {
  const { flags, options } = RouterLsaHead.decode(view, at, end);
  const links = RouterLink.decodeAll(view, at + RouterLsaHead.span, end);
  return { kind: 'Router', flags, options, links };
}

export const routerLsaOctets = (body: RouterLsa): number =>
  RouterLsaHead.span + body.links.length * RouterLink.span;

export function encodeRouterLsa(body: RouterLsa, view: DataView, at: number): number {
  let next = at + RouterLsaHead.encode(body, view, at);
  for (const link of body.links) next += RouterLink.encode(link, view, next);
  return next;
}
