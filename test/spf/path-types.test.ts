import { describe, expect, test } from '@jest/globals';
import { LS_INFINITY } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Option } from '../../src/lsa/options.ts';
import { PrefixOption, parsePrefix } from '../../src/wire/prefix.ts';
import { area, B, E, SmallArea } from './small-area.ts';

const P = '2001:db8:1::/48';
const BACKBONE = area(0);

/** Router 1 with routers 2 (10 away) and 3 (20 away) in area 0, both with all flags. */
function triangle(more: ConstructorParameters<typeof SmallArea>[1] = {}): SmallArea {
  const net = new SmallArea(1, more);
  net.router(BACKBONE, 1, [
    { to: 2, cost: 10 },
    { to: 3, cost: 20 },
  ]);
  net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], B | E);
  net.router(BACKBONE, 3, [{ to: 1, cost: 20 }], B | E);
  net.neighbor(2);
  net.neighbor(3);
  net.settle();
  return net;
}

describe('intra-area routes (RFC 5340 4.8.1)', () => {
  test('equal-cost originators of one prefix are one route with several next hops', () => {
    const net = triangle();
    net.prefix(BACKBONE, 2, P, 15);
    net.prefix(BACKBONE, 3, P, 5);
    expect(net.route(P)).toBe('intra-area 25 via fe80::2 fe80::3');
    expect(net.table.route(P)?.nextHops.map(({ originators }) => originators)).toEqual([[2], [3]]);
  });

  test('next hops to one originator come by interface, as many as there may be', () => {
    const diamond = (maximumPaths: number): SmallArea => {
      const net = new SmallArea(1, { maximumPaths });
      const ways = [10, 9, 11].map((to) => ({ to, cost: 10 }));
      net.router(BACKBONE, 1, ways);
      net.router(BACKBONE, 4, ways);
      for (const { to } of ways) {
        net.router(
          BACKBONE,
          to,
          [1, 4].map((end) => ({ to: end, cost: 10 })),
        );
        net.neighbor(to);
      }
      net.prefix(BACKBONE, 4, P, 5);
      net.settle();
      return net;
    };
    expect(diamond(64).route(P)).toBe('intra-area 25 via fe80::9 fe80::a fe80::b');
    const nextHops = diamond(2).table.route(P)?.nextHops;
    expect(nextHops).toMatchObject([
      { interfaceId: 9, originators: [4] },
      { interfaceId: 10, originators: [4] },
    ]);
  });

  test('the costlier originator is a candidate with its own distance and next hops', () => {
    const net = triangle();
    net.prefix(BACKBONE, 2, P, 0);
    net.prefix(BACKBONE, 3, P, 0);
    expect(net.route(P)).toBe('intra-area 10 via fe80::2');
    const { candidates } = net.table.route(P)!;
    expect(candidates).toMatchObject([
      { originator: 2, metric: 0, distance: 10 },
      { originator: 3, metric: 0, distance: 20, nextHops: [{ interfaceId: 3 }] },
    ]);
  });

  test('a prefix with the NU-bit is left out, one with the LA-bit is not', () => {
    const net = triangle();
    net.prefix(BACKBONE, 2, P, 0, PrefixOption.NU);
    expect(net.route(P)).toBeUndefined();
    net.prefix(BACKBONE, 2, P, 0, PrefixOption.LA);
    expect(net.route(P)).toBe('intra-area 10 via fe80::2');
  });

  test('a link that only one end describes is not used (RFC 2328 16.1 step 2b)', () => {
    const net = triangle();
    net.prefix(BACKBONE, 2, P, 0);
    net.router(BACKBONE, 2, []);
    net.settle();
    expect(net.route(P)).toBeUndefined();
  });

  test('several Router-LSAs of one router are one vertex with the links of all of them (4.8.1)', () => {
    const net = triangle();
    const joint = (to: number) => ({
      type: 1,
      metric: 1,
      interfaceId: to,
      neighborInterfaceId: 2,
      neighborRouterId: to,
    });
    const part = (linkStateId: number, to: number[], options: number = Option.V6 | Option.R) =>
      net.install(BACKBONE, LsType.Router, linkStateId, 2, {
        kind: 'Router',
        flags: 0,
        options,
        links: to.map(joint),
      });
    const far = (by: number) => `2001:db8:${by}::/48`;
    for (const by of [4, 5]) {
      net.router(BACKBONE, by, [{ to: 2, cost: 1 }]);
      net.prefix(BACKBONE, by, far(by), 0);
    }
    // The link to us, and that to either of the two behind, are told in parts of their own.
    part(0, [1]);
    part(7, [4]);
    part(9, [5]);
    net.settle();
    expect([net.route(far(4)), net.route(far(5))]).toEqual([
      'intra-area 11 via fe80::2',
      'intra-area 11 via fe80::2',
    ]);

    // Options are those of the smallest Link State ID: what the other parts say does not count.
    part(7, [4], 0);
    net.settle();
    expect(net.route(far(4))).toBe('intra-area 11 via fe80::2');
    part(0, [1], Option.V6);
    net.settle();
    expect(net.route(far(4))).toBeUndefined();
    part(0, [1]);

    // A part that says its links no more takes no others along.
    part(9, []);
    net.settle();
    expect([net.route(far(4)), net.route(far(5))]).toEqual([
      'intra-area 11 via fe80::2',
      undefined,
    ]);
  });

  test('prefixes cut into several Intra-Area-Prefix-LSAs are those of one router', () => {
    const net = triangle();
    const texts = Array.from({ length: 5 }, (_, i) => `2001:db8:${i}::/48`);
    texts.forEach((text, i) => {
      net.prefix(BACKBONE, 2, text, i, 0, i);
    });
    expect(texts.map((text) => net.route(text))).toEqual(
      texts.map((_, i) => `intra-area ${10 + i} via fe80::2`),
    );
  });

  test('a host is reached, nothing behind it is (R-bit, RFC 5340 2.7)', () => {
    const net = triangle();
    net.router(
      BACKBONE,
      2,
      [
        { to: 1, cost: 10 },
        { to: 4, cost: 1 },
      ],
      0,
      Option.V6,
    );
    net.router(BACKBONE, 4, [{ to: 2, cost: 1 }]);
    net.prefix(BACKBONE, 2, P, 0);
    net.prefix(BACKBONE, 4, '2001:db8:4::/48', 0);
    net.settle();
    expect(net.route(P)).toBe('intra-area 10 via fe80::2');
    expect(net.route('2001:db8:4::/48')).toBeUndefined();
  });

  test('a router without the V6-bit is not part of it (RFC 5340 4.8.1)', () => {
    const net = triangle();
    net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], 0, Option.R);
    net.prefix(BACKBONE, 2, P, 0);
    net.settle();
    expect(net.route(P)).toBeUndefined();
  });

  test('of more next hops than the maximum, the first by interface and address are used', () => {
    const net = triangle({ maximumPaths: 1 });
    net.prefix(BACKBONE, 3, P, 5);
    net.prefix(BACKBONE, 2, P, 15);
    expect(net.route(P)).toBe('intra-area 25 via fe80::2');
  });

  test('path costs do not wrap at 16 bits', () => {
    const net = triangle();
    net.router(BACKBONE, 2, [
      { to: 1, cost: 10 },
      { to: 4, cost: 65535 },
    ]);
    net.router(BACKBONE, 4, [{ to: 2, cost: 1 }]);
    net.prefix(BACKBONE, 4, P, 65535);
    net.settle();
    expect(net.route(P)).toBe('intra-area 131080 via fe80::2');
  });
});

describe('inter-area routes (RFC 5340 4.8.3, RFC 2328 16.2)', () => {
  test('the distance is that of the border router and its metric', () => {
    const net = triangle();
    net.summary(BACKBONE, 2, P, 7);
    expect(net.route(P)).toBe('inter-area 17 via fe80::2');
  });

  test('an intra-area path wins whatever its distance (RFC 2328 11)', () => {
    const net = triangle();
    net.summary(BACKBONE, 2, P, 1);
    net.prefix(BACKBONE, 3, P, 500);
    expect(net.route(P)).toBe('intra-area 520 via fe80::3');
  });

  test('LSInfinity is unreachable, the NU-bit leaves out, the LA-bit does not', () => {
    const net = triangle();
    net.summary(BACKBONE, 2, P, LS_INFINITY);
    expect(net.route(P)).toBeUndefined();
    net.summary(BACKBONE, 2, P, 7, PrefixOption.NU);
    expect(net.route(P)).toBeUndefined();
    net.summary(BACKBONE, 2, P, 7, PrefixOption.LA);
    expect(net.route(P)).toBe('inter-area 17 via fe80::2');
  });

  test('a router that is no border router is not believed', () => {
    const net = triangle();
    net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], E);
    net.settle();
    net.summary(BACKBONE, 2, P, 7);
    expect(net.route(P)).toBeUndefined();
  });

  test('a border router looks at summaries of the backbone alone', () => {
    const net = triangle();
    net.router(area(5), 1, [{ to: 6, cost: 1 }]);
    net.router(area(5), 6, [{ to: 1, cost: 1 }], B);
    net.neighbor(6);
    net.summary(area(5), 6, P, 1);
    net.settle();
    expect(net.route(P)).toBeUndefined();
    net.summary(BACKBONE, 2, P, 7);
    expect(net.route(P)).toBe('inter-area 17 via fe80::2');
  });
});

describe('external routes (RFC 5340 4.8.5, RFC 2328 16.4)', () => {
  test('type 1 adds the distance, type 2 compares its metric first', () => {
    const net = triangle();
    net.external(2, P, 100);
    expect(net.route(P)).toBe('external-1 110 via fe80::2');
    net.external(2, P, 100, { type2: true });
    net.external(3, P, 99, { type2: true });
    expect(net.route(P)).toBe('external-2 20/99 via fe80::3');
    net.external(3, P, 100, { type2: true });
    expect(net.route(P)).toBe('external-2 10/100 via fe80::2');
  });

  test('type 1 wins over type 2 (16.4 step 6b)', () => {
    const net = triangle();
    net.external(2, P, 1, { type2: true });
    net.external(3, P, 5000);
    expect(net.route(P)).toBe('external-1 5020 via fe80::3');
  });

  test('LSInfinity is unreachable; so is a boundary router that says it is none', () => {
    const net = triangle();
    net.external(2, P, LS_INFINITY);
    expect(net.route(P)).toBeUndefined();
    net.external(2, P, 1);
    net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], B);
    net.settle();
    expect(net.route(P)).toBeUndefined();
  });

  test('a boundary router of another area is reached by what border routers say of it', () => {
    const net = triangle();
    net.external(9, P, 1);
    expect(net.route(P)).toBeUndefined();
    net.boundary(BACKBONE, 2, 9, 30);
    expect(net.route(P)).toBe('external-1 41 via fe80::2');
    net.boundary(BACKBONE, 3, 9, 1);
    expect(net.route(P)).toBe('external-1 22 via fe80::3');
    net.boundary(BACKBONE, 3, 9, LS_INFINITY);
    expect(net.route(P)).toBe('external-1 41 via fe80::2');
  });

  test('a forwarding address is followed by the longest prefix around it, external ones left out', () => {
    const net = triangle();
    net.prefix(BACKBONE, 3, '2001:db8:f::/48', 1);
    net.external(2, '2001:db8:f:1::/64', 1);
    net.external(2, P, 100, { forwarding: '2001:db8:f:1::5', id: 2 });
    expect(net.route(P)).toBe('external-1 121 via fe80::3');
    // A closer prefix within the autonomous system takes over.
    net.prefix(BACKBONE, 2, '2001:db8:f:1::/64', 1);
    expect(net.route(P)).toBe('external-1 111 via fe80::2');
  });

  test('an LSA that refers to another gives its route all the same (RFC 5340 4.4.3.6)', () => {
    const net = triangle();
    net.install({ kind: 'as' }, LsType.AsExternal, 1, 2, {
      kind: 'AsExternal',
      flags: 0,
      metric: 5,
      prefix: parsePrefix(P),
      referencedLsType: 0x2001,
      referencedLinkStateId: 7,
    });
    expect(net.route(P)).toBe('external-1 15 via fe80::2');
  });

  test('a forwarding address that nothing leads to makes no route', () => {
    const net = triangle();
    net.external(2, P, 100, { forwarding: '2001:db8:f::5' });
    expect(net.route(P)).toBeUndefined();
  });

  test('what we say ourselves is no route of ours (16.4 step 2)', () => {
    const net = triangle();
    net.router(
      BACKBONE,
      1,
      [
        { to: 2, cost: 10 },
        { to: 3, cost: 20 },
      ],
      E,
    );
    net.external(1, P, 1);
    net.settle();
    expect(net.route(P)).toBeUndefined();
  });

  test('a boundary router within another area than the backbone goes first (16.4.1)', () => {
    const net = triangle();
    net.router(area(5), 1, [{ to: 6, cost: 50 }], B);
    net.router(area(5), 6, [{ to: 1, cost: 50 }], E);
    net.neighbor(6);
    net.external(2, P, 1);
    net.external(6, P, 1);
    net.settle();
    expect(net.route(P)).toBe('external-1 51 via fe80::6');
  });
});

describe('NSSA routes (RFC 3101 2.5)', () => {
  function nssa(more: ConstructorParameters<typeof SmallArea>[1] = {}): SmallArea {
    const net = triangle(more);
    net.router(area(7), 1, [{ to: 6, cost: 5 }], B);
    net.router(area(7), 6, [{ to: 1, cost: 5 }], E);
    net.neighbor(6);
    net.settle();
    return net;
  }

  test('a route of the area leads to its boundary router', () => {
    const net = nssa();
    net.external(6, P, 10, { nssa: 7 });
    expect(net.route(P)).toBe('external-1 15 via fe80::6');
  });

  test('a forwarding address must be reached within the area', () => {
    const net = nssa();
    net.prefix(BACKBONE, 2, '2001:db8:f::/48', 1);
    net.external(6, P, 10, { nssa: 7, forwarding: '2001:db8:f::5' });
    expect(net.route(P)).toBeUndefined();
    net.prefix(area(7), 6, '2001:db8:f::/64', 1);
    expect(net.route(P)).toBe('external-1 16 via fe80::6');
  });

  test('a border router does not take a default without the P-bit (2.5 step 3)', () => {
    const net = nssa();
    net.external(6, '::/0', 10, { nssa: 7 });
    expect(net.route('::/0')).toBeUndefined();
    net.external(6, '::/0', 10, { nssa: 7, options: PrefixOption.P });
    expect(net.route('::/0')).toBe('external-1 15 via fe80::6');
  });

  test('a border router that sends no summaries in takes no default from there (2.5 step 3)', () => {
    const told = (nssasWithoutSummaries: readonly number[]) => {
      const net = nssa({ nssasWithoutSummaries });
      net.external(6, '::/0', 10, { nssa: 7, options: PrefixOption.P });
      return net.route('::/0');
    };
    expect(told([])).toBe('external-1 15 via fe80::6');
    expect(told([8])).toBe('external-1 15 via fe80::6');
    expect(told([7])).toBeUndefined();
  });

  test('an NSSA-LSA counts only in an area that we are in', () => {
    const net = nssa();
    net.external(6, P, 10, { nssa: 8 });
    expect(net.route(P)).toBeUndefined();
  });
});
