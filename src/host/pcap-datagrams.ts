/**
 * OSPF datagrams out of captured frames: steps over link-layer headers and VLAN tags, IPv6
 * extension headers and the authentication header, and puts fragments together (RFC 8200 4).
 * @module
 */

import type { Address } from '../wire/address.ts';
import { IP_PROTOCOL_OSPF } from '../wire/checksum.ts';
import { type Frame, LinkType } from './pcap.ts';

/** One OSPF datagram of a capture. */
export interface CapturedDatagram {
  /** The frame it came in; of a fragmented one, the last that was needed. */
  readonly frame: Frame;
  readonly source: Address;
  readonly destination: Address;
  readonly hopLimit: number;
  /** The OSPF packet with all that follows it in the datagram. */
  readonly octets: Uint8Array;
}

/** Why a frame that seemed to hold OSPF gave no datagram. */
type FrameFault = 'CutOff' | 'Fragment' | 'ExtensionHeader';

export type CaptureItem =
  | { readonly kind: 'datagram'; readonly datagram: CapturedDatagram }
  | { readonly kind: 'fault'; readonly frame: Frame; readonly fault: FrameFault };

const ETHERTYPE_IPV6 = 0x86dd;
const VLAN_ETHERTYPES = new Set([0x8100, 0x88a8, 0x9100]);
const IPV6_HEADER_OCTETS = 40;
const NextHeader = {
  HopByHop: 0,
  Routing: 43,
  Fragment: 44,
  Authentication: 51,
  Destination: 60,
  Mobility: 135,
} as const;

/** The datagrams of a capture in their order; frames without OSPF over IPv6 are passed over. */
export function* captureItems(frames: Iterable<Frame>): Generator<CaptureItem> {
  const fragments = new Map<string, FragmentedDatagram>();
  for (const frame of frames) {
    const ipv6 = ipv6Octets(frame);
    const item = ipv6 && itemOf(frame, ipv6, fragments);
    if (item) yield item;
  }
}

/** The datagrams alone. */
export function* capturedDatagrams(frames: Iterable<Frame>): Generator<CapturedDatagram> {
  for (const item of captureItems(frames)) if (item.kind === 'datagram') yield item.datagram;
}

const word = (octets: Uint8Array, at: number): number => (octets[at]! << 8) | octets[at + 1]!;

/** The IPv6 datagram in a frame, or `undefined`. */
function ipv6Octets({ linkType, octets }: Frame): Uint8Array | undefined {
  let at: number;
  switch (linkType) {
    case LinkType.Ethernet:
      at = ethernetPayload(octets, 12);
      break;
    case LinkType.LinuxSll:
      at = ethernetPayload(octets, 14);
      break;
    case LinkType.FrameRelay:
      at = frameRelayPayload(octets);
      break;
    case LinkType.LinuxSll2:
      at = word(octets, 0) === ETHERTYPE_IPV6 ? 20 : -1;
      break;
    case LinkType.Null:
      at = 4;
      break;
    case LinkType.Raw:
    case LinkType.RawOfBsd:
    case LinkType.Ipv6:
      at = 0;
      break;
    default:
      return undefined;
  }
  const isIpv6 = at >= 0 && octets.length >= at + IPV6_HEADER_OCTETS && octets[at]! >>> 4 === 6;
  return isIpv6 ? octets.subarray(at) : undefined;
}

/** Where the payload starts behind the EtherType at `at` and any VLAN tags, or -1. */
function ethernetPayload(octets: Uint8Array, at: number): number {
  let next = at;
  while (next + 2 <= octets.length && VLAN_ETHERTYPES.has(word(octets, next))) next += 4;
  return word(octets, next) === ETHERTYPE_IPV6 ? next + 2 : -1;
}

const NLPID_IPV6 = 0x8e;

/** Behind the address octets: Cisco's EtherType, or the NLPID of RFC 2427 4; -1 for neither. */
function frameRelayPayload(octets: Uint8Array): number {
  let next = 0;
  while (next < octets.length && (octets[next]! & 1) === 0) next++;
  next++; // the last address octet has its extension bit set
  if (word(octets, next) === ETHERTYPE_IPV6) return next + 2;
  return octets[next] === 0x03 && octets[next + 1] === NLPID_IPV6 ? next + 2 : -1;
}

function itemOf(
  frame: Frame,
  ipv6: Uint8Array,
  fragments: Map<string, FragmentedDatagram>,
): CaptureItem | undefined {
  const fault = (name: FrameFault): CaptureItem => ({ kind: 'fault', frame, fault: name });
  // The payload length, not the frame's end: Ethernet pads short frames.
  const end = IPV6_HEADER_OCTETS + word(ipv6, 4);
  const source = ipv6.slice(8, 24);
  const destination = ipv6.slice(24, 40);
  const header = { frame, source, destination, hopLimit: ipv6[7]! };
  let nextHeader = ipv6[6]!;
  let rest = ipv6.subarray(IPV6_HEADER_OCTETS, end);
  const isCutOff = ipv6.length < end;
  for (;;) {
    if (nextHeader === IP_PROTOCOL_OSPF) {
      if (isCutOff) return fault('CutOff');
      return { kind: 'datagram', datagram: { ...header, octets: rest } };
    }
    const octets = extensionHeaderOctets(nextHeader, rest);
    if (octets === undefined) return undefined;
    if (octets > rest.length) return fault('ExtensionHeader');
    if (nextHeader === NextHeader.Fragment) {
      if (rest[0] !== IP_PROTOCOL_OSPF && (word(rest, 2) & 0xfff8) === 0) return undefined;
      if (isCutOff) return fault('CutOff');
      const key = `${source}>${destination}#${rest.slice(4, 8)}`;
      const whole = collect(fragments, key, rest);
      if (whole === undefined) return undefined;
      if (whole === 'Fragment') return fault('Fragment');
      rest = whole.octets;
      nextHeader = whole.nextHeader;
    } else {
      nextHeader = rest[0]!;
      rest = rest.subarray(octets);
    }
  }
}

/** The length of an extension header, or `undefined` when `nextHeader` is not one we step over. */
function extensionHeaderOctets(nextHeader: number, rest: Uint8Array): number | undefined {
  switch (nextHeader) {
    case NextHeader.HopByHop:
    case NextHeader.Routing:
    case NextHeader.Destination:
    case NextHeader.Mobility:
      return 8 * ((rest[1] ?? 0) + 1);
    case NextHeader.Authentication:
      return 4 * ((rest[1] ?? 0) + 2); // RFC 4302 2.2: in 32-bit words, less two
    case NextHeader.Fragment:
      return 8;
    default:
      return undefined;
  }
}

/** Fragments of one datagram that have come so far. */
interface FragmentedDatagram {
  readonly parts: Map<number, Uint8Array>;
  octets: number;
  /** Length of the whole, once the last fragment has come. */
  total: number | undefined;
  nextHeader: number;
}

/** Datagrams that may be in parts at a time; the oldest is given up for the next. */
const FRAGMENTED_MAX = 64;

/** Adds a fragment. @returns the whole datagram once it is complete. */
function collect(
  fragments: Map<string, FragmentedDatagram>,
  key: string,
  rest: Uint8Array,
): { octets: Uint8Array; nextHeader: number } | 'Fragment' | undefined {
  const offset = word(rest, 2) & 0xfff8;
  const isLast = (rest[3]! & 1) === 0;
  const part = rest.subarray(8);
  let datagram = fragments.get(key);
  if (datagram === undefined) {
    datagram = { parts: new Map(), octets: 0, total: undefined, nextHeader: rest[0]! };
    if (fragments.size >= FRAGMENTED_MAX) fragments.delete(fragments.keys().next().value!);
    fragments.set(key, datagram);
  }
  // Overlapping fragments give the whole datagram up (RFC 5722).
  if (overlaps(datagram.parts, offset, part.length) || offset + part.length > 0xffff) {
    fragments.delete(key);
    return 'Fragment';
  }
  datagram.parts.set(offset, part);
  datagram.octets += part.length;
  if (offset === 0) datagram.nextHeader = rest[0]!;
  if (isLast) datagram.total = offset + part.length;
  if (datagram.total === undefined || datagram.octets < datagram.total) return undefined;
  fragments.delete(key);
  if (datagram.octets > datagram.total) return 'Fragment';
  const octets = new Uint8Array(datagram.total);
  for (const [at, piece] of datagram.parts) octets.set(piece, at);
  return { octets, nextHeader: datagram.nextHeader };
}

function overlaps(parts: Map<number, Uint8Array>, offset: number, length: number): boolean {
  for (const [at, part] of parts) {
    if (at < offset + length && offset < at + part.length) return true;
  }
  return parts.has(offset);
}
