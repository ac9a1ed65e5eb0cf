/**
 * Network-LSA: the routers attached to a link, said by its designated router (RFC 5340 A.4.4).
 * @module
 */
import { DecodeError } from '../errors.ts';
import { record, u24, zero } from '../wire/record.ts';

const NetworkLsaHead = record('NetworkLsa', { reserved: zero(1), options: u24 });
const ROUTER_ID_OCTETS = 4;

export interface NetworkLsa {
  readonly kind: 'Network';
  /** 24 bits: what any attached router can do. */
  readonly options: number;
  /** Router IDs, the designated router's own among them. */
  readonly attachedRouters: readonly number[];
}

/** @throws {DecodeError} `Short` without the head, `Length` when Router IDs do not fill the rest. */
export function decodeNetworkLsa(view: DataView, at: number, end: number): NetworkLsa {
  const { options } = NetworkLsaHead.decode(view, at, end);
  const from = at + NetworkLsaHead.span;
  if ((end - from) % ROUTER_ID_OCTETS !== 0) {
    throw new DecodeError('Length', from, 'Router IDs are 4 octets each');
  }
  const attachedRouters = new Array<number>((end - from) / ROUTER_ID_OCTETS);
  for (let i = 0; i < attachedRouters.length; i++) {
    attachedRouters[i] = view.getUint32(from + ROUTER_ID_OCTETS * i);
  }
  return { kind: 'Network', options, attachedRouters };
}

export const networkLsaOctets = (body: NetworkLsa): number =>
  NetworkLsaHead.span + body.attachedRouters.length * ROUTER_ID_OCTETS;

export function encodeNetworkLsa(body: NetworkLsa, view: DataView, at: number): number {
  let next = at + NetworkLsaHead.encode(body, view, at);
  for (const routerId of body.attachedRouters) {
    view.setUint32(next, routerId);
    next += ROUTER_ID_OCTETS;
  }
  return next;
}
