import { describe, expect, test } from '@jest/globals';
import { type Frame, LinkType, readCapture } from '../../src/host/pcap.ts';
import { capturedDatagrams, captureItems } from '../../src/host/pcap-datagrams.ts';
import { pcapHeader } from '../../src/host/pcap-writer.ts';

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
    ['nothing (raw IP, by its number in a BSD kernel)', LinkType.RawOfBsd, OSPF],
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
