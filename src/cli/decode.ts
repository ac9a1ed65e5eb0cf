/**
 * `tidecast decode`: prints every OSPFv3 packet of capture files in the field terms of the RFCs,
 * and verifies all checksums and, given keys, all digests.
 * @module
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { DecodeError } from '../errors.ts';
import { hmacDigest } from '../host/digest.ts';
import { type Frame, isKnownLinkType, readCapture } from '../host/pcap.ts';
import { type CaptureItem, captureItems } from '../host/pcap-datagrams.ts';
import type { AuthenticationKey } from '../packet/key.ts';
import { formatAddress } from '../wire/address.ts';
import { collectKey } from './authentication-keys.ts';
import { fileErrorText, isFileError } from './file-error.ts';
import type { Json } from './lsa-json.ts';
import { showDatagram } from './packet-json.ts';
import { packetText } from './packet-text.ts';

interface DecodeOptions {
  readonly json?: boolean;
  readonly key: readonly AuthenticationKey[];
}

/** What a capture held, item by item, and how much of it was not valid. */
interface DecodedItem {
  readonly json: Json;
  readonly problems: readonly string[];
}

/** Adds the verb. Exit status 1 when anything was invalid, 2 when a file could not be read. */
export function registerDecode(program: Command): void {
  program
    .command('decode')
    .description('print the OSPFv3 packets of capture files, every checksum verified')
    .argument('<file...>', 'pcap or pcapng files')
    .option('--json', 'one JSON object per packet')
    .option(
      '--key <ID:ALGORITHM:SECRET>',
      'verify authentication trailers; may be repeated. ID:ALGORITHM:little-endian:SECRET for FRR up to 9.0',
      collectKey,
      [],
    )
    .action((files: string[], options: DecodeOptions) => {
      const statuses = files.map((file) => decodeFile(file, options));
      process.exitCode = Math.max(...statuses);
    });
}

/** Prints one file. @returns the exit status that it asks for. */
function decodeFile(file: string, { key, json = false }: DecodeOptions): 0 | 1 | 2 {
  const unknownLinkTypes = new Set<number>();
  let items = 0;
  let invalid = 0;
  const complain = (message: string): 2 => {
    process.stderr.write(`${file}: ${message}\n`);
    return 2;
  };
  try {
    const frames = noting(readCapture(readFileSync(file)), unknownLinkTypes);
    for (const item of decodeCapture(frames, key)) {
      items++;
      invalid += item.problems.length > 0 ? 1 : 0;
      print({ file: basename(file), ...item.json }, item.problems, json);
    }
  } catch (error) {
    if (isFileError(error)) return complain(fileErrorText(error, file));
    if (error instanceof DecodeError) return complain(error.message);
    throw error;
  }
  if (unknownLinkTypes.size > 0) {
    return complain(`frames of link type ${[...unknownLinkTypes].join(', ')} cannot be read`);
  }
  if (items === 0) process.stderr.write(`${file}: no OSPFv3 in the capture\n`);
  return invalid > 0 ? 1 : 0;
}

/** The frames, those of link types that nobody looks into noted. */
function* noting(frames: Iterable<Frame>, unknownLinkTypes: Set<number>): Generator<Frame> {
  for (const frame of frames) {
    if (!isKnownLinkType(frame.linkType)) unknownLinkTypes.add(frame.linkType);
    yield frame;
  }
}

/**
 * Decodes a capture item by item.
 * @throws {DecodeError} at the end of what is readable, when the file itself is damaged.
 */
function* decodeCapture(
  frames: Iterable<Frame>,
  keys: readonly AuthenticationKey[],
): Generator<DecodedItem> {
  for (const item of captureItems(frames)) yield itemJson(item, keys);
}

function itemJson(item: CaptureItem, keys: readonly AuthenticationKey[]): DecodedItem {
  const frame = item.kind === 'datagram' ? item.datagram.frame : item.frame;
  const where = {
    frame: frame.number,
    timestamp: new Date(frame.atMs).toISOString(),
    ...(frame.interfaceName !== undefined && { interface: frame.interfaceName }),
  };
  if (item.kind === 'fault') {
    return { json: { ...where, fault: item.fault }, problems: [item.fault] };
  }
  const { source, destination, hopLimit } = item.datagram;
  const { json, problems } = showDatagram(item.datagram, { keys, digest: hmacDigest });
  return {
    json: {
      ...where,
      ipv6Source: formatAddress(source),
      ipv6Destination: formatAddress(destination),
      hopLimit,
      ...json,
    },
    problems,
  };
}

function print(json: Json, problems: readonly string[], asJson: boolean): void {
  if (asJson) {
    const valid = problems.length === 0;
    process.stdout.write(`${JSON.stringify({ ...json, valid, problems })}\n`);
    return;
  }
  const { file, frame, timestamp, interface: name, ...rest } = json;
  const { ipv6Source, ipv6Destination, hopLimit, fault, ...packet } = rest;
  const from = ipv6Source ? ` ${ipv6Source} > ${ipv6Destination} hop limit ${hopLimit}` : '';
  const where = `${file} #${frame} ${timestamp}${name ? ` ${name}` : ''}${from}`;
  const lines = fault === undefined ? packetText(packet) : [`unreadable: ${fault}`];
  const marks = problems.map((problem) => `INVALID: ${problem}`);
  process.stdout.write(`${[where, ...lines, ...marks].join('\n  ')}\n`);
}
