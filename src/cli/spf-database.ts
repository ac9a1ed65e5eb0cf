/**
 * Link-state databases from wherever they are: a capture, what FRR or BIRD print, the running
 * daemon.
 * @module
 */
import { readFileSync } from 'node:fs';
import { DecodeError } from '../errors.ts';
import { hmacDigest } from '../host/digest.ts';
import { readCapture } from '../host/pcap.ts';
import { type CapturedDatagram, capturedDatagrams } from '../host/pcap-datagrams.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import { LsType } from '../lsa/ls-type.ts';
import { Lsa } from '../lsa/lsa.ts';
import { parseDottedQuad } from '../wire/address.ts';
import { linksOf } from './capture-links.ts';
import { CaptureListener } from './capture-listener.ts';
import { askDaemon } from './daemon-socket.ts';
import { fileErrorText, isFileError } from './file-error.ts';
import { readBirdState } from './spf-bird-state.ts';
import type { FoundLsa } from './spf-found-lsa.ts';
import { readPrintedDatabase } from './truth-database.ts';

/** The file, which is named, holds no database that can be read. */
export class DatabaseUnreadable extends Error {
  override readonly name = 'DatabaseUnreadable';
}

/**
 * Reads the database in a file; a capture's is that at its end.
 * @throws {DatabaseUnreadable} when the file is not there, is in no form known, or is damaged.
 */
export function readDatabase(file: string): FoundLsa[] {
  try {
    return databaseIn(file);
  } catch (error) {
    if (isFileError(error)) throw new DatabaseUnreadable(`${file}: ${fileErrorText(error, file)}`);
    if (error instanceof DecodeError || error instanceof RangeError) {
      throw new DatabaseUnreadable(`${file}: ${error.message}`);
    }
    throw error;
  }
}

function databaseIn(file: string): FoundLsa[] {
  const octets = readFileSync(file);
  if (isCapture(octets)) return fromCapture(octets);
  const text = octets.toString('utf8');
  const state = readBirdState(text);
  if (state !== undefined) return state;
  const printed = readPrintedDatabase(text);
  if (printed === undefined) {
    throw new DatabaseUnreadable(
      `${file}: neither a capture, nor FRR's \`show ipv6 ospf6 database dump\`, nor BIRD's \`show ospf state all\``,
    );
  }
  return printed.flatMap(({ kind, areaId, name, lsas }) =>
    lsas.flatMap((lsa): FoundLsa[] => {
      if (lsa.octets === undefined) {
        throw new DatabaseUnreadable(
          `${file}: lists LSAs without what they say; take FRR's \`show ipv6 ospf6 database dump\` or BIRD's \`show ospf state all\``,
        );
      }
      return lsa.ageS >= MAX_AGE_S
        ? []
        : [
            {
              kind,
              name: kind === 'area' ? quad(areaId) : (name ?? ''),
              lsa: Lsa.decode(lsa.octets),
            },
          ];
    }),
  );
}

/** Asks the daemon for its databases. @throws {DaemonUnreachable} when it does not answer. */
export async function daemonDatabase(socket: string): Promise<FoundLsa[]> {
  const answer = (await askDaemon(socket, '/v1/database')) as readonly {
    readonly scope: string;
    readonly ageS: number;
    readonly octets: string;
  }[];
  return answer
    .filter(({ ageS }) => ageS < MAX_AGE_S)
    .map(({ scope, octets }) => {
      const [kind = '', name = ''] = scope.split(' ');
      const lsa = Lsa.decode(Buffer.from(octets, 'hex'));
      return { kind: kind as FoundLsa['kind'], name, lsa };
    });
}

/** Asks the daemon who it is. @throws {DaemonUnreachable} when it does not answer. */
export async function daemonRouterId(socket: string): Promise<number> {
  const { routerId } = (await askDaemon(socket, '/v1/status')) as { readonly routerId: string };
  return parseDottedQuad(routerId);
}

const quad = (id: number | undefined): string => {
  const value = id ?? 0;
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
};

const CAPTURE_MAGICS = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a]);

const isCapture = (octets: Buffer): boolean =>
  octets.length >= 4 && CAPTURE_MAGICS.has(octets.readUInt32BE(0));

function fromCapture(octets: Uint8Array): FoundLsa[] {
  const listener = new CaptureListener({ instanceId: 0, keys: [], digest: hmacDigest });
  const datagrams: CapturedDatagram[] = [...capturedDatagrams(readCapture(octets))];
  if (datagrams.length === 0) throw new RangeError('no OSPFv3 in the capture');
  const linkOf = linksOf(datagrams);
  for (const datagram of datagrams) listener.hear(datagram, linkOf(datagram));
  listener.mustHaveHeard();
  return [...listener.lsas()].map(({ scope, lsa }) => {
    if (scope.kind === 'link') return { kind: 'link', name: String(scope.interfaceId), lsa };
    return { kind: scope.kind, name: scope.kind === 'area' ? quad(scope.areaId) : '', lsa };
  });
}

/** The Area ID of an LSA of area scope. */
export const areaIdOf = ({ name }: FoundLsa): number => parseDottedQuad(name);

/** The Router IDs of all routers that describe themselves, ascending. */
export function routersIn(database: readonly FoundLsa[]): number[] {
  const ids = database
    .filter(({ lsa }) => lsa.header.lsType === LsType.Router)
    .map(({ lsa }) => lsa.header.advertisingRouter);
  return [...new Set(ids)].sort((a, b) => a - b);
}
