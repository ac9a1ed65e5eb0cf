/** A router that waits on a broadcast link, and what it hears of one that is not there. */
import { encodePacket } from '../../src/packet/encode.ts';
import type { Hello, Packet } from '../../src/packet/packet.ts';
import { type Address, ALL_SPF_ROUTERS, parseAddress } from '../../src/wire/address.ts';
import { id, Network, type Node } from './network.ts';

/** Whom it hears, where nothing else is said. */
export const SOURCE = parseAddress('fe80::2');
/** A Hello that it takes. */
export const HELLO: Hello = {
  kind: 'Hello',
  routerId: id('10.0.0.2'),
  areaId: 0,
  instanceId: 0,
  interfaceId: 5,
  routerPriority: 1,
  options: 0x13,
  helloIntervalS: 1,
  routerDeadIntervalS: 4,
  designatedRouter: 0,
  backupDesignatedRouter: 0,
  neighbors: [],
};

/** How a datagram comes: from {@link SOURCE} to AllSPFRouters on the link, if it does not say. */
export interface Journey {
  readonly source?: Address;
  readonly destination?: Address;
  readonly interfaceId?: number;
}

export function listener(more: Parameters<Network['node']>[2] = {}): Node {
  const network = new Network();
  const node = network.node('10.0.0.1', [network.link()], more);
  node.up();
  return node;
}

export function hear(node: Node, octets: Uint8Array, journey: Journey = {}): Node {
  const { source = SOURCE, destination = ALL_SPF_ROUTERS, interfaceId = 1 } = journey;
  node.handle({ kind: 'datagram', interfaceId, source, destination, octets });
  return node;
}

/** A router that heard a packet. */
export function heard(packet: Packet, journey: Journey = {}, node = listener()): Node {
  const { source = SOURCE, destination = ALL_SPF_ROUTERS } = journey;
  return hear(node, encodePacket(packet, source, destination), journey);
}
