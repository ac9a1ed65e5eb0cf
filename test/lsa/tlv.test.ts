import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostnameOf, hostnameTlv } from '../../src/lsa/hostname.ts';
import {
  decodeServiceLoad,
  SERVICE_STATES,
  type ServiceLoad,
  serviceLoadTlv,
} from '../../src/lsa/service-load.ts';
import { decodeTlvs, encodeTlvs, tlvsOctets } from '../../src/lsa/tlv.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { anyAddress, anyTlv, anyU16, anyU32 } from './arbitrary.ts';

const octetsOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const read = (octets: Uint8Array) =>
  decodeTlvs(new DataView(octets.buffer, octets.byteOffset), 0, octets.length);

describe('TLVs (RFC 7770 2.3)', () => {
  test('are padded to 32 bits, the padding not counted and zero', () => {
    const tlvs = [
      { type: 7, value: new TextEncoder().encode('rt1') },
      { type: 1, value: octetsOf('c0000000') },
      { type: 0x8000, value: new Uint8Array() },
    ];
    const octets = new Uint8Array(tlvsOctets(tlvs)).fill(0xa5);
    expect(encodeTlvs(tlvs, new DataView(octets.buffer), 0)).toBe(octets.length);
    const hex = '0007000372743100' + '00010004c0000000' + '80000000';
    expect(Buffer.from(octets).toString('hex')).toBe(hex);
    expect(read(octets)).toEqual(tlvs);
  });

  test('survive the wire in any number and of any type', () => {
    fc.assert(
      fc.property(fc.array(anyTlv), (tlvs) => {
        const octets = new Uint8Array(tlvsOctets(tlvs)).fill(0xa5);
        encodeTlvs(tlvs, new DataView(octets.buffer), 0);
        expect(read(octets)).toEqual(tlvs);
      }),
    );
  });

  test('the last may lack its padding', () => {
    expect(read(octetsOf('00070003727431'))).toHaveLength(1);
  });

  test.each([
    ['a value past the end', '0007000472743100'.slice(0, 14), 'Length', 0],
    ['a second value past the end', '0001000000010005aabbccdd', 'Length', 4],
    ['a length of 65535', '0001ffff', 'Length', 0],
    ['half a head', '00010000000100', 'Short', 4],
  ])('%s is refused', (_, hex, code, at) => {
    expect(() => read(octetsOf(hex))).toThrow(expect.objectContaining({ code, at }));
  });

  test('a value of more than 65535 octets cannot be written', () => {
    const tlv = { type: 1, value: new Uint8Array(65_536) };
    const view = new DataView(new ArrayBuffer(70_000));
    expect(() => encodeTlvs([tlv], view, 0)).toThrow(RangeError);
  });
});

describe('The host name of a router (RFC 5642)', () => {
  const body = (...tlvs: ReturnType<typeof hostnameTlv>[]) =>
    ({ kind: 'RouterInformation', tlvs }) as const;

  test('is what the first TLV of its type says', () => {
    expect(hostnameTlv('rt1.example')).toEqual({
      type: 7,
      value: new TextEncoder().encode('rt1.example'),
    });
    const other = { type: 1, value: octetsOf('c0000000') };
    expect(hostnameOf(body(other, hostnameTlv('first'), hostnameTlv('second')))).toBe('first');
    expect(hostnameOf(body(other))).toBeUndefined();
    expect(hostnameOf(body({ type: 7, value: new Uint8Array() }))).toBeUndefined();
  });

  test('cannot bring control characters onto a terminal', () => {
    expect(hostnameOf(body({ type: 7, value: octetsOf('611b5b324a62e9') }))).toBe('a?[2Jb?');
  });

  test.each(['', 'two words', 'ümlaut', 'x'.repeat(256)])('cannot be %p', (hostname) => {
    expect(() => hostnameTlv(hostname)).toThrow(RangeError);
  });
});

describe('The service-load TLV', () => {
  const load: ServiceLoad = {
    address: parseAddress('2001:db8:a::53'),
    state: 'congested',
    weight: 100,
    rampWindowS: 30,
    capacityQueriesPerSecond: 50_000,
    offeredQueriesPerSecond: 47_500,
    utilizationRatio: 0.95,
    errorRatio: 0.0123,
  };
  const HEX =
    '0264001e' + '0000c350' + '0000b98c' + '251c' + '007b' + '20010db8000a00000000000000000053';

  test('stands on the wire as documented', () => {
    const { type, value } = serviceLoadTlv(load);
    expect(type).toBe(32768);
    expect(Buffer.from(value).toString('hex')).toBe(HEX);
    expect(decodeServiceLoad(octetsOf(HEX))).toEqual(load);
  });

  test('survives the wire, within the precision of a ten-thousandth', () => {
    const anyLoad = fc.record({
      address: anyAddress,
      state: fc.constantFrom(...SERVICE_STATES),
      weight: fc.integer({ min: 1, max: 255 }),
      rampWindowS: anyU16,
      capacityQueriesPerSecond: anyU32,
      offeredQueriesPerSecond: anyU32,
      utilizationRatio: fc.integer({ min: 0, max: 65_535 }).map((n) => n / 10_000),
      errorRatio: fc.integer({ min: 0, max: 10_000 }).map((n) => n / 10_000),
    });
    fc.assert(
      fc.property(anyLoad, (any) => {
        expect(decodeServiceLoad(serviceLoadTlv(any).value)).toEqual(any);
      }),
    );
  });

  test('may be followed by octets of later versions, but not be shorter', () => {
    expect(decodeServiceLoad(octetsOf(`${HEX}aabb`))).toEqual(load);
    for (let length = 0; length < HEX.length / 2; length++) {
      const cut = octetsOf(HEX).slice(0, length);
      expect(() => decodeServiceLoad(cut)).toThrow(expect.objectContaining({ code: 'Short' }));
    }
  });

  test.each([
    ['state 0', `00${HEX.slice(2)}`],
    ['state 200', `c8${HEX.slice(2)}`],
    ['weight 0', `0200${HEX.slice(4)}`],
  ])('%s is refused', (_, hex) => {
    expect(() => decodeServiceLoad(octetsOf(hex))).toThrow(
      expect.objectContaining({ code: 'Value' }),
    );
  });
});
