/**
 * Routes from link-state databases: every kind of run against a textbook Dijkstra in C++ on the
 * same graph in the same run, growth, partial and incremental runs, and memory.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmulatedArea,
  TOPOLOGY_SHAPES,
  type TopologyShape,
} from '../src/host/emulate-topology.ts';
import { LSA_HEADER_OCTETS } from '../src/lsa/header.ts';
import { LsType } from '../src/lsa/ls-type.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import { Prng } from '../src/prng.ts';
import type { Calculation } from '../src/spf/calculation.ts';
import {
  atMost,
  type Bench,
  type BenchContext,
  type BenchRow,
  type Samples,
  sink,
  summarize,
} from './harness.ts';
import {
  AREA,
  type Case,
  caseOf,
  FIRST_ROUTER_ID,
  loaded,
  SEED,
  sample,
  timeMs,
} from './parts-spf.ts';

/** One of the two searches in C++. */
interface Found {
  readonly ns: number;
  readonly spread: number;
  /** Of all distances, or how many next hops there are. */
  readonly check: number;
}

interface Twin {
  /** As in the textbook, then with next hops in place of parents. */
  search(calculation: Calculation): readonly [Found, Found];
  readonly close: () => void;
}

/** Builds the program in C++, or says why not. */
function twin(context: BenchContext): Twin | undefined {
  const source = ['bench', 'spf-dijkstra.cpp'].join('/');
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-spf-'));
  const program = join(folder, 'dijkstra');
  const close = (): void => rmSync(folder, { recursive: true });
  if (!existsSync(source)) throw new Error(`run from the root of the clone: no ${source}`);
  const built = spawnSync('g++', ['-O3', '-march=native', '-std=c++17', '-o', program, source]);
  if (built.status !== 0) {
    context.say(`spf: no C++ twin: ${built.error?.message ?? String(built.stderr)}`);
    close();
    return undefined;
  }
  const search: Twin['search'] = ({ graph, roots }) => {
    const lines: string[] = [];
    for (let v = 0; v < graph.vertexCount; v++) {
      const first = graph.firstEdge(v);
      for (let e = first; e < first + graph.edgeCount(v); e++) {
        const target = graph.targetOf(e);
        if (target !== v) lines.push(`${v} ${target} ${graph.costOf(e)}`);
      }
    }
    const repeats = Math.max(context.quick ? 5 : 15, Math.ceil(2e6 / (lines.length + 1)));
    const input = `${graph.vertexCount} ${lines.length} ${roots[0]} ${Math.min(repeats, 2001)}\n${lines.join('\n')}\n`;
    const { stdout } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 1e6 });
    const [plain, withHops] = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number))
      .map(([ns = 0, spread = 0, check = 0]) => ({ ns, spread, check }));
    if (plain === undefined || withHops === undefined) throw new Error(`the twin said: ${stdout}`);
    return [plain, withHops];
  };
  return { search, close };
}

/** How long a run may take, in times of the textbook's. */
const CEILINGS = { tree: 1, routes: 2.5, cold: 10 };

/** Our Router-LSA with all links dearer by one, which moves every destination, and as it was. */
function ownRouterLsas(area: EmulatedArea): readonly [dear: Lsa, cheap: Lsa] {
  const links = area.links[0]!;
  const before = [...links];
  before.forEach((link, i) => {
    links[i] = { ...link, metric: link.metric + 1 };
  });
  const dear = area.routerLsa(0);
  before.forEach((link, i) => {
    links[i] = link;
  });
  return [dear, area.routerLsa(0)];
}

function againstTwin(context: BenchContext, of: Case, cpp: Twin): BenchRow[] {
  const kept = loaded(of.lsas);
  kept.runFull();
  const [plain, withHops] = cpp.search(kept);
  const { tree: found, sets } = kept;
  let sum = 0;
  let hops = 0;
  for (const v of found.nearestFirst()) {
    sum += found.distance[v]!;
    hops += sets.nextHops(found.nextHops[v]!).length;
  }
  if (sum !== plain.check) throw new Error(`${of.name}: distances differ from the twin's`);
  const row = (what: string, ours: Samples, ceiling: number, theirs = plain): BenchRow => ({
    bench: 'spf',
    case: `${of.name}: ${what}`,
    ours: ours.median / 1e3,
    unit: 'µs',
    against: theirs === plain ? 'C++ Dijkstra' : 'C++ with next hops',
    theirs: theirs.ns / 1e3,
    ratio: theirs.ns / ours.median,
    goal: `≤ ${ceiling} × theirs`,
    met: ours.median <= ceiling * theirs.ns,
    spread: [ours.spread, theirs.spread],
  });
  const tree = sample(context, () => kept.tree.run(kept.roots));
  const routes = sample(context, () => {
    kept.runFull();
    return kept.routes.takeChanges();
  });
  const [dear, cheap] = ownRouterLsas(of.area);
  let turn = 0;
  const moved = sample(context, () => {
    turn++;
    kept.change(AREA, turn % 2 === 0 ? cheap : dear, true);
    kept.runFull();
    return kept.routes.takeChanges();
  });
  const cold = sample(context, () => {
    const fresh = loaded(of.lsas);
    fresh.runFull();
    return fresh;
  });
  // On a LAN every router has a next hop of its own, more than the twin has bits.
  const alike = of.area.topology.lan.length === 0;
  if (alike && hops !== withHops.check) throw new Error(`${of.name}: next hops differ`);
  return [
    row('tree with all next hops', tree, CEILINGS.tree),
    ...(alike ? [row('the same, like for like', tree, CEILINGS.tree, withHops)] : []),
    row('tree and all routes', routes, CEILINGS.routes),
    atMost(
      {
        bench: 'spf',
        case: `${of.name}: the same, every route another`,
        ours: moved.median / 1e3,
        unit: 'µs',
        spread: moved.spread,
      },
      null,
      { name: 'C++ Dijkstra', value: plain.ns / 1e3, spread: plain.spread },
    ),
    row('cold, from LSAs to routes', cold, CEILINGS.cold),
  ];
}

function growth(context: BenchContext, shape: TopologyShape, cpp: Twin | undefined): BenchRow[] {
  const [small, large] = [1000, context.quick ? 10_000 : 100_000].map((routers) => {
    const of = caseOf(shape, routers);
    const kept = loaded(of.lsas);
    kept.runFull();
    const run = sample(context, () => kept.runFull());
    return { n: of.area.topology.routers, run, ns: cpp?.search(kept)[0].ns };
  }) as [Grown, Grown];
  const steepest = (large.n * Math.log2(large.n)) / (small.n * Math.log2(small.n));
  const sizes = `${small.n} to ${large.n} routers`;
  const row = {
    bench: 'spf',
    case: `${shape}: growth of a full run, ${sizes}`,
    ours: large.run.median / small.run.median,
    unit: '×',
    spread: large.run.spread,
  };
  const rows = [atMost(row, Number(steepest.toPrecision(4)), { name: 'n log n', value: steepest })];
  if (small.ns !== undefined && large.ns !== undefined) {
    const name = `${shape}: the same beside the textbook's search, ${sizes}`;
    const theirs = { name: 'C++ Dijkstra', value: large.ns / small.ns };
    rows.push(atMost({ ...row, case: name }, null, theirs));
  }
  return rows;
}

interface Grown {
  readonly n: number;
  readonly run: Samples;
  /** Of the textbook's search. */
  readonly ns: number | undefined;
}

/** One of k originators of an anycast prefix changes its metric. */
function partial(context: BenchContext, routers: number, originators: number): BenchRow {
  const of = caseOf('random', routers, originators);
  const kept = loaded(of.lsas);
  kept.runFull();
  kept.routes.takeChanges();
  const router = of.area.anycastRouter(0);
  const instances = Array.from({ length: 64 }, (_, i) => of.area.anycastLsa(router, 1 + i));
  let at = 0;
  const run = sample(context, () => {
    at = (at + 1) % instances.length;
    kept.change(AREA, instances[at]!, true);
    kept.runPrefixes();
    return kept.routes.takeChanges();
  });
  const name = `random ${routers.toLocaleString('en')}: one of ${originators} anycast metrics changes`;
  const { median, spread } = run;
  const ceiling = routers === 10_000 ? 50 : null;
  return atMost({ bench: 'spf', case: name, ours: median / 1e3, unit: 'µs', spread }, ceiling);
}

const EXTERNALS = 10_000;

/** `2001:db8:NUMBER::` with the bits of a host. */
function numbered(number: number, host = 0): Uint8Array {
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint32(0, 0x20010db8);
  view.setUint32(4, number);
  address[15] = host;
  return address;
}

/** One of many external prefixes changes its metric; each boundary router forwards to itself. */
function outside(context: BenchContext, boundaryRouters: number): BenchRow {
  const of = caseOf('random', 10_000);
  const external = (number: number, metric: number): Lsa => {
    const router = number % boundaryRouters;
    const identity = {
      lsType: LsType.AsExternal,
      linkStateId: number,
      advertisingRouter: FIRST_ROUTER_ID + 1 + router,
    };
    return Lsa.originate(identity, metric, {
      kind: 'AsExternal',
      flags: 0,
      metric,
      prefix: { prefixLength: 64, prefixOptions: 0, address: numbered(0x8000_0000 + number) },
      referencedLsType: 0,
      forwardingAddress: numbered(1 + router, 9),
    });
  };
  const scope = { kind: 'as' } as const;
  const externals = Array.from({ length: EXTERNALS }, (_, i) => ({ scope, lsa: external(i, 1) }));
  const kept = loaded([...of.lsas, ...externals]);
  kept.runFull();
  kept.routes.takeChanges();
  const instances = Array.from({ length: 64 }, (_, i) => external(0, 2 + i));
  let at = 0;
  const { median, spread } = sample(context, () => {
    at = (at + 1) % instances.length;
    kept.change(scope, instances[at]!, true);
    kept.runPrefixes();
    return kept.routes.takeChanges();
  });
  const name = `random 10,000: one of ${EXTERNALS} external metrics changes, of ${boundaryRouters} boundary routers`;
  return atMost({ bench: 'spf', case: name, ours: median / 1e3, unit: 'µs', spread }, 50);
}

/** One link changes its cost, up and back, at one link after another. */
function incremental(context: BenchContext, shape: TopologyShape, routers: number): BenchRow {
  const of = caseOf(shape, routers);
  const kept = loaded(of.lsas);
  kept.runFull();
  kept.routes.takeChanges();
  const full = sample(context, () => {
    kept.runFull();
    return kept.routes.takeChanges();
  });
  const prng = new Prng(SEED);
  const ns: number[] = [];
  for (let i = 0; i < (context.quick ? 200 : 2000); i++) {
    const router = prng.below(of.area.topology.routers);
    const links = of.area.links[router]!;
    const place = prng.below(links.length);
    const link = links[place]!;
    links[place] = { ...link, metric: i % 2 === 0 ? 1 + prng.below(100) : 2 * link.metric };
    const lsa = of.area.routerLsa(router);
    ns.push(
      1e6 *
        timeMs(() => {
          kept.change(AREA, lsa, true);
          kept.runIncremental();
          return kept.routes.takeChanges();
        }),
    );
  }
  const { median, spread } = summarize(ns);
  return {
    bench: 'spf',
    case: `${shape} ${of.area.topology.routers.toLocaleString('en')}: one link changes its cost`,
    ours: median / 1e3,
    unit: 'µs',
    against: 'our full run',
    theirs: full.median / 1e3,
    ratio: full.median / median,
    goal: '≤ 2 % of a full run',
    met: median <= 0.02 * full.median,
    spread: [spread, full.spread],
  };
}

async function memory(context: BenchContext): Promise<BenchRow[]> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) {
    context.say('spf: memory needs node --expose-gc');
    return [];
  }
  const used = async (): Promise<number> => {
    // What the turn before held is let go only behind it.
    for (let i = 0; i < 3; i++) {
      await new Promise((done) => setTimeout(done, 20));
      collect();
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = await used();
  // Only the LSAs are kept, not what they were made from.
  const { lsas } = caseOf('random', 50_000);
  const withLsas = await used();
  const kept = loaded(lsas);
  kept.runFull();
  kept.routes.takeChanges();
  const withRoutes = await used();
  sink.value = [kept, lsas];
  const octets = lsas.reduce((sum, { lsa }) => sum + lsa.octets.length - LSA_HEADER_OCTETS, 0);
  context.say(`spf: ${lsas.length} LSAs with ${octets} octets of body`);
  const row = (name: string, ours: number, unit: string): BenchRow =>
    atMost({ bench: 'spf', case: `random 50,000: ${name}`, ours, unit }, null);
  return [
    row('memory of an LSA', (withLsas - before) / lsas.length, 'octets'),
    row('memory of a vertex, its prefixes and routes', (withRoutes - withLsas) / 50_000, 'octets'),
    atMost(
      {
        bench: 'spf',
        case: 'random 50,000: 100,000 LSAs and all that is made of them',
        ours: (withRoutes - before) / 1e6,
        unit: 'MB',
      },
      100,
    ),
  ];
}

async function run(context: BenchContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const cpp = twin(context);
  const sizes = context.quick ? [100, 1000] : [100, 1000, 10_000, 100_000];
  try {
    for (const shape of TOPOLOGY_SHAPES) {
      for (const routers of shape === 'lan' ? [500] : sizes) {
        if (cpp === undefined) continue;
        context.say(`spf: ${shape} ${routers}`);
        rows.push(...againstTwin(context, caseOf(shape, routers), cpp));
      }
    }
    for (const shape of TOPOLOGY_SHAPES) {
      if (shape !== 'lan') rows.push(...growth(context, shape, cpp));
    }
  } finally {
    cpp?.close();
  }
  for (const routers of context.quick ? [1000] : [1000, 10_000, 100_000]) {
    for (const originators of [1, 8, 64]) rows.push(partial(context, routers, originators));
  }
  for (const boundaryRouters of [1, 1000]) rows.push(outside(context, boundaryRouters));
  for (const shape of TOPOLOGY_SHAPES) {
    if (shape !== 'lan') rows.push(incremental(context, shape, 10_000));
  }
  return [...rows, ...(await memory(context))];
}

export const bench: Bench = {
  name: 'spf',
  about: 'runs of the routing calculation against a textbook Dijkstra in C++ on the same graph',
  run,
};
