import { describe, expect, it } from '@jest/globals';
import { SERVICE_KEY } from '../../src/demo/settings.ts';
import { MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { serviceLoadsOf } from '../../src/lsa/service-load.ts';
import { parseDottedQuad } from '../../src/wire/address.ts';
import { demoFarm } from '../sim/demo-farm.ts';

const ROUTER_ID = parseDottedQuad('10.0.0.11');

/** One server and one router in virtual time, and what the router has of the server. */
function pair() {
  const farm = demoFarm(1, [{ name: 's0', capacityQueriesPerSecond: 100, routerId: ROUTER_ID }]);
  const { world } = farm;
  const [router] = farm.routers;
  const [server] = farm.servers;
  world.run(20_000);
  return {
    run: (ms: number) => world.run(world.nowMs + ms),
    advertise: (by: 'ospfv3' | 'neighborDiscovery', service = 'dns') =>
      server!.life.input((nowMs) => ({ kind: 'advertise', nowMs, service, by })),
    hasRoute: () => [...router!.routes()].some(({ key }) => key === SERVICE_KEY),
    loads: () =>
      [...router!.instance.lsdbOf({ kind: 'area', areaId: 0 }).ofType(LsType.RouterInformation)]
        .filter(({ lsa: { header } }) => header.advertisingRouter === ROUTER_ID)
        .filter(({ lsa: { header } }) => header.ageS < MAX_AGE_S)
        .flatMap(({ lsa }) => serviceLoadsOf(lsa)),
    status: () => server!.role.services()[0]!,
  };
}

describe('how a service is advertised can change while it runs', () => {
  it('neighborDiscovery: the prefix leaves the LSAs, load goes on being told', () => {
    const { advertise, hasRoute, loads, run, status } = pair();
    expect(hasRoute()).toBe(true);
    advertise('neighborDiscovery');
    run(6_000);
    expect(hasRoute()).toBe(false);
    expect(loads()).toEqual([expect.objectContaining({ weight: 100 })]);
    expect(status().advertiseBy).toBe('neighborDiscovery');
  });

  it('ospfv3 again: the prefix is back within MinLSInterval', () => {
    const { advertise, hasRoute, run } = pair();
    advertise('neighborDiscovery');
    run(6_000);
    advertise('ospfv3');
    run(6_000);
    expect(hasRoute()).toBe(true);
  });

  it('a service that is not there is an error of the caller', () => {
    expect(() => pair().advertise('neighborDiscovery', 'ftp')).toThrow(RangeError);
  });
});
