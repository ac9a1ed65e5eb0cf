import { expect, test } from '@jest/globals';
import { BucketLoad } from '../../src/host/bucket-load.ts';

test('what was counted before the first reading is no load of now', () => {
  const load = new BucketLoad();
  expect(load.read([90_000, 10])).toBeUndefined();
  expect(load.read([90_005, 60])).toEqual([5, 50]);
});

test('of a service that was set up anew nothing is subtracted below zero', () => {
  const load = new BucketLoad();
  load.read([500, 500]);
  expect(load.read([3, 700])).toEqual([0, 200]);
  expect(load.read([7, 703])).toEqual([4, 3]);
});
