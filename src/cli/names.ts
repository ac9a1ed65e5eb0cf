/**
 * The RFCs' names for bits and types, as the command line prints them.
 * @module
 */

import { ExternalFlag } from '../lsa/as-external-lsa.ts';
import { LsType } from '../lsa/ls-type.ts';
import { Option } from '../lsa/options.ts';
import { RouterFlag } from '../lsa/router-lsa.ts';
import { DatabaseDescriptionFlag } from '../packet/packet.ts';
import { PrefixOption } from '../wire/prefix.ts';

/** The names of the bits that are set, lowest bit first. */
export const bitNames = (bits: Readonly<Record<string, number>>, value: number): string[] =>
  Object.entries(bits)
    .filter(([, bit]) => (value & bit) !== 0)
    .map(([name]) => name);

export const optionNames = (options: number): string[] => bitNames(Option, options);
export const routerFlagNames = (flags: number): string[] => bitNames(RouterFlag, flags);
export const externalFlagNames = (flags: number): string[] => bitNames(ExternalFlag, flags);
export const prefixOptionNames = (options: number): string[] => bitNames(PrefixOption, options);
/** I, M, MS: in the order of the packet's picture (RFC 5340 A.3.3). */
export const databaseDescriptionFlagNames = (flags: number): string[] =>
  bitNames(DatabaseDescriptionFlag, flags).reverse();

const LS_TYPE_NAMES: Readonly<Record<number, string>> = {
  [LsType.Router]: 'Router',
  [LsType.Network]: 'Network',
  [LsType.InterAreaPrefix]: 'Inter-Area-Prefix',
  [LsType.InterAreaRouter]: 'Inter-Area-Router',
  [LsType.AsExternal]: 'AS-External',
  [LsType.Nssa]: 'NSSA',
  [LsType.Link]: 'Link',
  [LsType.IntraAreaPrefix]: 'Intra-Area-Prefix',
  [LsType.Grace]: 'Grace',
  [LsType.ExtendedRouter]: 'E-Router',
  [LsType.ExtendedNetwork]: 'E-Network',
  [LsType.ExtendedInterAreaPrefix]: 'E-Inter-Area-Prefix',
  [LsType.ExtendedInterAreaRouter]: 'E-Inter-Area-Router',
  [LsType.ExtendedAsExternal]: 'E-AS-External',
  [LsType.ExtendedNssa]: 'E-NSSA',
  [LsType.ExtendedLink]: 'E-Link',
  [LsType.ExtendedIntraAreaPrefix]: 'E-Intra-Area-Prefix',
};
const ROUTER_INFORMATION_FUNCTION_CODE = LsType.RouterInformation & 0x1fff;

/** The name of an LS type; Router Information has one in every scope. */
export const lsTypeName = (lsType: number): string =>
  LS_TYPE_NAMES[lsType] ??
  ((lsType & 0x1fff) === ROUTER_INFORMATION_FUNCTION_CODE ? 'Router-Information' : 'Unknown');

/** `0x` and at least `digits` hexadecimal digits. */
export const hexadecimal = (value: number, digits: number): string =>
  `0x${(value >>> 0).toString(16).padStart(digits, '0')}`;

/** Octets as hexadecimal digits without spaces. */
export const octetsText = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex');
