/**
 * What `tidecast decode --json` prints of a datagram, as the fields that tshark would give for the
 * same octets. Every printed field has its entry: one without is an error, so that nothing printed
 * goes unchecked by oversight.
 */
import { showDatagram } from '../../src/cli/packet-json.ts';
import { hmacDigest } from '../../src/host/digest.ts';
import type { CapturedDatagram } from '../../src/host/pcap-datagrams.ts';
import { formatAddress } from '../../src/wire/address.ts';

/** Values of each field in the order in which they stand in the packet. */
export type TsharkValues = Record<string, string[]>;

/** How a printed value is said by tshark. */
interface Entry {
  readonly fields: readonly string[];
  /** One text for each of the fields. */
  readonly texts: (value: never) => readonly string[];
}

const plain = (field: string): Entry => ({
  fields: [field],
  texts: (value: string | number) => [String(value)],
});
const hex = (field: string, digits: number): Entry => ({
  fields: [field],
  texts: (value: number) => [`0x${value.toString(16).padStart(digits, '0')}`],
});
/** A name, for which tshark prints the text at its place. */
const named = (field: string, texts: Readonly<Record<string, string>>): Entry => ({
  fields: [field],
  texts: (name: string) => [texts[name] ?? `no ${name}`],
});
/** Names of the bits that are set, against one field of tshark's per bit. */
const bits = (prefix: string, names: readonly string[]): Entry => ({
  fields: names.map((name) => `${prefix}.${name.toLowerCase()}`),
  texts: (set: readonly string[]) => names.map((name) => (set.includes(name) ? '1' : '0')),
});
const each = (field: string): Entry => ({
  fields: [field],
  texts: (values: readonly string[]) => values,
});
/** tshark prints addresses of IPv4 instances as IPv6, and prefixes without their length. */
const address = (field: string): Entry => ({
  fields: [field],
  texts: (text: string) => {
    const [part = ''] = text.split('/');
    if (!part.includes('.')) return [part];
    const octets = new Uint8Array(16);
    octets.set(part.split('.').map(Number));
    return [formatAddress(octets)];
  },
});
/** Printed, and not a field of its own on the wire. */
const DERIVED: Entry = { fields: [], texts: () => [] };

const PACKET_TYPES = {
  hello: '1',
  databaseDescription: '2',
  linkStateRequest: '3',
  linkStateUpdate: '4',
  linkStateAck: '5',
};
const SCOPES = { link: '0x0000', area: '0x0001', as: '0x0002', reserved: '0x0003' };
const OPTION_BITS = bits('ospf.v3.options', ['V6', 'E', 'N', 'R', 'DC', 'AF', 'L', 'AT']);
const OPTIONS = hex('ospf.v3.options', 6);

/** By the object that holds the field, and its name there. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  'packet version': plain('ospf.version'),
  'packet type': named('ospf.msg', PACKET_TYPES),
  'packet packetLength': plain('ospf.packet_length'),
  'packet routerId': plain('ospf.srcrouter'),
  'packet areaId': plain('ospf.area_id'),
  'packet checksum': plain('ospf.checksum'),
  'packet checksumValid': DERIVED,
  'packet instanceId': plain('ospf.instance_id'),
  'hello interfaceId': plain('ospf.hello.interface_id'),
  'hello routerPriority': plain('ospf.hello.router_priority'),
  'hello options': OPTIONS,
  'hello optionBits': OPTION_BITS,
  'hello helloInterval': plain('ospf.hello.hello_interval'),
  'hello routerDeadInterval': plain('ospf.hello.router_dead_interval'),
  'hello designatedRouterId': plain('ospf.hello.designated_router'),
  'hello backupDesignatedRouterId': plain('ospf.hello.backup_designated_router'),
  'hello neighbors': each('ospf.hello.active_neighbor'),
  'databaseDescription options': OPTIONS,
  'databaseDescription optionBits': OPTION_BITS,
  'databaseDescription interfaceMtu': plain('ospf.db.interface_mtu'),
  'databaseDescription bits': bits('ospf.dbd', ['I', 'M', 'MS']),
  'databaseDescription ddSequenceNumber': plain('ospf.db.dd_sequence'),
  'linkStateUpdate numberOfLsas': plain('ospf.ls.number_of_lsas'),
  'lsa lsAge': plain('ospf.lsa.age'),
  'lsa lsType': plain('ospf.v3.lsa'),
  'lsa uBit': plain('ospf.v3.lsa.u'),
  'lsa scope': named('ospf.v3.lsa.s12', SCOPES),
  'lsa functionCode': plain('ospf.v3.lsa.fc'),
  'lsa lsTypeName': DERIVED,
  'lsa linkStateId': plain('ospf.link_state_id'),
  'lsa advertisingRouter': plain('ospf.advrouter'),
  'lsa lsSequenceNumber': plain('ospf.lsa.seqnum'),
  'lsa lsChecksum': plain('ospf.lsa.chksum'),
  'lsa length': plain('ospf.lsa.length'),
  'lsa checksumValid': DERIVED,
  'Router flags': hex('ospf.v3.router.lsa.flags', 2),
  'Router flagBits': bits('ospf.v3.router.lsa.flags', ['B', 'E', 'V']),
  'links type': plain('ospf.v3.lsa.type'),
  'links metric': plain('ospf.metric'),
  'links interfaceId': plain('ospf.v3.lsa.interface_id'),
  'links neighborInterfaceId': plain('ospf.v3.lsa.neighbor_interface_id'),
  'links neighborRouterId': plain('ospf.v3.lsa.neighbor_router_id'),
  'body options': OPTIONS,
  'body optionBits': OPTION_BITS,
  'body attachedRouters': each('ospf.v3.lsa.attached_router'),
  'body metric': plain('ospf.metric'),
  'body destinationRouterId': plain('ospf.v3.lsa.destination_router_id'),
  'body flags': hex('ospf.v3.as.external.flags', 2),
  'body flagBits': bits('ospf.v3.as.external.flags', ['T', 'F', 'E']),
  'body referencedLsType': plain('ospf.v3.lsa.referenced_ls_type'),
  'body referencedLinkStateId': plain('ospf.v3.lsa.referenced_link_state_id'),
  'body referencedAdvertisingRouter': plain('ospf.v3.lsa.referenced_advertising_router'),
  'body forwardingAddress': address('ospf.v3.lsa.forwarding_address.ipv6'),
  'body externalRouteTag': plain('ospf.v3.lsa.external_route_tag'),
  'body routerPriority': plain('ospf.v3.lsa.router_priority'),
  'body linkLocalAddress': address('ospf.v3.lsa.link_local_interface_address.ipv6'),
  'body numberOfPrefixes': plain('ospf.v3.lsa.num_prefixes'),
  'body prefix': address('ospf.v3.address_prefix.ipv6'),
  'body prefixLength': plain('ospf.prefix_length'),
  'body prefixOptions': hex('ospf.v3.prefix.options', 2),
  'body prefixOptionBits': bits('ospf.v3.prefix.options', ['NU', 'LA', 'P']),
  'authenticationTrailer authenticationType': plain('ospf.at.auth_type'),
  'authenticationTrailer authDataLength': plain('ospf.at.auth_data_len'),
  'authenticationTrailer securityAssociationId': hex('ospf.at.sa_id', 4),
  'authenticationTrailer cryptographicSequenceNumber': {
    fields: ['ospf.at.crypto_seq_nbr'],
    texts: (value: string) => [BigInt(value).toString()],
  },
  'authenticationTrailer authenticationData': plain('ospf.at.auth_data'),
};

/** Lists whose items have their fields under another name than the list's. */
const ITEM_NAMES: Readonly<Record<string, string>> = {
  linkStateRequest: 'lsa',
  linkStateAck: 'lsa',
  lsaHeaders: 'lsa',
  lsas: 'lsa',
  prefixes: 'body',
};

/** LSAs whose bodies tshark 4.0 does not decode. */
const NOT_DECODED = new Set(['Grace', 'Router-Information']);

const FRAME_FIELDS = ['frame.number', 'frame.time_epoch', 'ipv6.src', 'ipv6.dst', 'ipv6.hlim'];
export const TSHARK_FIELDS: readonly string[] = [
  ...new Set([...FRAME_FIELDS, ...Object.values(ENTRIES).flatMap(({ fields }) => fields)]),
];

/** The fields as tshark would give them, from what we print. */
export function tsharkValues(datagram: CapturedDatagram): TsharkValues {
  const values: TsharkValues = {
    'frame.number': [String(datagram.frame.number)],
    'frame.time_epoch': [`${(datagram.frame.atMs / 1000).toFixed(6)}000`],
    'ipv6.src': [formatAddress(datagram.source)],
    'ipv6.dst': [formatAddress(datagram.destination)],
    'ipv6.hlim': [String(datagram.hopLimit)],
  };
  const { json, problems } = showDatagram(datagram, { keys: [], digest: hmacDigest });
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { authenticationTrailer, ...packet } = json;
  const { type } = packet;
  addFields(values, 'packet', packet);
  // tshark 4.0 looks for trailers behind packets with Options alone, where the AT-bit is.
  if (authenticationTrailer && (type === 'hello' || type === 'databaseDescription')) {
    addFields(values, 'authenticationTrailer', authenticationTrailer);
  }
  return values;
}

function addFields(values: TsharkValues, holder: string, json: object): void {
  for (const [name, value] of Object.entries(json)) {
    if (name === 'body') {
      const { lsTypeName } = json as { lsTypeName: string };
      if (NOT_DECODED.has(lsTypeName)) continue;
      addFields(values, lsTypeName === 'Router' ? 'Router' : 'body', value);
      continue;
    }
    const entry = ENTRIES[`${holder} ${name}`] ?? ENTRIES[`${sharedHolder(holder)} ${name}`];
    if (entry !== undefined) {
      const texts = entry.texts(value as never);
      const isList = entry.fields.length === 1;
      entry.fields.forEach((field, i) => {
        values[field] ??= [];
        values[field].push(...(isList ? texts : texts.slice(i, i + 1)));
      });
    } else if (Array.isArray(value)) {
      for (const item of value) addFields(values, ITEM_NAMES[name] ?? name, item);
    } else if (typeof value === 'object' && value !== null) {
      addFields(values, name, value);
    } else throw new Error(`printed, and nothing to compare it with: ${holder} ${name}`);
  }
  for (const [field, list] of Object.entries(values)) if (list.length === 0) delete values[field];
}

/** A Router-LSA has the fields of any body but its flags. */
const sharedHolder = (holder: string): string => (holder === 'Router' ? 'body' : holder);
