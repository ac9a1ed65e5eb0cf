/**
 * Datagrams for people to read: the fields of their JSON form, one thought a line.
 * @module
 */
import type { Json } from './lsa-json.ts';

const INDENT = '  ';
const PACKET_NAMES: Readonly<Record<string, string>> = {
  hello: 'Hello',
  databaseDescription: 'Database Description',
  linkStateRequest: 'Link State Request',
  linkStateUpdate: 'Link State Update',
  linkStateAck: 'Link State Acknowledgment',
};

/** The lines of a packet; the first says what it is, the rest is indented. */
export function packetText(json: Json): string[] {
  const { error } = json as { error?: { code: string; message: string } };
  if (error) return [`refused: ${error.code}: ${error.message}`];
  const { version: _, type, checksum, checksumValid, ...rest } = json;
  const verdict = checksumValid === null ? 'not used' : right(checksumValid);
  const { packetLength, routerId, areaId, instanceId, ...parts } = rest;
  const lines = [
    `${PACKET_NAMES[type as string]} Router ID ${routerId} Area ID ${areaId} ` +
      `Instance ID ${instanceId} length ${packetLength} checksum ${checksum} ${verdict}`,
  ];
  for (const [name, value] of Object.entries(parts)) {
    if (name === type) lines.push(...valueText(value, 1));
    else lines.push(`${INDENT}${words(name)}`, ...valueText(value, 2));
  }
  return lines;
}

const right = (valid: unknown): string => (valid ? 'right' : 'WRONG');

/** `designatedRouterId` as `Designated Router ID`. */
const words = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/^./, (letter) => letter.toUpperCase())
    .replace(/\b(Id|Lls|Mtu|Dd|Tlvs|Lsas?)\b/g, (word) => word.toUpperCase().replace(/S$/, 's'));

function valueText(value: unknown, depth: number): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemText(item, depth));
  return fieldsText(value as Json, depth);
}

function itemText(item: unknown, depth: number): string[] {
  const indent = INDENT.repeat(depth);
  if (typeof item !== 'object' || item === null) return [`${indent}${String(item)}`];
  const json = item as Json;
  if (!('lsTypeName' in json)) return [`${indent}- ${inline(json)}`, ...nested(json, depth + 1)];
  const { lsTypeName, lsType, linkStateId, advertisingRouter } = json;
  const identity = `${lsTypeName} ${lsType} ${linkStateId} of ${advertisingRouter}`;
  if (!('lsAge' in json)) return [`${indent}${identity}`];
  const { lsAge, lsSequenceNumber, lsChecksum, length, checksumValid, fault, body } = json;
  const verdict = checksumValid === undefined ? '' : ` ${right(checksumValid)}`;
  return [
    `${indent}${identity} age ${lsAge} sequence ${lsSequenceNumber} checksum ${lsChecksum}` +
      `${verdict} length ${length}${fault === undefined ? '' : ` FAULT ${fault}`}`,
    ...(body === undefined ? [] : fieldsText(body as Json, depth + 1)),
  ];
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;
const isPlainList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.every(isPlain);

/** The fields that fit on one line, bit masks by the names of their bits. */
function inline(json: Json): string {
  const entries = Object.entries(json);
  const bitsOf = new Map(
    entries
      .filter(([name, value]) => name.endsWith('Bits') && isPlainList(value))
      .map(([name, value]) => [name.slice(0, -'Bits'.length), (value as unknown[]).join('|')]),
  );
  const shown: string[] = [];
  for (const [name, value] of entries) {
    if (name.endsWith('Bits') || !(isPlain(value) || isPlainList(value))) continue;
    const bits = bitsOf.get(name.replace(/s$/, ''));
    const text = isPlainList(value) ? `[${value.join(', ')}]` : String(value);
    shown.push(`${words(name)} ${bits === undefined ? text : `${text} (${bits || 'none'})`}`);
  }
  return shown.join(', ');
}

const nested = (json: Json, depth: number): string[] =>
  Object.entries(json)
    .filter(([, value]) => !isPlain(value) && !isPlainList(value))
    .flatMap(([name, value]) => [
      `${INDENT.repeat(depth)}${words(name)}`,
      ...valueText(value, depth + 1),
    ]);

function fieldsText(json: Json, depth: number): string[] {
  const line = inline(json);
  return [...(line ? [`${INDENT.repeat(depth)}${line}`] : []), ...nested(json, depth)];
}
