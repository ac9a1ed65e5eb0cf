import { describe, expect, test } from '@jest/globals';
import { Slab, slabFor } from '../../src/wire/slab.ts';

describe('A slab of octets that are kept', () => {
  test('holds copies one behind the other', () => {
    const slab = new Slab(10);
    const octets = Buffer.from([1, 2, 3]);
    expect(slab.append(octets)).toBe(0);
    expect(slab.append(octets)).toBe(3);
    octets.fill(0xff);
    expect([...slab.octets]).toEqual([1, 2, 3, 1, 2, 3, 0, 0, 0, 0]);
    expect(slab.room).toBe(4);
    expect(slab.view.getUint16(4)).toBe(0x0203);
  });

  test('has zeros where octets were set aside', () => {
    const slab = new Slab(4);
    slab.append(Uint8Array.of(9));
    expect(slab.reserve(3)).toBe(1);
    expect([...slab.octets]).toEqual([9, 0, 0, 0]);
    expect(slab.room).toBe(0);
  });

  test('is found for octets of any number', () => {
    for (const octets of [0, 1, 0xffff, 0x10000, 0x10001, 1_000_000, 1]) {
      expect(slabFor(octets).room).toBeGreaterThanOrEqual(octets);
    }
  });

  test('is filled before the next one is made', () => {
    const first = slabFor(0x10000);
    first.reserve(first.room - 16);
    expect(slabFor(16)).toBe(first);
    expect(slabFor(17)).not.toBe(first);
  });
});
