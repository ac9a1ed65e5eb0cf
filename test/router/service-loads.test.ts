import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import type { ServiceLoad } from '../../src/lsa/service-load.ts';
import { LOAD_INSTANCE, serviceLoadBody } from '../../src/lsa/service-origination.ts';
import { ServiceLoads } from '../../src/router/service-loads.ts';
import { parseAddress } from '../../src/wire/address.ts';

const SERVICE = '2001:db8:53::53/128';
const load = (weight: number): ServiceLoad => ({
  address: parseAddress('2001:db8:53::53'),
  state: 'up',
  weight,
  rampWindowS: 0,
  capacityQueriesPerSecond: 100,
  offeredQueriesPerSecond: 50,
  utilizationRatio: 0.5,
  errorRatio: 0,
});
const lsaOf = (advertisingRouter: number, weight: number): Lsa =>
  Lsa.originate(
    { lsType: LsType.RouterInformation, linkStateId: LOAD_INSTANCE, advertisingRouter },
    -0x7fffffff,
    serviceLoadBody([load(weight)]),
  );
const weights = (loads: ServiceLoads) =>
  [...loads.of(SERVICE)].map(([routerId, { weight }]) => [routerId, weight]);

describe('loads of a service', () => {
  test('come from LSAs, by the router that advertises them, and go with them', () => {
    const loads = new ServiceLoads();
    expect(loads.learn(lsaOf(1, 100), true)).toEqual([SERVICE]);
    loads.learn(lsaOf(2, 50), true);
    expect(weights(loads)).toEqual([
      [1, 100],
      [2, 50],
    ]);
    loads.learn(lsaOf(1, 100), false);
    expect(weights(loads)).toEqual([[2, 50]]);
  });

  test('that a server reported when asked go before its LSA, until they are forgotten', () => {
    const loads = new ServiceLoads();
    loads.learn(lsaOf(1, 100), true);
    loads.report(SERVICE, 1, load(30));
    loads.report(SERVICE, 3, load(70));
    loads.learn(lsaOf(1, 110), true);
    expect(weights(loads)).toEqual([
      [1, 30],
      [3, 70],
    ]);
    loads.report(SERVICE, 1, undefined);
    loads.report(SERVICE, 3, undefined);
    expect(weights(loads)).toEqual([[1, 110]]);
  });
});
