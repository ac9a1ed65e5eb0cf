import { describe, expect, it } from '@jest/globals';
import {
  demoRouterConfig,
  demoServerConfig,
  SERVICE_KEY,
  SERVICE_NAME,
} from '../../src/demo/settings.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Prng } from '../../src/prng.ts';
import { SpfPrompt } from '../../src/server/spf-prompt.ts';
import { SimulatedFarm } from '../../src/sim/farm.ts';
import { parseDottedQuad } from '../../src/wire/address.ts';

const prompt = (): SpfPrompt => new SpfPrompt(new Prng(1));

describe('a prompt for SPF', () => {
  it('comes ten to fifteen seconds after something was said, once', () => {
    const one = prompt();
    expect(one.deadlineMs).toBe(Number.POSITIVE_INFINITY);
    one.said(1000);
    expect(one.deadlineMs).toBeGreaterThanOrEqual(11_000);
    expect(one.deadlineMs).toBeLessThan(16_000);
    expect(one.take(10_999)).toBe(false);
    expect(one.take(one.deadlineMs)).toBe(true);
    expect(one.deadlineMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('is not needed when links changed after FRR had taken in what was said', () => {
    const one = prompt();
    one.said(0);
    one.linksChanged(5999);
    expect(one.deadlineMs).not.toBe(Number.POSITIVE_INFINITY);
    one.linksChanged(6000);
    expect(one.deadlineMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('is not put off for ever by a server that keeps talking, and follows what was said last', () => {
    const one = prompt();
    let prompts = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 1000) {
      one.said(nowMs);
      if (one.take(nowMs)) prompts++;
    }
    expect(prompts).toBeGreaterThanOrEqual(3);
    expect(prompts).toBeLessThanOrEqual(6);
    expect(one.deadlineMs).toBeGreaterThan(60_000);
  });
});

/** A farm of two servers that prompt, under a router that may or may not spread by weights. */
function farmUnder(policy: 'weighted' | 'equal', promptsSpf = true): SimulatedFarm {
  const servers = ['10.0.0.11', '10.0.0.12'].map((routerId, i) => ({
    name: `s${i}`,
    capacityQueriesPerSecond: 100,
    config: { ...demoServerConfig(parseDottedQuad(routerId)), promptsSpf },
  }));
  return new SimulatedFarm(
    {
      routers: [{ ...demoRouterConfig(), spread: { policy } }],
      servers,
      serviceName: SERVICE_NAME,
      serviceKey: SERVICE_KEY,
      sampleIntervalMs: 250,
      queue: { workers: 1, bufferQueries: 128, serviceTime: 'exponential' },
    },
    new Prng(1),
  );
}

/** The metrics of the servers' links to the network, as the router has them. */
const linkMetrics = (farm: SimulatedFarm): (number | undefined)[] =>
  ['10.0.0.11', '10.0.0.12'].map((routerId) => {
    const lsdb = farm.routers[0]!.instance.lsdbOf({ kind: 'area', areaId: 0 });
    const advertisingRouter = parseDottedQuad(routerId);
    const body = lsdb.get({ lsType: LsType.Router, linkStateId: 0, advertisingRouter })?.lsa.body;
    return body?.kind === 'Router' ? body.links[0]?.metric : undefined;
  });

const command = (farm: SimulatedFarm, command: 'disable' | 'enable'): void =>
  farm.servers[0]!.life.input((nowMs) => ({
    kind: 'command',
    nowMs,
    service: SERVICE_NAME,
    command,
  }));

const servedBy = (farm: SimulatedFarm): number =>
  [...farm.routers[0]!.routes()].find(({ key }) => key === SERVICE_KEY)?.nextHops.length ?? 0;

describe('a server under routers that do not spread by weights', () => {
  it('lets one of the servers change its links after all were announced, and nothing else', () => {
    const farm = farmUnder('equal');
    farm.world.run(9000);
    expect(linkMetrics(farm)).toEqual([10, 10]);
    farm.world.run(25_000);
    expect(linkMetrics(farm).sort()).toEqual([10, 11]);
    expect(servedBy(farm)).toBe(2);
    farm.world.run(300_000);
    expect(linkMetrics(farm).sort()).toEqual([10, 11]);
  });

  it('changes them again after a service was withdrawn and announced', () => {
    const farm = farmUnder('equal');
    farm.world.run(60_000);
    const before = linkMetrics(farm).join();
    command(farm, 'disable');
    farm.world.run(90_000);
    expect(linkMetrics(farm).join()).toBe(before);
    expect(servedBy(farm)).toBe(1);
    command(farm, 'enable');
    farm.world.run(120_000);
    expect(servedBy(farm)).toBe(2);
    expect(linkMetrics(farm).join()).not.toBe(before);
  });

  it('leaves them alone when told to, and where all routers spread by weights', () => {
    for (const farm of [farmUnder('equal', false), farmUnder('weighted')]) {
      farm.world.run(60_000);
      expect(servedBy(farm)).toBe(2);
      expect(linkMetrics(farm)).toEqual([10, 10]);
    }
  });
});
