import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LsaBody } from '../../src/lsa/body.ts';
import { MAX_AGE_S } from '../../src/lsa/constants.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Option } from '../../src/lsa/options.ts';
import { RouterLinkType } from '../../src/lsa/router-lsa.ts';
import {
  serviceLoadBody,
  servicePrefixBody,
  spreadCapabilityBody,
} from '../../src/lsa/service-origination.ts';
import { Lsdb } from '../../src/lsdb/lsdb.ts';
import { FarmView } from '../../src/server/farm-view.ts';
import { parseAddress } from '../../src/wire/address.ts';

const SERVICE = parseAddress('2001:db8:53::53');
const OTHER_SERVICE = parseAddress('2001:db8:53::54');
/** The router of the link, us, and another server. */
const [ROUTER, US, PEER] = [1, 10, 11];

const lsaOf = (advertisingRouter: number, lsType: number, body: LsaBody, linkStateId = 0): Lsa =>
  Lsa.originate({ lsType, linkStateId, advertisingRouter }, 1, body);

/** Links to the routers given, point to point. */
const routerLsa = (routerId: number, to: readonly number[], forwards = false): Lsa =>
  lsaOf(routerId, LsType.Router, {
    kind: 'Router',
    flags: 0,
    options: Option.V6 | (forwards ? Option.R : 0),
    links: to.map((neighborRouterId) => ({
      type: RouterLinkType.PointToPoint,
      metric: 10,
      interfaceId: neighborRouterId,
      neighborInterfaceId: routerId,
      neighborRouterId,
    })),
  });

const loadLsa = (routerId: number, offeredQueriesPerSecond: number, address = SERVICE): Lsa =>
  lsaOf(
    routerId,
    LsType.RouterInformation,
    serviceLoadBody([
      {
        address,
        state: 'up',
        weight: 100,
        rampWindowS: 0,
        capacityQueriesPerSecond: 200,
        offeredQueriesPerSecond,
        utilizationRatio: 0.5,
        errorRatio: 0,
      },
    ]),
    1,
  );

const prefixLsa = (routerId: number, metric: number): Lsa =>
  lsaOf(routerId, LsType.IntraAreaPrefix, servicePrefixBody(routerId, SERVICE, metric), 7);

const spreadLsa = (routerId: number): Lsa =>
  lsaOf(routerId, LsType.RouterInformation, spreadCapabilityBody());

/** A database and the view of it that is kept from the beginning. */
function farm(...lsas: readonly Lsa[]) {
  const lsdb = new Lsdb({ kind: 'area', areaId: 0 });
  const view = new FarmView(lsdb, US);
  const install = (lsa: Lsa): boolean => {
    lsdb.install(lsa, 0);
    return view.take(lsa);
  };
  for (const lsa of lsas) install(lsa);
  return { lsdb, view, install };
}

const TOPOLOGY = [
  routerLsa(ROUTER, [US, PEER], true),
  routerLsa(US, [ROUTER]),
  routerLsa(PEER, [ROUTER]),
];

describe("the farm's view", () => {
  it('has every reachable server with what it tells and the metric of its prefix', () => {
    const { view } = farm(
      ...TOPOLOGY,
      loadLsa(PEER, 70),
      loadLsa(US, 60),
      prefixLsa(US, 100),
      prefixLsa(PEER, 200),
    );
    expect(view.members(SERVICE)).toMatchObject([
      { routerId: US, metric: 100, offeredQueriesPerSecond: 60, capacityQueriesPerSecond: 200 },
      { routerId: PEER, metric: 200, offeredQueriesPerSecond: 70 },
    ]);
    expect(view.members(OTHER_SERVICE)).toEqual([]);
  });

  it('has no metric of a server that tells of its load and advertises no prefix', () => {
    const { view } = farm(...TOPOLOGY, loadLsa(PEER, 70));
    expect(view.members(SERVICE)).toMatchObject([{ routerId: PEER, metric: undefined }]);
  });

  it('loses a server that nobody links to any more, though its LSAs stay (RFC 2328 16.1)', () => {
    const { view, install } = farm(...TOPOLOGY, loadLsa(PEER, 70), prefixLsa(PEER, 100));
    expect(install(routerLsa(ROUTER, [US], true))).toBe(true);
    expect(view.members(SERVICE)).toEqual([]);
    install(routerLsa(ROUTER, [US, PEER], true));
    expect(view.members(SERVICE)).toHaveLength(1);
  });

  it('forgets what a flushed LSA said, and nothing else', () => {
    const { view, install } = farm(...TOPOLOGY, loadLsa(PEER, 70), prefixLsa(PEER, 100));
    install(prefixLsa(PEER, 100).withAge(MAX_AGE_S));
    expect(view.members(SERVICE)).toMatchObject([{ routerId: PEER, metric: undefined }]);
    install(loadLsa(PEER, 70).withAge(MAX_AGE_S));
    expect(view.members(SERVICE)).toEqual([]);
  });

  it('keeps the very member of a server that said nothing new', () => {
    const { view, install } = farm(...TOPOLOGY, loadLsa(PEER, 70), loadLsa(US, 60));
    const [us, peer] = view.members(SERVICE);
    install(loadLsa(US, 61));
    expect(view.members(SERVICE)[0]).not.toBe(us);
    expect(view.members(SERVICE)[1]).toBe(peer);
  });

  it('knows that all routers use weights when each that forwards says so', () => {
    const { view, install } = farm(routerLsa(US, [ROUTER]));
    expect(view.allRoutersUseWeights()).toBe(false);
    install(routerLsa(ROUTER, [US], true));
    expect(view.allRoutersUseWeights()).toBe(false);
    install(spreadLsa(ROUTER));
    expect(view.allRoutersUseWeights()).toBe(true);
    install(routerLsa(ROUTER, [US, 2], true));
    install(routerLsa(2, [ROUTER], true));
    expect(view.allRoutersUseWeights()).toBe(false);
    install(spreadLsa(2));
    expect(view.allRoutersUseWeights()).toBe(true);
  });

  it('takes no interest in LSAs that say nothing of farms', () => {
    const { install } = farm(...TOPOLOGY);
    const link = lsaOf(PEER, LsType.InterAreaRouter, {
      kind: 'InterAreaRouter',
      options: 0,
      metric: 1,
      destinationRouterId: 9,
    });
    expect(install(link)).toBe(false);
  });

  it('is the same, kept or read from the whole database at once', () => {
    const router = fc.integer({ min: 1, max: 5 });
    const anyLsa = fc
      .oneof(
        fc
          .tuple(router, fc.uniqueArray(router), fc.boolean())
          .map(([id, to, forwards]) => routerLsa(id, to, forwards)),
        fc.tuple(router, fc.integer({ min: 0, max: 99 })).map((each) => loadLsa(...each)),
        fc.tuple(router, fc.integer({ min: 1, max: 99 })).map((each) => prefixLsa(...each)),
        router.map(spreadLsa),
      )
      .chain((lsa) => fc.boolean().map((gone) => (gone ? lsa.withAge(MAX_AGE_S) : lsa)));
    fc.assert(
      fc.property(fc.array(anyLsa, { maxLength: 40 }), (lsas) => {
        const lsdb = new Lsdb({ kind: 'area', areaId: 0 });
        const kept = new FarmView(lsdb, 1);
        for (const lsa of lsas) {
          lsdb.install(lsa, 0);
          kept.take(lsa);
          const read = new FarmView(lsdb, 1);
          expect(kept.members(SERVICE)).toEqual(read.members(SERVICE));
          expect(kept.allRoutersUseWeights()).toBe(read.allRoutersUseWeights());
        }
      }),
    );
  });
});
