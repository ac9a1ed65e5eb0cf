/**
 * Datagrams as objects in the field terms of the RFCs, with every checksum and, where keys are
 * known, every digest verified.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { decodePacket, packetChecksumValid } from '../packet/decode.ts';
import { PacketHead } from '../packet/header.ts';
import type { AuthenticationKey, Digest } from '../packet/key.ts';
import {
  decodeLinkLocalSignaling,
  LinkLocalSignalingTlv,
  linkLocalSignalingChecksumValid,
  linkLocalSignalingOctets,
} from '../packet/link-local-signaling.ts';
import type { Packet } from '../packet/packet.ts';
import { type AuthenticationTrailer, decodeTrailer, trailerDigest } from '../packet/trailer.ts';
import { type Address, formatDottedQuad } from '../wire/address.ts';
import { viewOf } from '../wire/view.ts';
import { identityJson, type Json, lsaHeaderJson, lsaJson, tlvJson } from './lsa-json.ts';
import {
  bitNames,
  databaseDescriptionFlagNames,
  hexadecimal,
  octetsText,
  optionNames,
} from './names.ts';

/** A datagram and where it came from; without addresses the checksum cannot be verified. */
export interface DatagramSource {
  readonly source: Address;
  readonly destination: Address;
  readonly octets: Uint8Array;
}

export interface Verification {
  readonly keys: readonly AuthenticationKey[];
  readonly digest: Digest;
}

/** A datagram shown: the object, and what is wrong with it in words (empty when nothing is). */
export interface ShownDatagram {
  readonly json: Json;
  readonly problems: readonly string[];
}

/** Shows a datagram; never throws on what the octets hold. */
export function showDatagram(datagram: DatagramSource, how: Verification): ShownDatagram {
  const problems: string[] = [];
  try {
    const packet = decodePacket(datagram.octets);
    const trailers = trailersJson(datagram, how, problems);
    const head = headJson(datagram, packet, trailers.isAuthenticated, problems);
    const body = packetBodyJson(packet, problems);
    return { json: { ...head, ...body, ...trailers.json }, problems };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { code, at, message } = error;
    return { json: { error: { code, at, message } }, problems: [...problems, message] };
  }
}

const TYPE_NAMES: Readonly<Record<Packet['kind'], string>> = {
  Hello: 'hello',
  DatabaseDescription: 'databaseDescription',
  LinkStateRequest: 'linkStateRequest',
  LinkStateUpdate: 'linkStateUpdate',
  LinkStateAcknowledgment: 'linkStateAck',
};

function headJson(
  { source, destination, octets }: DatagramSource,
  packet: Packet,
  isAuthenticated: boolean,
  problems: string[],
): Json {
  const view = viewOf(octets);
  const head = PacketHead.decode(view, 0);
  // With an authentication trailer there is no checksum (RFC 7166 4.2).
  const checksumValid = isAuthenticated ? null : packetChecksumValid(octets, source, destination);
  if (checksumValid === false) problems.push(`packet checksum ${hexadecimal(head.checksum, 4)}`);
  return {
    version: head.version,
    type: TYPE_NAMES[packet.kind],
    packetLength: head.packetLength,
    routerId: formatDottedQuad(head.routerId),
    areaId: formatDottedQuad(head.areaId),
    checksum: hexadecimal(head.checksum, 4),
    checksumValid,
    instanceId: head.instanceId,
  };
}

function packetBodyJson(packet: Packet, problems: string[]): Json {
  switch (packet.kind) {
    case 'Hello':
      return {
        hello: {
          interfaceId: packet.interfaceId,
          routerPriority: packet.routerPriority,
          options: packet.options,
          optionBits: optionNames(packet.options),
          helloInterval: packet.helloIntervalS,
          routerDeadInterval: packet.routerDeadIntervalS,
          designatedRouterId: formatDottedQuad(packet.designatedRouter),
          backupDesignatedRouterId: formatDottedQuad(packet.backupDesignatedRouter),
          neighbors: packet.neighbors.map(formatDottedQuad),
        },
      };
    case 'DatabaseDescription':
      return {
        databaseDescription: {
          options: packet.options,
          optionBits: optionNames(packet.options),
          interfaceMtu: packet.interfaceMtu,
          bits: databaseDescriptionFlagNames(packet.flags),
          ddSequenceNumber: packet.ddSequenceNumber,
          lsaHeaders: packet.lsaHeaders.map(lsaHeaderJson),
        },
      };
    case 'LinkStateRequest':
      return { linkStateRequest: packet.requests.map(identityJson) };
    case 'LinkStateUpdate': {
      const lsas = packet.lsas.map((lsa) => lsaJson(lsa, packet.instanceId));
      for (const { fault, lsType, linkStateId, advertisingRouter } of lsas) {
        if (fault) problems.push(`LSA ${lsType} ${linkStateId} ${advertisingRouter}: ${fault}`);
      }
      return { linkStateUpdate: { numberOfLsas: lsas.length, lsas } };
    }
    case 'LinkStateAcknowledgment':
      return { linkStateAck: packet.lsaHeaders.map(lsaHeaderJson) };
  }
}

function trailersJson(
  datagram: DatagramSource,
  how: Verification,
  problems: string[],
): { json: Json; isAuthenticated: boolean } {
  try {
    const block = linkLocalSignalingOctets(datagram.octets);
    const trailer = decodeTrailer(datagram.octets);
    return {
      json: {
        ...(block && { lls: linkLocalSignalingJson(block, trailer !== undefined, problems) }),
        ...(trailer && {
          authenticationTrailer: trailerJson(trailer, datagram, how, problems),
        }),
      },
      isAuthenticated: trailer !== undefined,
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { code, at, message } = error;
    problems.push(message);
    return { json: { trailerError: { code, at, message } }, isAuthenticated: false };
  }
}

/** Extended Options and Flags (RFC 5613 2.4): LSDB resynchronization, restart signal. */
const EXTENDED_OPTIONS = { LR: 0x1, RS: 0x2 } as const;

function linkLocalSignalingJson(
  block: Uint8Array,
  isAuthenticated: boolean,
  problems: string[],
): Json {
  const { checksum, tlvs } = decodeLinkLocalSignaling(block);
  // With an authentication trailer there is no checksum (RFC 7166 4.2).
  const checksumValid = isAuthenticated ? null : linkLocalSignalingChecksumValid(block);
  if (checksumValid === false) problems.push(`LLS checksum ${hexadecimal(checksum, 4)}`);
  return {
    checksum: hexadecimal(checksum, 4),
    checksumValid,
    length32: block.length / 4,
    tlvs: tlvs.map((tlv) => {
      if (tlv.type !== LinkLocalSignalingTlv.ExtendedOptions || tlv.value.length !== 4) {
        return tlvJson(tlv);
      }
      const flags = new DataView(tlv.value.buffer, tlv.value.byteOffset).getUint32(0);
      return {
        type: tlv.type,
        length: tlv.value.length,
        name: 'Extended Options and Flags',
        flags: hexadecimal(flags, 8),
        flagBits: bitNames(EXTENDED_OPTIONS, flags),
      };
    }),
  };
}

function trailerJson(
  trailer: AuthenticationTrailer,
  { source, octets }: DatagramSource,
  { keys, digest }: Verification,
  problems: string[],
): Json {
  const key = keys.find((k) => k.securityAssociationId === trailer.securityAssociationId);
  const authenticationData = octetsText(trailer.authenticationData);
  const digestValid =
    key &&
    octetsText(trailerDigest(octets, trailer.at, source, key, digest)) === authenticationData;
  if (digestValid === false) problems.push('authentication digest');
  if (key === undefined && keys.length > 0) {
    problems.push(`no key for security association ${trailer.securityAssociationId}`);
  }
  const { sequenceNumberHigh: high, sequenceNumberLow: low } = trailer;
  return {
    authenticationType: trailer.authenticationType,
    authDataLength: trailer.authDataLength,
    securityAssociationId: trailer.securityAssociationId,
    cryptographicSequenceNumber: `${hexadecimal(high, 8)}${hexadecimal(low, 8).slice(2)}`,
    authenticationData,
    ...(digestValid !== undefined && { digestValid }),
  };
}
