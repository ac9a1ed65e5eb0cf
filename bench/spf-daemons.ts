/**
 * The routing calculation beside FRR ospf6d and BIRD on the same database: `tidecast emulate` gives
 * each daemon an area through one adjacency; their routing tables are held against ours, and their
 * own timers beside our full run. Needs root, FRR 8 and BIRD 2.
 */
import { readFileSync } from 'node:fs';
import { readPrintedRoutes } from '../src/cli/truth-routes.ts';
import { drawTopology, EmulatedArea } from '../src/host/emulate-topology.ts';
import type { LsaBody } from '../src/lsa/body.ts';
import { INITIAL_SEQUENCE_NUMBER } from '../src/lsa/constants.ts';
import { LsType } from '../src/lsa/ls-type.ts';
import { Lsa } from '../src/lsa/lsa.ts';
import { Option } from '../src/lsa/options.ts';
import type { LsdbScope } from '../src/lsdb/lsdb.ts';
import { Prng } from '../src/prng.ts';
import { Calculation } from '../src/spf/calculation.ts';
import { parseAddress, parseDottedQuad } from '../src/wire/address.ts';
import { Lab } from '../test/lab/harness/lab.ts';
import type { LabNode } from '../test/lab/harness/node.ts';
import { pause, until } from '../test/lab/harness/process.ts';
import { type Bench, type BenchContext, type BenchRow, sink, summarize } from './harness.ts';

const AREA: LsdbScope = { kind: 'area', areaId: 0 };
const SEED = 1;
const TESTED = parseDottedQuad('10.255.255.2');
const BORDER = parseDottedQuad('10.255.255.1');
const ZERO = parseDottedQuad('10.0.0.1');
/** Costs as both daemons have them by default on a link of 10 Gbit/s. */
const TESTED_COST = 10;
const BORDER_COST = 10;
const INTERFACE = 'ptp';

const FRR_CONFIG = `interface ${INTERFACE}
 ipv6 ospf6 area 0.0.0.0
 ipv6 ospf6 hello-interval 1
 ipv6 ospf6 dead-interval 4
 ipv6 ospf6 cost ${TESTED_COST}
 ipv6 ospf6 network point-to-point
router ospf6
 ospf6 router-id 10.255.255.2
 timers throttle spf 0 0 0`;

const BIRD_CONFIG = `router id 10.255.255.2;
log stderr all;
debug latency on;
debug latency limit 20 us;
protocol device { }
protocol ospf v3 o6 {
  ipv6 { import all; export none; };
  ecmp yes limit 64;
  area 0 { interface "${INTERFACE}" { type ptp; hello 1; dead 4; cost ${TESTED_COST}; }; };
}`;

/** One daemon under test. */
interface Tested {
  readonly name: string;
  /** Distances by prefix. */
  routes(): Promise<Map<string, number>>;
  /** Milliseconds of each of its runs while links change, by its own timer. */
  runsMs(forS: number): Promise<number[]>;
}

async function frr(node: LabNode): Promise<Tested> {
  const router = await node.frr({ ospf6d: FRR_CONFIG });
  return {
    name: 'FRR ospf6d',
    routes: async () => distances(await router.vtysh('show ipv6 ospf6 route detail')),
    runsMs: async (forS) => {
      const runs: number[] = [];
      for (let i = 0; i < forS; i++) {
        await pause(1000);
        const text = await router.vtysh('show ipv6 ospf6');
        const [, seconds, micros] = /Last SPF duration (\d+) sec (\d+) usec/.exec(text) ?? [];
        runs.push(1000 * Number(seconds) + Number(micros) / 1000);
      }
      return runs;
    },
  };
}

async function bird(node: LabNode): Promise<Tested> {
  const router = await node.bird(BIRD_CONFIG);
  return {
    name: 'BIRD',
    routes: async () => distances(await router.birdc('show route all')),
    runsMs: async (forS) => {
      const log = `${node.directory}/bird.log`;
      const before = readFileSync(log, 'utf8').length;
      await pause(1000 * forS);
      // The longest event of each second is the turn in which OSPF calculates.
      const longest = new Map<string, number>();
      for (const line of readFileSync(log, 'utf8').slice(before).split('\n')) {
        const [, second = '', ms] = /(\d\d:\d\d:\d\d)\S* .*took ([\d.]+) ms/.exec(line) ?? [];
        if (ms !== undefined) longest.set(second, Math.max(longest.get(second) ?? 0, Number(ms)));
      }
      return [...longest.values()];
    },
  };
}

function distances(text: string): Map<string, number> {
  const printed = readPrintedRoutes(text) ?? [];
  return new Map(printed.map(({ prefix, distance = -1 }) => [prefix, distance]));
}

/** The database that the daemon under test has. */
function ours(routers: number): Calculation {
  const prng = new Prng(SEED);
  const area = new EmulatedArea(drawTopology('random', routers, prng), {
    firstRouterId: ZERO,
    anycastOriginators: 0,
    joined: true,
  });
  const calculation = new Calculation(TESTED);
  const put = (scope: LsdbScope, lsType: number, id: number, by: number, body: LsaBody): void => {
    const identity = { lsType, linkStateId: id, advertisingRouter: by };
    const lsa = Lsa.originate(identity, INITIAL_SEQUENCE_NUMBER, body);
    calculation.change(scope, lsa, true);
  };
  const router = (by: number, ...links: [to: number, cost: number, mine: number, far: number][]) =>
    put(AREA, LsType.Router, 0, by, {
      kind: 'Router',
      flags: 0,
      options: Option.V6 | Option.E | Option.R,
      links: links.map(([neighborRouterId, metric, interfaceId, neighborInterfaceId]) => ({
        type: 1,
        metric,
        interfaceId,
        neighborInterfaceId,
        neighborRouterId,
      })),
    });
  router(TESTED, [BORDER, TESTED_COST, 1, 1]);
  router(BORDER, [TESTED, BORDER_COST, 1, 1], [ZERO, BORDER_COST, 2, 0x10000]);
  router(ZERO, [BORDER, BORDER_COST, 0x10000, 2]);
  put({ kind: 'link', interfaceId: 1 }, LsType.Link, 1, BORDER, {
    kind: 'Link',
    routerPriority: 1,
    options: 0,
    linkLocalAddress: parseAddress('fe80::1'),
    prefixes: [],
  });
  for (const lsa of area.lsas()) calculation.change(AREA, lsa, true);
  calculation.runFull();
  calculation.routes.takeChanges();
  return calculation;
}

function routesOf({ routes }: Calculation): Map<string, number> {
  const all = new Map<string, number>();
  for (const prefix of routes.prefixes()) {
    const route = routes.route(prefix, routes.chosen(prefix)!, 64);
    all.set(route.key, route.distance);
  }
  return all;
}

function fullRunMs(context: BenchContext, calculation: Calculation) {
  const values: number[] = [];
  const warmUp = 300;
  for (let i = -warmUp; i < (context.quick ? 50 : 200); i++) {
    const from = performance.now();
    calculation.runFull();
    sink.value = calculation.routes.takeChanges();
    if (i >= 0) values.push(performance.now() - from);
  }
  return summarize(values);
}

const EMULATE = new URL('../src/cli/emulate.js', import.meta.url).href;

/** Starts the verb in a namespace; it ends with the lab. */
function emulate(node: LabNode, routers: number, churnPerS: number) {
  const program = `import { Command } from 'commander';
const { registerEmulate } = await import('${EMULATE}');
const program = new Command('tidecast');
registerEmulate(program);
await program.parseAsync();`;
  const words = ['--topology', `random:${routers}`, '--interface', INTERFACE, '--originators', '0'];
  words.push('--seed', `${SEED}`, '--hello-interval', '1', '--dead-interval', '4');
  words.push('--churn', `${churnPerS}/s`, '--json');
  const args = ['--input-type=module', '-e', program, '--', 'emulate', ...words];
  return node.daemon('emulate.log', process.execPath, ...args);
}

/** Prefixes whose distance is another, in either table. */
function differences(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const prefixes = new Set([...a.keys(), ...b.keys()]);
  return [...prefixes].filter((prefix) => a.get(prefix) !== b.get(prefix)).length;
}

/** A daemon under test behind a fresh link, with an emulated area on the other end. */
async function withDaemon<T>(
  start: (node: LabNode) => Promise<Tested>,
  routers: number,
  churnPerS: number,
  ask: (daemon: Tested) => Promise<T>,
): Promise<T> {
  const lab = new Lab('spf', false);
  try {
    const [area, tested] = [await lab.node('area'), await lab.node('tested')];
    await lab.link([area, INTERFACE], [tested, INTERFACE]);
    await pause(1000);
    const daemon = await start(tested);
    emulate(area, routers, churnPerS);
    return await ask(daemon);
  } finally {
    await lab.close();
    lab.discard();
  }
}

async function against(
  context: BenchContext,
  routers: number,
  start: (node: LabNode) => Promise<Tested>,
  timesBetter: number,
): Promise<BenchRow[]> {
  const calculation = ours(routers);
  const expected = routesOf(calculation);
  const differing = await withDaemon(start, routers, 0, async (daemon) => {
    context.say(`spf-daemons: ${daemon.name}, ${routers} routers`);
    const equal = async () => differences(await daemon.routes(), expected) === 0;
    await until('the same routes', equal, 120_000, 1000).catch(() => undefined);
    return differences(await daemon.routes(), expected);
  });
  const { name, theirs } = await withDaemon(start, routers, 2, async (daemon) => {
    const there = async () => (await daemon.routes()).size >= expected.size;
    await until(`${daemon.name} has the area`, there, 120_000, 1000);
    await pause(3000);
    return { name: daemon.name, theirs: summarize(await daemon.runsMs(context.quick ? 6 : 15)) };
  });
  const mine = fullRunMs(context, calculation);
  const ratio = theirs.median / mine.median;
  const size = routers.toLocaleString('en');
  return [
    {
      bench: 'spf-daemons',
      case: `random ${size}: full run`,
      ours: mine.median,
      unit: 'ms',
      against: name,
      theirs: theirs.median,
      ratio,
      goal: `ratio ≥ ${timesBetter}`,
      met: ratio >= timesBetter,
      spread: [mine.spread, theirs.spread],
    },
    {
      bench: 'spf-daemons',
      case: `random ${size}: routes that differ, of ${expected.size}`,
      ours: differing,
      unit: 'routes',
      against: name,
      theirs: null,
      ratio: null,
      goal: '0 routes',
      met: differing === 0,
    },
  ];
}

async function run(context: BenchContext): Promise<BenchRow[]> {
  if (process.getuid?.() !== 0) {
    context.say('spf-daemons: needs root for network namespaces; left out');
    return [];
  }
  const rows: BenchRow[] = [];
  for (const routers of context.quick ? [100] : [100, 1000, 5000]) {
    for (const [start, times] of [
      [bird, 5],
      [frr, 20],
    ] as const) {
      try {
        rows.push(...(await against(context, routers, start, times)));
      } catch (error) {
        context.say(`spf-daemons: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  return rows;
}

export const bench: Bench = {
  name: 'spf-daemons',
  about: 'a full run against FRR ospf6d and BIRD by their own timers on the same database',
  run,
};
