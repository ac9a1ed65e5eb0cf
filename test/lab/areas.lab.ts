/**
 * The topology of fixtures e-multiarea: an area 0 link with r1 (boundary router) to r4, r2–r5 in
 * area 1 (r5 a boundary router), r3–r6 in area 2, an NSSA (r6 a boundary router inside it), r4–r7
 * in area 3, a stub. r2 says area 1's hosts as one range, r4 hides those of area 3. It stands twice,
 * of FRR and of BIRD. Each place is taken by Tidecast in turn, and the kernel's routes of all seven
 * must equal those of FRR alone, and of BIRD alone.
 */
import { expect } from '@jest/globals';
import { birdConfig, frrOspf6d, type LabInterface, tidecastRouter } from './harness/configs.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';

type Make = 'frr' | 'bird';

/** An area that is more than its number to the router. */
interface PlaceArea {
  readonly id: string;
  readonly type: 'normal' | 'stub' | 'nssa';
  /** Addresses inside of it are said as this prefix outside, or not at all. */
  readonly range?: { readonly prefix: string; readonly advertise: boolean };
}

interface Place {
  /** Number of the router: r1 to r7. */
  readonly n: number;
  readonly interfaces: readonly LabInterface[];
  /** Area of its loopback addresses, that of its first interface. */
  readonly loopbackArea: string;
  /** Addresses of its loopback beside the one that all have. */
  readonly hosts?: readonly string[];
  readonly area?: PlaceArea;
  /** Destinations outside, brought in with this metric and type. */
  readonly external?: { readonly metric: number; readonly metricType: 1 | 2 };
}

const BB = (priority: number): LabInterface => ({ name: 'bb', area: '0.0.0.0', priority });
const P2P = (n: number): LabInterface => ({
  name: `a${n}`,
  area: `0.0.0.${n}`,
  type: 'pointToPoint',
});
const NSSA: PlaceArea = { id: '0.0.0.2', type: 'nssa' };
const STUB: PlaceArea = { id: '0.0.0.3', type: 'stub' };
const HOSTS_5 = ['2001:db8:51:1::5', '2001:db8:51:2::5'];
const RANGE_5 = '2001:db8:51::/48';
const SAID: PlaceArea = {
  id: '0.0.0.1',
  type: 'normal',
  range: { prefix: RANGE_5, advertise: true },
};
const HOSTS_7 = ['2001:db8:73:1::7'];
const HIDDEN: PlaceArea = { ...STUB, range: { prefix: '2001:db8:73::/48', advertise: false } };

const PLACES: readonly Place[] = [
  { n: 1, interfaces: [BB(9)], loopbackArea: '0.0.0.0', external: { metric: 101, metricType: 2 } },
  { n: 2, interfaces: [BB(8), P2P(1)], loopbackArea: '0.0.0.0', area: SAID },
  { n: 3, interfaces: [BB(7), P2P(2)], loopbackArea: '0.0.0.0', area: NSSA },
  { n: 4, interfaces: [BB(6), P2P(3)], loopbackArea: '0.0.0.0', area: HIDDEN },
  {
    n: 5,
    interfaces: [P2P(1)],
    loopbackArea: '0.0.0.1',
    hosts: HOSTS_5,
    external: { metric: 105, metricType: 1 },
  },
  {
    n: 6,
    interfaces: [P2P(2)],
    loopbackArea: '0.0.0.2',
    area: NSSA,
    external: { metric: 106, metricType: 2 },
  },
  { n: 7, interfaces: [P2P(3)], loopbackArea: '0.0.0.3', hosts: HOSTS_7, area: STUB },
];

const routerId = (n: number) => `10.255.0.${n}`;
const loopback = (n: number) => `2001:db8:ff::${n}`;
const externals = (n: number) => [`2001:db8:e${n}::/48`, `2001:db8:e${n}:1::/64`];

/** Only the border router of the NSSA is told to send a default route in. */
const BORDER_OF_NSSA = 3;

async function startFrr(node: LabNode, place: Place): Promise<void> {
  const { n, interfaces, loopbackArea, area, external } = place;
  const lo = { name: 'lo', area: loopbackArea };
  const more: string[] = [];
  if (area && area.type !== 'normal') {
    const out = n === BORDER_OF_NSSA ? ' default-information-originate' : '';
    more.push(` area ${area.id} ${area.type}${out}`);
  }
  if (area?.range) {
    const { prefix, advertise } = area.range;
    more.push(` area ${area.id} range ${prefix} ${advertise ? 'advertise' : 'not-advertise'}`);
  }
  if (external) {
    const { metric, metricType } = external;
    more.push(` redistribute static metric ${metric} metric-type ${metricType}`);
  }
  const statics = externals(n).map((one) => `ipv6 route ${one} blackhole`);
  const ospf6d = frrOspf6d(routerId(n), [...interfaces, lo], more.join('\n'));
  await node.frr({ ospf6d, ...(external && { staticd: statics.join('\n') }) });
}

async function startBird(node: LabNode, place: Place): Promise<void> {
  const { n, interfaces, hosts = [], area, external } = place;
  const stubnets = [loopback(n), ...hosts].map((one) => `stubnet ${one}/128 { cost 10; };`);
  let config = birdConfig(routerId(n), interfaces, stubnets.join(' '));
  if (area) {
    const lines: string[] = [];
    if (area.type !== 'normal') lines.push(`${area.type}; summary;`);
    if (n === BORDER_OF_NSSA) lines.push('default nssa;');
    if (area.range) {
      const { prefix, advertise } = area.range;
      lines.push(`networks { ${prefix}${advertise ? '' : ' hidden'}; };`);
    }
    config = config.replace(`area ${area.id} {`, `area ${area.id} { ${lines.join(' ')}`);
  }
  if (external) {
    const { metric, metricType } = external;
    const accept = `if source = RTS_STATIC then { ospf_metric${metricType} = ${metric}; accept; }`;
    config = config.replace('export none', `export filter { ${accept} reject; }`);
    const routes = externals(n).map((one) => `route ${one} blackhole;`);
    config += `protocol static { ipv6; ${routes.join(' ')} }\n`;
  }
  await node.bird(config);
}

async function startTidecast(node: LabNode, place: Place): Promise<void> {
  const { n, interfaces, loopbackArea, area, external } = place;
  const more: string[] = [];
  if (area) {
    const { prefix, advertise } = area.range ?? {};
    const ranges = prefix ? `, ranges: [{ prefix: "${prefix}", advertise: ${advertise} }]` : '';
    more.push(`areas: [{ id: ${area.id}, type: ${area.type}${ranges} }]`);
  }
  if (external) {
    const { metric, metricType } = external;
    const routes = externals(n).map((prefix) => ({ prefix, metric, metricType }));
    more.push(`externalRoutes: ${JSON.stringify(routes)}`);
  }
  const lo = `  - { name: lo, area: ${loopbackArea}, type: loopback, localAddressBit: false }\n`;
  const base = tidecastRouter(routerId(n), interfaces, '');
  await node.tidecast(`${base}${lo}${more.join('\n')}\n`);
}

/** Starts all seven; `ours` are the places that Tidecast takes, the others are of one make. */
async function topology(lab: Lab, make: Make, ours: readonly number[]): Promise<LabNode[]> {
  const nodes: LabNode[] = [];
  for (const { n } of PLACES) nodes.push(await lab.node(`${make}-r${n}`));
  const node = (n: number) => nodes[n - 1]!;
  await lab.bridge(
    `${make}-sw`,
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
  for (const { n, hosts = [] } of PLACES) {
    for (const host of [loopback(n), ...hosts]) await node(n).ip(`address add ${host}/128 dev lo`);
    if (n <= 4) await node(n).ip(`address add 2001:db8:bb::${n}/64 dev bb`);
  }
  const startOther = make === 'frr' ? startFrr : startBird;
  const start = (place: Place) => {
    const starter = ours.includes(place.n) ? startTidecast : startOther;
    return starter(node(place.n), place);
  };
  if (make === 'bird' || ours.includes(6)) {
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

const UNREACHABLE = new Set(['blackhole', 'unreachable', 'prohibit']);

/**
 * The kernel's routes as `prefix -> neighbor …`, whoever put them in; link-locals by owner. What the
 * kernel knows by itself is left out, as BIRD puts routes to its own links in, too.
 */
async function tableOf(
  nodes: readonly LabNode[],
  n: number,
  owners: ReadonlyMap<string, string>,
): Promise<string[]> {
  const routes = JSON.parse(await nodes[n - 1]!.ip('-json -6 route show')) as IpRoute[];
  const connected = routes.filter(({ protocol }) => protocol === 'kernel').map(({ dst }) => dst);
  const known = new Set([...connected, ...externals(n)]);
  return routes
    .filter(({ dst }) => !known.has(dst))
    .map((route) => {
      if (UNREACHABLE.has(route.type ?? '')) return `${route.dst} -> nowhere`;
      // FRR leaves the gateway out where a forwarding address is on a point-to-point link.
      const via = (route.nexthops ?? [route]).map(
        ({ gateway, dev }) => owners.get(gateway ?? '') ?? PEERS[`r${n} ${dev}`] ?? '?',
      );
      return `${route.dst} -> ${via.sort().join(' ')}`;
    })
    .sort();
}

async function ownersOf(nodes: readonly LabNode[]): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const [i, node] of nodes.entries()) {
    const text = await node.ip('-json -6 address show');
    for (const { addr_info } of JSON.parse(text) as { addr_info?: { local?: string }[] }[]) {
      for (const { local } of addr_info ?? [])
        if (local && local !== '::1') owners.set(local, `r${i + 1}`);
    }
  }
  return owners;
}

/** What the topology says that a table must have. */
function required(n: number): string[] {
  const loopbacks = PLACES.filter((place) => place.n !== n).map((place) => loopback(place.n));
  const hosts5 = n === 2 || n === 5 ? HOSTS_5 : [RANGE_5];
  if (n === 7) return [...loopbacks, ...hosts5, 'default'];
  const outside = n === 6 ? [] : [1, 5, 6].filter((from) => from !== n);
  return [
    ...loopbacks,
    ...(n === 5 ? [] : hosts5),
    ...(n === 4 ? HOSTS_7 : []),
    ...(n === 6 ? ['default'] : []),
    ...outside.flatMap(externals),
  ];
}

/** What the topology says that a table must have and it has not, or must not have and has. */
function wrongIn(tables: readonly string[][]): string[] {
  return tables.flatMap((table, i) => {
    const n = i + 1;
    const has = (dst: string) => table.some((line) => line.startsWith(`${dst} ->`));
    const lacking = required(n).filter((dst) => !has(dst));
    const hidden =
      n === 4 || n === 7 ? [] : table.filter((line) => line.startsWith('2001:db8:73:'));
    return [
      ...lacking.map((dst) => `r${n} has no ${dst}`),
      ...hidden.map((line) => `r${n} has ${line}`),
    ];
  });
}

/** The tables once nothing is wrong and they stay the same; `want` as well, when given. */
async function settledTables(nodes: readonly LabNode[], want?: string[][]): Promise<string[][]> {
  const owners = await ownersOf(nodes);
  const tablesNow = () => Promise.all(PLACES.map(({ n }) => tableOf(nodes, n, owners)));
  let last = '';
  return until(
    'all tables are complete and at rest',
    async () => {
      const tables = await tablesNow();
      const wrong = wrongIn(tables);
      if (wrong.length > 0) throw new Error(wrong.join(', '));
      const text = JSON.stringify(tables);
      const atRest = text === last && (want === undefined || text === JSON.stringify(want));
      last = text;
      return atRest && tables;
    },
    45_000,
    1500,
  ).catch(async (error: Error) => {
    if (want === undefined || !error.message.includes('the answer was')) throw error;
    return tablesNow();
  });
}

const MAKES: readonly Make[] = ['bird', 'frr'];
const truth: Partial<Record<Make, string[][]>> = {};

/** Starts both topologies at once, and waits for each. */
async function bothMakes(
  lab: Lab,
  ours: readonly number[],
  settled: (make: Make, nodes: readonly LabNode[]) => Promise<void>,
): Promise<void> {
  await Promise.all(MAKES.map(async (make) => settled(make, await topology(lab, make, ours))));
}

scenario(
  'FRR in all seven places, and BIRD, give the tables to compare with',
  (lab) =>
    bothMakes(lab, [], async (make, nodes) => {
      truth[make] = await settledTables(nodes);
    }),
  { timeoutS: 120 },
);

/** BIRD as border router has no discard route for a range; FRR has it where it says the range. */
const withDiscards = (make: Make, tables: string[][], ours: readonly number[]): string[][] =>
  tables.map((table, i) =>
    make === 'bird' && i === 1 && ours.includes(2)
      ? [...table, `${RANGE_5} -> nowhere`].sort()
      : table,
  );

// Each place once, and at each end of a link once without Tidecast at the other.
for (const ours of [
  [2, 6, 7],
  [1, 3, 4, 5],
]) {
  scenario(
    `Tidecast as ${ours.map((n) => `r${n}`).join(', ')}: all tables are those of FRR alone, of BIRD alone`,
    (lab) =>
      bothMakes(lab, ours, async (make, nodes) => {
        const want = withDiscards(make, truth[make]!, ours);
        expect({ make, tables: await settledTables(nodes, want) }).toEqual({ make, tables: want });
      }),
    { timeoutS: 120 },
  );
}
