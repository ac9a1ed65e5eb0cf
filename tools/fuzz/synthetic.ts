/**
 * Packets of formats that no capture here holds, or few: Router Information and the extended LSAs,
 * link-local signalling with and without an authentication trailer.
 */
import { hmacDigest } from '../../src/host/digest.ts';
import type { LsaBody } from '../../src/lsa/body.ts';
import { hostnameTlv } from '../../src/lsa/hostname.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { serviceLoadTlv } from '../../src/lsa/service-load.ts';
import { Authentication } from '../../src/packet/authentication.ts';
import { encodePacket } from '../../src/packet/encode.ts';
import type { AuthenticationKey } from '../../src/packet/key.ts';
import { encodeLinkLocalSignaling } from '../../src/packet/link-local-signaling.ts';
import type { Packet } from '../../src/packet/packet.ts';
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

/** The key of the captures' first link (see `test/fixtures/captures.ts`). */
export const KEY: AuthenticationKey = {
  securityAssociationId: 11,
  algorithm: 'HMAC-SHA-1',
  secret: new TextEncoder().encode('secret-key-1'),
};

/** Hellos and Database Descriptions with a signalling block, a trailer, or both behind them. */
export function syntheticTails(): Uint8Array[] {
  const header = {
    routerId: 2,
    areaId: 0,
    instanceId: 0,
    options: Option.V6 | Option.E | Option.R,
  };
  const hello = {
    kind: 'Hello',
    interfaceId: 1,
    routerPriority: 1,
    helloIntervalS: 10,
    routerDeadIntervalS: 40,
    designatedRouter: 0,
    backupDesignatedRouter: 0,
    neighbors: [1],
  } as const;
  const description = {
    kind: 'DatabaseDescription',
    interfaceMtu: 1500,
    flags: 7,
    ddSequenceNumber: 1,
    lsaHeaders: [],
  } as const;
  const tlvs = [
    { type: 1, value: Uint8Array.of(0, 0, 0, 3) },
    { type: 99, value: Uint8Array.of(1, 2, 3) },
  ];
  const all: Uint8Array[] = [];
  for (const one of [hello, description]) {
    for (const isSealed of [false, true]) {
      for (const options of [header.options, header.options | Option.L]) {
        const packet: Packet = { ...header, ...one, options };
        const plain = encodePacket(packet, address, address);
        const block =
          options & Option.L ? encodeLinkLocalSignaling(tlvs, isSealed) : new Uint8Array();
        const octets = Uint8Array.from([...plain, ...block]);
        const seals = new Authentication({ keys: [KEY], digest: hmacDigest, bootCount: 1 });
        all.push(isSealed ? seals.seal(octets, address, 0)! : octets);
      }
    }
  }
  return all;
}

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
