import { describe, expect, test } from '@jest/globals';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { area, B, E, SmallArea } from './small-area.ts';

const RANGE = '2001:db8:1::/48';
const INSIDE = '2001:db8:1:7::/64';
const BACKBONE = area(0);
const AREA_1 = area(1);

/**
 * We are router 1, a border router of areas 0 and 1 with a range of area 1. Router 2 is another
 * border router of both, and says the same range in the backbone; router 5 is inside area 1.
 */
function borderOf(ranges: readonly { readonly areaId: number; readonly text: string }[]) {
  const configured = ranges.map(({ areaId, text }) => ({ areaId, prefix: parsePrefix(text) }));
  const net = new SmallArea(1, { ranges: configured });
  net.router(BACKBONE, 1, [{ to: 2, cost: 10 }], B);
  net.router(BACKBONE, 2, [{ to: 1, cost: 10 }], B | E);
  net.router(AREA_1, 1, [{ to: 5, cost: 3 }], B);
  net.router(AREA_1, 5, [{ to: 1, cost: 3 }]);
  net.neighbor(2);
  net.neighbor(5);
  net.settle();
  net.summary(BACKBONE, 2, RANGE, 20);
  return net;
}

const OWN = [{ areaId: 1, text: RANGE }];
const VIA_THE_OTHER = 'inter-area 30 via fe80::2';

describe('a summary equal to an area address range of our own (RFC 2328 16.2 step 3)', () => {
  test('is ignored while the range is active: a network in it is reached by an intra-area path', () => {
    const net = borderOf(OWN);
    net.prefix(AREA_1, 5, INSIDE, 0);
    expect(net.route(INSIDE)).toBe('intra-area 3 via fe80::5');
    expect(net.route(RANGE)).toBeUndefined();
  });

  test('counts while the range is not active', () => {
    const net = borderOf(OWN);
    expect(net.route(RANGE)).toBe(VIA_THE_OTHER);
  });

  test('counts for a router that has no such range', () => {
    const net = borderOf([{ areaId: 1, text: '2001:db8:1::/47' }]);
    net.prefix(AREA_1, 5, INSIDE, 0);
    expect(net.route(RANGE)).toBe(VIA_THE_OTHER);
  });

  test('is taken in and left out again as networks of the range go and come', () => {
    const net = borderOf(OWN);
    net.prefix(AREA_1, 5, INSIDE, 0);
    net.prefix(AREA_1, 5, '2001:db8:1:8::/64', 0, 0, 1);
    net.prefix(AREA_1, 5, '2001:db8:9::/64', 0);
    expect(net.route(RANGE)).toBeUndefined(); // one is left
    net.prefix(AREA_1, 5, '2001:db8:9::/64', 0, 0, 1);
    expect(net.route(RANGE)).toBe(VIA_THE_OTHER);
    net.prefix(AREA_1, 5, INSIDE, 0);
    expect(net.route(RANGE)).toBeUndefined();
  });

  test('counts again when the networks of the range are not reachable any more', () => {
    const net = borderOf(OWN);
    net.prefix(AREA_1, 5, INSIDE, 0);
    net.router(AREA_1, 5, []);
    net.settle();
    expect(net.route(INSIDE)).toBeUndefined();
    expect(net.route(RANGE)).toBe(VIA_THE_OTHER);
    net.router(AREA_1, 5, [{ to: 1, cost: 3 }]);
    net.settle();
    expect(net.route(RANGE)).toBeUndefined();
  });

  test('a network of another area, or one reached by an inter-area path, makes no range active', () => {
    const net = borderOf(OWN);
    net.prefix(BACKBONE, 2, INSIDE, 0);
    net.summary(BACKBONE, 2, '2001:db8:1:8::/64', 20, 0, 2);
    expect(net.route(INSIDE)).toBe('intra-area 10 via fe80::2');
    expect(net.route('2001:db8:1:8::/64')).toBe('inter-area 30 via fe80::2');
    expect(net.route(RANGE)).toBe(VIA_THE_OTHER);
  });

  test('a network that is the range itself keeps its intra-area path', () => {
    const net = borderOf(OWN);
    net.prefix(AREA_1, 5, RANGE, 0);
    expect(net.route(RANGE)).toBe('intra-area 3 via fe80::5');
  });

  test('summaries of what is within the range count as ever', () => {
    const net = borderOf(OWN);
    net.prefix(AREA_1, 5, INSIDE, 0);
    net.summary(BACKBONE, 2, '2001:db8:1:8::/64', 20, 0, 2);
    expect(net.route('2001:db8:1:8::/64')).toBe('inter-area 30 via fe80::2');
  });

  test('a forwarding address in the range is followed by what is left', () => {
    const net = borderOf(OWN);
    net.summary(BACKBONE, 2, '2001:db8::/32', 5, 0, 3);
    net.external(2, '2001:db8:e::/48', 7, { forwarding: '2001:db8:1:9::1' });
    expect(net.route('2001:db8:e::/48')).toBe('external-1 37 via fe80::2');
    net.prefix(AREA_1, 5, INSIDE, 0);
    // By the summary of the /32: 10 to router 2, 5 from there, 7 outside.
    expect(net.route('2001:db8:e::/48')).toBe('external-1 22 via fe80::2');
  });
});
