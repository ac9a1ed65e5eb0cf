/**
 * What a run is judged by, gathered as it goes. Overload is fluid: at each second, what the shares
 * times the demand put on a server above its capacity.
 * @module
 */
import type { SimulatedFarm } from './farm.ts';
import { Histogram } from './histogram.ts';

/** One second of a run; arrays are by server. */
export interface Second {
  readonly atS: number;
  readonly demand: number;
  readonly capacity: readonly number[];
  readonly cost: readonly (number | null)[];
  readonly weight: readonly (number | null)[];
  readonly share: readonly number[];
  readonly utilization: readonly number[];
  /** Mean over the queries of the second, milliseconds; null when there was none. */
  readonly latencyMs: number | null;
}

export interface Figures {
  readonly overloadRatio: number;
  readonly lostRatio: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** The 99th percentile over time of the most utilized server's utilization. */
  readonly worstUtilization: number;
  readonly lsasPerServerPerMin: number;
  readonly setChangesPerMin: number;
  readonly needlessMovesRatio: number;
  /** The longest time after a disturbance until overload was gone for good; null for never. */
  readonly recoveryS: number | null;
  /** Turns of a server's share, up after down or down after up, per server and minute. */
  readonly oscillationIndex: number;
}

/** Overload below this part of the demand is none. */
const NO_OVERLOAD = 0.005;
/** A recovery counts when it lasts so long. */
const STEADY_S = 10;
/** A share's turn counts when it moved by so much of itself. */
const TURN_RATIO = 0.05;

export class Measure {
  readonly seconds: Second[] = [];
  readonly #farm: SimulatedFarm;
  readonly #latency = new Histogram();
  /** When something befell the farm, seconds, in order. */
  readonly #disturbances = new Set<number>();
  readonly #turns: Turns;
  #counting = false;
  #from = { atS: 0, sent: 0, lost: 0, lsas: 0, setChanges: 0, moves: 0, needless: 0 };
  #secondMs = 0;
  #secondQueries = 0;
  #demandSum = 0;
  #overloadSum = 0;
  readonly #overloads: { atS: number; ratio: number; least: number }[] = [];

  constructor(farm: SimulatedFarm) {
    this.#farm = farm;
    this.#turns = new Turns(farm.servers.length);
    farm.watch({
      taken: (_server, latencyMs) => {
        this.#secondMs += latencyMs;
        this.#secondQueries++;
        if (this.#counting) this.#latency.add(latencyMs);
      },
      lost: () => {},
    });
  }

  /** Figures count from now on. */
  startCounting(atS: number): void {
    this.#counting = true;
    this.#from = { atS, ...this.#counts() };
  }

  /** Something befell the farm; recovery is timed from here. */
  disturbed(atS: number): void {
    this.#disturbances.add(atS);
  }

  /** To be called once a second. */
  tick(atS: number, demand: number, shareOf: (index: number) => number): void {
    const { servers } = this.#farm;
    const capacity = servers.map((server) => server.capacityQueriesPerSecond);
    const share = servers.map((_, index) => shareOf(index));
    const said = servers.map((server) => server.role.services()[0]?.advertisement);
    this.seconds.push({
      atS,
      demand,
      capacity,
      share,
      cost: said.map((advertisement) => advertisement?.metric ?? null),
      weight: said.map((advertisement) => advertisement?.weight ?? null),
      utilization: share.map((each, i) => (demand * each) / Math.max(1e-9, capacity[i]!)),
      latencyMs: this.#secondQueries === 0 ? null : this.#secondMs / this.#secondQueries,
    });
    this.#secondMs = 0;
    this.#secondQueries = 0;
    if (!this.#counting) return;
    this.#turns.take(share);
    const over = share.reduce((sum, each, i) => sum + Math.max(0, demand * each - capacity[i]!), 0);
    const total = capacity.reduce((sum, each) => sum + each, 0);
    // What no spread could have served is not the spread's fault.
    const least = Math.max(0, demand - total);
    this.#overloadSum += over;
    this.#demandSum += demand;
    this.#overloads.push({ atS, ratio: over / demand, least: least / demand });
  }

  figures(atS: number): Figures {
    const { servers } = this.#farm;
    const minutes = (atS - this.#from.atS) / 60;
    const now = this.#counts();
    const moves = now.moves - this.#from.moves;
    const worst = this.seconds
      .filter((second) => second.atS > this.#from.atS)
      .map(({ utilization, capacity }) =>
        Math.max(...utilization.filter((_, i) => capacity[i]! > 0)),
      )
      .sort((a, b) => a - b);
    return {
      overloadRatio: this.#overloadSum / Math.max(1e-9, this.#demandSum),
      lostRatio: (now.lost - this.#from.lost) / Math.max(1, now.sent - this.#from.sent),
      latencyMs: { p50: this.#latency.quantile(0.5), p99: this.#latency.quantile(0.99) },
      worstUtilization: worst[Math.floor(0.99 * (worst.length - 1))] ?? Number.NaN,
      lsasPerServerPerMin: (now.lsas - this.#from.lsas) / servers.length / minutes,
      setChangesPerMin:
        (now.setChanges - this.#from.setChanges) / Math.max(1, this.#farm.routers.length) / minutes,
      needlessMovesRatio: moves === 0 ? 0 : (now.needless - this.#from.needless) / moves,
      recoveryS: this.#recoveryS(),
      oscillationIndex: this.#turns.count / servers.length / minutes,
    };
  }

  #counts() {
    const { sent, lost, setChanges, moves, needlessMoves, servers } = this.#farm;
    const lsas = servers.reduce((sum, server) => sum + server.lsasOriginated, 0);
    return { sent, lost, setChanges, moves, needless: needlessMoves, lsas };
  }

  /** The worst of all disturbances; 0 when there was none. */
  #recoveryS(): number | null {
    let longest = 0;
    const disturbances = [...this.#disturbances];
    for (const [i, atS] of disturbances.entries()) {
      const untilS = disturbances[i + 1] ?? Number.POSITIVE_INFINITY;
      const after = this.#overloads.filter((each) => each.atS >= atS && each.atS < untilS);
      const bad = ({ ratio, least }: { ratio: number; least: number }): boolean =>
        ratio - least > NO_OVERLOAD;
      const good = after.findIndex((_, from) => {
        const steady = after.slice(from, from + STEADY_S);
        return !steady.some(bad);
      });
      const first = after[good];
      if (first === undefined) return null;
      longest = Math.max(longest, first.atS - atS);
    }
    return longest;
  }
}

/** Counts how often shares turn back by more than noise. */
class Turns {
  count = 0;
  readonly #pivot: number[];
  readonly #direction: number[];
  #begun = false;

  constructor(servers: number) {
    this.#pivot = new Array<number>(servers).fill(0);
    this.#direction = new Array<number>(servers).fill(0);
  }

  take(shares: readonly number[]): void {
    for (const [i, share] of shares.entries()) {
      const pivot = this.#pivot[i]!;
      if (!this.#begun) {
        this.#pivot[i] = share;
        continue;
      }
      const direction = Math.sign(share - pivot);
      const moved = Math.abs(share - pivot) > TURN_RATIO * Math.max(share, pivot);
      if (direction === this.#direction[i]) this.#pivot[i] = share;
      else if (moved) {
        if (this.#direction[i] !== 0) this.count++;
        this.#direction[i] = direction;
        this.#pivot[i] = share;
      }
    }
    this.#begun = true;
  }
}
