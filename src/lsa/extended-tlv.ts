/**
 * The TLVs of the extended LSAs (RFC 8362 3): what the fixed LSAs say in their bodies, each with
 * room for sub-TLVs. TLVs of unknown type are kept as they came.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { ADDRESS_OCTETS, type Address } from '../wire/address.ts';
import { type AddressPrefix, decodePrefix, encodePrefix, prefixOctets } from '../wire/prefix.ts';
import { record, u8, u24, u32, zero } from '../wire/record.ts';
import { RouterLink } from './router-lsa.ts';
import { decodeTlvs, encodeTlvs, type Tlv, tlvsOctets } from './tlv.ts';

/** TLV types of the extended LSAs (RFC 8362 3). */
const ExtendedTlvType = {
  RouterLink: 1,
  AttachedRouters: 2,
  InterAreaPrefix: 3,
  InterAreaRouter: 4,
  ExternalPrefix: 5,
  IntraAreaPrefix: 6,
  Ipv6LinkLocalAddress: 7,
  Ipv4LinkLocalAddress: 8,
} as const;

/** Sub-TLV types (RFC 8362 3.10 to 3.12). */
export const ExtendedSubTlvType = {
  Ipv6ForwardingAddress: 1,
  Ipv4ForwardingAddress: 2,
  RouteTag: 3,
} as const;

interface WithSubTlvs {
  readonly subTlvs: readonly Tlv[];
}
interface RouterLinkTlv extends RouterLink, WithSubTlvs {
  readonly kind: 'RouterLink';
}
interface AttachedRoutersTlv {
  readonly kind: 'AttachedRouters';
  readonly attachedRouters: readonly number[];
}
interface PrefixTlv extends WithSubTlvs {
  readonly kind: 'InterAreaPrefix' | 'ExternalPrefix' | 'IntraAreaPrefix';
  /** 8 bits: of an External-Prefix TLV the E-bit 0x04; otherwise 0. */
  readonly flags: number;
  /** 24 bits. */
  readonly metric: number;
  readonly prefix: AddressPrefix;
}
interface InterAreaRouterTlv extends WithSubTlvs {
  readonly kind: 'InterAreaRouter';
  readonly options: number;
  readonly metric: number;
  readonly destinationRouterId: number;
}
interface LinkLocalAddressTlv extends WithSubTlvs {
  readonly kind: 'Ipv6LinkLocalAddress' | 'Ipv4LinkLocalAddress';
  /** 16 octets, or 4. */
  readonly address: Address;
}
interface UnknownTlv extends Tlv {
  readonly kind: 'Unknown';
}
export type ExtendedTlv =
  | RouterLinkTlv
  | AttachedRoutersTlv
  | PrefixTlv
  | InterAreaRouterTlv
  | LinkLocalAddressTlv
  | UnknownTlv;

const PrefixHead = record('PrefixTlv', { flags: u8, metric: u24 });
const InterAreaRouterRecord = record('InterAreaRouterTlv', {
  reserved: zero(1),
  options: u24,
  reserved2: zero(1),
  metric: u24,
  destinationRouterId: u32,
});
const RouterId = record('RouterId', { routerId: u32 });
const PREFIX_KINDS = {
  [ExtendedTlvType.InterAreaPrefix]: 'InterAreaPrefix',
  [ExtendedTlvType.ExternalPrefix]: 'ExternalPrefix',
  [ExtendedTlvType.IntraAreaPrefix]: 'IntraAreaPrefix',
} as const;

/**
 * Reads the TLVs until `end`.
 * @throws {DecodeError} when a TLV, or the sub-TLVs within it, pass their end (RFC 8362 6.3).
 */
export const decodeExtendedTlvs = (view: DataView, at: number, end: number): ExtendedTlv[] =>
  decodeTlvs(view, at, end).map(decodeExtendedTlv);

function decodeExtendedTlv({ type, value }: Tlv): ExtendedTlv {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const subTlvs = (at: number): Tlv[] => decodeTlvs(view, at, value.length);
  switch (type) {
    case ExtendedTlvType.RouterLink:
      return {
        kind: 'RouterLink',
        ...RouterLink.decode(view, 0),
        subTlvs: subTlvs(RouterLink.span),
      };
    case ExtendedTlvType.AttachedRouters: {
      if (value.length % RouterId.span !== 0) {
        throw new DecodeError('Length', 0, 'Router IDs are 4 octets each');
      }
      const attachedRouters: number[] = [];
      for (let at = 0; at < value.length; at += RouterId.span) {
        attachedRouters.push(view.getUint32(at));
      }
      return { kind: 'AttachedRouters', attachedRouters };
    }
    case ExtendedTlvType.InterAreaPrefix:
    case ExtendedTlvType.ExternalPrefix:
    case ExtendedTlvType.IntraAreaPrefix: {
      const head = PrefixHead.decode(view, 0);
      const prefix = decodePrefix(view, PrefixHead.span, value.length);
      const next = PrefixHead.span + prefixOctets(prefix.prefixLength);
      return { kind: PREFIX_KINDS[type], ...head, prefix, subTlvs: subTlvs(next) };
    }
    case ExtendedTlvType.InterAreaRouter: {
      const head = InterAreaRouterRecord.decode(view, 0);
      return { kind: 'InterAreaRouter', ...head, subTlvs: subTlvs(InterAreaRouterRecord.span) };
    }
    case ExtendedTlvType.Ipv6LinkLocalAddress:
      return { kind: 'Ipv6LinkLocalAddress', ...linkLocal(value, ADDRESS_OCTETS, subTlvs) };
    case ExtendedTlvType.Ipv4LinkLocalAddress:
      return { kind: 'Ipv4LinkLocalAddress', ...linkLocal(value, 4, subTlvs) };
  }
  return { kind: 'Unknown', type, value };
}

function linkLocal(
  value: Uint8Array,
  octets: number,
  subTlvs: (at: number) => Tlv[],
): { address: Address; subTlvs: Tlv[] } {
  if (value.length < octets) throw new DecodeError('Short', 0, `address needs ${octets} octets`);
  return { address: value.slice(0, octets), subTlvs: subTlvs(octets) };
}

/** The plain TLV with the same octets. @throws {RangeError} when a field cannot hold its value. */
function plainTlv(tlv: ExtendedTlv): Tlv {
  if (tlv.kind === 'Unknown') return tlv;
  const type = ExtendedTlvType[tlv.kind];
  const value = new Uint8Array(valueOctets(tlv));
  const view = new DataView(value.buffer);
  let at = 0;
  switch (tlv.kind) {
    case 'RouterLink':
      at += RouterLink.encode(tlv, view, at);
      break;
    case 'AttachedRouters':
      for (const routerId of tlv.attachedRouters) at += RouterId.encode({ routerId }, view, at);
      return { type, value };
    case 'InterAreaPrefix':
    case 'ExternalPrefix':
    case 'IntraAreaPrefix':
      at = encodePrefix(tlv.prefix, 0, view, PrefixHead.encode(tlv, view, at));
      break;
    case 'InterAreaRouter':
      at += InterAreaRouterRecord.encode(tlv, view, at);
      break;
    case 'Ipv6LinkLocalAddress':
    case 'Ipv4LinkLocalAddress':
      value.set(tlv.address);
      at = tlv.address.length;
      break;
  }
  encodeTlvs(tlv.subTlvs, view, at);
  return { type, value };
}

function valueOctets(tlv: Exclude<ExtendedTlv, UnknownTlv>): number {
  switch (tlv.kind) {
    case 'RouterLink':
      return RouterLink.span + tlvsOctets(tlv.subTlvs);
    case 'AttachedRouters':
      return tlv.attachedRouters.length * RouterId.span;
    case 'InterAreaPrefix':
    case 'ExternalPrefix':
    case 'IntraAreaPrefix':
      return PrefixHead.span + prefixOctets(tlv.prefix.prefixLength) + tlvsOctets(tlv.subTlvs);
    case 'InterAreaRouter':
      return InterAreaRouterRecord.span + tlvsOctets(tlv.subTlvs);
    case 'Ipv6LinkLocalAddress':
    case 'Ipv4LinkLocalAddress':
      return tlv.address.length + tlvsOctets(tlv.subTlvs);
  }
}

export const extendedTlvsOctets = (tlvs: readonly ExtendedTlv[]): number =>
  tlvsOctets(tlvs.map(plainTlv));

export const encodeExtendedTlvs = (
  tlvs: readonly ExtendedTlv[],
  view: DataView,
  at: number,
): number => encodeTlvs(tlvs.map(plainTlv), view, at);
