/**
 * Link State Updates read and written by buffer-layout alone, as its users would: structures for
 * everything fixed, loops for what repeats, checksums as they are defined. What `bench/codec.ts`
 * compares with.
 */
import * as layout from 'buffer-layout';

const PACKET_HEADER = layout.struct<Record<string, number>>([
  layout.u8('version'),
  layout.u8('type'),
  layout.u16be('packetLength'),
  layout.u32be('routerId'),
  layout.u32be('areaId'),
  layout.u16be('checksum'),
  layout.u8('instanceId'),
  layout.u8('reserved'),
]);
const UPDATE_HEAD = layout.struct<{ lsaCount: number }>([layout.u32be('lsaCount')]);
interface Header {
  readonly lsType: number;
  readonly length: number;
}
const LSA_HEADER = layout.struct<Header>([
  layout.u16be('ageS'),
  layout.u16be('lsType'),
  layout.u32be('linkStateId'),
  layout.u32be('advertisingRouter'),
  layout.s32be('sequenceNumber'),
  layout.u16be('checksum'),
  layout.u16be('length'),
]);
const ROUTER_HEAD = layout.struct([layout.u8('flags'), layout.u24be('options')]);
const LINK = layout.struct([
  layout.u8('type'),
  layout.u8('reserved'),
  layout.u16be('metric'),
  layout.u32be('interfaceId'),
  layout.u32be('neighborInterfaceId'),
  layout.u32be('neighborRouterId'),
]);
const ID = layout.u32be();
const METRIC_HEAD = layout.struct([layout.u8('flags'), layout.u24be('metric')]);
const PREFIX_HEAD = layout.struct<{ prefixLength: number; special: number }>([
  layout.u8('prefixLength'),
  layout.u8('prefixOptions'),
  layout.u16be('special'),
]);
const INTRA_HEAD = layout.struct<{ prefixCount: number }>([
  layout.u16be('prefixCount'),
  layout.u16be('referencedLsType'),
  layout.u32be('referencedLinkStateId'),
  layout.u32be('referencedAdvertisingRouter'),
]);
const LINK_LSA_HEAD = layout.struct<{ prefixCount: number }>([
  layout.u8('routerPriority'),
  layout.u24be('options'),
  layout.blob(16, 'linkLocalAddress'),
  layout.u32be('prefixCount'),
]);
const INTER_ROUTER = layout.struct([
  layout.u8('reserved'),
  layout.u24be('options'),
  layout.u8('reserved2'),
  layout.u24be('metric'),
  layout.u32be('destinationRouterId'),
]);
const WORDS = [0, 1, 2, 3, 4].map((words) => layout.blob(4 * words));

/** An update as read: objects of the same content as ours. */
export interface ReadUpdate {
  readonly header: Record<string, number>;
  readonly lsas: readonly { readonly header: Header; readonly body: unknown }[];
}

export function decodeUpdate(packet: Buffer): ReadUpdate {
  const header = PACKET_HEADER.decode(packet, 0);
  const { lsaCount } = UPDATE_HEAD.decode(packet, PACKET_HEADER.span);
  const lsas = [];
  let at = PACKET_HEADER.span + UPDATE_HEAD.span;
  for (let i = 0; i < lsaCount; i++) {
    const lsa = LSA_HEADER.decode(packet, at);
    lsas.push({ header: lsa, body: decodeBody(lsa, packet.subarray(at, at + lsa.length)) });
    at += lsa.length;
  }
  return { header, lsas };
}

function decodePrefixes(lsa: Buffer, from: number, count: number): [unknown[], number] {
  const prefixes = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const head = PREFIX_HEAD.decode(lsa, at);
    const address = WORDS[(head.prefixLength + 31) >>> 5]!;
    at += PREFIX_HEAD.span;
    prefixes.push({ head, address: address.decode(lsa, at) });
    at += address.span;
  }
  return [prefixes, at];
}

function decodeBody({ lsType }: Header, lsa: Buffer): unknown {
  const at = LSA_HEADER.span;
  switch (lsType) {
    case 0x2001: {
      const links = [];
      const head = ROUTER_HEAD.decode(lsa, at);
      for (let next = at + 4; next < lsa.length; next += LINK.span) {
        links.push(LINK.decode(lsa, next));
      }
      return { head, links };
    }
    case 0x2002: {
      const routers = [];
      const head = ROUTER_HEAD.decode(lsa, at);
      for (let next = at + 4; next < lsa.length; next += 4) routers.push(ID.decode(lsa, next));
      return { head, routers };
    }
    case 0x2003:
      return { head: METRIC_HEAD.decode(lsa, at), prefix: decodePrefixes(lsa, at + 4, 1)[0] };
    case 0x2004:
      return INTER_ROUTER.decode(lsa, at);
    case 0x4005:
    case 0x2007: {
      const [prefix, next] = decodePrefixes(lsa, at + 4, 1);
      return { head: METRIC_HEAD.decode(lsa, at), prefix, rest: lsa.subarray(next) };
    }
    case 0x0008: {
      const head = LINK_LSA_HEAD.decode(lsa, at);
      return { head, prefixes: decodePrefixes(lsa, at + 24, head.prefixCount)[0] };
    }
    case 0x2009: {
      const head = INTRA_HEAD.decode(lsa, at);
      return { head, prefixes: decodePrefixes(lsa, at + 12, head.prefixCount)[0] };
    }
  }
  return lsa.subarray(at);
}

/** Whether every checksum of an update is right: the packet's and those of its LSAs. */
export function updateChecksumsRight(
  packet: Buffer,
  update: ReadUpdate,
  source: Uint8Array,
  destination: Uint8Array,
): boolean {
  const pseudoHeader = internetSum(source, internetSum(destination, packet.length + 89));
  if (internetSum(packet, pseudoHeader) % 0xffff !== 0) return false;
  let at = PACKET_HEADER.span + UPDATE_HEAD.span;
  for (const { header } of update.lsas) {
    if (!fletcherRight(packet, at + 2, at + header.length)) return false;
    at += header.length;
  }
  return true;
}

function internetSum(octets: Uint8Array, from: number): number {
  let sum = from;
  for (let at = 0; at < octets.length; at += 2) {
    sum += (octets[at]! << 8) | (octets[at + 1] ?? 0);
  }
  return sum;
}

/** Fletcher's sums by their definition, octet by octet. */
export function fletcherRight(octets: Uint8Array, from: number, end: number): boolean {
  let c0 = 0;
  let c1 = 0;
  for (let at = from; at < end; ) {
    const stop = Math.min(end, at + 4102);
    for (; at < stop; at++) {
      c0 += octets[at]!;
      c1 += c0;
    }
    c0 %= 255;
    c1 %= 255;
  }
  return c0 === 0 && c1 === 0;
}

/** A Router-LSA to write. */
export interface RouterLsaValues {
  readonly header: Record<string, number>;
  readonly head: Record<string, number>;
  readonly links: readonly Record<string, number>[];
}

/** Writes a Router-LSA; the checksum is not computed. */
export function encodeRouterLsa({ header, head, links }: RouterLsaValues): Buffer {
  const octets = Buffer.alloc(24 + 16 * links.length);
  LSA_HEADER.encode(header as unknown as Header, octets, 0);
  ROUTER_HEAD.encode(head, octets, 20);
  links.forEach((link, i) => {
    LINK.encode(link, octets, 24 + 16 * i);
  });
  return octets;
}
