/**
 * Tells the links of a capture apart. A capture of several links often does not say which frame
 * was on which: then Hellos say which address is which interface, and Router-LSAs which interfaces
 * meet on a link (RFC 5340 A.4.3).
 * @module
 */
import { DecodeError } from '../errors.ts';
import type { CapturedDatagram } from '../host/pcap-datagrams.ts';
import { LsType } from '../lsa/ls-type.ts';
import { RouterLinkType } from '../lsa/router-lsa.ts';
import { lsaFault } from '../lsa/validate.ts';
import { decodePacket } from '../packet/decode.ts';
import type { Packet } from '../packet/packet.ts';
import { addressKey } from '../wire/address.ts';

/** A number per link, equal for datagrams of one link. */
export type LinkOf = (datagram: CapturedDatagram) => number;

/** Interfaces that meet, as sets that are joined. */
class Joined {
  readonly #parents = new Map<string, string>();

  rootOf(name: string): string {
    let root = name;
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root)) {
      root = up;
    }
    return root;
  }

  join(a: string, b: string): void {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)];
    if (rootA !== rootB) this.#parents.set(rootA, rootB);
  }
}

const decoded = (datagram: CapturedDatagram): Packet | undefined => {
  try {
    return decodePacket(datagram.octets);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
};

/**
 * The links of a capture: its interfaces, unless a router speaks from two interfaces on one of
 * them; then several links were captured as one and are told apart by what the routers say.
 */
export function linksOf(datagrams: readonly CapturedDatagram[]): LinkOf {
  const joined = new Joined();
  /** Interface of a router, `routerId interfaceId`, by capture interface and source address. */
  const speakers = new Map<string, string>();
  const interfacesOf = new Map<string, string>();
  let mixed = false;
  for (const datagram of datagrams) {
    const packet = decoded(datagram);
    if (packet?.kind === 'LinkStateUpdate') joinLinks(packet, joined);
    if (packet?.kind !== 'Hello') continue;
    const { routerId, interfaceId, instanceId } = packet;
    const { captureInterface } = datagram.frame;
    speakers.set(speakerKey(datagram), `${routerId} ${interfaceId}`);
    const seen = `${captureInterface} ${routerId} ${instanceId}`;
    const before = interfacesOf.get(seen);
    mixed ||= before !== undefined && before !== `${interfaceId}`;
    interfacesOf.set(seen, `${interfaceId}`);
  }
  if (!mixed) return (datagram) => datagram.frame.captureInterface;
  const numbers = new Map<string, number>();
  return (datagram) => {
    const key = speakerKey(datagram);
    const root = joined.rootOf(speakers.get(key) ?? key);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  };
}

const speakerKey = ({ frame, source }: CapturedDatagram): string =>
  `${frame.captureInterface} ${addressKey(source)}`;

/** Joins the interfaces that Router-LSAs describe as being on one link. */
function joinLinks(packet: Packet & { kind: 'LinkStateUpdate' }, joined: Joined): void {
  for (const lsa of packet.lsas) {
    if (lsa.header.lsType !== LsType.Router || lsaFault(lsa) !== undefined) continue;
    const { header, body } = lsa;
    if (body.kind !== 'Router') continue;
    for (const link of body.links) {
      if (link.type === RouterLinkType.VirtualLink) continue;
      const here = `${header.advertisingRouter} ${link.interfaceId}`;
      joined.join(here, `${link.neighborRouterId} ${link.neighborInterfaceId}`);
    }
  }
}
