import { describe, expect, it } from '@jest/globals';
import {
  CAPACITY_UNIT,
  LOAD_RATIO,
  ROUTER_DEAD_INTERVAL_S,
  SERVERS,
} from '../../src/demo/settings.ts';
import { ShareMeter } from '../../src/demo/share-meter.ts';
import { type FarmObservation, failuresOf, type RunRecord } from '../../src/demo/verdict.ts';
import type { SimulatedFarm } from '../../src/sim/farm.ts';
import { demoFarm, steadyDemand } from './demo-farm.ts';

const total = SERVERS.reduce((sum, server) => sum + server.capacityQueriesPerSecond, 0);

/** The unattended run of the demonstration, in virtual time. */
function run(seed: number, durationS: number): { record: RunRecord; farm: SimulatedFarm } {
  const farm = demoFarm(seed, SERVERS);
  const { world, servers } = farm;
  farm.comeTogether(30_000);
  const startMs = world.nowMs;
  const meter = new ShareMeter();
  const observations: FarmObservation[] = [];
  const look = (): void => {
    meter.take(world.nowMs, new Map(servers.map(({ name, sent }) => [name, sent])));
    observations.push({
      atMs: world.nowMs - startMs,
      servers: servers.map((server) => ({
        name: server.name,
        state: '',
        cost: null,
        weight: null,
        wantedShare: farm.wantedShareOf(server),
        measuredShare: meter.shareOf(server.name),
        utilization: 0,
        capacityQueriesPerSecond: server.capacityQueriesPerSecond,
      })),
    });
  };
  look();
  world.every(250, look);
  farm.startDemand(steadyDemand(LOAD_RATIO * total, seed));
  const third = (durationS * 1000) / 3;
  world.run(startMs + third);
  const firstThird = { sent: farm.sent, lost: farm.lost };
  servers[0]!.queue.capacityQueriesPerSecond = CAPACITY_UNIT / 2;
  world.run(startMs + 2 * third);
  const dead = servers[1]!;
  farm.kill(dead);
  const sentBefore = dead.sent;
  world.run(startMs + 3 * third);
  const record: RunRecord = {
    observations,
    congestedAtMs: third,
    killedAtMs: 2 * third,
    firstThird,
    routerDeadIntervalMs: ROUTER_DEAD_INTERVAL_S * 1000,
    ...(dead.sent > sentBefore ? { lastSentToDeadMs: dead.lastSentMs - startMs } : {}),
  };
  return { record, farm };
}

describe('the unattended run in virtual time', () => {
  it.each([1, 2, 3])('does its job with seed %i', (seed) => {
    const { record, farm } = run(seed, 30);
    expect(failuresOf(record)).toEqual([]);
    expect(farm.sent).toBeGreaterThan(30 * LOAD_RATIO * total * 0.95);
    // The kill is felt until the dead interval is over, and only then nothing is sent any more.
    expect(record.lastSentToDeadMs! - record.killedAtMs!).toBeGreaterThan(2000);
  });

  it('is the same run, to the query, with the same seed', () => {
    const counts = ({ farm }: ReturnType<typeof run>) => farm.servers.map(({ sent }) => sent);
    expect(counts(run(4, 12))).toEqual(counts(run(4, 12)));
    expect(counts(run(4, 12))).not.toEqual(counts(run(5, 12)));
  });
});
