/**
 * Capture files: reads pcap and pcapng, writes pcap (the IETF drafts draft-ietf-opsawg-pcap and
 * draft-ietf-opsawg-pcapng). Frames come out as they were captured; `pcap-datagrams.ts` finds the
 * datagrams in them.
 * @module
 */
import { DecodeError } from '../errors.ts';

/** Link types this project knows (the registry of draft-ietf-opsawg-pcaplinktype). */
export const LinkType = {
  Null: 0,
  Ethernet: 1,
  /** What some programs write for raw IP: the number that it has within a BSD kernel. */
  RawOfBsd: 12,
  Raw: 101,
  FrameRelay: 107,
  LinuxSll: 113,
  Ipv6: 229,
  LinuxSll2: 276,
} as const;

const KNOWN = new Set<number>(Object.values(LinkType));

/** Whether datagrams are found in frames of this link type. */
export const isKnownLinkType = (linkType: number): boolean => KNOWN.has(linkType);

/** One captured frame. */
export interface Frame {
  /** Place in the file, from 1. */
  readonly number: number;
  /** When it was captured, milliseconds since 1970 with a fraction. */
  readonly atMs: number;
  /** Which of the capture's interfaces; 0 in a pcap. */
  readonly captureInterface: number;
  /** Its name, where the file tells it. */
  readonly interfaceName: string | undefined;
  readonly linkType: number;
  /** What was captured; a view of the file. */
  readonly octets: Uint8Array;
  /** Octets the frame had on the link; more than captured when it was cut off. */
  readonly originalLength: number;
}

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_SECTION = 0x0a0d0d0a;
const PCAP_HEAD_OCTETS = 24;
const RECORD_HEAD_OCTETS = 16;
const THOUSAND = 1000;

/**
 * Reads a capture file of either format, frame by frame; those before a damaged one come out.
 * @throws {DecodeError} `Value` when it is no capture file, `Short` or `Length` when it is damaged.
 */
export function* readCapture(octets: Uint8Array): Generator<Frame> {
  // Plain octets, for a Buffer's `slice` is a view.
  const file = new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (file.length < 4) throw new DecodeError('Short', 0, 'no capture file: too short');
  if (view.getUint32(0) === MAGIC_SECTION) {
    yield* readPcapng(file, view);
    return;
  }
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === MAGIC_MICROSECONDS) yield* readPcap(file, view, littleEndian, THOUSAND);
    else if (magic === MAGIC_NANOSECONDS) yield* readPcap(file, view, littleEndian, 1e6);
    else continue;
    return;
  }
  throw new DecodeError('Value', 0, 'neither pcap nor pcapng');
}

const cutShort = (what: string, octets: number, missing: number): string =>
  `cut short: ${what} of ${octets} octets, ${missing} of them missing`;

function* readPcap(
  file: Uint8Array,
  view: DataView,
  littleEndian: boolean,
  unitsPerMs: number,
): Generator<Frame> {
  if (file.length < PCAP_HEAD_OCTETS) throw new DecodeError('Short', 0, 'pcap needs a header');
  // The upper half of the field tells of frame check sequences.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  let at = PCAP_HEAD_OCTETS;
  for (let number = 1; at < file.length; number++) {
    if (at + RECORD_HEAD_OCTETS > file.length) throw new DecodeError('Short', at, 'record cut off');
    const seconds = view.getUint32(at, littleEndian);
    const units = view.getUint32(at + 4, littleEndian);
    const captured = view.getUint32(at + 8, littleEndian);
    const originalLength = view.getUint32(at + 12, littleEndian);
    const from = at + RECORD_HEAD_OCTETS;
    at = from + captured;
    if (at > file.length) {
      throw new DecodeError('Length', from - 8, cutShort('a record', captured, at - file.length));
    }
    yield {
      number,
      atMs: seconds * THOUSAND + units / unitsPerMs,
      captureInterface: 0,
      interfaceName: undefined,
      linkType,
      octets: file.subarray(from, at),
      originalLength,
    };
  }
}

const BlockType = { InterfaceDescription: 1, SimplePacket: 3, EnhancedPacket: 6 } as const;
const BLOCK_OCTETS_MIN = 12;
const ORDER_MAGIC = 0x1a2b3c4d;

interface CaptureInterface {
  readonly linkType: number;
  readonly name: string | undefined;
  readonly unitsPerSecond: number;
}

function* readPcapng(file: Uint8Array, view: DataView): Generator<Frame> {
  let littleEndian = true;
  let interfaces: CaptureInterface[] = [];
  let number = 1;
  for (let at = 0; at < file.length; ) {
    if (at + BLOCK_OCTETS_MIN > file.length) throw new DecodeError('Short', at, 'block cut off');
    if (view.getUint32(at) === MAGIC_SECTION) {
      littleEndian = view.getUint32(at + 8, true) === ORDER_MAGIC;
      if (!littleEndian && view.getUint32(at + 8) !== ORDER_MAGIC) {
        throw new DecodeError('Value', at + 8, 'byte-order magic');
      }
      interfaces = [];
    }
    const type = view.getUint32(at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    if (length < BLOCK_OCTETS_MIN || length % 4 !== 0) {
      throw new DecodeError('Length', at + 4, `block of ${length} octets`);
    }
    const missing = at + length - file.length;
    if (missing > 0) throw new DecodeError('Length', at + 4, cutShort('a block', length, missing));
    const block = new DataView(file.buffer, file.byteOffset + at + 8, length - BLOCK_OCTETS_MIN);
    if (type === BlockType.InterfaceDescription) {
      interfaces.push(interfaceDescription(block, littleEndian, at));
    } else if (type === BlockType.EnhancedPacket) {
      yield enhancedPacket(block, littleEndian, at, number++, interfaces);
    } else if (type === BlockType.SimplePacket) {
      yield simplePacket(block, littleEndian, at, number++, interfaces);
    }
    at += length;
  }
}

const OptionCode = { End: 0, InterfaceName: 2, TimestampResolution: 9 } as const;

function interfaceDescription(
  block: DataView,
  littleEndian: boolean,
  at: number,
): CaptureInterface {
  if (block.byteLength < 8) throw new DecodeError('Short', at, 'interface description');
  let name: string | undefined;
  let unitsPerSecond = 1e6;
  for (let option = 8; option + 4 <= block.byteLength; ) {
    const code = block.getUint16(option, littleEndian);
    const length = block.getUint16(option + 2, littleEndian);
    const from = option + 4;
    if (code === OptionCode.End) break;
    if (from + length > block.byteLength) throw new DecodeError('Length', at, 'option');
    const value = new Uint8Array(block.buffer, block.byteOffset + from, length);
    if (code === OptionCode.InterfaceName) name = new TextDecoder().decode(value);
    if (code === OptionCode.TimestampResolution && length === 1) {
      const exponent = value[0]! & 0x7f;
      unitsPerSecond = value[0]! & 0x80 ? 2 ** exponent : 10 ** exponent;
    }
    option = from + ((length + 3) & ~3);
  }
  return { linkType: block.getUint16(0, littleEndian), name, unitsPerSecond };
}

function enhancedPacket(
  block: DataView,
  littleEndian: boolean,
  at: number,
  number: number,
  interfaces: readonly CaptureInterface[],
): Frame {
  if (block.byteLength < 20) throw new DecodeError('Short', at, 'enhanced packet block');
  const captureInterface = block.getUint32(0, littleEndian);
  const description = interfaces[captureInterface];
  if (description === undefined) {
    throw new DecodeError('Value', at, `no interface ${captureInterface}`);
  }
  const high = block.getUint32(4, littleEndian);
  const low = block.getUint32(8, littleEndian);
  const captured = block.getUint32(12, littleEndian);
  if (captured > block.byteLength - 20) {
    throw new DecodeError('Length', at, `packet of ${captured} octets`);
  }
  // Seconds and their fraction apart: the 64-bit count of nanoseconds passes 2^53.
  const { unitsPerSecond } = description;
  const wholeSeconds = Number(((BigInt(high) << 32n) | BigInt(low)) / BigInt(unitsPerSecond));
  const units = Number(((BigInt(high) << 32n) | BigInt(low)) % BigInt(unitsPerSecond));
  return {
    number,
    atMs: wholeSeconds * THOUSAND + (units * THOUSAND) / unitsPerSecond,
    captureInterface,
    interfaceName: description.name,
    linkType: description.linkType,
    octets: new Uint8Array(block.buffer, block.byteOffset + 20, captured),
    originalLength: block.getUint32(16, littleEndian),
  };
}

function simplePacket(
  block: DataView,
  littleEndian: boolean,
  at: number,
  number: number,
  interfaces: readonly CaptureInterface[],
): Frame {
  const description = interfaces[0];
  if (block.byteLength < 4 || description === undefined) {
    throw new DecodeError('Short', at, 'simple packet block');
  }
  const originalLength = block.getUint32(0, littleEndian);
  const captured = Math.min(originalLength, block.byteLength - 4);
  return {
    number,
    atMs: 0,
    captureInterface: 0,
    interfaceName: description.name,
    linkType: description.linkType,
    octets: new Uint8Array(block.buffer, block.byteOffset + 4, captured),
    originalLength,
  };
}
