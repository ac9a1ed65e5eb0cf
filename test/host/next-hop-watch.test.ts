import { expect, test } from '@jest/globals';
import { type NeighborEntry, NeighborJudge } from '../../src/host/neighbor-judge.ts';
import { NextHopWatch } from '../../src/host/next-hop-watch.ts';

const ROUTE = '2001:db8::53/128';
const OTHER_ROUTE = '2001:db8::54/128';
const HOP = { key: '3 fe80::1', interfaceName: 'east', address: 'fe80::1' };

/** A watch over a kernel whose entries the test sets. */
function watch() {
  const judge = new NeighborJudge();
  const told: [key: string, usable: boolean][] = [];
  const made = new NextHopWatch(judge, (key, usable) => told.push([key, usable]));
  const entry = (state: NeighborEntry['state'], linkLayerAddress = '02:00:00:00:00:01'): void => {
    const change = judge.learn({ ...HOP, linkLayerAddress, state });
    if (change !== undefined) made.changed(change);
  };
  return { made, told, entry };
}

test('a next hop that failed, and recovered while no route led to it, is told to be well', () => {
  const { made, told, entry } = watch();
  entry('REACHABLE');
  made.follow(ROUTE, [HOP]);
  entry('FAILED'); // 3 s after its server died, long before RouterDeadInterval
  expect(told).toEqual([['3 fe80::1', false]]);
  made.follow(ROUTE, []);
  entry('REACHABLE'); // the adjacency forms again, and with it the entry
  made.follow(ROUTE, [HOP]);
  expect(told).toEqual([
    ['3 fe80::1', false],
    ['3 fe80::1', true],
  ]);
});

test('one that is usable from the beginning is not told of', () => {
  const { made, told, entry } = watch();
  entry('STALE');
  made.follow(ROUTE, [HOP]);
  expect(told).toEqual([]);
});

test('one without an entry has failed until it has one, and is told of once', () => {
  const { made, told, entry } = watch();
  made.follow(ROUTE, [HOP]);
  made.follow(ROUTE, []);
  made.follow(ROUTE, [HOP]);
  expect(told).toEqual([['3 fe80::1', false]]);
  entry('REACHABLE');
  expect(told.slice(1)).toEqual([['3 fe80::1', true]]);
});

test('a next hop is watched as long as one route leads to it', () => {
  const { made, told, entry } = watch();
  entry('REACHABLE');
  made.follow(ROUTE, [HOP]);
  made.follow(OTHER_ROUTE, [HOP]);
  made.follow(ROUTE, []);
  expect([...made.nextHops()]).toMatchObject([HOP]);
  entry('FAILED');
  expect(told).toEqual([['3 fe80::1', false]]);
  made.follow(OTHER_ROUTE, []);
  expect([...made.nextHops()]).toEqual([]);
});
