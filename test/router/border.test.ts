import { describe, expect, test } from '@jest/globals';
import type { AreaConfig } from '../../src/instance/config.ts';
import type { InterfaceSummary } from '../../src/instance/summary.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { RouterFlag } from '../../src/lsa/router-lsa.ts';
import { Lsdb } from '../../src/lsdb/lsdb.ts';
import { Border, borderState } from '../../src/router/border.ts';
import { type Desired, summariesOf } from '../../src/router/inter-area.ts';
import type { RouterPath } from '../../src/spf/router-paths.ts';
import { formatDottedQuad, parseAddress } from '../../src/wire/address.ts';
import { formatPrefix, PrefixOption, parsePrefix } from '../../src/wire/prefix.ts';
import { area, nssa, nssaLsdb, path, route, view } from './border-parts.ts';

/** Summaries as text: area, what, metric. */
const said = (desired: readonly Desired[]): string[] =>
  desired
    .map(({ scope, body }) => {
      const where = scope.kind === 'area' ? scope.areaId : scope.kind;
      if (body.kind === 'InterAreaPrefix') {
        return `${where}: ${formatPrefix(body.prefix)} ${body.metric}`;
      }
      if (body.kind === 'InterAreaRouter') {
        return `${where}: ${formatDottedQuad(body.destinationRouterId)} ${body.metric}`;
      }
      return `${where}: ${body.kind}`;
    })
    .sort();

describe('summaries of an area border router (RFC 2328 12.4.3)', () => {
  test('a prefix of one area is said in every other with its distance', () => {
    const routes = [route('2001:db8:1::/64', 1, 30), route('2001:db8::/64', 0, 5)];
    expect(said(summariesOf(view(area(0), area(1), area(2)), routes, []))).toEqual([
      '0: 2001:db8:1::/64 30',
      '1: 2001:db8::/64 5',
      '2: 2001:db8:1::/64 30',
      '2: 2001:db8::/64 5',
    ]);
  });

  test('what came between areas is passed on to other areas, never back into the backbone', () => {
    const routes = [route('2001:db8:9::/64', 0, 40, 'inter-area')];
    expect(said(summariesOf(view(area(0), area(1)), routes, []))).toEqual([
      '1: 2001:db8:9::/64 40',
    ]);
  });

  test('nothing is said in the area that the next hop is in', () => {
    const routes = [route('2001:db8:9::/64', 0, 40, 'inter-area', 2)];
    expect(summariesOf(view(area(0), area(1)), routes, [])).toEqual([]);
  });

  test('routes from outside are not summarized', () => {
    const routes = [route('2001:db8:9::/64', 0, 40, 'external-2')];
    expect(summariesOf(view(area(0), area(1)), routes, [])).toEqual([]);
  });

  test('a range is said once, with the distance of its farthest prefix', () => {
    const ranges = [{ prefix: parsePrefix('2001:db8:1::/48'), advertise: true }];
    const routes = [
      route('2001:db8:1:1::/64', 1, 10),
      route('2001:db8:1:2::/64', 1, 70),
      route('2001:db8:2::/64', 1, 3),
    ];
    expect(said(summariesOf(view(area(0), area(1, { ranges })), routes, []))).toEqual([
      '0: 2001:db8:1::/48 70',
      '0: 2001:db8:2::/64 3',
    ]);
  });

  test('a range with a cost says that, and one not to be advertised hides what is in it', () => {
    const ranges = [
      { prefix: parsePrefix('2001:db8:1::/48'), advertise: true, cost: 5 },
      { prefix: parsePrefix('2001:db8:2::/48'), advertise: false },
    ];
    const routes = [route('2001:db8:1:1::/64', 1, 10), route('2001:db8:2:1::/64', 1, 10)];
    expect(said(summariesOf(view(area(0), area(1, { ranges })), routes, []))).toEqual([
      '0: 2001:db8:1::/48 5',
    ]);
  });

  test('a range without any prefix inside is not said', () => {
    const ranges = [{ prefix: parsePrefix('2001:db8:1::/48'), advertise: true }];
    expect(summariesOf(view(area(0), area(1, { ranges })), [], [])).toEqual([]);
  });

  test('a stub area is told a default route and the summaries, a totally stubby one the default alone', () => {
    const routes = [route('2001:db8::/64', 0, 5)];
    const stub = view(area(0), area(1, { type: 'stub', defaultCost: 7 }));
    expect(said(summariesOf(stub, routes, []))).toEqual(['1: 2001:db8::/64 5', '1: ::/0 7']);
    const totally = view(area(0), area(1, { type: 'stub', noSummaries: true }));
    expect(said(summariesOf(totally, routes, []))).toEqual(['1: ::/0 1']);
  });

  test('boundary routers are told of in normal areas, in no stub area and no NSSA', () => {
    const areas = view(area(0), area(1), area(2, { type: 'stub' }), area(3, { type: 'nssa' }));
    // Nothing that a boundary router says in an NSSA gets out but by translation.
    const inNssa = path(0x0a000007, 3, 5);
    const routers = [path(0x0a000009, 0, 12), path(0x0a000008, 1, 3, RouterFlag.B), inNssa];
    const told = said(summariesOf(areas, [], routers)).filter((text) => !text.includes('::/0'));
    expect(told).toEqual(['1: 10.0.0.9 12']);
  });

  test('a boundary router is told of with the Options of its own Router-LSA (RFC 5340 4.4.3.5)', () => {
    const own = { ...path(0x0a000009, 0, 12), options: 0x5a5a5a };
    const [told] = summariesOf(view(area(0), area(1)), [], [own]);
    expect(told?.body).toMatchObject({
      kind: 'InterAreaRouter',
      options: 0x5a5a5a,
      metric: 12,
      destinationRouterId: 0x0a000009,
    });
  });

  test('PrefixOptions are not passed on: FRR ignores an inter-area prefix with the LA-bit', () => {
    const from = route('2001:db8:53::53/128', 1, 10);
    const prefix = { ...from.prefix, prefixOptions: PrefixOption.LA };
    const [summary] = summariesOf(view(area(0), area(1)), [{ ...from, prefix }], []);
    expect(summary?.body.kind === 'InterAreaPrefix' && summary.body.prefix.prefixOptions).toBe(0);
  });
});

describe('the address that others are told to forward to', () => {
  const up = { state: 'DROther', areaId: 2, interfaceId: 1 } as const;
  const addressOf = (...interfaces: object[]) =>
    borderState(
      { routerId: 1, areas: [] },
      {
        interfaces: () => interfaces as InterfaceSummary[],
        isBorderRouter: false,
        lsdbOf: () => nssaLsdb(),
      },
      [],
    ).addressIn(2);
  const link = { ...up, type: 'broadcast', prefixes: [], addresses: [parseAddress('2001:db8::6')] };
  const host = [parsePrefix('2001:db8:ff::6/128')];
  const loopback = { ...up, type: 'loopback', prefixes: host, addresses: [host[0]!.address] };

  test('is on a link rather than on a loopback, and in the area', () => {
    expect(addressOf(loopback, link)).toEqual(parseAddress('2001:db8::6'));
    expect(addressOf(loopback)).toEqual(parseAddress('2001:db8:ff::6'));
    expect(addressOf({ ...link, areaId: 3 })).toBeUndefined();
    expect(addressOf({ ...link, state: 'Down' })).toBeUndefined();
  });
});

describe('a border router at work', () => {
  /** An NSSA that is told nothing of its own accord. */
  const quiet: AreaConfig = { ...nssa, defaultRoute: false };
  const state = (isBorderRouter: boolean, lsdb = nssaLsdb()) => ({
    ...view(area(0), quiet),
    routerId: 3,
    isBorderRouter,
    externalRoutes: [],
    addressIn: () => undefined,
    lsdbOfArea: () => lsdb,
    external: new Lsdb({ kind: 'as' }),
  });

  test('only differences go to the instance, each under the Link State ID it had', () => {
    const border = new Border();
    const first = border.update(state(true), [route('2001:db8:1::/64', 1, 30)], [], 0);
    expect(first).toHaveLength(1);
    expect(border.update(state(true), [route('2001:db8:1::/64', 1, 30)], [], 1)).toEqual([]);
    const changed = border.update(state(true), [route('2001:db8:1::/64', 1, 31)], [], 2);
    expect(changed).toMatchObject([{ kind: 'originate', linkStateId: first[0]!.linkStateId }]);
    const gone = border.update(state(true), [], [], 3);
    expect(gone).toMatchObject([{ kind: 'flush', linkStateId: first[0]!.linkStateId }]);
  });

  test('nothing else in a range that is said is reached: it is discarded (RFC 2328 11.1)', () => {
    const discarded = (more: object, inside = true) => {
      const border = new Border();
      const prefix = parsePrefix('2001:db8:1::/48');
      const ranged = area(1, { ranges: [{ prefix, advertise: true, ...more }] });
      const routes = inside ? [route('2001:db8:1:1::/64', 1, 10)] : [];
      border.update({ ...state(true), ...view(area(0), ranged) }, routes, [], 0);
      return [...border.discards];
    };
    expect(discarded({})).toEqual(['2001:db8:1::/48']);
    expect(discarded({}, false)).toEqual([]);
    // Nobody is told to send anything for it here.
    expect(discarded({ advertise: false })).toEqual([]);
  });

  test('who is no border router says nothing, and takes back what it said', () => {
    const border = new Border();
    border.update(state(true), [route('2001:db8:1::/64', 1, 30)], [], 0);
    const taken = border.update(state(false), [route('2001:db8:1::/64', 1, 30)], [], 1);
    expect(taken.map((input) => input.kind)).toEqual(['flush']);
  });

  test('the way to a forwarding address is told before what is forwarded there', () => {
    const inputs = new Border().update(
      state(true, nssaLsdb({})),
      [route('2001:db8::/64', 1, 10)],
      [path(5, 1, 10)],
      0,
    );
    expect(inputs.map((input) => input.lsType)).toEqual([
      LsType.InterAreaPrefix,
      LsType.AsExternal,
    ]);
  });

  test('an NSSA is told a default route with the P-bit clear, unless it is to have none (RFC 3101 2.4)', () => {
    const told = (one: AreaConfig, isBorderRouter = true) =>
      new Border()
        .update({ ...state(isBorderRouter), ...view(area(0), one) }, [], [], 0)
        .map((input) => input.kind === 'originate' && input.body);
    const prefix = { prefixLength: 0, prefixOptions: 0 };
    const byKind = (kind: string) => [{ kind, metric: 7, prefix }];
    expect(told({ ...nssa, defaultCost: 7 })).toMatchObject(byKind('Nssa'));
    const totally = { ...nssa, defaultCost: 7, noSummaries: true };
    expect(told(totally)).toMatchObject(byKind('InterAreaPrefix'));
    expect(told(quiet)).toEqual([]);
    expect(told(nssa, false)).toEqual([]);
  });

  test('a translator that loses the election goes on for 40 s (RFC 3101 3.1)', () => {
    const border = new Border();
    const lsdb = nssaLsdb({});
    const boundary = path(5, 1, 10);
    const higher = [path(4, 1, 10, RouterFlag.B), path(4, 0, 10, RouterFlag.B), boundary];
    const nssaState = { ...state(true, lsdb), areas: [area(0), quiet] };
    const within = [route('2001:db8::5/128', 1, 10)];
    const originated = border.update(nssaState, within, [boundary], 0);
    expect(originated.filter(({ lsType }) => lsType === LsType.AsExternal)).toHaveLength(1);
    expect(
      border.update(nssaState, within, higher, 1000).filter((i) => i.kind === 'flush'),
    ).toEqual([]);
    expect(border.deadlineMs()).toBe(41_000);
    expect(border.update(nssaState, within, higher, 41_000).map((i) => i.kind)).toEqual(['flush']);
  });

  test('who was elected with nothing to translate stops at once: a border router that comes up is alone at first', () => {
    const border = new Border();
    const nssaState = { ...state(true, nssaLsdb({})), areas: [area(0), quiet] };
    const within = [route('2001:db8::5/128', 1, 10)];
    const higher = [path(4, 1, 10, RouterFlag.B), path(4, 0, 10, RouterFlag.B)];
    const translations = (routers: RouterPath[], nowMs: number) =>
      border
        .update(nssaState, within, routers, nowMs)
        .filter(({ lsType }) => lsType === LsType.AsExternal);
    expect(translations([], 0)).toEqual([]);
    expect(translations([...higher, path(5, 1, 10)], 1000)).toEqual([]);
    expect(border.deadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('what gives no route in the NSSA is not translated: originator and forwarding address are reached there', () => {
    const border = new Border();
    const nssaState = { ...state(true, nssaLsdb({})), areas: [area(0), quiet] };
    const boundary = path(5, 1, 10);
    const translated = (prefix: string, areaId: number, routers: RouterPath[], nowMs: number) =>
      border
        .update(nssaState, [route(prefix, areaId, 10)], routers, nowMs)
        .filter(({ kind, lsType }) => kind === 'originate' && lsType === LsType.AsExternal);
    expect(translated('2001:db8:f::/64', 1, [boundary], 0)).toEqual([]);
    expect(translated('2001:db8::/64', 0, [boundary], 1)).toEqual([]);
    // It has died, and the address is on a link of ours: its LSAs are there for an hour.
    expect(translated('2001:db8::/64', 1, [], 2)).toEqual([]);
    expect(translated('2001:db8::/64', 1, [path(5, 0, 10)], 3)).toEqual([]);
    expect(translated('2001:db8::/64', 1, [boundary], 4)).toHaveLength(1);
  });
});
