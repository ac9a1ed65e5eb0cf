import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../src/host/clock.ts';
import { MemorySegment } from '../../src/host/link-memory.ts';
import { withRecording } from '../../src/host/link-pcap.ts';
import { type Frame, LinkType, readCapture } from '../../src/host/pcap.ts';
import { capturedDatagrams, captureItems } from '../../src/host/pcap-datagrams.ts';
import { openRecording, pcapHeader, pcapRecord } from '../../src/host/pcap-writer.ts';
import { ALL_SPF_ROUTERS, formatAddress, parseAddress } from '../../src/wire/address.ts';
import { CAPTURES, datagramsOf } from '../fixtures/captures.ts';

const octetsOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

const HELLO = '030100240101010100000001fb8600000000000501000013000a00280000000000000000';
const ADDRESSES = 'fe800000000000000000000000000001ff020000000000000000000000000005';
/** An IPv6 datagram: next header and payload given, hop limit 1. */
const ipv6 = (nextHeader: string, payload: string): string =>
  `60000000${(payload.length / 2).toString(16).padStart(4, '0')}${nextHeader}01${ADDRESSES}${payload}`;
const OSPF = ipv6('59', HELLO);
const frame = (linkType: number, hex: string, number = 1): Frame => ({
  number,
  atMs: 0,
  captureInterface: 0,
  interfaceName: undefined,
  linkType,
  octets: octetsOf(hex),
  originalLength: hex.length / 2,
});
const items = (...frames: Frame[]) => [...captureItems(frames)];
const payloads = (...frames: Frame[]): string[] =>
  [...capturedDatagrams(frames)].map(({ octets }) => hexOf(octets));

const MACS = '333300000005020000010001';

describe('OSPF is found behind', () => {
  test.each([
    ['Ethernet', LinkType.Ethernet, `${MACS}86dd${OSPF}`],
    ['Ethernet with its padding', LinkType.Ethernet, `${MACS}86dd${OSPF}00000000`],
    ['a VLAN tag', LinkType.Ethernet, `${MACS}8100002a86dd${OSPF}`],
    ['two VLAN tags', LinkType.Ethernet, `${MACS}88a800018100002a86dd${OSPF}`],
    ['nothing (raw IP)', LinkType.Raw, OSPF],
    ['nothing (IPv6)', LinkType.Ipv6, OSPF],
    ['a Linux cooked header', LinkType.LinuxSll, `00020001000602000001000100${'00'}86dd${OSPF}`],
    [
      'a Linux cooked header, version 2',
      LinkType.LinuxSll2,
      `86dd00000000000200010006020000010001${'0000'}${OSPF}`,
    ],
    ['a loopback header', LinkType.Null, `0a000000${OSPF}`],
    ['Frame Relay', LinkType.FrameRelay, `48e186dd${OSPF}`],
    ['Frame Relay by RFC 2427', LinkType.FrameRelay, `48e1038e${OSPF}`],
    [
      'hop-by-hop and destination options',
      LinkType.Raw,
      ipv6('00', `3c00010400000000${'5900010400000000'}${HELLO}`),
    ],
    [
      'an authentication header (RFC 4302)',
      LinkType.Raw,
      ipv6('33', `590400000000010000000001${'aa'.repeat(12)}${HELLO}`),
    ],
  ])('%s', (_, linkType, hex) => {
    expect(payloads(frame(linkType, hex))).toEqual([HELLO]);
    const [item] = items(frame(linkType, hex));
    expect(item).toMatchObject({ kind: 'datagram', datagram: { hopLimit: 1 } });
  });

  test.each([
    ['TCP', LinkType.Raw, ipv6('06', HELLO)],
    ['an encrypted payload', LinkType.Raw, ipv6('32', HELLO)],
    ['IPv4', LinkType.Ethernet, `${MACS}0800${OSPF}`],
    ['an unknown link type', 147, OSPF],
    ['a frame too short for IPv6', LinkType.Raw, OSPF.slice(0, 78)],
    ['nothing', LinkType.Ethernet, ''],
  ])('but not in %s', (_, linkType, hex) => {
    expect(items(frame(linkType, hex))).toEqual([]);
  });

  test('a frame cut off by the capture is told apart from a short packet', () => {
    const [item] = items(frame(LinkType.Raw, OSPF.slice(0, -2)));
    expect(item).toMatchObject({ kind: 'fault', fault: 'CutOff' });
  });

  test('an extension header that passes the end is a fault', () => {
    const [item] = items(frame(LinkType.Raw, ipv6('00', '59ff010400000000')));
    expect(item).toMatchObject({ kind: 'fault', fault: 'ExtensionHeader' });
  });
});

describe('Fragments (RFC 8200 4.5)', () => {
  const fragment = (offset: number, more: boolean, hex: string, id = '00000007'): string =>
    ipv6('2c', `5900${(offset | (more ? 1 : 0)).toString(16).padStart(4, '0')}${id}${hex}`);
  const raw = (hex: string, number: number): Frame => frame(LinkType.Raw, hex, number);
  const [first, second, third] = [HELLO.slice(0, 32), HELLO.slice(32, 64), HELLO.slice(64)];

  test('are put together in any order', () => {
    const parts = [
      fragment(0, true, first),
      fragment(16, true, second),
      fragment(32, false, third),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const frames = order.map((part, i) => raw(parts[part]!, i + 1));
      expect(payloads(...frames)).toEqual([HELLO]);
      expect(items(...frames)[0]).toMatchObject({ datagram: { frame: { number: 3 } } });
    }
  });

  test('of different datagrams are kept apart', () => {
    const half = HELLO.slice(0, 48);
    const rest = HELLO.slice(48);
    expect(
      payloads(
        raw(fragment(0, true, half, '00000001'), 1),
        raw(fragment(0, true, half, '00000002'), 2),
        raw(fragment(24, false, rest, '00000002'), 3),
      ),
    ).toEqual([HELLO]);
  });

  test('a datagram that needs none may carry the header all the same (RFC 6946)', () => {
    expect(payloads(raw(fragment(0, false, HELLO), 1))).toEqual([HELLO]);
  });

  test('that overlap give the datagram up (RFC 5722)', () => {
    const found = items(raw(fragment(0, true, first), 1), raw(fragment(8, true, second), 2));
    expect(found).toMatchObject([{ kind: 'fault', fault: 'Fragment' }]);
  });

  test('that never end are bounded in number', () => {
    const frames = Array.from({ length: 500 }, (_, i) =>
      raw(fragment(0, true, first, i.toString(16).padStart(8, '0')), i + 1),
    );
    expect(items(...frames)).toEqual([]);
  });
});

describe('Capture files', () => {
  const record = (littleEndian: boolean, nanoseconds: boolean): Uint8Array => {
    const file = new Uint8Array(24 + 16 + OSPF.length / 2);
    const view = new DataView(file.buffer);
    view.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, littleEndian);
    view.setUint32(20, LinkType.Raw, littleEndian);
    view.setUint32(24, 1_700_000_000, littleEndian);
    view.setUint32(28, nanoseconds ? 123_456_000 : 123_456, littleEndian);
    view.setUint32(32, OSPF.length / 2, littleEndian);
    view.setUint32(36, OSPF.length / 2, littleEndian);
    file.set(octetsOf(OSPF), 40);
    return file;
  };

  test.each([
    [true, false],
    [false, false],
    [true, true],
    [false, true],
  ])('pcap, little-endian %p, nanoseconds %p', (littleEndian, nanoseconds) => {
    const [only] = [...readCapture(record(littleEndian, nanoseconds))];
    expect(only).toMatchObject({ number: 1, atMs: 1_700_000_000_123.456, linkType: LinkType.Raw });
    expect(payloads(only!)).toEqual([HELLO]);
  });

  test.each([
    ['', 'Short'],
    ['00000000', 'Value'],
    ['d4c3b2a1', 'Short'],
    [`${hexOf(pcapHeader())}00`, 'Short'],
    [`${hexOf(pcapHeader())}0000000000000000000000ff000000ff00`, 'Length'],
    ['0a0d0d0a0000001c', 'Short'],
    ['0a0d0d0a0000001c00000000ffffffffffffffff0000001c', 'Value'],
    ['0a0d0d0aff0000004d3c2b1a01000000ffffffffffffffff1c000000', 'Length'],
  ])('%p is refused', (hex, code) => {
    expect(() => [...readCapture(octetsOf(hex))]).toThrow(expect.objectContaining({ code }));
  });
});

describe('The recorder', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidecast-pcap-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes what a link sends and hears, with right headers, for anyone to open', async () => {
    const path = join(folder, 'link.pcap');
    const clock = new ManualClock(1_700_000_000_123.456);
    const failures: Error[] = [];
    const recording = openRecording(path, (error) => failures.push(error));
    const segment = new MemorySegment((work) => work());
    const other = segment.open({
      interfaceId: 2,
      name: 'b',
      linkLocalAddress: parseAddress('fe80::2'),
    });
    const link = withRecording(
      segment.open({ interfaceId: 1, name: 'a', linkLocalAddress: parseAddress('fe80::1') }),
      recording,
      clock,
    );
    const heard: string[] = [];
    link.listen(({ octets }) => heard.push(hexOf(octets)));
    link.join(ALL_SPF_ROUTERS);
    const { octets: hello } = datagramsOf(CAPTURES.find((c) => c.name.includes('broadcast'))!)[0]!;
    link.send(ALL_SPF_ROUTERS, hello);
    clock.advance(1000);
    other.send(parseAddress('fe80::1'), octetsOf(HELLO));
    await recording.close();
    link.close();

    expect(failures).toEqual([]);
    expect(heard).toEqual([HELLO]);
    const datagrams = [...capturedDatagrams(readCapture(readFileSync(path)))];
    expect(
      datagrams.map((d) => [
        d.frame.atMs,
        formatAddress(d.source),
        formatAddress(d.destination),
        hexOf(d.octets),
      ]),
    ).toEqual([
      [1_700_000_000_123.456, 'fe80::1', 'ff02::5', hexOf(hello)],
      [1_700_000_001_123.456, 'fe80::2', 'fe80::1', HELLO],
    ]);
  });

  test('writes every captured datagram so that it reads back the same', () => {
    const captured = CAPTURES.flatMap(datagramsOf);
    const records = captured.map(({ frame: { atMs }, source, destination, hopLimit, octets }) =>
      pcapRecord({ atMs, source, destination, hopLimit, octets }),
    );
    const file = Buffer.concat([pcapHeader(), ...records]);
    const again = [...capturedDatagrams(readCapture(file))];
    expect(again.map(({ octets, hopLimit }) => [hexOf(octets), hopLimit])).toEqual(
      captured.map(({ octets, hopLimit }) => [hexOf(octets), hopLimit]),
    );
  });

  test('reports a disk that fails once, and goes on without it', async () => {
    const failures: Error[] = [];
    const recording = openRecording(join(folder, 'no', 'such', 'folder.pcap'), (error) =>
      failures.push(error),
    );
    const { source, destination, octets } = datagramsOf(CAPTURES[0]!)[0]!;
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 3; i++) {
      recording.add({ atMs: 0, source, destination, hopLimit: 1, octets });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await recording.close();
    expect(failures).toHaveLength(1);
  });

  const tshark = spawnSync('tshark', ['--version']);
  const withTshark = tshark.status === 0 ? test : test.skip;
  if (tshark.status !== 0) console.log('tshark is not installed: its reading is not compared');

  withTshark(
    'tshark opens a recording without a warning',
    () => {
      const path = join(folder, 'all.pcap');
      // tshark 4.0 does not know Grace-LSAs and warns of each.
      const recordings = CAPTURES.filter((c) => !/auth|gr-frr/.test(c.name)).flatMap(datagramsOf);
      const records = recordings.map(({ frame: { atMs }, source, destination, octets }) =>
        pcapRecord({ atMs, source, destination, hopLimit: 1, octets }),
      );
      writeFileSync(path, Buffer.concat([pcapHeader(), ...records]));
      const seen = spawnSync(
        'tshark',
        [
          '-r',
          path,
          '-Y',
          'ospf',
          '-T',
          'fields',
          '-e',
          'frame.number',
          '-e',
          '_ws.expert.message',
        ],
        { encoding: 'utf8', maxBuffer: 1e8 },
      );
      const lines = seen.stdout.trim().split('\n');
      expect(lines).toHaveLength(recordings.length);
      expect(lines.filter((line) => line.split('\t')[1])).toEqual([]);
    },
    60_000,
  );
});
