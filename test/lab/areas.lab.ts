/**
 * The topology of fixtures e-multiarea: an area 0 link with r1 (boundary router) to r4, r2–r5 in
 * area 1 (r5 a boundary router), r3–r6 in area 2, an NSSA (r6 a boundary router inside it), r4–r7
 * in area 3, a stub. Each place is taken by Tidecast in turn with FRR elsewhere, and the kernel's
 * routes of all seven must equal those of FRR alone.
 */
import { expect } from '@jest/globals';
import { frrOspf6d, type LabInterface, tidecastRouter } from './harness/configs.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

interface Place {
  /** Number of the router: r1 to r7. */
  readonly n: number;
  readonly interfaces: readonly LabInterface[];
  /** Area of its loopback address. */
  readonly loopbackArea: string;
  readonly area?: { readonly id: string; readonly type: 'stub' | 'nssa' };
  /** Destinations outside, brought in with this metric and type. */
  readonly external?: { readonly metric: number; readonly metricType: 1 | 2 };
}

const BB = (priority: number): LabInterface => ({ name: 'bb', area: '0.0.0.0', priority });
const P2P = (n: number): LabInterface => ({
  name: `a${n}`,
  area: `0.0.0.${n}`,
  type: 'pointToPoint',
});
const NSSA = { id: '0.0.0.2', type: 'nssa' } as const;
const STUB = { id: '0.0.0.3', type: 'stub' } as const;

const PLACES: readonly Place[] = [
  { n: 1, interfaces: [BB(9)], loopbackArea: '0.0.0.0', external: { metric: 101, metricType: 2 } },
  { n: 2, interfaces: [BB(8), P2P(1)], loopbackArea: '0.0.0.0' },
  { n: 3, interfaces: [BB(7), P2P(2)], loopbackArea: '0.0.0.0', area: NSSA },
  { n: 4, interfaces: [BB(6), P2P(3)], loopbackArea: '0.0.0.0', area: STUB },
  { n: 5, interfaces: [P2P(1)], loopbackArea: '0.0.0.1', external: { metric: 105, metricType: 1 } },
  {
    n: 6,
    interfaces: [P2P(2)],
    loopbackArea: '0.0.0.2',
    area: NSSA,
    external: { metric: 106, metricType: 2 },
  },
  { n: 7, interfaces: [P2P(3)], loopbackArea: '0.0.0.3', area: STUB },
];

const routerId = (n: number) => `10.255.0.${n}`;
const loopback = (n: number) => `2001:db8:ff::${n}`;
const externals = (n: number) => [`2001:db8:e${n}::/48`, `2001:db8:e${n}:1::/64`];

async function startFrr(node: LabNode, place: Place): Promise<void> {
  const { n, interfaces, loopbackArea, area, external } = place;
  const lo = { name: 'lo', area: loopbackArea };
  const more = [
    area ? ` area ${area.id} ${area.type}` : '',
    external
      ? ` redistribute static metric ${external.metric} metric-type ${external.metricType}`
      : '',
  ];
  const statics = external
    ? externals(n)
        .map((one) => `ipv6 route ${one} blackhole`)
        .join('\n')
    : '';
  const ospf6d = frrOspf6d(routerId(n), [...interfaces, lo], more.filter(Boolean).join('\n'));
  await node.frr({ ospf6d, ...(external && { staticd: statics }) });
}

async function startTidecast(node: LabNode, place: Place): Promise<void> {
  const { n, interfaces, loopbackArea, area, external } = place;
  const bring = external
    ? externals(n).map(
        (one) =>
          `  - { prefix: "${one}", metric: ${external.metric}, metricType: ${external.metricType} }`,
      )
    : [];
  const more = [
    area ? `areas: [{ id: ${area.id}, type: ${area.type} }]` : '',
    ...(external ? ['externalRoutes:', ...bring] : []),
  ];
  const lo = `  - { name: lo, area: ${loopbackArea}, type: loopback, localAddressBit: false }\n`;
  const base = tidecastRouter(routerId(n), interfaces, '');
  await node.tidecast(`${base}${lo}${more.filter(Boolean).join('\n')}\n`);
}

/** Starts all seven; `ours` are the places that Tidecast takes. */
async function topology(lab: Lab, ours: readonly number[]): Promise<LabNode[]> {
  const nodes: LabNode[] = [];
  for (const { n } of PLACES) nodes.push(await lab.node(`r${n}`));
  const node = (n: number) => nodes[n - 1]!;
  await lab.bridge(
    'sw',
    [1, 2, 3, 4].map((n) => [node(n), 'bb'] as const),
  );
  for (const [area, from, to] of [
    [1, 2, 5],
    [2, 3, 6],
    [3, 4, 7],
  ] as const) {
    await lab.link([node(from), `a${area}`], [node(to), `a${area}`]);
    await node(from).ip(`address add 2001:db8:a${area}::${from}/64 dev a${area}`);
    await node(to).ip(`address add 2001:db8:a${area}::${to}/64 dev a${area}`);
  }
  for (const { n } of PLACES) {
    await node(n).ip(`address add ${loopback(n)}/128 dev lo`);
    if (n <= 4) await node(n).ip(`address add 2001:db8:bb::${n}/64 dev bb`);
  }
  const start = (place: Place) =>
    ours.includes(place.n) ? startTidecast(node(place.n), place) : startFrr(node(place.n), place);
  if (ours.includes(6)) {
    await Promise.all(PLACES.map(start));
    return nodes;
  }
  // r6 comes last: an FRR that hears of an external destination before it has a route to the
  // forwarding address, which lies on the link to r6 when that is FRR, never takes it in.
  await Promise.all(PLACES.filter(({ n }) => n !== 6).map(start));
  for (const n of [1, 2, 4]) {
    const known = async () => (await node(n).gateways('2001:db8:a2::/64')).length > 0;
    await until(`r${n} has a route to the link of r6`, known, 30_000);
  }
  await start(PLACES.find(({ n }) => n === 6)!);
  return nodes;
}

interface IpRoute {
  readonly dst: string;
  readonly dev?: string;
  readonly protocol?: string;
  readonly type?: string;
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway?: string; readonly dev: string }[];
}

/** Who is at the other end of each point-to-point link. */
const PEERS: Readonly<Record<string, string>> = {
  'r2 a1': 'r5',
  'r5 a1': 'r2',
  'r3 a2': 'r6',
  'r6 a2': 'r3',
  'r4 a3': 'r7',
  'r7 a3': 'r4',
};

/** The kernel's routes as `prefix -> neighbor …`, whoever put them in; link-locals by owner. */
async function routesOf(node: LabNode, owners: ReadonlyMap<string, string>): Promise<string[]> {
  const routes = JSON.parse(await node.ip('-json -6 route show')) as IpRoute[];
  return routes
    .filter(
      ({ protocol, type }) =>
        protocol !== 'kernel' && protocol !== 'static' && type !== 'blackhole',
    )
    .map((route) => {
      // FRR leaves the gateway out where a forwarding address is on a point-to-point link.
      const via = (route.nexthops ?? [route]).map(
        ({ gateway, dev }) => owners.get(gateway ?? '') ?? PEERS[`${node.name} ${dev}`] ?? '?',
      );
      return `${route.dst} -> ${via.sort().join(' ')}`;
    })
    .sort();
}

async function ownersOf(nodes: readonly LabNode[]): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const node of nodes) {
    const text = await node.ip('-json -6 address show');
    for (const { addr_info } of JSON.parse(text) as { addr_info?: { local?: string }[] }[]) {
      for (const { local } of addr_info ?? [])
        if (local && local !== '::1') owners.set(local, node.name);
    }
  }
  return owners;
}

/** What the topology says that a table must have and it has not. */
function missing(tables: readonly string[][]): string[] {
  return tables.flatMap((table, i) => {
    const n = i + 1;
    const loopbacks = PLACES.filter((place) => place.n !== n).map((place) => loopback(place.n));
    const inStub = n === 7;
    const inNssa = n === 6;
    const outside = [1, 5, 6].filter((from) => from !== n && !inStub && (!inNssa || from === 6));
    return [...loopbacks, ...outside.flatMap(externals)]
      .filter((dst) => !table.some((line) => line.startsWith(`${dst} ->`)))
      .map((dst) => `r${n} has no ${dst}`);
  });
}

/** The tables once they miss nothing and stay the same; `want` as well, when given. */
async function settledTables(nodes: readonly LabNode[], want?: string[][]): Promise<string[][]> {
  const owners = await ownersOf(nodes);
  let last = '';
  return until(
    'all tables are complete and at rest',
    async () => {
      const tables = await Promise.all(nodes.map((node) => routesOf(node, owners)));
      const lacking = missing(tables);
      if (lacking.length > 0) throw new Error(lacking.join(', '));
      const text = JSON.stringify(tables);
      const atRest = text === last && (want === undefined || text === JSON.stringify(want));
      last = text;
      return atRest && tables;
    },
    45_000,
    1500,
  ).catch(async (error: Error) => {
    if (want === undefined || !error.message.includes('the answer was')) throw error;
    return Promise.all(nodes.map((node) => routesOf(node, owners)));
  });
}

let truth: string[][] | undefined;

scenario(
  'FRR in all seven places gives the tables to compare with',
  async (lab) => {
    truth = await settledTables(await topology(lab, []));
  },
  { timeoutS: 90, captures: false },
);

for (const ours of [
  [2, 6],
  [1, 3, 7],
  [4, 5],
]) {
  scenario(
    `Tidecast as ${ours.map((n) => `r${n}`).join(', ')}: all seven tables are those of FRR alone`,
    async (lab) => {
      const nodes = await topology(lab, ours);
      expect(await settledTables(nodes, truth)).toEqual(truth);
    },
    { timeoutS: 90 },
  );
}
