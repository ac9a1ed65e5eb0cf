import { describe, expect, test } from '@jest/globals';
import { hostnameOf } from '../../src/lsa/hostname.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { formatDottedQuad } from '../../src/wire/address.ts';
import { Network, type Node, pair, prefix } from './network.ts';

function linkMetric(at: Node, of: Node): number | undefined {
  const body = at.lsa(LsType.Router, 0, of.routerId)?.body;
  return body?.kind === 'Router' ? body.links[0]?.metric : undefined;
}

describe('stub router (RFC 6987)', () => {
  test('on request, our links have MaxLinkMetric and our prefixes keep their cost', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link], { type: 'pointToPoint' });
    const b = network.node('10.0.0.2', [link], { type: 'pointToPoint' });
    a.up(1, [prefix('2001:db8:1::/64')]);
    b.up();
    network.run(10_000);
    expect(linkMetric(b, a)).toBe(10);
    a.handle({ kind: 'stubRouter', on: true });
    network.run(100);
    expect(linkMetric(b, a)).toBe(0xffff);
    const prefixes = b.lsa(LsType.IntraAreaPrefix, 0, a.routerId)?.body;
    expect(prefixes?.kind === 'IntraAreaPrefix' && prefixes.prefixes[0]?.metric).toBe(10);
    network.run(10_000);
    a.handle({ kind: 'stubRouter', on: false });
    network.run(100);
    expect(linkMetric(b, a)).toBe(10);
  });

  test('by the R-bit, if so configured: no path goes through us (RFC 5340 2.7)', () => {
    const { network, a, b } = pair({}, { stubRouterMethod: 'rBit' });
    const options = (): number | false => {
      const body = b.lsa(LsType.Router, 0, a.routerId)?.body;
      return body?.kind === 'Router' && body.options;
    };
    expect(options()).toBe(0x13);
    network.run(6000);
    a.handle({ kind: 'stubRouter', on: true });
    network.run(100);
    expect(options()).toBe(0x03);
    expect(linkMetric(b, a)).toBe(10);
    expect(a.stateOf(b)).toBe('Full');
  });

  test('on start-up, for the time configured and no longer', () => {
    const { network, a, b } = pair({}, { stubRouterOnStartMs: 30_000 });
    expect(linkMetric(b, a)).toBe(0xffff);
    network.run(28_000);
    expect(linkMetric(b, a)).toBe(0xffff);
    network.run(3000);
    expect(linkMetric(b, a)).toBe(10);
  });
});

describe('a prompt for SPF', () => {
  test('of a host, its links change by one and back, and nothing else is said', () => {
    const { network, a, b } = pair({}, { forwards: false });
    network.run(10_000);
    expect(linkMetric(b, a)).toBe(10);
    const saidBefore = network.updates(a, LsType.IntraAreaPrefix).length;
    a.handle({ kind: 'promptSpf' });
    network.run(10_000);
    expect(linkMetric(b, a)).toBe(11);
    a.handle({ kind: 'promptSpf' });
    network.run(10_000);
    expect(linkMetric(b, a)).toBe(10);
    expect(network.updates(a, LsType.IntraAreaPrefix).length).toBe(saidBefore);
  });

  test('the largest metric that is no MaxLinkMetric goes down by one (RFC 6987 2)', () => {
    const { network, a, b } = pair({ cost: 0xfffe }, { forwards: false });
    network.run(10_000);
    a.handle({ kind: 'promptSpf' });
    network.run(10_000);
    expect(linkMetric(b, a)).toBe(0xfffd);
  });

  test('of a router, through which paths lead, is refused', () => {
    const { a } = pair();
    expect(() => a.handle({ kind: 'promptSpf' })).toThrow('promptSpf: paths may lead through us');
  });
});

describe('interface cost', () => {
  test('a changed cost is in the Router-LSA at once, and 200 changes in a row end with the last', () => {
    const { network, a, b } = pair();
    network.run(10_000);
    for (let cost = 101; cost <= 300; cost++) {
      a.handle({ kind: 'interface', interfaceId: 1, up: true, cost });
      network.run(10);
      if (cost === 101) expect(linkMetric(b, a)).toBe(101);
    }
    network.run(10_000);
    expect(linkMetric(b, a)).toBe(300);
    const updates = network.updates(a, LsType.Router);
    // Three may come within MinLSInterval, never within MinLSArrival; then one per MinLSInterval.
    const gaps = updates.slice(1).map((update, at) => update.atMs - updates[at]!.atMs);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1000);
    expect(updates.length).toBeLessThanOrEqual(3 + network.nowMs / 5000);
  });
});

describe('dynamic hostname (RFC 5642)', () => {
  test('is in Router Information LSA 0, which roles may not name', () => {
    const { b, a } = pair({}, { hostname: 'edge-1' });
    const body = b.lsa(LsType.RouterInformation, 0, a.routerId)?.body;
    expect(body?.kind === 'RouterInformation' && hostnameOf(body)).toBe('edge-1');
    const scope = { kind: 'area', areaId: 0 } as const;
    const lsType = LsType.RouterInformation;
    const none = { kind: 'RouterInformation', tlvs: [] } as const;
    expect(() =>
      a.handle({ kind: 'originate', scope, lsType, linkStateId: 0, body: none }),
    ).toThrow(RangeError);
  });
});

describe('a Router ID that two routers use', () => {
  test('is reported in clear words when the other one is on the same link', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link]);
    const twin = network.node('10.0.0.1', [link]);
    twin.address = () => a.address(9);
    a.up();
    twin.up();
    network.run(10_000);
    expect(a.events('duplicateRouterId')).toHaveLength(1);
    expect(a.events('datagramDropped')[0]).toMatchObject({
      reason: 'DuplicateRouterId',
      detail: 'another router says it is 10.0.0.1',
    });
  });

  test('is reported when the other one is elsewhere in the area and keeps fighting for the LSAs', () => {
    const network = new Network();
    const [first, second] = [network.link('first'), network.link('second')];
    const a = network.node('10.0.0.1', [first], { type: 'pointToPoint' });
    const between = network.node('10.0.0.2', [first, second], { type: 'pointToPoint' });
    const twin = network.node('10.0.0.1', [second], { type: 'pointToPoint' });
    a.up();
    between.up(1);
    between.up(2);
    twin.up();
    network.run(70_000);
    expect(
      [...a.events('duplicateRouterId'), ...twin.events('duplicateRouterId')].length,
    ).toBeGreaterThan(0);
    expect(formatDottedQuad(a.routerId)).toBe('10.0.0.1');
  });
});
