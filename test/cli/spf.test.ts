import { describe, expect, test } from '@jest/globals';
import { readDatabase } from '../../src/cli/spf-database.ts';
import { dotOf, svgOf } from '../../src/cli/spf-drawing.ts';
import { spfOf } from '../../src/cli/spf-run.ts';
import { parseCost, parseDown, withChanges } from '../../src/cli/spf-what-if.ts';
import { parseDottedQuad } from '../../src/wire/address.ts';

const FOLDER = 'test/fixtures/frr-bird';
const FRR_DUMP = `${FOLDER}/a-bcast-frr-3.truth/@full/r1/ospf6-database-dump.txt`;
const BIRD_STATE = `${FOLDER}/f-cost-bird.truth/@cost10/r/bird-ospf-state-all.txt`;
const ROUTER = parseDottedQuad('10.255.0.1');

const routes = (file: string, root: number, ...changes: ReturnType<typeof parseDown>[]) =>
  Object.fromEntries(
    spfOf(withChanges(readDatabase(file), changes), root).routes.map((route) => [
      route.prefix,
      `${route.pathType} ${route.distance} via ${route.nextHops.join(', ')}`,
    ]),
  );

describe('tidecast spf reads what other routers print', () => {
  test('FRR’s database dump gives the routes that FRR printed (ospf6-route.json)', () => {
    expect(routes(FRR_DUMP, ROUTER)).toEqual({
      '2001:db8:1::/64': 'intra-area 10 via on link',
      '2001:db8:ff::1/128': 'intra-area 10 via ',
      '2001:db8:ff::2/128': 'intra-area 20 via 10.255.0.2 (fe80::ff:fe01:2)',
      '2001:db8:ff::3/128': 'intra-area 20 via 10.255.0.3 (fe80::ff:fe01:3)',
    });
  });

  test('BIRD’s state gives three equal next hops to the anycast prefix, as BIRD has', () => {
    expect(routes(BIRD_STATE, ROUTER)).toMatchObject({
      '2001:db8:53::53/128': 'intra-area 20 via 10.255.1.1, 10.255.1.2, 10.255.1.3',
    });
  });

  test('distances of the tree are those that BIRD printed beside each router and network', () => {
    const { vertices } = spfOf(readDatabase(BIRD_STATE), ROUTER);
    expect(Object.fromEntries(vertices.map(({ name, distance }) => [name, distance]))).toEqual({
      '10.255.0.1': 0,
      '10.255.0.1-2': 10,
      '10.255.1.1': 10,
      '10.255.1.2': 10,
      '10.255.1.3': 10,
    });
  });

  test('any router can be the root, though its own Link-LSAs are not in the database', () => {
    expect(routes(BIRD_STATE, parseDottedQuad('10.255.1.1'))).toMatchObject({
      '2001:db8:53::53/128': 'intra-area 10 via ',
      '2001:db8:c::/64': 'intra-area 20 via 10.255.0.1',
    });
  });

  test('a file that is no database is refused', () => {
    expect(() => readDatabase('package.json')).toThrow();
    expect(() => readDatabase('README.md')).toThrow(/neither a capture/);
  });
});

describe('tidecast spf says what would change', () => {
  test('a router that is down is a next hop no more', () => {
    const down = parseDown('10.255.1.2');
    expect(routes(BIRD_STATE, ROUTER, down)).toMatchObject({
      '2001:db8:53::53/128': 'intra-area 20 via 10.255.1.1, 10.255.1.3',
    });
  });

  test('a cost towards a neighbor on a shared link is the cost of that link', () => {
    const dearer = parseCost('10.255.0.1:10.255.1.1=25');
    expect(routes(BIRD_STATE, ROUTER, dearer)).toMatchObject({
      '2001:db8:1::/64': 'intra-area 25 via on link',
    });
  });

  test('a point-to-point link that is down cuts off what is behind it', () => {
    const capture = `${FOLDER}/d-p2p-frr-frr-bird-bird.pcapng`;
    const reached = (...changes: ReturnType<typeof parseDown>[]) =>
      spfOf(withChanges(readDatabase(capture), changes), ROUTER).vertices.map(({ name }) => name);
    expect(reached()).toEqual(['10.255.0.1', '10.255.0.2', '10.255.0.3', '10.255.0.4']);
    expect(reached(parseDown('10.255.0.2:10.255.0.3'))).toEqual(['10.255.0.1', '10.255.0.2']);
  });

  test.each(['10.255.0.1:10.9.9.9', '10.9.9.9'])('%s, which is not there, is refused', (text) => {
    expect(() => withChanges(readDatabase(BIRD_STATE), [parseDown(text)])).toThrow(RangeError);
  });

  test.each(['1.1.1.1', '1.1.1.1:2.2.2.2', '1.1.1.1:2.2.2.2=70000'])('%s is no cost', (text) => {
    expect(() => parseCost(text)).toThrow(RangeError);
  });
});

describe('tidecast spf draws', () => {
  const CAPTURE = `${FOLDER}/d-p2p-frr-frr-bird-bird.pcapng`;

  test('every router and network, and the tree in bold', () => {
    const dot = dotOf(spfOf(readDatabase(BIRD_STATE), ROUTER));
    expect(dot.match(/shape=box/g)).toHaveLength(4);
    expect(dot.match(/shape=ellipse/g)).toHaveLength(1);
    expect(dot.match(/penwidth=3/g)).toHaveLength(4);
  });

  test('both costs of a link where they differ; nothing is dashed when all links are on the tree', () => {
    const without = withChanges(readDatabase(CAPTURE), [parseCost('10.255.0.2:10.255.0.3=9')]);
    const dot = dotOf(spfOf(without, ROUTER));
    expect(dot).toContain('label="9 / 11"');
    expect(dot).not.toContain('dashed');
  });

  test('as SVG, by Graphviz', async () => {
    const svg = await svgOf(spfOf(readDatabase(CAPTURE), ROUTER));
    expect(svg).toMatch(/<svg /);
    expect(svg.match(/<title>0\.0\.0\.0 10\.255\.0\.\d<\/title>/g)).toHaveLength(4);
  });
});
