/**
 * Packets of formats that no capture here holds: Router Information and the extended LSAs.
 */
import type { LsaBody } from '../../src/lsa/body.ts';
import { hostnameTlv } from '../../src/lsa/hostname.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { serviceLoadTlv } from '../../src/lsa/service-load.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';

const address = parseAddress('2001:db8::53');
const prefix = parsePrefix('2001:db8:1::/64');
const subTlvs = [
  { type: 1, value: address },
  { type: 3, value: Uint8Array.of(0, 0, 0, 7) },
];
const link = { type: 1, metric: 1, interfaceId: 1, neighborInterfaceId: 1, neighborRouterId: 2 };

const BODIES: readonly (readonly [number, LsaBody])[] = [
  [
    LsType.RouterInformation,
    {
      kind: 'RouterInformation',
      tlvs: [
        { type: 1, value: Uint8Array.of(0xc0, 0, 0, 0) },
        hostnameTlv('fuzzed'),
        serviceLoadTlv({
          address,
          state: 'up',
          weight: 10,
          rampWindowS: 1,
          capacityQueriesPerSecond: 1000,
          offeredQueriesPerSecond: 500,
          utilizationRatio: 0.5,
          errorRatio: 0,
        }),
      ],
    },
  ],
  [
    LsType.ExtendedRouter,
    {
      kind: 'ExtendedRouter',
      flags: 1,
      options: 0x13,
      tlvs: [{ kind: 'RouterLink', ...link, subTlvs }],
    },
  ],
  [
    LsType.ExtendedNetwork,
    {
      kind: 'ExtendedNetwork',
      options: 0x13,
      tlvs: [{ kind: 'AttachedRouters', attachedRouters: [1, 2] }],
    },
  ],
  [
    LsType.ExtendedInterAreaRouter,
    {
      kind: 'ExtendedInterAreaRouter',
      tlvs: [
        { kind: 'InterAreaRouter', options: 0x13, metric: 3, destinationRouterId: 9, subTlvs },
      ],
    },
  ],
  [
    LsType.ExtendedAsExternal,
    {
      kind: 'ExtendedAsExternal',
      tlvs: [{ kind: 'ExternalPrefix', flags: 4, metric: 3, prefix, subTlvs }],
    },
  ],
  [
    LsType.ExtendedLink,
    {
      kind: 'ExtendedLink',
      routerPriority: 1,
      options: 0x13,
      tlvs: [
        { kind: 'Ipv6LinkLocalAddress', address, subTlvs: [] },
        { kind: 'Ipv4LinkLocalAddress', address: address.slice(0, 4), subTlvs },
      ],
    },
  ],
  [
    LsType.ExtendedIntraAreaPrefix,
    {
      kind: 'ExtendedIntraAreaPrefix',
      referencedLsType: LsType.Router,
      referencedLinkStateId: 0,
      referencedAdvertisingRouter: 2,
      tlvs: [
        { kind: 'IntraAreaPrefix', flags: 0, metric: 3, prefix, subTlvs },
        { kind: 'Unknown', type: 99, value: address },
      ],
    },
  ],
  [0xa0ff, { kind: 'Unknown', octets: address }],
];

/** An update for each, and one of all. */
export function syntheticUpdates(): Uint8Array[] {
  const lsas = BODIES.map(([lsType, body]) =>
    Lsa.originate({ lsType, linkStateId: 1, advertisingRouter: 2 }, 1, body),
  );
  const header = { kind: 'LinkStateUpdate', routerId: 2, areaId: 0, instanceId: 0 } as const;
  return [...lsas.map((lsa) => [lsa]), lsas].map((some) =>
    encodePacket({ ...header, lsas: some }, address, address),
  );
}
