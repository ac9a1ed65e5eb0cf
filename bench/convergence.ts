/**
 * How fast a change at a server reaches the kernel of its router: ours beside FRR and BIRD in one
 * lab of network namespaces, in turns. Needs root, FRR, BIRD and tcpdump; prints nothing otherwise.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  birdConfig,
  FRR_AT_ONCE,
  frrOspf6d,
  SERVICE,
  tidecastRouter,
  tidecastServer,
} from '../test/lab/harness/configs.ts';
import { Lab } from '../test/lab/harness/lab.ts';
import type { LabNode } from '../test/lab/harness/node.ts';
import { obstacle } from '../test/lab/harness/obstacle.ts';
import { pause, until } from '../test/lab/harness/process.ts';
import { atMost, type Bench, type BenchContext, type BenchRow, summarize } from './harness.ts';
import {
  BirdTerminal,
  epochMs,
  FrrTerminal,
  post,
  TCPDUMP_DELAY_MS,
  type Watcher,
  watchRoutes,
  watchUpdates,
} from './parts-convergence.ts';
import { Traces } from './parts-wakings.ts';

const NAME = 'convergence';
/** Between two changes at one server: above the MinLSInterval of 5 s that BIRD and we keep. */
const SPACING_MS = 6_500;
/** The slowest change that is waited for. */
const PATIENCE_MS = 5_500;
const SERVERS = 2;
/**
 * A router gets a processor when it wants one, as docs/operating.md proposes and as it would on a
 * machine of its own: here its servers, and those who watch, share the processors with it.
 */
const AT_ONCE = ['chrt', '--rr', '1'];

/** A router over two servers of one make. */
interface Farm {
  readonly name: string;
  readonly router: LabNode;
  readonly servers: readonly LabNode[];
  /** Lines of `ip monitor` that mean that the service's next hops changed. */
  readonly changed: RegExp;
  /** Lets the first server's cost go up, or down again. */
  turn(up: boolean): void;
  close(): void;
}

interface Timing {
  readonly commandToKernelMs: number;
  readonly updateToKernelMs: number;
}

/** As it is run: without a line per packet. */
const quiet = (config: string): string => config.replace('logLevel: debug', 'logLevel: warn');

const eth0 = (priority: number) => ({ name: 'eth0', priority });

async function nodesOf(lab: Lab, name: string): Promise<[LabNode, LabNode[]]> {
  const router = await lab.node(`${name}-r`, AT_ONCE);
  const servers: LabNode[] = [];
  for (let i = 1; i <= SERVERS; i++) servers.push(await lab.node(`${name}-s${i}`));
  // Linux's bridge serves its last port first. The router is to hear of a change before the other
  // server: they share the processors here, which machines in a network do not.
  await lab.bridge(
    `${name}-sw`,
    [...servers, router].map((node) => [node, 'eth0'] as const),
  );
  return [router, servers];
}

async function tidecastFarm(lab: Lab): Promise<Farm> {
  const [router, servers] = await nodesOf(lab, 'tidecast');
  await router.tidecast(quiet(tidecastRouter('10.0.0.1', [eth0(10)])));
  await Promise.all(servers.map((node, i) => node.tidecast(quiet(tidecastServer(`10.0.0.1${i}`)))));
  const socket = join(servers[0]!.directory, 'tidecast.sock');
  return {
    name: 'Tidecast',
    router,
    servers,
    changed: /group|2001:db8:53::53/,
    turn: (up) => void post(socket, `/v1/services/dns/${up ? 'drain' : 'undrain'}`),
    close: () => undefined,
  };
}

async function frrFarm(lab: Lab): Promise<Farm> {
  const [router, servers] = await nodesOf(lab, 'frr');
  const lo = { name: 'lo', cost: 10, passive: true };
  await router.frr({ ospf6d: frrOspf6d('10.0.0.1', [eth0(10)], FRR_AT_ONCE) });
  for (const [i, node] of servers.entries()) {
    await node.ip(`address add ${SERVICE}/128 dev lo`);
    await node.frr({ ospf6d: frrOspf6d(`10.0.0.1${i}`, [eth0(0), lo], FRR_AT_ONCE) });
  }
  const terminal = new FrrTerminal(join(servers[0]!.directory, 'frr', 'ospf6d.vty'));
  terminal.tell('interface lo');
  return {
    name: 'FRR',
    router,
    servers,
    changed: /2001:db8:53::53/,
    turn: (up) => terminal.tell(`ipv6 ospf6 cost ${up ? 20 : 10}`),
    close: () => terminal.close(),
  };
}

async function birdFarm(lab: Lab): Promise<Farm> {
  const [router, servers] = await nodesOf(lab, 'bird');
  const server = (i: number, cost: number) =>
    birdConfig(`10.0.0.1${i}`, [eth0(0)], `stubnet ${SERVICE}/128 { cost ${cost}; };`);
  await router.bird(birdConfig('10.0.0.1', [eth0(10)]));
  for (const [i, node] of servers.entries()) await node.bird(server(i, 10));
  const [first] = servers as [LabNode];
  const terminal = new BirdTerminal(join(first.directory, 'bird.ctl'));
  return {
    name: 'BIRD',
    router,
    servers,
    changed: /2001:db8:53::53/,
    turn: (up) => {
      writeFileSync(join(first.directory, 'bird.conf'), server(0, up ? 20 : 10));
      terminal.tell('configure');
    },
    close: () => terminal.close(),
  };
}

/** One change and when it was seen where. */
async function turnOnce(
  farm: Farm,
  watchers: { readonly updates: Watcher; readonly routes: Watcher },
  up: boolean,
): Promise<Timing | undefined> {
  watchers.updates.forget();
  watchers.routes.forget();
  const from = epochMs();
  farm.turn(up);
  let kernel: number | undefined;
  while (kernel === undefined && epochMs() - from < PATIENCE_MS) {
    await pause(20);
    kernel = watchers.routes.firstAfter(from - 1, farm.changed);
  }
  await pause(TCPDUMP_DELAY_MS);
  const update = watchers.updates.firstAfter(from - 1, /IP6/);
  if (kernel === undefined || update === undefined) return undefined;
  return { commandToKernelMs: kernel - from, updateToKernelMs: kernel - update };
}

async function costChanges(
  context: BenchContext,
  farms: readonly Farm[],
  traces: Traces | undefined,
): Promise<BenchRow[]> {
  const rounds = context.quick ? 4 : 20;
  const timings = new Map<string, Timing[]>(farms.map(({ name }) => [name, []]));
  const watchers = new Map(
    farms.map((farm) => [
      farm.name,
      { updates: watchUpdates(farm.servers[0]!, 'eth0'), routes: watchRoutes(farm.router, traces) },
    ]),
  );
  await pause(1000);
  try {
    for (let round = 0; round < rounds; round++) {
      const from = epochMs();
      for (const farm of farms) {
        const timing = await turnOnce(farm, watchers.get(farm.name)!, round % 2 === 0);
        if (timing) timings.get(farm.name)?.push(timing);
        else context.say(`${farm.name}: change ${round} was not seen in ${PATIENCE_MS} ms`);
      }
      await pause(Math.max(0, from + SPACING_MS - epochMs()));
    }
  } finally {
    for (const { updates, routes } of watchers.values()) {
      updates.stop();
      routes.stop();
    }
  }
  const [ours, ...theirs] = farms.map(({ name }) => ({ name, timings: timings.get(name) ?? [] }));
  return theirs.flatMap((other) => [
    row('cost change: command to kernel', ours!, other, (one) => one.commandToKernelMs),
    row(
      'cost change: update on the wire to kernel',
      ours!,
      other,
      (one) => one.updateToKernelMs,
      2,
    ),
  ]);
}

interface Measured {
  readonly name: string;
  readonly timings: readonly Timing[];
}

function row(
  what: string,
  ours: Measured,
  theirs: Measured,
  figure: (timing: Timing) => number,
  ceilingMs?: number,
): BenchRow {
  const mine = summarize(ours.timings.map(figure));
  const other = summarize(theirs.timings.map(figure));
  const ratio = other.median / mine.median;
  return {
    bench: NAME,
    case: `${what} (n = ${ours.timings.length})`,
    ours: mine.median,
    unit: 'ms',
    against: `${theirs.name} (n = ${theirs.timings.length})`,
    theirs: other.median,
    ratio,
    goal: ceilingMs === undefined ? 'ratio > 1' : `≤ ${ceilingMs} ms`,
    met: ceilingMs === undefined ? ratio > 1 : mine.median <= ceilingMs,
    spread: [mine.spread, other.spread],
  };
}

/** From the end of a service's process until its server's flush is on the wire. */
async function processDeaths(context: BenchContext): Promise<BenchRow[]> {
  const runs = context.quick ? 2 : 5;
  const figures: number[] = [];
  const lab = new Lab('death', false);
  try {
    const [router, server] = [await lab.node('r'), await lab.node('s')];
    await lab.link([router, 'eth0'], [server, 'eth0']);
    const pidfile = join(server.directory, 'service.pid');
    const revive = () => {
      const service = server.daemon('service.log', 'sleep', '600');
      writeFileSync(pidfile, `${service.child.pid}`);
      return service;
    };
    let service = revive();
    const liveness = `    liveness: [{ process: { pidfile: ${pidfile} }, everyMs: 200 }]\n`;
    await router.tidecast(quiet(tidecastRouter('10.0.0.1', [eth0(10)])));
    await server.tidecast(quiet(tidecastServer('10.0.0.11', undefined, liveness)));
    for (let run = 0; run < runs; run++) {
      const served = async () => (await router.gateways(SERVICE)).length === 1;
      await until('the service is in the kernel', served, 30_000);
      await pause(SPACING_MS); // MinLSInterval is over
      const updates = watchUpdates(server, 'eth0');
      await pause(500);
      const from = epochMs();
      service.child.kill('SIGKILL');
      await until('it is gone from the kernel', async () => !(await served()), 5000, 20);
      await pause(TCPDUMP_DELAY_MS);
      const flushed = updates.firstAfter(from, /IP6/);
      if (flushed !== undefined) figures.push(flushed - from);
      updates.stop();
      service = revive();
    }
  } finally {
    await lab.close();
    lab.discard();
  }
  const { median, spread } = summarize(figures);
  const what = `process death to flush on the wire (n = ${figures.length})`;
  return [atMost({ bench: NAME, case: what, ours: median, unit: 'ms', spread }, 50)];
}

/** What the log says when an interface is in use. */
const UP = 'interface eth0: up';

/** When a daemon first logged a line with this text, milliseconds since the Unix epoch. */
function saidAtMs(daemon: { log(): string }, text: string): number {
  const line = daemon
    .log()
    .split('\n')
    .find((one) => one.includes(text));
  return line === undefined ? Number.NaN : Date.parse(JSON.parse(line).time);
}

/** From the start of both processes to Full on a point-to-point link, in the router's database. */
async function coldStarts(context: BenchContext): Promise<BenchRow[]> {
  const runs = context.quick ? 2 : 5;
  const type = 'pointToPoint' as const;
  const on = [{ name: 'eth0', type }];
  const figures = { ours: [] as number[], theirs: [] as number[], meeting: [] as number[] };
  for (let run = 0; run < runs; run++) {
    const lab = new Lab('cold', false);
    try {
      const [a, b, c, d] = [
        await lab.node('a'),
        await lab.node('b'),
        await lab.node('c'),
        await lab.node('d'),
      ];
      await lab.link([a, 'eth0'], [b, 'eth0']);
      await lab.link([c, 'eth0'], [d, 'eth0']);
      // The kernel may take a second to give a new link its address: that is no start of a daemon.
      for (const node of [a, b, c, d]) {
        await until(`${node.name} has an address`, () => node.linkLocal('eth0'), 5000, 10);
      }
      const none = 'routeTable: none\n';
      let from = epochMs();
      const [one, two] = await Promise.all([
        a.tidecast(tidecastRouter('10.0.0.1', on, none)),
        b.tidecast(tidecastRouter('10.0.0.2', on, none)),
      ]);
      const full = () => one.log().includes('"to":"Full"');
      await until('two Tidecasts are Full', full, 30_000, 10);
      // The logs tell when that was: the lab waits for the API, which opens later.
      const fullAtMs = saidAtMs(one, '"to":"Full"');
      figures.ours.push(fullAtMs - from);
      figures.meeting.push(fullAtMs - Math.max(saidAtMs(one, UP), saidAtMs(two, UP)));
      from = performance.now();
      const [frr] = await Promise.all([
        c.frr({ ospf6d: frrOspf6d('10.0.0.1', on) }),
        d.frr({ ospf6d: frrOspf6d('10.0.0.2', on) }),
      ]);
      const state = async () => (await frr.vtysh('show ipv6 ospf6 neighbor')).includes('Full');
      await until('two FRRs are Full', state, 30_000, 10);
      figures.theirs.push(performance.now() - from);
    } finally {
      await lab.close();
      lab.discard();
    }
  }
  const [mine, other] = [summarize(figures.ours), summarize(figures.theirs)];
  const ratio = other.median / mine.median;
  const meeting = summarize(figures.meeting);
  return [
    {
      bench: NAME,
      case: `cold start of two processes to Full, point-to-point (n = ${runs})`,
      ours: mine.median,
      unit: 'ms',
      against: 'FRR',
      theirs: other.median,
      ratio,
      goal: 'ratio ≥ 1',
      met: ratio >= 1,
      spread: [mine.spread, other.spread],
    },
    {
      bench: NAME,
      case: 'of which after both interfaces are up',
      ours: meeting.median,
      unit: 'ms',
      against: null,
      theirs: null,
      ratio: null,
      goal: null,
      met: null,
      spread: [meeting.spread, null],
    },
  ];
}

async function run(context: BenchContext): Promise<BenchRow[]> {
  const { TIDECAST_PROGRAM } = process.env;
  if (TIDECAST_PROGRAM === undefined)
    execFileSync(process.execPath, ['tools/setup.mjs', '--build'], { stdio: ['ignore', 2, 2] });
  const why = obstacle();
  if (why !== undefined) {
    context.say(`${NAME}: not measured: ${why}`);
    return [];
  }
  const lab = new Lab(NAME, false);
  const farms: Farm[] = [];
  const traces = Traces.open();
  if (traces === undefined) {
    context.say(
      `${NAME}: no traces of the kernel: routes have changed when \`ip monitor\` says so`,
    );
  }
  let rows: BenchRow[];
  try {
    farms.push(await tidecastFarm(lab), await frrFarm(lab), await birdFarm(lab));
    for (const { name, router } of farms) {
      const all = async () => (await router.gateways(SERVICE)).length === SERVERS;
      await until(`${name}: both servers are in the kernel`, all, 30_000);
    }
    await pause(6_000); // MinLSInterval of the bring-up is over
    rows = await costChanges(context, farms, traces);
  } finally {
    for (const farm of farms) farm.close();
    traces?.close();
    await lab.close();
    lab.discard();
  }
  return [...rows, ...(await processDeaths(context)), ...(await coldStarts(context))];
}

export const bench: Bench = {
  name: NAME,
  about:
    'a server’s change until its router’s kernel has it, beside FRR and BIRD; routers at real-time priority',
  run,
};
