/**
 * Compares the databases that a listener built with what a router printed of its own.
 * @module
 */
import { MAX_AGE_S } from '../lsa/constants.ts';
import { identityKey } from '../lsa/header.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { formatDottedQuad } from '../wire/address.ts';
import type { CaptureListener, HeardLsa } from './capture-listener.ts';
import { hexadecimal, lsTypeName } from './names.ts';
import type { PrintedLsa, PrintedScope } from './truth-database.ts';

/** One thing that is not the same. */
export interface Difference {
  /** What it is about, in words. */
  readonly what: string;
  /** `absent`, or how it is there. */
  readonly ours: string;
  readonly theirs: string;
}

/** The differences; none when both hold the same instances of the same LSAs. */
export function databaseDifferences(
  listener: CaptureListener,
  printed: readonly PrintedScope[],
): Difference[] {
  const heard = [...listener.lsas()];
  const areas = new Set(
    listener.routers().flatMap(({ areaId, takesExternal }) => (takesExternal ? [areaId] : [])),
  );
  // A router that is in stub areas and NSSAs alone has no part in the AS's database, even if it
  // keeps LSAs of its own there.
  const isExternal = printed.some(({ areaId }) => areaId !== undefined && areas.has(areaId));
  const compared = printed.filter(({ kind }) => kind !== 'as' || isExternal);
  return compared.flatMap((scope) => {
    const found = lsasFor(scope, heard);
    if (found === undefined) return [];
    const ours = new Map(found.map((lsa) => [identityKey(lsa.header), lsa]));
    const held = scope.lsas.filter((lsa) => lsa.ageS < MAX_AGE_S);
    const theirs = new Map(held.map((lsa) => [identityKey(lsa), lsa]));
    const keys = [...new Set([...ours.keys(), ...theirs.keys()])];
    return keys.flatMap((key) => difference(scope, ours.get(key), theirs.get(key)));
  });
}

/** Our LSAs of the scope that was printed, or `undefined` when its link was not captured. */
function lsasFor(printed: PrintedScope, heard: readonly HeardLsa[]): Lsa[] | undefined {
  if (printed.kind !== 'link') {
    return heard
      .filter(({ scope }) => scope.kind !== 'area' || scope.areaId === printed.areaId)
      .filter(({ scope }) => scope.kind === printed.kind)
      .map(({ lsa }) => lsa);
  }
  // A router's name for a link says nothing here: it is the captured link most alike.
  const links = new Map<number, Lsa[]>();
  for (const { scope, lsa } of heard) {
    if (scope.kind !== 'link') continue;
    const link = links.get(scope.interfaceId) ?? [];
    links.set(scope.interfaceId, link);
    link.push(lsa);
  }
  const theirs = new Map(printed.lsas.map((lsa) => [identityKey(lsa), lsa]));
  const alike = (link: readonly Lsa[]): number =>
    link.reduce((sum, { header }) => {
      const known = theirs.get(identityKey(header));
      if (known === undefined) return sum;
      return sum + (known.checksum === header.checksum ? 3 : 1);
    }, 0);
  const [best] = [...links.values()].sort((a, b) => alike(b) - alike(a));
  return best !== undefined && alike(best) > 0 ? best : undefined;
}

function difference(
  scope: PrintedScope,
  ours: Lsa | undefined,
  theirs: PrintedLsa | undefined,
): Difference[] {
  if (ours !== undefined && theirs !== undefined && sameInstance(ours, theirs)) return [];
  const { lsType, linkStateId, advertisingRouter } = ours?.header ?? theirs!;
  const where = { as: 'AS', link: `link ${scope.name}`, area: `area ${areaText(scope)}` };
  const identity = `${lsTypeName(lsType)} ${formatDottedQuad(linkStateId)}`;
  return [
    {
      what: `${where[scope.kind]}: ${identity} of ${formatDottedQuad(advertisingRouter)}`,
      ours: ours === undefined ? 'absent' : instanceText(ours.header),
      theirs: theirs === undefined ? 'absent' : instanceText(theirs),
    },
  ];
}

const areaText = ({ areaId }: PrintedScope): string =>
  areaId === undefined ? '' : formatDottedQuad(areaId);

/** By all that was printed: sequence number, checksum, and every octet behind the age. */
function sameInstance({ header, octets }: Lsa, theirs: PrintedLsa): boolean {
  if (header.sequenceNumber !== theirs.sequenceNumber) return false;
  if (theirs.checksum !== undefined && header.checksum !== theirs.checksum) return false;
  if (theirs.octets === undefined) return true;
  return Buffer.compare(octets.subarray(2), theirs.octets.subarray(2)) === 0;
}

const instanceText = (lsa: { sequenceNumber: number; checksum?: number }): string => {
  const checksum = lsa.checksum === undefined ? '' : ` checksum ${hexadecimal(lsa.checksum, 4)}`;
  return `sequence ${hexadecimal(lsa.sequenceNumber, 8)}${checksum}`;
};
