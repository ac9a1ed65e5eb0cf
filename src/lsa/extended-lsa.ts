/**
 * The extended LSAs: the same statements as the fixed ones, but in TLVs (RFC 8362 4). They are
 * decoded, shown and flooded; routes are computed from the fixed LSAs (RFC 8362 6, the default).
 * @module
 */
import { record, u8, u16, u24, u32, zero } from '../wire/record.ts';
import {
  decodeExtendedTlvs,
  type ExtendedTlv,
  encodeExtendedTlvs,
  extendedTlvsOctets,
} from './extended-tlv.ts';
import { LsType } from './ls-type.ts';

interface WithTlvs {
  readonly tlvs: readonly ExtendedTlv[];
}
interface ExtendedRouterLsa extends WithTlvs {
  readonly kind: 'ExtendedRouter';
  /** 8 bits, see `RouterFlag`. */
  readonly flags: number;
  readonly options: number;
}
interface ExtendedNetworkLsa extends WithTlvs {
  readonly kind: 'ExtendedNetwork';
  readonly options: number;
}
interface ExtendedLinkLsa extends WithTlvs {
  readonly kind: 'ExtendedLink';
  readonly routerPriority: number;
  readonly options: number;
}
interface ExtendedIntraAreaPrefixLsa extends WithTlvs {
  readonly kind: 'ExtendedIntraAreaPrefix';
  readonly referencedLsType: number;
  readonly referencedLinkStateId: number;
  readonly referencedAdvertisingRouter: number;
}
/** Those whose body is TLVs alone. */
interface ExtendedRouteLsa extends WithTlvs {
  readonly kind:
    | 'ExtendedInterAreaPrefix'
    | 'ExtendedInterAreaRouter'
    | 'ExtendedAsExternal'
    | 'ExtendedNssa';
}
export type ExtendedLsa =
  | ExtendedRouterLsa
  | ExtendedNetworkLsa
  | ExtendedLinkLsa
  | ExtendedIntraAreaPrefixLsa
  | ExtendedRouteLsa;

const RouterHead = record('ExtendedRouterLsa', { flags: u8, options: u24 });
const NetworkHead = record('ExtendedNetworkLsa', { reserved: zero(1), options: u24 });
const LinkHead = record('ExtendedLinkLsa', { routerPriority: u8, options: u24 });
const IntraAreaPrefixHead = record('ExtendedIntraAreaPrefixLsa', {
  reserved: zero(2),
  referencedLsType: u16,
  referencedLinkStateId: u32,
  referencedAdvertisingRouter: u32,
});

const ROUTE_KINDS: Readonly<Partial<Record<number, ExtendedRouteLsa['kind']>>> = {
  [LsType.ExtendedInterAreaPrefix]: 'ExtendedInterAreaPrefix',
  [LsType.ExtendedInterAreaRouter]: 'ExtendedInterAreaRouter',
  [LsType.ExtendedAsExternal]: 'ExtendedAsExternal',
  [LsType.ExtendedNssa]: 'ExtendedNssa',
};

/**
 * Reads an extended LSA, or returns `undefined` when the type is none.
 * @throws {DecodeError} when it breaks its format.
 */
export function decodeExtendedLsa(
  lsType: number,
  view: DataView,
  at: number,
  end: number,
): ExtendedLsa | undefined {
  const tlvs = (head: { readonly span: number }): ExtendedTlv[] =>
    decodeExtendedTlvs(view, at + head.span, end);
  switch (lsType) {
    case LsType.ExtendedRouter:
      return {
        kind: 'ExtendedRouter',
        ...RouterHead.decode(view, at, end),
        tlvs: tlvs(RouterHead),
      };
    case LsType.ExtendedNetwork:
      return {
        kind: 'ExtendedNetwork',
        ...NetworkHead.decode(view, at, end),
        tlvs: tlvs(NetworkHead),
      };
    case LsType.ExtendedLink:
      return { kind: 'ExtendedLink', ...LinkHead.decode(view, at, end), tlvs: tlvs(LinkHead) };
    case LsType.ExtendedIntraAreaPrefix: {
      const head = IntraAreaPrefixHead.decode(view, at, end);
      return { kind: 'ExtendedIntraAreaPrefix', ...head, tlvs: tlvs(IntraAreaPrefixHead) };
    }
  }
  const kind = ROUTE_KINDS[lsType];
  return kind && { kind, tlvs: tlvs({ span: 0 }) };
}

const headSpan = (body: ExtendedLsa): number => {
  switch (body.kind) {
    case 'ExtendedRouter':
      return RouterHead.span;
    case 'ExtendedNetwork':
      return NetworkHead.span;
    case 'ExtendedLink':
      return LinkHead.span;
    case 'ExtendedIntraAreaPrefix':
      return IntraAreaPrefixHead.span;
    default:
      return 0;
  }
};

export const extendedLsaOctets = (body: ExtendedLsa): number =>
  headSpan(body) + extendedTlvsOctets(body.tlvs);

/** Writes the body at `at` and returns the offset behind it. */
export function encodeExtendedLsa(body: ExtendedLsa, view: DataView, at: number): number {
  let next = at;
  switch (body.kind) {
    case 'ExtendedRouter':
      next += RouterHead.encode(body, view, at);
      break;
    case 'ExtendedNetwork':
      next += NetworkHead.encode(body, view, at);
      break;
    case 'ExtendedLink':
      next += LinkHead.encode(body, view, at);
      break;
    case 'ExtendedIntraAreaPrefix':
      next += IntraAreaPrefixHead.encode(body, view, at);
      break;
  }
  return encodeExtendedTlvs(body.tlvs, view, next);
}
