import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../../src/errors.ts';
import { record, s32, u8, u16, u24, u32, zero } from '../../src/wire/record.ts';

const KINDS = {
  u8: { field: u8, octets: 1, low: 0, high: 0xff },
  u16: { field: u16, octets: 2, low: 0, high: 0xffff },
  u24: { field: u24, octets: 3, low: 0, high: 0xffffff },
  u32: { field: u32, octets: 4, low: 0, high: 0xffffffff },
  s32: { field: s32, octets: 4, low: -0x80000000, high: 0x7fffffff },
} as const;
type Kind = keyof typeof KINDS;

/** Any declaration of up to eight fields, reserved octets among them. */
const declaration = fc.array(
  fc.oneof(
    fc.constantFrom<Kind>('u8', 'u16', 'u24', 'u32', 's32'),
    fc.integer({ min: 1, max: 3 }).map((span) => ({ zero: span })),
  ),
  { minLength: 1, maxLength: 8 },
);
const declare = (kinds: readonly (Kind | { zero: number })[]) =>
  record(
    'Any',
    Object.fromEntries(
      kinds.map((kind, i) => [
        `f${i}`,
        typeof kind === 'string' ? KINDS[kind].field : zero(kind.zero),
      ]),
    ),
  );
type Values = Record<string, number>;
const valuesOf = (kinds: readonly (Kind | { zero: number })[]): fc.Arbitrary<Values> =>
  fc.record(
    Object.fromEntries(
      kinds.flatMap((kind, i) =>
        typeof kind === 'string'
          ? [[`f${i}`, fc.integer({ min: KINDS[kind].low, max: KINDS[kind].high })]]
          : [],
      ),
    ),
  );

const Sample = record('Sample', { a: u8, reserved: zero(2), b: u24, c: s32, d: u16 });

describe('A record declared with buffer-layout', () => {
  test('reads what buffer-layout itself reads, at any offset', () => {
    fc.assert(
      fc.property(declaration, fc.uint8Array({ minLength: 64, maxLength: 64 }), (kinds, octets) => {
        const any = declare(kinds);
        const at = octets[0]! % 16;
        const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
        expect(any.decode(view, at)).toEqual({ ...any.layout.decode(Buffer.from(octets), at) });
      }),
    );
  });

  test('reads many at once as it reads each', () => {
    fc.assert(
      fc.property(declaration, fc.uint8Array({ minLength: 96, maxLength: 96 }), (kinds, octets) => {
        const any = declare(kinds);
        const at = octets[0]! % 16;
        const count = Math.floor((octets.length - at) / any.span);
        const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
        const each = Array.from({ length: count }, (_, i) => any.decode(view, at + i * any.span));
        expect(any.decodeAll(view, at, at + count * any.span)).toEqual(each);
      }),
    );
  });

  test('reads many only when a whole number of them is there', () => {
    const view = new DataView(new ArrayBuffer(3 * Sample.span));
    expect(Sample.decodeAll(view, 5, 5)).toEqual([]);
    for (const end of [6, 5 + Sample.span - 1, 5 + Sample.span + 1, 4]) {
      expect(() => Sample.decodeAll(view, 5, end)).toThrow(
        expect.objectContaining({ code: 'Length', at: 5 }),
      );
    }
  });

  test('writes what buffer-layout itself writes, and zeroes where nothing is declared', () => {
    fc.assert(
      fc.property(
        declaration.chain((kinds) => fc.tuple(fc.constant(kinds), valuesOf(kinds))),
        ([kinds, values]) => {
          const any = declare(kinds);
          const dirty = new Uint8Array(any.span).fill(0xa5);
          expect(any.encode(values, new DataView(dirty.buffer), 0)).toBe(any.span);
          const oracle = Buffer.alloc(any.span);
          any.layout.encode(values, oracle);
          expect(Buffer.from(dirty)).toEqual(oracle);
          expect(any.decode(new DataView(dirty.buffer), 0)).toEqual(values);
        },
      ),
    );
  });

  test('leaves the octets around it alone', () => {
    const octets = new Uint8Array(Sample.span + 2).fill(0xa5);
    Sample.encode({ a: 1, b: 0x020304, c: -2, d: 5 }, new DataView(octets.buffer), 1);
    expect(Buffer.from(octets).toString('hex')).toBe('a5010000020304fffffffe0005a5');
  });

  test('refuses every truncation as Short', () => {
    for (let length = 0; length < Sample.span; length++) {
      const view = new DataView(new ArrayBuffer(length));
      expect(() => Sample.decode(view, 0)).toThrow(
        new DecodeError('Short', 0, 'Sample needs 12 octets'),
      );
    }
  });

  test('is Short also when octets behind its end follow', () => {
    const view = new DataView(new ArrayBuffer(2 * Sample.span));
    expect(() => Sample.decode(view, 3, 3 + Sample.span - 1)).toThrow(
      expect.objectContaining({ code: 'Short', at: 3 }),
    );
  });

  test.each([
    ['a', 256],
    ['a', -1],
    ['a', 1.5],
    ['a', Number.NaN],
    ['a', '10'],
    ['a', undefined],
    ['b', 0x1000000],
    ['c', 0x80000000],
    ['d', 65536],
  ])('refuses to write %s = %p, which its field cannot hold', (field, value) => {
    const values = { a: 0, b: 0, c: 0, d: 0, [field]: value } as Parameters<
      typeof Sample.encode
    >[0];
    const view = new DataView(new ArrayBuffer(Sample.span));
    expect(() => Sample.encode(values, view, 0)).toThrow(RangeError);
    expect(() => Sample.encode(values, view, 0)).toThrow(`Sample.${field} cannot hold`);
  });

  test('tells where its fields are', () => {
    expect(Sample.span).toBe(12);
    expect(Sample.offsetOf('c')).toBe(6);
  });
});
