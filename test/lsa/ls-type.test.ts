import { describe, expect, test } from '@jest/globals';
import {
  floodingScopeOf,
  functionCodeOf,
  isKnown,
  LsType,
  type Scope,
  scopeOf,
  uBitOf,
} from '../../src/lsa/ls-type.ts';

describe('LS types (RFC 5340 A.4.2.1)', () => {
  test.each<[keyof typeof LsType, number, Scope, number]>([
    ['Router', 0x2001, 'area', 1],
    ['Network', 0x2002, 'area', 2],
    ['InterAreaPrefix', 0x2003, 'area', 3],
    ['InterAreaRouter', 0x2004, 'area', 4],
    ['AsExternal', 0x4005, 'as', 5],
    ['Nssa', 0x2007, 'area', 7],
    ['Link', 0x0008, 'link', 8],
    ['IntraAreaPrefix', 0x2009, 'area', 9],
    ['Grace', 0x000b, 'link', 11],
    ['RouterInformation', 0xa00c, 'area', 12],
    ['ExtendedRouter', 0xa021, 'area', 33],
    ['ExtendedNetwork', 0xa022, 'area', 34],
    ['ExtendedInterAreaPrefix', 0xa023, 'area', 35],
    ['ExtendedInterAreaRouter', 0xa024, 'area', 36],
    ['ExtendedAsExternal', 0xc025, 'as', 37],
    ['ExtendedNssa', 0xa027, 'area', 39],
    ['ExtendedLink', 0x8028, 'link', 40],
    ['ExtendedIntraAreaPrefix', 0xa029, 'area', 41],
  ])('%s is 0x%x, of %s scope, function code %d', (name, lsType, scope, functionCode) => {
    expect(LsType[name]).toBe(lsType);
    expect(scopeOf(lsType)).toBe(scope);
    expect(functionCodeOf(lsType)).toBe(functionCode);
    expect(isKnown(lsType)).toBe(true);
    expect(floodingScopeOf(lsType)).toBe(scope);
  });

  test.each([0x800c, 0xa00c, 0xc00c])('Router Information is known in scope 0x%x', (lsType) => {
    expect(isKnown(lsType)).toBe(true);
  });

  test.each<[number, Scope]>([
    [0x80ff, 'link'],
    [0xa0ff, 'area'],
    [0xc0ff, 'as'],
    // Without the U-bit an unknown type stays on its link (RFC 5340 4.5.2).
    [0x00ff, 'link'],
    [0x20ff, 'link'],
    [0x40ff, 'link'],
  ])('the unknown type 0x%x is flooded within its %s', (lsType, scope) => {
    expect(isKnown(lsType)).toBe(false);
    expect(uBitOf(lsType)).toBe(lsType >= 0x8000);
    expect(floodingScopeOf(lsType)).toBe(scope);
  });

  test.each([0x6001, 0xe00c, 0x60ff])('0x%x has the reserved scope, which is none', (lsType) => {
    expect(scopeOf(lsType)).toBeUndefined();
    expect(floodingScopeOf(lsType)).toBeUndefined();
  });
});
