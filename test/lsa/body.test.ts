import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../../src/errors.ts';
import { bodyOctets, decodeBody, encodeBody, type LsaBody } from '../../src/lsa/body.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { ANY_BODY } from './arbitrary.ts';

const viewOf = (octets: Uint8Array): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
const decode = (lsType: number, octets: Uint8Array): LsaBody =>
  decodeBody(lsType, viewOf(octets), 0, octets.length);

const names = Object.keys(ANY_BODY) as (keyof typeof LsType)[];

/** Bodies that end in a list without a count: some of their truncations are whole bodies. */
const LISTS: ReadonlySet<string> = new Set(['Router', 'Network', 'RouterInformation', 'Grace']);
const mayBeCut = (name: string): boolean => LISTS.has(name) || name.startsWith('Extended');

describe.each(names)('The body of a %s-LSA', (name) => {
  const lsType = LsType[name];

  test('survives the wire, in a dirty buffer, at any offset', () => {
    fc.assert(
      fc.property(ANY_BODY[name], fc.integer({ min: 0, max: 40 }), (body, at) => {
        const octets = new Uint8Array(at + bodyOctets(body) + 8).fill(0xa5);
        const end = encodeBody(body, viewOf(octets), at);
        expect(end).toBe(at + bodyOctets(body));
        expect(decodeBody(lsType, viewOf(octets.subarray(0, end)), at, end)).toEqual(body);
        // Nothing of the old octets is left within, nothing without is touched.
        const clean = new Uint8Array(end - at);
        encodeBody(body, viewOf(clean), 0);
        expect(octets.slice(at, end)).toEqual(clean);
        expect([...octets.subarray(0, at), ...octets.subarray(end)]).toEqual(
          new Array(at + 8).fill(0xa5),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('cut off anywhere is refused, or read as the shorter body it has become', () => {
    fc.assert(
      fc.property(ANY_BODY[name], (body) => {
        const octets = new Uint8Array(bodyOctets(body));
        encodeBody(body, viewOf(octets), 0);
        for (let length = 0; length < octets.length; length++) {
          const cut = octets.slice(0, length);
          try {
            const read = decode(lsType, cut);
            expect({ name, length, mayBeCut: mayBeCut(name) }).toEqual({
              name,
              length,
              mayBeCut: true,
            });
            expect(bodyOctets(read)).toBeLessThanOrEqual((length + 3) & ~3);
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            expect(error.at).toBeLessThanOrEqual(octets.length);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test('of random octets is refused or read, and never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        try {
          decode(lsType, octets);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('Bodies that break their format', () => {
  const refused = (code: string) => expect.objectContaining({ name: 'DecodeError', code });
  test.each([
    ['a Router-LSA without options', LsType.Router, '000000', 'Short'],
    ['a Router-LSA with half a link', LsType.Router, '00000013' + '0200000a00000005', 'Length'],
    ['a Network-LSA with half a Router ID', LsType.Network, '000000130a00', 'Length'],
    [
      'an Inter-Area-Prefix-LSA of 129 bits',
      LsType.InterAreaPrefix,
      '0000000a81000000',
      'PrefixLength',
    ],
    [
      'an Inter-Area-Prefix-LSA whose prefix is cut',
      LsType.InterAreaPrefix,
      '0000000a40000000' + '20010db8',
      'Short',
    ],
    [
      'an Inter-Area-Prefix-LSA with octets left',
      LsType.InterAreaPrefix,
      '0000000a0000000000000000',
      'Length',
    ],
    ['an Inter-Area-Router-LSA of 8 octets', LsType.InterAreaRouter, '000000130000000a', 'Length'],
    ['an AS-External-LSA whose F-bit lies', LsType.AsExternal, '0200000a00000000', 'Short'],
    ['an AS-External-LSA whose T-bit lies', LsType.AsExternal, '0100000a00000000', 'Short'],
    [
      'an AS-External-LSA whose reference is missing',
      LsType.AsExternal,
      '0000000a00002001',
      'Short',
    ],
    [
      'an AS-External-LSA with octets left',
      LsType.AsExternal,
      '0000000a0000000000000000',
      'Length',
    ],
    ['an NSSA-LSA of 255 bits', LsType.Nssa, '0000000aff000000', 'PrefixLength'],
    ['a Link-LSA without an address', LsType.Link, '01000013fe80', 'Short'],
    [
      'a Link-LSA with a count of 2^32-1',
      LsType.Link,
      `01000013${'00'.repeat(16)}ffffffff`,
      'Count',
    ],
    [
      'a Link-LSA with fewer prefixes than octets',
      LsType.Link,
      `01000013${'00'.repeat(16)}0000000000000000`,
      'Count',
    ],
    [
      'an Intra-Area-Prefix-LSA with a count of 65535',
      LsType.IntraAreaPrefix,
      'ffff2001000000000a000001',
      'Count',
    ],
    [
      'an Intra-Area-Prefix-LSA with prefixes uncounted',
      LsType.IntraAreaPrefix,
      '00002001000000000a00000100000000',
      'Count',
    ],
    [
      'an Intra-Area-Prefix-LSA of 200 bits',
      LsType.IntraAreaPrefix,
      '00012001000000000a000001c8000000',
      'PrefixLength',
    ],
    [
      'a Router Information LSA whose TLV passes the end',
      LsType.RouterInformation,
      '000700ff61',
      'Length',
    ],
    ['a Router Information LSA with half a TLV head', LsType.RouterInformation, '0007', 'Short'],
    ['a Grace-LSA without a reason', LsType.Grace, '000100040000003c', 'Value'],
    [
      'a Grace-LSA with a period of two octets',
      LsType.Grace,
      '00010002003c00000002000101000000',
      'Short',
    ],
    [
      'an E-Router-LSA whose link is cut',
      LsType.ExtendedRouter,
      '00000013000100080100000a00000001',
      'Short',
    ],
    [
      'an E-Router-LSA whose sub-TLV passes its TLV',
      LsType.ExtendedRouter,
      '0000001300010014' + '0100000a000000010000000201010101' + '00030004',
      'Length',
    ],
    [
      'an E-Network-LSA with half a Router ID',
      LsType.ExtendedNetwork,
      '00000013000200020a000000',
      'Length',
    ],
  ])('%s', (_, lsType, hex, code) => {
    const octets = new Uint8Array(Buffer.from(hex, 'hex'));
    expect(() => decode(lsType, octets)).toThrow(refused(code));
  });
});

test('An LSA of an unknown type is kept octet for octet', () => {
  const octets = new Uint8Array([1, 2, 3, 4, 5]);
  const body = decode(0xa0ff, octets);
  expect(body).toEqual({ kind: 'Unknown', octets });
  const again = new Uint8Array(5).fill(0xa5);
  encodeBody(body, viewOf(again), 0);
  expect(again).toEqual(octets);
});

test('A Grace-LSA steps over TLVs it does not know (RFC 5187 2)', () => {
  const hex = '00fe0003aabbcc00' + '000100040000003c' + '0002000101000000';
  expect(decode(LsType.Grace, new Uint8Array(Buffer.from(hex, 'hex')))).toMatchObject({
    gracePeriodS: 60,
    restartReason: 1,
  });
});
