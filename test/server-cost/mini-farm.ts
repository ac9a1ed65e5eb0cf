/**
 * A farm small enough to read: real controllers and real queues, Poisson queries, and in place of
 * OSPF one rule: what a server says is known to everybody 300 ms later, and no sooner than
 * MinLSInterval after what it said before (the newest value wins).
 */
import { Prng } from '../../src/prng.ts';
import { COST_DEFAULTS, type CostConfig } from '../../src/server-cost/config.ts';
import type { FarmMember } from '../../src/server-cost/farm-member.ts';
import {
  type Advertisement,
  type ControllerOutput,
  ServiceController,
} from '../../src/server-cost/service-controller.ts';
import { ServiceQueue } from '../../src/sim/service-queue.ts';

const STEP_MS = 50;
const SAMPLE_MS = 250;
const FLOOD_MS = 300;

interface MiniLsa {
  /** What the last instance says, as text; undefined when there is none. */
  content: string | undefined;
  madeAtMs: number;
  /** When everybody will know the newest instance. */
  knownAtMs: number;
}

export interface MiniServer {
  readonly routerId: number;
  readonly controller: ServiceController;
  readonly queue: ServiceQueue;
  readonly outputs: { readonly atMs: number; readonly output: ControllerOutput }[];
  /** What everybody knows of it. */
  known: Advertisement | undefined;
  /** When each LSA was made. */
  readonly lsaAtMs: number[];
  said: Advertisement | undefined;
  /** The prefix with its metric, and the load with the weight: an LSA each, paced apart. */
  readonly lsas: readonly [prefix: MiniLsa, load: MiniLsa];
  alive: boolean;
  /** Queries of its own, and until when. */
  test: { readonly queriesPerSecond: number; readonly untilMs: number; nextMs: number } | undefined;
  offered: number;
  /** Queries above what it can do, per step. */
  overload: number;
  lost: number;
  sent: number;
}

const newLsa = (): MiniLsa => ({
  content: undefined,
  madeAtMs: Number.NEGATIVE_INFINITY,
  knownAtMs: Number.POSITIVE_INFINITY,
});

export interface MiniFarmConfig {
  readonly capacities: readonly number[];
  readonly queriesPerSecond: number;
  /** Whether routers spread by weights; if not, evenly over the least metric. */
  readonly weights: boolean;
  readonly cost?: Partial<CostConfig>;
  /** Whether a service can be loaded with queries of the server's own. */
  readonly selfTests?: boolean;
  readonly seed?: number;
}

export class MiniFarm {
  readonly servers: MiniServer[];
  nowMs = 0;
  queriesPerSecond: number;
  /** How often the set of servers that get queries changed. */
  setChanges = 0;
  #set = '';
  readonly #weights: boolean;
  readonly #selfTests: boolean;
  readonly #prng: Prng;
  #nextQueryMs = 0;

  constructor(config: MiniFarmConfig) {
    this.#prng = new Prng(config.seed ?? 1);
    this.#weights = config.weights;
    this.#selfTests = config.selfTests ?? true;
    this.queriesPerSecond = config.queriesPerSecond;
    const cost = { ...COST_DEFAULTS, ...config.cost };
    this.servers = config.capacities.map((capacityQueriesPerSecond, index) => ({
      routerId: index + 1,
      controller: new ServiceController(cost, { routerId: index + 1 }, this.#prng.fork()),
      queue: new ServiceQueue(
        { capacityQueriesPerSecond, workers: 1, bufferQueries: 128, serviceTime: 'exponential' },
        this.#prng.fork(),
      ),
      outputs: [],
      known: undefined,
      lsaAtMs: [],
      said: undefined,
      lsas: [newLsa(), newLsa()],
      alive: true,
      test: undefined,
      offered: 0,
      overload: 0,
      lost: 0,
      sent: 0,
    }));
    for (const server of this.servers) this.liveness(server, true);
  }

  liveness(server: MiniServer, alive: boolean): void {
    server.alive = alive;
    server.controller.handle({ kind: 'liveness', nowMs: this.nowMs, alive, reason: 'probe' });
    this.#hear(server);
  }

  /** Lets virtual time pass. */
  run(seconds: number): void {
    const endMs = this.nowMs + 1000 * seconds;
    while (this.nowMs < endMs) this.#step();
  }

  members(): FarmMember[] {
    return this.servers.flatMap(({ routerId, known }) =>
      known ? [{ routerId, ...known.load, weight: known.weight, metric: known.metric }] : [],
    );
  }

  /** Share of the queries that each server is due now, as routers spread. */
  shares(): number[] {
    const least = Math.min(...this.servers.map(({ known }) => known?.metric ?? Infinity));
    const parts = this.servers.map(({ known }) =>
      known === undefined || known.metric > least ? 0 : this.#weights ? known.weight : 1,
    );
    const total = parts.reduce((sum, part) => sum + part, 0);
    return parts.map((part) => (total > 0 ? part / total : 0));
  }

  #step(): void {
    const endMs = this.nowMs + STEP_MS;
    const shares = this.shares();
    const set = shares.map((share) => (share > 0 ? '1' : '0')).join('');
    if (set !== this.#set) this.setChanges++;
    this.#set = set;
    while (this.queriesPerSecond > 0 && this.#nextQueryMs < endMs) {
      this.#query(shares, Math.max(this.#nextQueryMs, this.nowMs));
      this.#nextQueryMs += this.#prng.exponential(1000 / this.queriesPerSecond);
    }
    this.servers.forEach((server, index) => {
      const due = this.queriesPerSecond * shares[index]!;
      const capacity = server.alive ? server.queue.capacityQueriesPerSecond : 0;
      server.overload += (Math.max(0, due - capacity) * STEP_MS) / 1000;
    });
    this.nowMs = endMs;
    for (const server of this.servers) this.#tick(server);
  }

  #query(shares: readonly number[], atMs: number): void {
    let draw = this.#prng.unit();
    const server = this.servers.find((_, index) => {
      draw -= shares[index]!;
      return draw < 0;
    });
    if (server === undefined) return;
    server.offered++;
    if (!server.alive || server.queue.offer(atMs) === undefined) server.lost++;
  }

  #tick(server: MiniServer): void {
    const { controller } = server;
    for (const lsa of server.lsas) {
      if (lsa.knownAtMs > this.nowMs) continue;
      lsa.knownAtMs = Number.POSITIVE_INFINITY;
      this.#install(server, lsa === server.lsas[0]);
      for (const one of this.servers) this.#tellFarm(one, one !== server);
    }
    const { test } = server;
    if (test !== undefined) {
      for (; test.nextMs < Math.min(this.nowMs, test.untilMs); ) {
        server.queue.offer(test.nextMs);
        test.nextMs += 1000 / test.queriesPerSecond;
      }
      if (this.nowMs >= test.untilMs) server.test = undefined;
    }
    if (server.alive && this.nowMs % SAMPLE_MS === 0) {
      const sample = server.queue.sample(this.nowMs);
      controller.handle({ kind: 'sample', nowMs: this.nowMs, sample });
    }
    if (controller.deadlineMs() <= this.nowMs) {
      controller.handle({ kind: 'deadline', nowMs: this.nowMs });
    }
    this.#hear(server);
  }

  #tellFarm({ controller }: MiniServer, ofPeer: boolean): void {
    const { nowMs } = this;
    if (ofPeer) controller.handle({ kind: 'peerAdvertised', nowMs });
    controller.handle({
      kind: 'farm',
      nowMs,
      members: this.members(),
      allRoutersUseWeights: this.#weights,
    });
  }

  /** What a server says becomes known, the prefix or the load. */
  #install(server: MiniServer, isPrefix: boolean): void {
    const { said } = server;
    if (said === undefined) server.known = undefined;
    else if (isPrefix) server.known = { ...(server.known ?? said), metric: said.metric };
    else server.known = { ...said, metric: server.known?.metric ?? said.metric };
  }

  #originate(server: MiniServer, lsa: MiniLsa, content: string | undefined): void {
    if (lsa.content === content) return;
    lsa.content = content;
    if (lsa.knownAtMs !== Number.POSITIVE_INFINITY) return;
    lsa.madeAtMs = Math.max(this.nowMs, lsa.madeAtMs + 5000);
    lsa.knownAtMs = lsa.madeAtMs + FLOOD_MS;
    server.lsaAtMs.push(lsa.madeAtMs);
  }

  #hear(server: MiniServer): void {
    const { controller } = server;
    for (let output = controller.poll(); output !== undefined; output = controller.poll()) {
      server.outputs.push({ atMs: this.nowMs, output });
      if (output.kind === 'selfTest' && this.#selfTests) {
        const { queriesPerSecond, durationMs } = output;
        const untilMs = this.nowMs + durationMs;
        server.test = { queriesPerSecond, untilMs, nextMs: this.nowMs };
      }
      if (!['advertise', 'withdraw', 'standBy'].includes(output.kind)) continue;
      server.said = output.kind === 'advertise' ? output.advertisement : undefined;
      const { said } = server;
      this.#originate(server, server.lsas[0], said && `${said.metric}`);
      this.#originate(server, server.lsas[1], said && JSON.stringify([said.weight, said.load]));
    }
  }
}

/** By how much a share is off what its server's capacity is due, the worst of the farm. */
export function worstShareError(farm: MiniFarm): number {
  const capacities = farm.servers.map(({ queue, alive }) =>
    alive ? queue.capacityQueriesPerSecond : 0,
  );
  const total = capacities.reduce((sum, capacity) => sum + capacity, 0);
  const shares = farm.shares();
  return Math.max(
    ...capacities.map((capacity, index) =>
      capacity > 0 ? Math.abs((shares[index]! * total) / capacity - 1) : 0,
    ),
  );
}

/** Share of all queries that were offered above capacity since the counters were cleared. */
export function overloadRatio(farm: MiniFarm): number {
  const sum = (key: 'offered' | 'overload'): number =>
    farm.servers.reduce((total, server) => total + server[key], 0);
  return sum('overload') / Math.max(1, sum('offered'));
}

export function clearCounters(farm: MiniFarm): void {
  farm.setChanges = 0;
  for (const server of farm.servers) {
    server.offered = 0;
    server.overload = 0;
    server.lost = 0;
    server.lsaAtMs.splice(0, server.lsaAtMs.length - 1);
  }
}
