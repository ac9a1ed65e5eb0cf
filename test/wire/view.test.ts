import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copyOctets, sameOctets, viewOf } from '../../src/wire/view.ts';

const octets = fc.uint8Array({ maxLength: 40 });

test('octets copied are the same octets, and nothing around them changes', () => {
  fc.assert(
    fc.property(octets, fc.nat(9), fc.nat(9), (copied, before, behind) => {
      const from = new Uint8Array([...new Uint8Array(before).fill(1), ...copied]);
      const to = new Uint8Array(behind + copied.length + 7).fill(0xa5);
      copyOctets(viewOf(from), before, viewOf(to), behind, copied.length);
      expect([...to]).toEqual([
        ...new Uint8Array(behind).fill(0xa5),
        ...copied,
        ...new Uint8Array(7).fill(0xa5),
      ]);
      expect(sameOctets(viewOf(from), before, viewOf(to), behind, copied.length)).toBe(true);
    }),
  );
});

test('octets that differ in a single bit are not the same, wherever it is', () => {
  fc.assert(
    fc.property(octets, fc.nat(), fc.nat(7), fc.nat(9), (some, place, bit, before) => {
      fc.pre(some.length > 0);
      const other = new Uint8Array([...new Uint8Array(before), ...some]);
      other[before + (place % some.length)]! ^= 1 << bit;
      expect(sameOctets(viewOf(some), 0, viewOf(other), before, some.length)).toBe(false);
    }),
  );
});
