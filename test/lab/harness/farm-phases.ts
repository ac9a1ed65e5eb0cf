/**
 * What is done to a farm of daemons, and what must come of it, whatever the mode and the way: shares,
 * a weight that changes, a service that freezes, servers that drain, stop and are killed, a router
 * that starts again, and connections that live through it.
 */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { bucketOf, flowHash } from '../../../src/anycast/flow-hash.ts';
import { parseAddress } from '../../../src/wire/address.ts';
import { DATAGRAM_WAYS, type DaemonFarm, SERVICES, type Way } from './daemon-farm.ts';
import {
  askFlows,
  LiveConnections,
  type LoadResult,
  SteadyLoad,
  settle,
  sharesOf,
} from './dns-farm.ts';
import { run, until } from './process.ts';

const FLOWS = 20_000;
const QUERIES_PER_SECOND = 2000;
/** What may move beyond what must: placement that routers agree on has this price. */
const NEEDLESS_LIMIT: Readonly<Record<Way, number>> = { groups: 0, buckets: 0.03, connections: 0 };

type Flows = ReadonlyMap<string, string>;
export type FlowsByWay = Readonly<Record<(typeof DATAGRAM_WAYS)[number], Flows>>;

const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`;
const sumOf = (weights: readonly number[]): number => weights.reduce((a, b) => a + b, 0);

/** A part of a scenario: what fails in it is told with its name, and so is how long it took. */
export async function phase<T>(title: string, body: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    const result = await body();
    console.log(`${title}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    throw new Error(`${title}: ${(error as Error).message}`, { cause: error });
  }
}

/** Asks flows of both ways at once. */
async function ask(farm: DaemonFarm, flows: number): Promise<FlowsByWay> {
  const { client } = farm.farm;
  const [groups, buckets] = await Promise.all(
    // From other ports, as the two ask at the same time.
    DATAGRAM_WAYS.map((way, i) => askFlows(client, flows, 3, 2 * FLOWS * i, SERVICES[way])),
  );
  return { groups: groups!, buckets: buckets! };
}

const movedBetween = (before: Flows, after: Flows): [string, string][] =>
  [...after].filter(([flow, name]) => before.get(flow) !== name);

export function expectShares(flows: Flows, weights: readonly number[], what: string): void {
  const sum = sumOf(weights);
  const shares = sharesOf(flows);
  const told = weights.map((weight, i) => {
    return `s${i + 1} wanted ${percent(weight / sum)} measured ${percent(shares.get(`s${i + 1}`) ?? 0)}`;
  });
  console.log(`${what}, ${flows.size} flows: ${told.join(', ')}`);
  expect(flows.size).toBe(FLOWS);
  for (const [i, weight] of weights.entries()) {
    const wanted = weight / sum;
    expect(Math.abs((shares.get(`s${i + 1}`) ?? 0) - wanted)).toBeLessThanOrEqual(0.05 * wanted);
  }
}

interface Share {
  readonly service: string;
  readonly nextHop: string;
  readonly wantedRatio: number;
  readonly packets: number;
}

/** 20,000 flows of both ways follow the weights, and the router tells what it measures. */
export async function spreadsByWeight(farm: DaemonFarm): Promise<FlowsByWay> {
  const { weights } = farm.config;
  const flows = await ask(farm, FLOWS);
  const all = await farm.router.show<Share[]>('shares');
  for (const way of DATAGRAM_WAYS) {
    expectShares(flows[way], weights, `by ${way}`);
    const rows = all.filter(({ service }) => service.startsWith(SERVICES[way]));
    const packets = rows.reduce((sum, row) => sum + row.packets, 0);
    expect(packets).toBeGreaterThanOrEqual(FLOWS);
    for (const [i, weight] of weights.entries()) {
      const { linkLocal } = farm.server(i + 1);
      const row = rows.find(({ nextHop }) => nextHop.endsWith(` ${linkLocal}`));
      expect(row?.wantedRatio).toBeCloseTo(weight / sumOf(weights), 6);
      expect(Math.abs(row!.packets / packets - row!.wantedRatio)).toBeLessThan(0.02);
    }
  }
  return flows;
}

/** The first server's weight changes to 60: what moves is what must. */
export async function weightChangeMoves(
  farm: DaemonFarm,
  first: FlowsByWay,
  tell: (way: Way, weight: number) => Promise<void>,
): Promise<void> {
  const before = farm.config.weights;
  const after = [60, ...before.slice(1)];
  for (const way of DATAGRAM_WAYS) await tell(way, 60);
  await until('the kernel has moved what is idle', () => farm.balanced(after));
  const second = await ask(farm, FLOWS);
  const due = before[0]! / sumOf(before) - 60 / sumOf(after);
  for (const way of DATAGRAM_WAYS) {
    expectShares(second[way], after, `by ${way}, s1 from ${before[0]} to 60`);
    const moved = movedBetween(first[way], second[way]);
    const needless = moved.filter(([flow]) => first[way].get(flow) !== 's1');
    console.log(
      `by ${way}: moved ${percent(moved.length / FLOWS)}, due ${percent(due)}, ` +
        `needless ${percent(needless.length / FLOWS)}`,
    );
    const ofService = `service="${SERVICES[way]}/128"`;
    expect(await farm.figure(`tidecast_spread_changes_total{${ofService}}`)).toBeGreaterThan(1);
    // The first set is 1024 moves, and more have moved since.
    const dueMoves = await farm.figure(`tidecast_spread_moves_total{${ofService},kind="due"}`);
    expect(dueMoves).toBeGreaterThan(1024);
    expect(needless.length / FLOWS).toBeLessThanOrEqual(NEEDLESS_LIMIT[way]);
    expect(moved.length / FLOWS).toBeLessThan(due * 1.1 + NEEDLESS_LIMIT[way]);
  }
  expect(await farm.figure('tidecast_spread_packets_total{')).toBeGreaterThan(FLOWS / 4);
  for (const way of DATAGRAM_WAYS) await tell(way, before[0]!);
  await until('the kernel has moved them back', () => farm.balanced(before));
}

/** A load on both services. */
class Loads {
  readonly #loads: readonly SteadyLoad[];

  constructor(farm: DaemonFarm) {
    const { client } = farm.farm;
    this.#loads = DATAGRAM_WAYS.map((way) => {
      return new SteadyLoad(client, QUERIES_PER_SECOND, 120, SERVICES[way]);
    });
  }

  async stop(what: string): Promise<Record<(typeof DATAGRAM_WAYS)[number], LoadResult>> {
    const [groups, buckets] = await Promise.all(this.#loads.map((load) => load.stop()));
    const results = { groups: groups!, buckets: buckets! };
    for (const way of DATAGRAM_WAYS) {
      const { sent, lost } = results[way];
      console.log(`${what}, by ${way}: ${lost} of ${sent} queries lost, ${percent(lost / sent)}`);
    }
    return results;
  }
}

/** When a server has left the kernel in both ways, since a moment. */
async function outOfKernel(farm: DaemonFarm, number: number, what: string, withinMs: number) {
  const sinceMs = performance.now();
  const tookMs = await Promise.all(
    DATAGRAM_WAYS.map(async (way) => {
      const gone = async () => !(await farm.inKernel(way, number));
      await until(`${what}: the kernel has the others alone, by ${way}`, gone, withinMs, 20);
      return performance.now() - sinceMs;
    }),
  );
  console.log(
    `${what}: out of the kernel after ${tookMs.map((ms) => ms.toFixed(0)).join(' and ')} ms`,
  );
  return Math.max(...tookMs);
}

/** What a server's share of a load amounts to in so long, by half more. */
export const shareOfLoad = (share: number, ms: number): number =>
  1.5 * share * QUERIES_PER_SECOND * (ms / 1000);

/**
 * A service freezes under load: its server says so, and serves again when it thaws.
 * @param mostLost - of one load, by how much was sent.
 */
export async function freezes(
  farm: DaemonFarm,
  number: number,
  { mostMs, mostLost }: { mostMs: number; mostLost: (sent: number) => number },
): Promise<void> {
  const { node } = farm.server(number);
  const inside = (await run('ip', 'netns', 'pids', node.namespace)).trim().split(/\s+/);
  const nsd = inside.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('nsd'));
  expect(nsd.length).toBeGreaterThan(0);
  const loads = new Loads(farm);
  await settle(0.5);
  for (const pid of nsd) process.kill(Number(pid), 'SIGSTOP');
  const tookMs = await outOfKernel(farm, number, 'frozen', 10_000);
  const results = await loads.stop('frozen');
  expect(tookMs).toBeLessThan(mostMs);
  for (const { sent, lost } of Object.values(results)) expect(lost).toBeLessThan(mostLost(sent));
  for (const pid of nsd) process.kill(Number(pid), 'SIGCONT');
  for (const way of DATAGRAM_WAYS) {
    await until(`it serves again, by ${way}`, () => farm.inKernel(way, number), 30_000);
  }
}

/**
 * The fourth server drains and the third stops under load, and the router starts again twice, killed
 * the second time: no query is lost, and the restarts move no flow.
 * @param lastS - how long after a start the router is killed, or asked about.
 * @param settled - whether the restarted router has nothing of the run before to go on with.
 */
export async function drainsStopsAndRestarts(
  farm: DaemonFarm,
  lastS: { readonly first: number; readonly second: number },
  settled: () => Promise<boolean> | boolean,
): Promise<void> {
  const [first, second] = farm.config.weights;
  const loads = new Loads(farm);
  await settle(0.5);
  // The third's daemon says goodbye; its NSD still answers what is under way.
  await Promise.all([farm.command(4, 'drain'), farm.daemon(3).stop()]);
  const nobody = 'no new flow reaches the drained server, no flow the stopped one';
  await until(nobody, () => farm.reaches(1, 2));
  await until('the last buckets have moved', () => farm.balanced([first!, second!, 0, 0]));
  const before = await ask(farm, 1000);
  const movedSince = async (when: string): Promise<void> => {
    const after = await ask(farm, 1000);
    for (const way of DATAGRAM_WAYS) {
      const moved = movedBetween(before[way], after[way]);
      console.log(`by ${way}: ${moved.length} of 1000 flows moved ${when}`);
      expect(moved).toEqual([]);
    }
  };
  await farm.stopRouter('SIGTERM');
  await settle(1);
  await farm.startRouter();
  await settle(lastS.first);
  await farm.stopRouter('SIGKILL');
  await farm.startRouter();
  await settle(lastS.second);
  await movedSince('by two restarts');
  await until('the restarted router has settled', settled);
  await until('the kernel has what it wants', () => farm.balanced([first!, second!, 0, 0]));
  await movedSince('when the router has settled');
  const results = await loads.stop('drain, stop and two restarts of the router');
  for (const { sent, lost } of Object.values(results)) {
    expect(sent).toBeGreaterThan(20_000);
    expect(lost).toBe(0);
  }
}

/** One server drains and another stops under load, and both come back: no query is lost. */
export async function drainsAndStops(
  farm: DaemonFarm,
  { drained, stopped }: { readonly drained: number; readonly stopped: number },
  { others, all }: { readonly others: readonly number[]; readonly all: readonly number[] },
  comeBack: () => Promise<void>,
): Promise<void> {
  const loads = new Loads(farm);
  await settle(0.5);
  // The stopped one's daemon says goodbye; its NSD still answers what is under way.
  await Promise.all([farm.command(drained, 'drain'), farm.daemon(stopped).stop()]);
  await until('new flows reach the others alone', () => farm.reaches(...others), 30_000);
  await comeBack();
  await until('new flows reach all of them again', () => farm.reaches(...all), 30_000);
  const results = await loads.stop('one drained, one stopped, both back');
  for (const { sent, lost } of Object.values(results)) {
    expect(sent).toBeGreaterThan(QUERIES_PER_SECOND);
    expect(lost).toBe(0);
  }
}

/**
 * Connections live through a weight change, from 100 to 60 of the first of two servers, and the
 * arrival of the third: by groups with timers for connections all of them; by buckets, which have no
 * such timers, all but those whose bucket must move.
 */
export async function connectionsSurvive(
  farm: DaemonFarm,
  tell: (way: Way, weight: number) => Promise<void>,
  join: () => Promise<void>,
): Promise<void> {
  const { client } = farm.farm;
  const ways = ['connections', 'buckets'] as const;
  const live = ways.map((way) => new LiveConnections(client, 200, SERVICES[way]));
  await settle(1.5);
  const tables = [await farm.ownersInKernel('buckets')];
  const note = async (what: string, weights: readonly number[]): Promise<void> => {
    await until(`${what}, by buckets`, () => farm.balanced(weights, ['buckets']), 30_000);
    tables.push(await farm.ownersInKernel('buckets'));
  };
  for (const way of ways) await tell(way, 60);
  await note('the weight has changed', [60, 100, 0, 0]);
  await join();
  await note('the third has joined', [60, 100, 100, 0]);
  await until('new connections reach the third', () => farm.inKernel('connections', 3));
  await settle(1); // whoever moved has met a server that does not know him
  const [kept, byBuckets] = await Promise.all(live.map((one) => one.close()));
  const broken = kept!.connections.filter((connection) => connection.broken).length;
  const named = (result: typeof kept) => [...new Set(result!.connections.map((one) => one.server))];
  console.log(
    `a weight changed and a server joined: ${broken} of ${kept!.connections.length} connections broken`,
  );
  expect(kept!.connections).toHaveLength(200);
  expect(named(kept).sort()).toEqual(['s1', 's2']);
  expect(broken).toBe(0);
  const portsOf = (connections: readonly { address: string; port: number }[]): string[] =>
    connections.map(({ address, port }) => `${address} ${port}`).sort();
  const mustMove = byBuckets!.connections.filter(({ address, port }) => {
    const bucket = bucketOf(flowHash(parseAddress(address), port), tables[0]!.length);
    return new Set(tables.map((table) => table[bucket])).size > 1;
  });
  const brokenByBuckets = byBuckets!.connections.filter((connection) => connection.broken);
  console.log(
    `by buckets: ${brokenByBuckets.length} of ${byBuckets!.connections.length} broken, ` +
      `those of the ${mustMove.length} whose bucket moved`,
  );
  expect(byBuckets!.connections).toHaveLength(200);
  expect(portsOf(brokenByBuckets)).toEqual(portsOf(mustMove));
}

/** A server dies with all that is on it, under load: lost is its share until it is missed. */
export async function killed(
  farm: DaemonFarm,
  number: number,
  { what, share, mostMs }: { what: string; share: number; mostMs: number },
): Promise<void> {
  const server = farm.server(number);
  for (const way of DATAGRAM_WAYS) expect(await farm.inKernel(way, number)).toBe(true);
  const loads = new Loads(farm);
  await settle(0.5);
  server.nsd.child.kill('SIGKILL');
  const down = server.node.ip('link set eth0 down');
  const tookMs = await Promise.all([
    outOfKernel(farm, number, what, 8000),
    down.then(() => farm.daemon(number).stop('SIGKILL')),
  ]);
  const results = await loads.stop(what);
  expect(tookMs[0]).toBeLessThan(mostMs);
  for (const { lost } of Object.values(results)) {
    expect(lost).toBeLessThan(shareOfLoad(share, mostMs));
  }
}
