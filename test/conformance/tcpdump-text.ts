import type { CapturedDatagram } from '../../src/host/pcap-datagrams.ts';
import type { LsaHeader, LsaIdentity } from '../../src/lsa/header.ts';
import { LsType, scopeOf } from '../../src/lsa/ls-type.ts';
import type { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { DatabaseDescriptionFlag, type Packet } from '../../src/packet/packet.ts';
import { formatAddress, formatDottedQuad as quad } from '../../src/wire/address.ts';
import { formatPrefix } from '../../src/wire/prefix.ts';

/** What `tcpdump -vv` prints of a datagram, from what we decode: its lines without the time. */
export function tcpdumpText(datagram: CapturedDatagram): string[] {
  const packet = decodePacket(datagram.octets);
  const length = datagram.octets.length;
  const addresses = `${formatAddress(datagram.source)} > ${formatAddress(datagram.destination)}`;
  const area = packet.areaId === 0 ? 'Backbone Area' : `Area ${quad(packet.areaId)}`;
  return [
    `payload length ${length}) ${addresses}: OSPFv3, ${NAMES[packet.kind]}, length ${length}`,
    `\tRouter-ID ${quad(packet.routerId)}, ${area}`,
    ...bodyText(packet),
  ];
}

const NAMES: Readonly<Record<Packet['kind'], string>> = {
  Hello: 'Hello',
  DatabaseDescription: 'Database Description',
  LinkStateRequest: 'LS-Request',
  LinkStateUpdate: 'LS-Update',
  LinkStateAcknowledgment: 'LS-Ack',
};
const LS_NAMES: Readonly<Record<number, string>> = {
  [LsType.Router]: 'Router LSA (1)',
  [LsType.Network]: 'Network LSA (2)',
  [LsType.InterAreaPrefix]: 'Inter-Area Prefix LSA (3)',
  [LsType.Link]: 'Link LSA (8)',
  [LsType.IntraAreaPrefix]: 'Intra-Area Prefix LSA (9)',
};

const bits = (names: readonly (readonly [number, string])[], value: number): string =>
  names
    .filter(([bit]) => value & bit)
    .map(([, name]) => name)
    .join(', ') || 'none';
const options = (value: number): string =>
  bits(
    [
      [Option.V6, 'V6'],
      [Option.E, 'External'],
      [Option.R, 'Router'],
      [Option.DC, 'Demand Circuit'],
    ],
    value,
  );

function bodyText(packet: Packet): string[] {
  switch (packet.kind) {
    case 'Hello': {
      const { designatedRouter, backupDesignatedRouter } = packet;
      const designated = [
        ...(designatedRouter ? [`Designated Router ${quad(designatedRouter)}`] : []),
        ...(backupDesignatedRouter
          ? [`Backup Designated Router ${quad(backupDesignatedRouter)}`]
          : []),
      ];
      return [
        `\tOptions [${options(packet.options)}]`,
        `\t  Hello Timer ${packet.helloIntervalS}s, Dead Timer ${packet.routerDeadIntervalS}s, ` +
          `Interface-ID ${quad(packet.interfaceId)}, Priority ${packet.routerPriority}`,
        ...(designated.length > 0 ? [`\t  ${designated.join(', ')}`] : []),
        '\t  Neighbor List:',
        ...packet.neighbors.map((routerId) => `\t    ${quad(routerId)}`),
      ];
    }
    case 'DatabaseDescription': {
      const { I, M, MS } = DatabaseDescriptionFlag;
      const flags = bits(
        [
          [I, 'Init'],
          [M, 'More'],
          [MS, 'Master'],
        ],
        packet.flags,
      );
      const sequence = packet.ddSequenceNumber.toString(16).padStart(8, '0');
      return [
        `\tOptions [${options(packet.options)}], DD Flags [${flags}], ` +
          `MTU ${packet.interfaceMtu}, DD-Sequence 0x${sequence}`,
        ...packet.lsaHeaders.flatMap((header) => [headerText(header), `\t    ${identity(header)}`]),
      ];
    }
    case 'LinkStateRequest':
      return packet.requests.flatMap((request) => [
        `\t  Advertising Router ${quad(request.advertisingRouter)}`,
        `\t    ${identity(request)}`,
      ]);
    case 'LinkStateUpdate':
      return packet.lsas.flatMap(lsaText);
    case 'LinkStateAcknowledgment':
      return packet.lsaHeaders.flatMap((header) => [
        headerText(header),
        `\t    ${identity(header)}`,
      ]);
  }
}

const headerText = (header: LsaHeader): string =>
  `\t  Advertising Router ${quad(header.advertisingRouter)}, ` +
  `seq 0x${(header.sequenceNumber >>> 0).toString(16)}, age ${header.ageS}s, ` +
  `length ${header.length - 20}`;
const identity = (lsa: Pick<LsaIdentity, 'lsType' | 'linkStateId'>): string => {
  const scope = scopeOf(lsa.lsType) === 'link' ? 'Link' : 'Area';
  return `${LS_NAMES[lsa.lsType]}, ${scope} Local Scope, LSA-ID ${quad(lsa.linkStateId)}`;
};

function lsaText({ header, body }: Lsa): string[] {
  const metric = body.kind === 'InterAreaPrefix' ? `, metric ${body.metric}` : '';
  return [headerText(header), `\t    ${identity(header)}${metric}`, ...contents(body)];
}

function contents(body: Lsa['body']): string[] {
  switch (body.kind) {
    case 'Router':
      return [
        `\t      Options [${options(body.options)}], RLA-Flags [${bits([[1, 'ABR']], body.flags)}]`,
        ...body.links.flatMap((link) => [
          `\t      Neighbor Network-ID ${quad(link.neighborRouterId)}`,
          `\t      Neighbor Interface-ID ${quad(link.neighborInterfaceId)}, ` +
            `Interface ${quad(link.interfaceId)}, metric ${link.metric}`,
        ]),
      ];
    case 'Network':
      return [
        `\t      Options [${options(body.options)}]`,
        '\t      Connected Routers:',
        ...body.attachedRouters.map((routerId) => `\t\t${quad(routerId)}`),
      ];
    case 'InterAreaPrefix':
      return [`\t\t${formatPrefix(body.prefix)}, metric 0`];
    case 'Link':
      return [
        `\t      Options [${options(body.options)}]`,
        `\t      Priority ${body.routerPriority}, Link-local address ` +
          `${formatAddress(body.linkLocalAddress)}, Prefixes ${body.prefixes.length}:`,
        ...body.prefixes.map((prefix) => `\t\t${formatPrefix(prefix)}, metric 0`),
      ];
    case 'IntraAreaPrefix': {
      const { referencedLsType: lsType, referencedLinkStateId: linkStateId, prefixes } = body;
      return [
        `\t    ${identity({ lsType, linkStateId })}`,
        `\t      Prefixes ${prefixes.length}:`,
        ...prefixes.map((prefix) => `\t\t${formatPrefix(prefix)}, metric ${prefix.metric}`),
      ];
    }
    default:
      throw new Error(`no ${body.kind} in these captures`);
  }
}
