import type { CapturedDatagram } from '../../src/host/pcap-datagrams.ts';
import { ExternalFlag } from '../../src/lsa/as-external-lsa.ts';
import type { LsaHeader, LsaIdentity } from '../../src/lsa/header.ts';
import type { Lsa } from '../../src/lsa/lsa.ts';
import { decodePacket } from '../../src/packet/decode.ts';
import { PacketHead } from '../../src/packet/header.ts';
import { type Packet, PacketType } from '../../src/packet/packet.ts';
import { decodeTrailer } from '../../src/packet/trailer.ts';
import { formatAddress, formatDottedQuad as quad } from '../../src/wire/address.ts';
import type { AddressPrefix } from '../../src/wire/prefix.ts';

/** The fields of tshark that hold values; its single bits repeat what the masks say. */
export const TSHARK_FIELDS = [
  'ospf.msg', 'ospf.packet_length', 'ospf.srcrouter', 'ospf.area_id', 'ospf.checksum',
  'ospf.instance_id', 'ospf.v3.options', 'ospf.hello.interface_id', 'ospf.hello.router_priority',
  'ospf.hello.hello_interval', 'ospf.hello.router_dead_interval', 'ospf.hello.designated_router',
  'ospf.hello.backup_designated_router', 'ospf.hello.active_neighbor', 'ospf.db.interface_mtu',
  'ospf.dbd', 'ospf.db.dd_sequence', 'ospf.v3.lsa', 'ospf.link_state_id', 'ospf.advrouter',
  'ospf.lsa.age', 'ospf.lsa.seqnum', 'ospf.lsa.chksum', 'ospf.lsa.length',
  'ospf.ls.number_of_lsas', 'ospf.v3.router.lsa.flags', 'ospf.v3.lsa.type', 'ospf.metric',
  'ospf.v3.lsa.interface_id', 'ospf.v3.lsa.neighbor_interface_id', 'ospf.v3.lsa.neighbor_router_id',
  'ospf.v3.lsa.attached_router', 'ospf.v3.as.external.flags',
  'ospf.v3.lsa.forwarding_address.ipv6', 'ospf.v3.lsa.referenced_ls_type',
  'ospf.v3.lsa.referenced_link_state_id', 'ospf.v3.lsa.referenced_advertising_router',
  'ospf.v3.lsa.destination_router_id', 'ospf.v3.lsa.router_priority',
  'ospf.v3.lsa.link_local_interface_address.ipv6', 'ospf.v3.lsa.num_prefixes',
  'ospf.prefix_length', 'ospf.v3.prefix.options', 'ospf.v3.address_prefix.ipv6',
  'ospf.at.sa_id', 'ospf.at.auth_data_len', 'ospf.at.crypto_seq_nbr', 'ospf.at.auth_data',
] as const; // biome-ignore format: one list
export type TsharkField = (typeof TSHARK_FIELDS)[number];

/** Values of each field in the order in which they stand in the packet. */
export type TsharkValues = Partial<Record<TsharkField, string[]>>;

const hex = (value: number, digits: number): string =>
  `0x${(value >>> 0).toString(16).padStart(digits, '0')}`;

/** The fields as tshark would give them, from what we decode. */
export function tsharkValues({ octets }: CapturedDatagram): TsharkValues {
  const values: TsharkValues = {};
  const add = (field: TsharkField, value: string | number): void => {
    const list = values[field] ?? [];
    values[field] = list;
    list.push(String(value));
  };
  const packet = decodePacket(octets);
  const head = PacketHead.decode(new DataView(octets.buffer, octets.byteOffset), 0);
  add('ospf.msg', PacketType[packet.kind]);
  add('ospf.packet_length', head.packetLength);
  add('ospf.srcrouter', quad(packet.routerId));
  add('ospf.area_id', quad(packet.areaId));
  add('ospf.checksum', hex(head.checksum, 4));
  add('ospf.instance_id', packet.instanceId);
  addPacket(packet, add);
  // tshark 4.0 looks for trailers behind packets with Options alone, where the AT-bit is.
  const trailer = 'options' in packet ? decodeTrailer(octets) : undefined;
  if (trailer) {
    add('ospf.at.sa_id', hex(trailer.securityAssociationId, 4));
    add('ospf.at.auth_data_len', trailer.authDataLength);
    const high = BigInt(trailer.sequenceNumberHigh) << 32n;
    add('ospf.at.crypto_seq_nbr', (high | BigInt(trailer.sequenceNumberLow)).toString());
    add('ospf.at.auth_data', Buffer.from(trailer.authenticationData).toString('hex'));
  }
  return values;
}

type Add = (field: TsharkField, value: string | number) => void;

function addPacket(packet: Packet, add: Add): void {
  switch (packet.kind) {
    case 'Hello':
      add('ospf.v3.options', hex(packet.options, 6));
      add('ospf.hello.interface_id', packet.interfaceId);
      add('ospf.hello.router_priority', packet.routerPriority);
      add('ospf.hello.hello_interval', packet.helloIntervalS);
      add('ospf.hello.router_dead_interval', packet.routerDeadIntervalS);
      add('ospf.hello.designated_router', quad(packet.designatedRouter));
      add('ospf.hello.backup_designated_router', quad(packet.backupDesignatedRouter));
      for (const neighbor of packet.neighbors) add('ospf.hello.active_neighbor', quad(neighbor));
      return;
    case 'DatabaseDescription':
      add('ospf.v3.options', hex(packet.options, 6));
      add('ospf.db.interface_mtu', packet.interfaceMtu);
      add('ospf.dbd', hex(packet.flags, 2));
      add('ospf.db.dd_sequence', packet.ddSequenceNumber);
      for (const header of packet.lsaHeaders) addHeader(header, add);
      return;
    case 'LinkStateRequest':
      for (const request of packet.requests) addIdentity(request, add);
      return;
    case 'LinkStateUpdate':
      add('ospf.ls.number_of_lsas', packet.lsas.length);
      for (const lsa of packet.lsas) {
        addHeader(lsa.header, add);
        addBody(lsa, add);
      }
      return;
    case 'LinkStateAcknowledgment':
      for (const header of packet.lsaHeaders) addHeader(header, add);
      return;
  }
}

function addIdentity(identity: LsaIdentity, add: Add): void {
  add('ospf.v3.lsa', hex(identity.lsType, 4));
  add('ospf.link_state_id', quad(identity.linkStateId));
  add('ospf.advrouter', quad(identity.advertisingRouter));
}

function addHeader(header: LsaHeader, add: Add): void {
  addIdentity(header, add);
  add('ospf.lsa.age', header.ageS);
  add('ospf.lsa.seqnum', hex(header.sequenceNumber, 8));
  add('ospf.lsa.chksum', hex(header.checksum, 4));
  add('ospf.lsa.length', header.length);
}

function addPrefix(prefix: AddressPrefix, add: Add): void {
  add('ospf.prefix_length', prefix.prefixLength);
  add('ospf.v3.prefix.options', hex(prefix.prefixOptions, 2));
  add('ospf.v3.address_prefix.ipv6', formatAddress(prefix.address));
}

function addBody({ body }: Lsa, add: Add): void {
  switch (body.kind) {
    case 'Router':
      add('ospf.v3.router.lsa.flags', hex(body.flags, 2));
      add('ospf.v3.options', hex(body.options, 6));
      for (const link of body.links) {
        add('ospf.v3.lsa.type', link.type);
        add('ospf.metric', link.metric);
        add('ospf.v3.lsa.interface_id', link.interfaceId);
        add('ospf.v3.lsa.neighbor_interface_id', link.neighborInterfaceId);
        add('ospf.v3.lsa.neighbor_router_id', quad(link.neighborRouterId));
      }
      return;
    case 'Network':
      add('ospf.v3.options', hex(body.options, 6));
      for (const router of body.attachedRouters) add('ospf.v3.lsa.attached_router', quad(router));
      return;
    case 'InterAreaPrefix':
      add('ospf.metric', body.metric);
      addPrefix(body.prefix, add);
      return;
    case 'InterAreaRouter':
      add('ospf.v3.options', hex(body.options, 6));
      add('ospf.metric', body.metric);
      add('ospf.v3.lsa.destination_router_id', quad(body.destinationRouterId));
      return;
    case 'AsExternal':
    case 'Nssa':
      add('ospf.v3.as.external.flags', hex(body.flags, 2));
      add('ospf.metric', body.metric);
      addPrefix(body.prefix, add);
      add('ospf.v3.lsa.referenced_ls_type', hex(body.referencedLsType, 4));
      if (body.flags & ExternalFlag.F) {
        add('ospf.v3.lsa.forwarding_address.ipv6', formatAddress(body.forwardingAddress!));
      }
      return;
    case 'Link':
      add('ospf.v3.lsa.router_priority', body.routerPriority);
      add('ospf.v3.options', hex(body.options, 6));
      add('ospf.v3.lsa.link_local_interface_address.ipv6', formatAddress(body.linkLocalAddress));
      add('ospf.v3.lsa.num_prefixes', body.prefixes.length);
      for (const prefix of body.prefixes) addPrefix(prefix, add);
      return;
    case 'IntraAreaPrefix':
      add('ospf.v3.lsa.num_prefixes', body.prefixes.length);
      add('ospf.v3.lsa.referenced_ls_type', hex(body.referencedLsType, 4));
      add('ospf.v3.lsa.referenced_link_state_id', quad(body.referencedLinkStateId));
      add('ospf.v3.lsa.referenced_advertising_router', quad(body.referencedAdvertisingRouter));
      for (const prefix of body.prefixes) {
        addPrefix(prefix, add);
        add('ospf.metric', prefix.metric);
      }
      return;
    default:
      return; // tshark 4.0 does not decode the others
  }
}
