/**
 * Four Tidecast servers of one service under a Tidecast router and an FRR router on one link, what
 * may happen to them, and what the routers must make of it.
 */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Prng } from '../../../src/prng.ts';
import { adoptionDeadlineMs } from '../../../src/router/adopted-services.ts';
import { FRR_AT_ONCE, frrOspf6d, SERVICE, tidecastRouter, tidecastServer } from './configs.ts';
import type { FrrRouter } from './frr.ts';
import type { Lab } from './lab.ts';
import type { LabNode } from './node.ts';
import { pause, run, until } from './process.ts';
import type { TidecastNode } from './tidecast.ts';

const SERVERS = 4;
const WEIGHTS = [50, 100, 150, 200] as const;
const DEAD_INTERVAL_MS = 4000;
/** A freeze that nobody may notice, and one that everybody must. */
const SHORT_FREEZE_MS = 1500;
const LONG_FREEZE_MS = DEAD_INTERVAL_MS + 2000;
const MIN_LS_INTERVAL_MS = 5000;
/** The latest that a server prompts FRR 8.4 to put right what it got wrong. */
const PROMPTED_MS = 15_000;
/** How often the router compares what the kernel has with what it should have. */
const RECONCILE_MS = 30_000;
/** The last change is noticed, paced and said; then the longest that a router may need for it. */
const FOLLOWED_MS =
  DEAD_INTERVAL_MS +
  MIN_LS_INTERVAL_MS +
  Math.max(PROMPTED_MS, RECONCILE_MS, adoptionDeadlineMs(DEAD_INTERVAL_MS));

/** For how long next hops must be the right ones. */
const STAYS_MS = 1000;

const ROUTER = tidecastRouter('10.0.0.2', [{ name: 'eth0', priority: 10 }]);
const FRR = frrOspf6d('10.0.0.1', [{ name: 'eth0', priority: 20 }], FRR_AT_ONCE);
const OURS = 'proto 177';

/** A server, and what became of it. */
interface Server {
  readonly name: string;
  readonly number: number;
  readonly node: LabNode;
  readonly linkLocal: string;
  daemon: TidecastNode;
  weight: number;
  runs: boolean;
  linked: boolean;
  enabled: boolean;
  drains: boolean;
  /** Settles when its freeze is over; there until next hops are looked at, so that a seed decides. */
  frozen: Promise<void> | undefined;
}

type Act = (server: Server, farm: RandomFarm) => Promise<unknown>;

/** What may happen to a server, by name: when it may, and what is done. */
const OF_SERVERS = {
  // One at a time drains; another would wait for it.
  drain: [
    (one, all) => commanded(one) && one.enabled && !all.some(({ drains }) => drains),
    (one) => tell(one, 'drain', { drains: true }),
  ],
  undrain: [
    (one) => commanded(one) && one.drains,
    (one) => tell(one, 'undrain', { drains: false }),
  ],
  disable: [
    (one) => commanded(one) && one.enabled,
    (one) => tell(one, 'disable', { enabled: false, drains: false }),
  ],
  enable: [
    (one) => commanded(one) && !one.enabled,
    (one) => tell(one, 'enable', { enabled: true }),
  ],
  kill: [(one) => commanded(one), (one) => stop(one, 'SIGKILL')],
  terminate: [(one) => commanded(one), (one) => stop(one, 'SIGTERM')],
  start: [(one) => !one.runs, (one, farm) => farm.start(one)],
  cut: [(one) => one.linked && one.frozen === undefined, (one) => link(one, 'down')],
  join: [(one) => !one.linked, (one) => link(one, 'up')],
  freezeShortly: [(one) => commanded(one), async (one) => freeze(one, SHORT_FREEZE_MS)],
  freezeLong: [(one) => commanded(one), async (one) => freeze(one, LONG_FREEZE_MS)],
} satisfies Record<string, [(one: Server, all: readonly Server[]) => boolean, Act]>;

/** What may happen to the router. */
const OF_ROUTER = {
  killRouter: (farm) => farm.restartRouter(),
  deleteRoute: async ({ router }) => {
    const held = await router.kernelRoutes(`${SERVICE} ${OURS}`);
    if (held.length > 0) await router.ip(`-6 route del ${SERVICE} ${OURS}`);
  },
  flushNextHop: async ({ router }) => {
    const text = await router.ip(`-json nexthop show ${OURS}`);
    const [first] = JSON.parse(text || '[]') as { id: number }[];
    if (first !== undefined) await router.ip(`nexthop del id ${first.id}`);
  },
  flushNeighbors: ({ router }) => router.ip('neigh flush dev eth0'),
} satisfies Record<string, (farm: RandomFarm) => Promise<unknown>>;

type OfServer = keyof typeof OF_SERVERS;
type OfRouter = keyof typeof OF_ROUTER;
export type FarmEvent = OfServer | OfRouter;

/** What happens in one run, each as often as it is here. */
export const EVENTS: readonly FarmEvent[] = [
  ...(['drain', 'drain', 'undrain', 'undrain'] as const),
  ...(['disable', 'disable', 'enable'] as const),
  ...(['kill', 'kill', 'terminate', 'terminate', 'start', 'start', 'start'] as const),
  ...(['cut', 'cut', 'join', 'join', 'freezeShortly', 'freezeLong'] as const),
  ...(['killRouter', 'deleteRoute', 'flushNextHop', 'flushNeighbors'] as const),
];

export class RandomFarm {
  readonly router: LabNode;
  readonly servers: readonly Server[];
  readonly #frrNode: LabNode;
  readonly #frr: FrrRouter;
  readonly #prng: Prng;
  #daemon: TidecastNode;

  private constructor(
    nodes: { readonly router: LabNode; readonly frr: LabNode },
    daemons: { readonly router: TidecastNode; readonly frr: FrrRouter },
    servers: readonly Server[],
    prng: Prng,
  ) {
    this.router = nodes.router;
    this.#frrNode = nodes.frr;
    this.#daemon = daemons.router;
    this.#frr = daemons.frr;
    this.servers = servers;
    this.#prng = prng;
  }

  /** A farm whose routers spread over all servers. */
  static async build(lab: Lab, prng: Prng): Promise<RandomFarm> {
    const nodes = { router: await lab.node('r'), frr: await lab.node('f') };
    const servers: LabNode[] = [];
    for (let i = 1; i <= SERVERS; i++) servers.push(await lab.node(`s${i}`));
    const ends = [nodes.router, nodes.frr, ...servers].map((node) => [node, 'eth0'] as const);
    await lab.bridge('sw', ends);
    const [router, frr, ...made] = await Promise.all([
      nodes.router.tidecast(ROUTER),
      nodes.frr.frr({ ospf6d: FRR }),
      ...servers.map((node, i) => serverOf(node, i + 1)),
    ] as const);
    const farm = new RandomFarm(nodes, { router, frr }, made, prng);
    await farm.followed();
    return farm;
  }

  mayHappen(event: FarmEvent): boolean {
    return isOfRouter(event) || this.#candidates(event).length > 0;
  }

  /** Lets it happen, to one of those that it can. @returns what happened, for people. */
  async happen(event: FarmEvent): Promise<string> {
    if (isOfRouter(event)) {
      await OF_ROUTER[event](this);
      return event;
    }
    const server = this.#draw(this.#candidates(event));
    await OF_SERVERS[event][1](server, this);
    return `${event} ${server.name}`;
  }

  /** Every server is there, enabled and not drained again. */
  async restore(): Promise<void> {
    await this.#thawed();
    for (const one of this.servers) {
      if (!one.linked) await link(one, 'up');
      if (!one.runs) await this.start(one);
      if (!one.enabled) await tell(one, 'enable', { enabled: true });
      if (one.drains) await tell(one, 'undrain', { drains: false });
    }
  }

  /** Starts a server anew, with a weight that is drawn. */
  async start(server: Server): Promise<void> {
    server.weight = this.#draw(WEIGHTS);
    server.daemon = await server.node.tidecast(configOf(server.number, server.weight));
    Object.assign(server, { runs: true, enabled: true, drains: false });
  }

  async restartRouter(): Promise<void> {
    await this.#daemon.stop('SIGKILL');
    await pause(this.#prng.below(1000));
    this.#daemon = await this.router.tidecast(ROUTER);
  }

  expectAllRunning(): void {
    const ended = this.servers.filter(({ runs, daemon }) => runs && !daemon.daemon.running);
    expect(ended.map(({ name }) => name)).toEqual([]);
    expect(this.#daemon.daemon.running).toBe(true);
  }

  /** Waits until both routers have the servers that there are, and these weights. */
  async followed(): Promise<void> {
    await this.#thawed();
    this.expectAllRunning();
    const want = this.#wanted();
    const hops = want.map(({ linkLocal }) => linkLocal).sort();
    const weighted = want.map(({ linkLocal, weight }) => `${linkLocal} ${weight}`).sort();
    const same = (got: readonly string[], wanted: readonly string[]) => {
      if (got.join() === wanted.join()) return true;
      throw new Error(`wanted ${wanted.join(', ')}\ngot ${got.join(', ')}`);
    };
    const looks = {
      'our kernel': async () => same(await this.#kernel(), weighted),
      FRR: async () => same(await this.#frrNextHops(), hops),
      'FRR’s kernel': async () => same(await this.#frrNode.gateways(SERVICE), hops),
    };
    // What is right already may be what was before: it has to stay.
    const stays = async (look: () => Promise<boolean>) => {
      await look();
      await pause(STAYS_MS);
      return look();
    };
    await Promise.all(
      Object.entries(looks).map(([what, look]) => until(what, () => stays(look), FOLLOWED_MS)),
    );
    this.expectAllRunning();
  }

  /** Tells everybody of ours to end, the servers first. */
  async end(): Promise<void> {
    for (const { daemon } of this.servers) await daemon.stop();
    await this.#daemon.stop();
  }

  /** Lines of the logs of ours that are errors, or no lines of a log. */
  complaints(): string[] {
    const logs = [this.#daemon, ...this.servers.map(({ daemon }) => daemon)];
    return logs.flatMap((one) => one.log().split('\n').filter(Boolean)).filter(isComplaint);
  }

  async #thawed(): Promise<void> {
    for (const one of this.servers) {
      await one.frozen;
      one.frozen = undefined;
    }
  }

  #draw<T>(from: readonly T[]): T {
    return from[this.#prng.below(from.length)]!;
  }

  #candidates(event: OfServer): readonly Server[] {
    return this.servers.filter((one) => OF_SERVERS[event][0](one, this.servers));
  }

  /** Those that serve; the ones that drain only when there is nobody else. */
  #wanted(): readonly Server[] {
    const there = this.servers.filter(({ runs, linked, enabled }) => runs && linked && enabled);
    const nearest = there.filter(({ drains }) => !drains);
    return nearest.length > 0 ? nearest : there;
  }

  async #kernel(): Promise<string[]> {
    const hops = await this.router.kernelNextHops(SERVICE);
    // A group of one has no weights.
    const [only] = hops.length === 1 ? this.#wanted() : [];
    return hops.map(({ gateway, weight }) => `${gateway} ${only?.weight ?? weight}`).sort();
  }

  /** Of the best route alone; in JSON a worse one of the same prefix takes its place. */
  async #frrNextHops(): Promise<string[]> {
    const [best = ''] = (await this.#frr.vtysh('show ipv6 ospf6 route detail'))
      .split('Destination: ')
      .filter((one) => one.startsWith(`${SERVICE}/128`) && /Flags: B/.test(one));
    return [...best.matchAll(/^ +(fe80::\S+) eth0$/gm)].map(([, address]) => address!).sort();
  }
}

const isOfRouter = (event: FarmEvent): event is OfRouter => event in OF_ROUTER;

/** Whether it hears what it is told. */
const commanded = ({ runs, frozen }: Server): boolean => runs && frozen === undefined;

/** Without easing in, and with drains that outlast the scenario. */
const configOf = (number: number, weight: number): string =>
  tidecastServer(
    `10.0.0.${10 + number}`,
    [{ name: 'eth0', priority: 0 }],
    `    weight: ${weight}\n    cost: { rampWindowS: 0, drainTimeoutMs: 3600000 }\n`,
  );

async function serverOf(node: LabNode, number: number): Promise<Server> {
  const weight = WEIGHTS[number - 1]!;
  return {
    name: node.name,
    number,
    node,
    linkLocal: await node.linkLocal('eth0'),
    daemon: await node.tidecast(configOf(number, weight)),
    weight,
    runs: true,
    linked: true,
    enabled: true,
    drains: false,
    frozen: undefined,
  };
}

async function tell(server: Server, verb: string, then: Partial<Server>): Promise<void> {
  const socket = join(server.node.directory, 'tidecast.sock');
  const url = `http://localhost/v1/services/dns/${verb}`;
  await run('curl', '-sS', '--fail', '-X', 'POST', '--unix-socket', socket, url);
  Object.assign(server, then);
}

async function stop(server: Server, signal: NodeJS.Signals): Promise<void> {
  await server.daemon.stop(signal);
  const { code } = await server.daemon.daemon.exited;
  expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
  Object.assign(server, { runs: false, drains: false });
}

async function link(server: Server, to: 'up' | 'down'): Promise<void> {
  await server.node.ip(`link set eth0 ${to}`);
  server.linked = to === 'up';
}

function freeze(server: Server, forMs: number): void {
  const { child } = server.daemon.daemon;
  child.kill('SIGSTOP');
  server.frozen = pause(forMs).then(() => {
    child.kill('SIGCONT');
  });
}

/** Levels of pino: error is 50, fatal 60. */
function isComplaint(line: string): boolean {
  try {
    return (JSON.parse(line) as { level: number }).level >= 50;
  } catch {
    return true; // such as what Node says when it ends
  }
}
