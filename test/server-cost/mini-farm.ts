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
  pendingMs: number;
  alive: boolean;
  offered: number;
  lost: number;
  sent: number;
}

export interface MiniFarmConfig {
  readonly capacities: readonly number[];
  readonly queriesPerSecond: number;
  /** Whether routers spread by weights; if not, evenly over the least metric. */
  readonly weights: boolean;
  readonly cost?: Partial<CostConfig>;
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
  readonly #prng: Prng;
  #nextQueryMs = 0;

  constructor(config: MiniFarmConfig) {
    this.#prng = new Prng(config.seed ?? 1);
    this.#weights = config.weights;
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
      pendingMs: Number.POSITIVE_INFINITY,
      alive: true,
      offered: 0,
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
    if (server.pendingMs <= this.nowMs) {
      server.pendingMs = Number.POSITIVE_INFINITY;
      server.known = server.said;
      for (const one of this.servers) this.#tellFarm(one, one !== server);
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

  #hear(server: MiniServer): void {
    const { controller, lsaAtMs } = server;
    for (let output = controller.poll(); output !== undefined; output = controller.poll()) {
      server.outputs.push({ atMs: this.nowMs, output });
      if (output.kind !== 'advertise' && output.kind !== 'withdraw') continue;
      server.said = output.kind === 'advertise' ? output.advertisement : undefined;
      if (server.pendingMs !== Number.POSITIVE_INFINITY) continue;
      const atMs = Math.max(this.nowMs, (lsaAtMs.at(-1) ?? -Infinity) + 5000);
      lsaAtMs.push(atMs);
      server.pendingMs = atMs + FLOOD_MS;
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
