/**
 * Tables of names that neighbors choose: whatever they are called, a look-up passes few of them.
 */
import { expect, test } from '@jest/globals';
import { Prng } from '../../src/prng.ts';
import { secretHash } from '../../src/spf/key-hash.ts';
import { AddressWords, PairTable, PrefixTable } from '../../src/spf/key-table.ts';

const NAMES = 4096;
const SECRET = 0x5eed;
/** No look-up passes more. */
const STEPS_MAX = 128;

/** The number by which an odd one is 1 in 32 bits. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let bits = 3; bits < 32; bits *= 2) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  }
  return inverse;
}

/** Router IDs whose products with a factor of `evenHash` are 0, 1, 2 and so on: all in one place. */
const ROUTER_ID_STEP = inverseOf(0x9e3779b1);
const routerIds = Array.from({ length: NAMES }, (_, i) => Math.imul(ROUTER_ID_STEP, i) >>> 0);

test('of Router IDs made up to lie in one place a look-up passes few', () => {
  const table = new PairTable(SECRET);
  for (const routerId of routerIds) table.intern(routerId, 0);
  const steps = routerIds.map((routerId) => table.stepsTo(routerId, 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(STEPS_MAX);
  expect(steps.reduce((sum, each) => sum + each) / NAMES).toBeLessThan(2);
});

test('so it is where room was made for them before they came', () => {
  const table = new PairTable(SECRET);
  table.reserve(NAMES);
  for (const routerId of routerIds) table.intern(routerId, 0);
  const steps = routerIds.map((routerId) => table.stepsTo(routerId, 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(STEPS_MAX);
});

test('a name that is not in the table is not looked for far', () => {
  const table = new PairTable(SECRET);
  table.reserve(NAMES);
  // One behind the other, each where a look-up of it begins: 2^32 through 8,192 places.
  const placeStep = Math.imul(ROUTER_ID_STEP, 1 << 19);
  for (let place = 0; place < NAMES; place++) table.intern(Math.imul(placeStep, place), 0);
  // In the first place, but none of those.
  expect(table.find(ROUTER_ID_STEP, 0)).toBe(-1);
  expect(table.stepsTo(ROUTER_ID_STEP, 0)).toBeLessThanOrEqual(STEPS_MAX);
});

test('made-up names keep the numbers that they had before they were scattered', () => {
  const table = new PairTable(SECRET);
  const numbers = routerIds.map((routerId) => table.intern(routerId, 7));
  expect(numbers).toEqual(routerIds.map((_, i) => i));
  expect(routerIds.map((routerId) => table.find(routerId, 7))).toEqual(numbers);
  expect(numbers.map((number) => table.first(number))).toEqual(routerIds);
});

test('of prefixes made up to lie in one place a look-up passes few', () => {
  const table = new PrefixTable(SECRET);
  const step = inverseOf(0x85ebca6b);
  const prefixes = Array.from({ length: NAMES }, (_, i) => {
    const address = new Uint8Array(16);
    new DataView(address.buffer).setInt32(4, Math.imul(step, i));
    return new AddressWords(address);
  });
  for (const prefix of prefixes) table.intern(prefix, 0, 64);
  const steps = prefixes.map((_, i) => table.stepsTo(i));
  expect(Math.max(...steps)).toBeLessThanOrEqual(STEPS_MAX);
  expect(prefixes.map((prefix) => table.find(prefix, 64))).toEqual(prefixes.map((_, i) => i));
});

test('names made up against one secret lie scattered under another', () => {
  const prng = new Prng(1);
  const place = (secret: number, name: number): number => secretHash(secret, name, 0) >>> 24;
  const madeUp: number[] = [];
  while (madeUp.length < 256) {
    const name = prng.u32() | 0;
    if (place(SECRET, name) === 0) madeUp.push(name);
  }
  // As if thrown: of 256 places 63 % are taken (1 - 1/e).
  const taken = new Set(madeUp.map((name) => place(SECRET + 1, name))).size;
  expect(taken).toBeGreaterThan(0.55 * 256);
});
