/**
 * `tidecast show database`: what each entry says.
 * @module
 */
import { Lsa } from '../lsa/lsa.ts';
import { lsaJson } from './lsa-json.ts';
import { hexadecimal, lsTypeName } from './names.ts';

/** As the daemon hands it out. */
export interface DatabaseEntry {
  readonly octets: string;
  readonly instanceId: number;
  readonly lsType: number;
  readonly checksum: number;
}

/** With the body that its octets hold. */
export function withBody(entry: DatabaseEntry) {
  const { body } = lsaJson(Lsa.decode(Buffer.from(entry.octets, 'hex')), entry.instanceId);
  return { ...entry, body };
}

/** Type and checksum as people say them; JSON has them as they are. */
export function entryForPeople(entry: DatabaseEntry) {
  return {
    ...entry,
    lsType: `${hexadecimal(entry.lsType, 4)} ${lsTypeName(entry.lsType)}`,
    checksum: hexadecimal(entry.checksum, 4),
  };
}
