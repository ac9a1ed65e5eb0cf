/**
 * Reads what other routers print of their databases: FRR's `show ipv6 ospf6 database [detail]
 * json` and `… dump`, BIRD's `show ospf lsadb`.
 * @module
 */
import { LsType } from '../lsa/ls-type.ts';
import { parseDottedQuad } from '../wire/address.ts';

/** An LSA as printed; what was not printed is absent. */
export interface PrintedLsa {
  readonly lsType: number;
  readonly linkStateId: number;
  readonly advertisingRouter: number;
  /** Signed, as in the header. */
  readonly sequenceNumber: number;
  /** Seconds; those of MaxAge are only waiting to be let go. */
  readonly ageS: number;
  readonly checksum?: number;
  /** The whole LSA; its age is the printing router's. */
  readonly octets?: Uint8Array;
}

/** The LSAs of one scope as printed. */
export interface PrintedScope {
  readonly kind: 'link' | 'area' | 'as';
  /** Of an area. */
  readonly areaId?: number;
  /** Of a link: the printing router's name for it. */
  readonly name?: string;
  readonly lsas: readonly PrintedLsa[];
}

/** Reads a database in any of the forms known; `undefined` when it is none of them. */
export function readPrintedDatabase(text: string): PrintedScope[] | undefined {
  if (/^\s*\{/.test(text)) return readFrrJson(text);
  if (/Scoped Link State Database/.test(text)) return readFrrDump(text);
  if (/^ Type +LS ID/m.test(text)) return readBird(text);
  return undefined;
}

const FRR_TYPES: Readonly<Record<string, number>> = {
  Rtr: LsType.Router,
  Router: LsType.Router,
  Net: LsType.Network,
  Network: LsType.Network,
  IAP: LsType.InterAreaPrefix,
  'Inter-Prefix': LsType.InterAreaPrefix,
  IAR: LsType.InterAreaRouter,
  'Inter-Router': LsType.InterAreaRouter,
  ASE: LsType.AsExternal,
  'AS-External': LsType.AsExternal,
  Type7: LsType.Nssa,
  NSSA: LsType.Nssa,
  Lnk: LsType.Link,
  Link: LsType.Link,
  INP: LsType.IntraAreaPrefix,
  'Intra-Prefix': LsType.IntraAreaPrefix,
  GR: LsType.Grace,
  Grace: LsType.Grace,
};

interface FrrLsa {
  readonly type: string;
  readonly lsId?: string;
  readonly linkStateId?: string;
  readonly advRouter?: string;
  readonly advertisingRouter?: string;
  readonly seqNum?: number;
  readonly lsSequenceNumber?: number;
  readonly checksum?: number;
  readonly age?: number;
}
interface FrrScope {
  readonly areaId?: string;
  readonly interface?: string;
  readonly lsa?: readonly FrrLsa[];
}

function readFrrJson(text: string): PrintedScope[] | undefined {
  const json = JSON.parse(text) as Readonly<Record<string, readonly FrrScope[]>>;
  const found: PrintedScope[] = [];
  for (const [kind, name] of [
    ['area', 'areaScopedLinkStateDb'],
    ['link', 'interfaceScopedLinkStateDb'],
    ['as', 'asScopedLinkStateDb'],
  ] as const) {
    for (const scope of json[name] ?? []) {
      found.push({
        kind,
        ...(kind === 'area' && { areaId: parseDottedQuad(scope.areaId ?? '') }),
        ...(kind === 'link' && { name: scope.interface ?? '' }),
        // An LSA is printed once per thing it says.
        lsas: unique((scope.lsa ?? []).map(frrLsa)),
      });
    }
  }
  return found.length > 0 ? found : undefined;
}

function frrLsa(lsa: FrrLsa): PrintedLsa {
  const lsType = FRR_TYPES[lsa.type];
  if (lsType === undefined) throw new RangeError(`LSA of unknown type ${lsa.type}`);
  return {
    lsType,
    linkStateId: parseDottedQuad(lsa.lsId ?? lsa.linkStateId ?? ''),
    advertisingRouter: parseDottedQuad(lsa.advRouter ?? lsa.advertisingRouter ?? ''),
    sequenceNumber: (lsa.seqNum ?? lsa.lsSequenceNumber ?? 0) | 0,
    ageS: lsa.age ?? 0,
    ...(lsa.checksum !== undefined && { checksum: lsa.checksum }),
  };
}

const unique = (lsas: readonly PrintedLsa[]): PrintedLsa[] => [
  ...new Map(lsas.map((lsa) => [JSON.stringify(lsa), lsa])).values(),
];

/** `show ipv6 ospf6 database dump`: a heading per scope, the LSAs in words of 32 bits. */
function readFrrDump(text: string): PrintedScope[] {
  const found: PrintedScope[] = [];
  let lsas: PrintedLsa[] = [];
  let words = '';
  const flush = (): void => {
    if (words) lsas.push(lsaOf(new Uint8Array(Buffer.from(words, 'hex'))));
    words = '';
  };
  for (const line of text.split('\n')) {
    const heading =
      /(Area|I\/F|AS) Scoped Link State Database(?: \((?:Area ([\d.]+)|I\/F (\S+) in .*)\))?/.exec(
        line,
      );
    if (heading) {
      flush();
      lsas = [];
      const [, scope, area, name] = heading;
      if (scope === 'Area') found.push({ kind: 'area', areaId: parseDottedQuad(area ?? ''), lsas });
      else if (scope === 'AS') found.push({ kind: 'as', lsas });
      else found.push({ kind: 'link', name: name ?? '', lsas });
    } else if (line.startsWith('[')) flush();
    else words += /^\s+[0-9a-f ]+$/.test(line) ? line.replaceAll(/\s/g, '') : '';
  }
  flush();
  return found;
}

function lsaOf(octets: Uint8Array): PrintedLsa {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return {
    lsType: view.getUint16(2),
    linkStateId: view.getUint32(4),
    advertisingRouter: view.getUint32(8),
    sequenceNumber: view.getInt32(12),
    ageS: view.getUint16(0),
    checksum: view.getUint16(16),
    octets,
  };
}

/** `show ospf lsadb`: Global, Area and Link sections, then a line per LSA. */
function readBird(text: string): PrintedScope[] {
  const found: PrintedScope[] = [];
  let lsas: PrintedLsa[] = [];
  for (const line of text.split('\n')) {
    const heading = /^(Global|Area|Link)(?: (\S+))?\s*$/.exec(line);
    if (heading) {
      lsas = [];
      const [, scope, name = ''] = heading;
      if (scope === 'Global') found.push({ kind: 'as', lsas });
      else if (scope === 'Area') found.push({ kind: 'area', areaId: parseDottedQuad(name), lsas });
      else found.push({ kind: 'link', name, lsas });
      continue;
    }
    const row = /^ ([0-9a-f]{4}) +(\S+) +(\S+) +([0-9a-f]{8}) +(\d+) +([0-9a-f]{4})\s*$/.exec(line);
    if (!row) continue;
    const [, type = '', id = '', router = '', sequence = '', age = '', checksum = ''] = row;
    lsas.push({
      lsType: Number.parseInt(type, 16),
      linkStateId: parseDottedQuad(id),
      advertisingRouter: parseDottedQuad(router),
      sequenceNumber: Number.parseInt(sequence, 16) | 0,
      ageS: Number(age),
      checksum: Number.parseInt(checksum, 16),
    });
  }
  return found;
}
