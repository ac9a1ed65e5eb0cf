/**
 * Neighbor Solicitation and Neighbor Advertisement as values and as octets (RFC 4861 4.3, 4.4), and
 * the validity rules of RFC 4861 7.1, each with a name of its own. Other ICMPv6 is not ours.
 * @module
 */
import { DecodeError } from '../errors.ts';
import {
  ADDRESS_OCTETS,
  type Address,
  isMulticast,
  sameAddress,
  UNSPECIFIED,
} from '../wire/address.ts';
import { internetChecksum } from '../wire/checksum.ts';
import { record, u8, u16, u32 } from '../wire/record.ts';
import { viewOf } from '../wire/view.ts';
import {
  Icmpv6Type,
  IP_PROTOCOL_ICMPV6,
  isSolicitedNode,
  NEIGHBOR_DISCOVERY_HOP_LIMIT,
  OptionType,
} from './constants.ts';
import {
  decodeOptions,
  encodeOptions,
  type NeighborDiscoveryOption,
  type OptionFault,
  optionsOctets,
} from './option.ts';

/** Asks for the link-layer address of a target (RFC 4861 4.3). */
interface NeighborSolicitation {
  readonly kind: 'NeighborSolicitation';
  readonly target: Address;
  readonly options: readonly NeighborDiscoveryOption[];
}

/** Tells it (RFC 4861 4.4). */
export interface NeighborAdvertisement {
  readonly kind: 'NeighborAdvertisement';
  /** R: the sender is a router. */
  readonly router: boolean;
  /** S: sent in answer to a solicitation. */
  readonly solicited: boolean;
  /** O: replaces the link-layer address that is cached. */
  readonly override: boolean;
  readonly target: Address;
  readonly options: readonly NeighborDiscoveryOption[];
}

export type NeighborDiscoveryMessage = NeighborSolicitation | NeighborAdvertisement;

/** The rule of RFC 4861 7.1.1 or 7.1.2 that a message breaks; one counter for each. */
export type InvalidReason =
  | 'hopLimit' // not 255: it may have been forwarded
  | 'checksum'
  | 'code' // ICMP code other than 0
  | 'length' // fewer than 24 octets
  | 'targetMulticast'
  | OptionFault
  | 'unspecifiedSourceToUnicast' // source ::, yet not to a solicited-node group
  | 'unspecifiedSourceWithLinkLayerAddress'
  | 'solicitedMulticast'; // S set, yet sent to a group

/** ICMPv6 octets with what the IPv6 header said of them. */
export interface Icmpv6Datagram {
  readonly source: Address;
  readonly destination: Address;
  readonly hopLimit: number;
  /** From the ICMPv6 type on. */
  readonly octets: Uint8Array;
}

const Head = record('NeighborDiscoveryMessage', { type: u8, code: u8, checksum: u16, flags: u32 });
const MESSAGE_OCTETS = Head.span + ADDRESS_OCTETS;
const ROUTER = 0x8000_0000;
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;

/** Whether the octets are one of the two messages at all. */
export function isNeighborDiscovery(octets: Uint8Array): boolean {
  return (
    octets[0] === Icmpv6Type.NeighborSolicitation || octets[0] === Icmpv6Type.NeighborAdvertisement
  );
}

/**
 * Reads a message that {@link isNeighborDiscovery}, judging it by RFC 4861 7.1.
 * @returns the message, or the name of the first rule it breaks. Reserved bits, unknown options and
 * octets of options we do not use are accepted, as 7.1 demands.
 */
export function decodeMessage(datagram: Icmpv6Datagram): NeighborDiscoveryMessage | InvalidReason {
  const { source, destination, hopLimit, octets } = datagram;
  if (hopLimit !== NEIGHBOR_DISCOVERY_HOP_LIMIT) return 'hopLimit';
  if (octets.length < MESSAGE_OCTETS) return 'length';
  const view = viewOf(octets);
  if (internetChecksum(source, destination, view, IP_PROTOCOL_ICMPV6) !== 0) return 'checksum';
  const head = Head.decode(view, 0);
  if (head.code !== 0) return 'code';
  const target = new Uint8Array(octets.subarray(Head.span, MESSAGE_OCTETS));
  if (isMulticast(target)) return 'targetMulticast';
  const options = decodeOptions(octets, MESSAGE_OCTETS);
  if (typeof options === 'string') return options;
  if (head.type === Icmpv6Type.NeighborSolicitation) {
    if (sameAddress(source, UNSPECIFIED)) {
      if (!isSolicitedNode(destination)) return 'unspecifiedSourceToUnicast';
      if (options.some((option) => option.type === OptionType.SourceLinkLayerAddress)) {
        return 'unspecifiedSourceWithLinkLayerAddress';
      }
    }
    return { kind: 'NeighborSolicitation', target, options };
  }
  if (head.type !== Icmpv6Type.NeighborAdvertisement) {
    throw new DecodeError('Value', 0, `ICMPv6 type ${head.type} is not Neighbor Discovery`);
  }
  const solicited = (head.flags & SOLICITED) !== 0;
  if (solicited && isMulticast(destination)) return 'solicitedMulticast';
  return {
    kind: 'NeighborAdvertisement',
    router: (head.flags & ROUTER) !== 0,
    solicited,
    override: (head.flags & OVERRIDE) !== 0,
    target,
    options,
  };
}

/** The octets of a message with its checksum, ready to follow an IPv6 header. */
export function encodeMessage(
  message: NeighborDiscoveryMessage,
  source: Address,
  destination: Address,
): Uint8Array {
  const octets = new Uint8Array(MESSAGE_OCTETS + optionsOctets(message.options));
  const view = new DataView(octets.buffer);
  const flags =
    message.kind === 'NeighborSolicitation'
      ? 0
      : (message.router ? ROUTER : 0) +
        (message.solicited ? SOLICITED : 0) +
        (message.override ? OVERRIDE : 0);
  Head.encode({ type: Icmpv6Type[message.kind], code: 0, checksum: 0, flags }, view, 0);
  octets.set(message.target, Head.span);
  encodeOptions(message.options, octets, MESSAGE_OCTETS);
  const checksum = internetChecksum(source, destination, view, IP_PROTOCOL_ICMPV6);
  view.setUint16(Head.offsetOf('checksum'), checksum);
  return octets;
}
