/**
 * Full runs on areas all of whose links cost the same: a run knows from the last how many routers
 * can be reached, which must be forgotten when that changes.
 */
import { expect, test } from '@jest/globals';
import { Option } from '../../src/lsa/options.ts';
import { area, SmallArea } from './small-area.ts';

const BACKBONE = area(0);
const HOST = Option.V6;
const BEHIND = '2001:db8:3::/48';

/** 1 - 2 - 3 in a chain, calculated at 1; 3 has a prefix. */
function chain(): SmallArea {
  const small = new SmallArea(1);
  small.router(BACKBONE, 1, [{ to: 2, cost: 10 }]);
  small.router(
    BACKBONE,
    2,
    [1, 3].map((to) => ({ to, cost: 10 })),
  );
  small.router(BACKBONE, 3, [{ to: 2, cost: 10 }]);
  small.neighbor(2);
  small.prefix(BACKBONE, 3, BEHIND, 1);
  small.settle();
  return small;
}

test('a router that begins to forward leads to those behind it (R-bit, RFC 5340 2.7)', () => {
  const small = chain();
  const { calculation } = small.table;
  const links = [1, 3].map((to) => ({ to, cost: 10 }));
  small.router(BACKBONE, 2, links, 0, HOST);
  calculation.runFull();
  expect(calculation.tree.visited).toBe(2);
  expect(small.route(BEHIND)).toBeUndefined();
  small.router(BACKBONE, 2, links);
  calculation.runFull();
  expect(calculation.tree.visited).toBe(3);
  expect(small.route(BEHIND)).toBe('intra-area 21 via fe80::2');
});

test('a router that comes is reached behind what was farthest away', () => {
  const small = chain();
  const { calculation } = small.table;
  calculation.runFull();
  calculation.runFull();
  small.router(
    BACKBONE,
    3,
    [2, 4].map((to) => ({ to, cost: 10 })),
  );
  small.router(BACKBONE, 4, [{ to: 3, cost: 10 }]);
  small.prefix(BACKBONE, 4, '2001:db8:4::/48', 1);
  calculation.runFull();
  expect(small.route('2001:db8:4::/48')).toBe('intra-area 31 via fe80::2');
});
