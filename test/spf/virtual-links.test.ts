import { describe, expect, test } from '@jest/globals';
import { area, B, E, type Joint, SmallArea, V } from './small-area.ts';

const N1 = '2001:db8:1::/48';
const BACKBONE = area(0);
const AREA_1 = area(1);
const RT4: Joint = { to: 4, cost: 2, virtual: true };

/** RFC 2328 16.3, figure 17, as router RT1 sees it; what RT4 and RT5 say of N1 is left to tests. */
function figure17(flags: number = V): SmallArea {
  const net = new SmallArea(1);
  net.router(BACKBONE, 1, [RT4], B);
  net.router(
    BACKBONE,
    4,
    [
      { to: 1, cost: 2, virtual: true },
      { to: 5, cost: 100 },
    ],
    B,
  );
  net.router(BACKBONE, 5, [{ to: 4, cost: 20 }], B);
  net.router(
    AREA_1,
    1,
    [
      { to: 2, cost: 1 },
      { to: 3, cost: 1 },
    ],
    B | flags,
  );
  net.router(AREA_1, 2, [
    { to: 1, cost: 1 },
    { to: 4, cost: 1 },
  ]);
  net.router(AREA_1, 3, [
    { to: 1, cost: 1 },
    { to: 5, cost: 1 },
  ]);
  net.router(AREA_1, 4, [{ to: 2, cost: 1 }], B | flags);
  net.router(AREA_1, 5, [{ to: 3, cost: 1 }], B);
  net.neighbor(2);
  net.neighbor(3);
  net.prefix(BACKBONE, 4, N1, 100);
  net.prefix(BACKBONE, 5, N1, 20);
  net.settle();
  return net;
}

describe('routing through a transit area (RFC 2328 16.3, figure 17)', () => {
  test('traffic for N1 goes towards RT5, which is so much closer than the end of the virtual link', () => {
    const net = figure17();
    net.summary(AREA_1, 4, N1, 100);
    net.summary(AREA_1, 5, N1, 20);
    expect(net.route(N1)).toBe('intra-area 22 via fe80::3');
    expect(net.table.route(N1)?.areaId).toBe(0);
  });

  test('a border router as near as the end of the virtual link adds its next hops', () => {
    const net = figure17();
    net.summary(AREA_1, 4, N1, 100);
    net.summary(AREA_1, 5, N1, 100);
    expect(net.route(N1)).toBe('intra-area 102 via fe80::2 fe80::3');
  });

  test('the next hops over a virtual link are those to its other end', () => {
    const net = figure17();
    net.summary(AREA_1, 4, N1, 100);
    expect(net.route(N1)).toBe('intra-area 102 via fe80::2');
  });

  test('a path whose virtual next hop is not resolved is discarded', () => {
    expect(figure17().route(N1)).toBeUndefined();
  });

  test('an area without endpoint of a virtual link carries no transit traffic', () => {
    const net = figure17(0);
    net.summary(AREA_1, 4, N1, 100);
    net.summary(AREA_1, 5, N1, 20);
    expect(net.route(N1)).toBeUndefined();
  });

  test('what a transit area says never makes an unreachable destination reachable', () => {
    const net = figure17();
    const elsewhere = '2001:db8:2::/48';
    net.summary(AREA_1, 5, elsewhere, 20);
    expect(net.route(elsewhere)).toBeUndefined();
  });

  test('a destination between areas, behind the backbone, is reached the same way (16.2)', () => {
    const net = figure17();
    const far = '2001:db8:3::/48';
    net.summary(BACKBONE, 5, far, 7);
    net.summary(AREA_1, 5, far, 7);
    expect(net.route(far)).toBe('inter-area 9 via fe80::3');
  });

  test('a router whose routes outside are known by the backbone is reached through the area', () => {
    const net = figure17();
    const outside = '2001:db8:4::/48';
    net.router(
      BACKBONE,
      5,
      [
        { to: 4, cost: 20 },
        { to: 9, cost: 1 },
      ],
      B,
    );
    net.router(BACKBONE, 9, [{ to: 5, cost: 1 }], E);
    net.external(9, outside, 3);
    net.boundary(AREA_1, 5, 9, 1);
    net.settle();
    expect(net.route(outside)).toBe('external-1 6 via fe80::3');
  });

  test('when the last endpoint says that its virtual link is gone, so are the paths', () => {
    const net = figure17();
    net.summary(AREA_1, 4, N1, 100);
    expect(net.route(N1)).toBeDefined();
    net.router(AREA_1, 4, [{ to: 2, cost: 1 }], B);
    net.router(
      AREA_1,
      1,
      [
        { to: 2, cost: 1 },
        { to: 3, cost: 1 },
      ],
      B,
    );
    net.settle();
    expect(net.route(N1)).toBeUndefined();
  });
});
