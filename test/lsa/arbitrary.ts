import fc from 'fast-check';
import type { LsaBody } from '../../src/lsa/body.ts';
import type { ExtendedTlv } from '../../src/lsa/extended-tlv.ts';
import { graceLsa } from '../../src/lsa/grace-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import type { Tlv } from '../../src/lsa/tlv.ts';
import { type AddressPrefix, prefixAddressOctets } from '../../src/wire/prefix.ts';

/** Values of every format, as they may stand on the wire. */

export const anyU8 = fc.integer({ min: 0, max: 0xff });
export const anyU16 = fc.integer({ min: 0, max: 0xffff });
export const anyU24 = fc.integer({ min: 0, max: 0xffffff });
export const anyU32 = fc.integer({ min: 0, max: 0xffffffff });
export const anyAddress = fc.uint8Array({ minLength: 16, maxLength: 16 });

const anyPrefix: fc.Arbitrary<AddressPrefix> = fc
  .record({
    prefixLength: fc.integer({ min: 0, max: 128 }),
    prefixOptions: anyU8,
    address: anyAddress,
  })
  .map((p) => ({ ...p, address: p.address.slice().fill(0, prefixAddressOctets(p.prefixLength)) }));

export const anyTlv: fc.Arbitrary<Tlv> = fc.record({
  type: anyU16,
  value: fc.uint8Array({ maxLength: 20 }),
});
const anyTlvs = fc.array(anyTlv, { maxLength: 4 });
const anyLink = fc.record({
  type: anyU8,
  metric: anyU16,
  interfaceId: anyU32,
  neighborInterfaceId: anyU32,
  neighborRouterId: anyU32,
});

const kind = <K extends string>(name: K) => fc.constant(name);

const anyExtendedTlv: fc.Arbitrary<ExtendedTlv> = fc.oneof(
  fc
    .record({ kind: kind('RouterLink'), link: anyLink, subTlvs: anyTlvs })
    .map(({ link, ...rest }) => ({ ...rest, ...link })),
  fc.record({
    kind: kind('AttachedRouters'),
    attachedRouters: fc.array(anyU32, { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constantFrom('InterAreaPrefix', 'ExternalPrefix', 'IntraAreaPrefix'),
    flags: anyU8,
    metric: anyU24,
    prefix: anyPrefix,
    subTlvs: anyTlvs,
  }),
  fc.record({
    kind: kind('InterAreaRouter'),
    options: anyU24,
    metric: anyU24,
    destinationRouterId: anyU32,
    subTlvs: anyTlvs,
  }),
  fc.record({ kind: kind('Ipv6LinkLocalAddress'), address: anyAddress, subTlvs: anyTlvs }),
  fc.record({
    kind: kind('Ipv4LinkLocalAddress'),
    address: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    subTlvs: anyTlvs,
  }),
  fc.record({
    kind: kind('Unknown'),
    type: fc.integer({ min: 9, max: 0xffff }),
    value: fc.uint8Array({ maxLength: 20 }),
  }),
);
const anyExtendedTlvs = fc.array(anyExtendedTlv, { maxLength: 4 });

const externalParts = {
  metric: anyU24,
  prefix: anyPrefix,
  forwardingAddress: fc.option(anyAddress, { nil: undefined }),
  externalRouteTag: fc.option(anyU32, { nil: undefined }),
  reference: fc.option(
    fc.record({
      referencedLsType: fc.integer({ min: 1, max: 0xffff }),
      referencedLinkStateId: anyU32,
    }),
    { nil: undefined },
  ),
  otherFlags: anyU8,
};
const anyExternal = <K extends 'AsExternal' | 'Nssa'>(name: K): fc.Arbitrary<LsaBody> =>
  fc.record(externalParts).map(({ forwardingAddress, externalRouteTag, reference, ...rest }) => ({
    kind: name,
    metric: rest.metric,
    prefix: rest.prefix,
    referencedLsType: 0,
    flags:
      (rest.otherFlags & ~3) |
      (forwardingAddress ? 2 : 0) |
      (externalRouteTag === undefined ? 0 : 1),
    ...(forwardingAddress && { forwardingAddress }),
    ...(externalRouteTag !== undefined && { externalRouteTag }),
    ...reference,
  }));

/** Any body of each LS type that is decoded here. */
export const ANY_BODY: Readonly<Record<keyof typeof LsType, fc.Arbitrary<LsaBody>>> = {
  Router: fc.record({
    kind: kind('Router'),
    flags: anyU8,
    options: anyU24,
    links: fc.array(anyLink, { maxLength: 6 }),
  }),
  Network: fc.record({
    kind: kind('Network'),
    options: anyU24,
    attachedRouters: fc.array(anyU32, { maxLength: 6 }),
  }),
  InterAreaPrefix: fc.record({
    kind: kind('InterAreaPrefix'),
    metric: anyU24,
    prefix: anyPrefix,
  }),
  InterAreaRouter: fc.record({
    kind: kind('InterAreaRouter'),
    options: anyU24,
    metric: anyU24,
    destinationRouterId: anyU32,
  }),
  AsExternal: anyExternal('AsExternal'),
  Nssa: anyExternal('Nssa'),
  Link: fc.record({
    kind: kind('Link'),
    routerPriority: anyU8,
    options: anyU24,
    linkLocalAddress: anyAddress,
    prefixes: fc.array(anyPrefix, { maxLength: 6 }),
  }),
  IntraAreaPrefix: fc.record({
    kind: kind('IntraAreaPrefix'),
    referencedLsType: anyU16,
    referencedLinkStateId: anyU32,
    referencedAdvertisingRouter: anyU32,
    prefixes: fc.array(
      fc.tuple(anyPrefix, anyU16).map(([prefix, metric]) => ({ ...prefix, metric })),
      { maxLength: 6 },
    ),
  }),
  Grace: fc.tuple(anyU32, anyU8, anyTlvs).map(([gracePeriodS, restartReason, unknown]) => {
    const body = graceLsa(gracePeriodS, restartReason);
    return { ...body, tlvs: [...body.tlvs, ...unknown.filter((tlv) => tlv.type > 2)] };
  }),
  RouterInformation: fc.record({ kind: kind('RouterInformation'), tlvs: anyTlvs }),
  ExtendedRouter: fc.record({
    kind: kind('ExtendedRouter'),
    flags: anyU8,
    options: anyU24,
    tlvs: anyExtendedTlvs,
  }),
  ExtendedNetwork: fc.record({
    kind: kind('ExtendedNetwork'),
    options: anyU24,
    tlvs: anyExtendedTlvs,
  }),
  ExtendedInterAreaPrefix: fc.record({
    kind: kind('ExtendedInterAreaPrefix'),
    tlvs: anyExtendedTlvs,
  }),
  ExtendedInterAreaRouter: fc.record({
    kind: kind('ExtendedInterAreaRouter'),
    tlvs: anyExtendedTlvs,
  }),
  ExtendedAsExternal: fc.record({ kind: kind('ExtendedAsExternal'), tlvs: anyExtendedTlvs }),
  ExtendedNssa: fc.record({ kind: kind('ExtendedNssa'), tlvs: anyExtendedTlvs }),
  ExtendedLink: fc.record({
    kind: kind('ExtendedLink'),
    routerPriority: anyU8,
    options: anyU24,
    tlvs: anyExtendedTlvs,
  }),
  ExtendedIntraAreaPrefix: fc.record({
    kind: kind('ExtendedIntraAreaPrefix'),
    referencedLsType: anyU16,
    referencedLinkStateId: anyU32,
    referencedAdvertisingRouter: anyU32,
    tlvs: anyExtendedTlvs,
  }),
};

/** Any LS type that is decoded here, with a body of that type. */
export const anyTypedBody: fc.Arbitrary<readonly [number, LsaBody]> = fc.oneof(
  ...Object.entries(ANY_BODY).map(([name, body]) =>
    fc.tuple(fc.constant(LsType[name as keyof typeof LsType]), body),
  ),
);
