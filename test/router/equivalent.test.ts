/**
 * RFC 2328 12.4.4.1: of functionally equivalent AS-External-LSAs (the same destination, cost and
 * forwarding address other than zero) of routers that reach each other, that of the highest Router ID
 * is used, and the others may be flushed.
 */
import { describe, expect, test } from '@jest/globals';
import { type AsExternalLsa, ExternalFlag } from '../../src/lsa/as-external-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { Lsdb } from '../../src/lsdb/lsdb.ts';
import { Border } from '../../src/router/border.ts';
import type { ExternalRoute } from '../../src/router/external.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { area, nssa, nssaLsdb, path, route, view } from './border-parts.ts';

const OUTSIDE = parsePrefix('2001:db8:e::/48');
const GATEWAY = parseAddress('2001:db8::5');
const ROUTE: ExternalRoute = {
  prefix: OUTSIDE,
  metric: 20,
  metricType: 1,
  forwardingAddress: GATEWAY,
};

/** What another boundary router says, equivalent to {@link ROUTE} but for what is given. */
function saidBy(advertisingRouter: number, more: Partial<AsExternalLsa> = {}, ageS = 0): Lsdb {
  const body: AsExternalLsa = {
    kind: 'AsExternal',
    flags: 0,
    metric: 20,
    prefix: OUTSIDE,
    referencedLsType: 0,
    forwardingAddress: GATEWAY,
    ...more,
  };
  const external = new Lsdb({ kind: 'as' });
  const identity = { lsType: LsType.AsExternal, linkStateId: 1, advertisingRouter };
  external.install(Lsa.originate(identity, 1, body).withAge(ageS), 0);
  return external;
}

const OWN_ID = 3;
const state = (external: Lsdb, externalRoutes = [ROUTE]) => ({
  ...view(area(0)),
  routerId: OWN_ID,
  isBorderRouter: false,
  externalRoutes,
  addressIn: () => undefined,
  lsdbOfArea: () => nssaLsdb(),
  external,
});

/** How many AS-External-LSAs we say. */
function said(external: Lsdb, { reached = true, own = ROUTE } = {}): number {
  const routers = reached ? [path(7, 0, 10), path(2, 0, 10)] : [];
  return new Border().update(state(external, [own]), [], routers, 0).length;
}

describe('of functionally equivalent AS-External-LSAs that of the highest Router ID is used', () => {
  test('what a higher Router ID says is not said by us too', () => {
    expect(said(saidBy(7))).toBe(0);
  });

  test('what a lower Router ID says is: it is the other that may be silent', () => {
    expect(said(saidBy(2))).toBe(1);
  });

  test.each<[string, Partial<AsExternalLsa>]>([
    ['destination', { prefix: parsePrefix('2001:db8:e::/47') }],
    ['metric', { metric: 21 }],
    ['metric type', { flags: ExternalFlag.E }],
    ['forwarding address', { forwardingAddress: parseAddress('2001:db8::6') }],
  ])('another %s is not equivalent', (_, more) => {
    expect(said(saidBy(7, more))).toBe(1);
  });

  test('without a forwarding address each leads to its own originator', () => {
    const { forwardingAddress: _, ...own } = ROUTE;
    const external = new Lsdb({ kind: 'as' });
    const body = { kind: 'AsExternal', flags: 0, metric: 20, prefix: OUTSIDE } as const;
    const identity = { lsType: LsType.AsExternal, linkStateId: 1, advertisingRouter: 7 };
    external.install(Lsa.originate(identity, 1, { ...body, referencedLsType: 0 }), 0);
    expect(said(external, { own })).toBe(1);
  });

  test('who is not reached, or says it no longer, does not count', () => {
    expect(said(saidBy(7), { reached: false })).toBe(1);
    expect(said(saidBy(7, {}, 3600))).toBe(1);
  });

  test('it is flushed when the other begins, and said again when the other ends', () => {
    const border = new Border();
    const routers = [path(7, 0, 10)];
    const kinds = (external: Lsdb, nowMs: number) =>
      border.update(state(external), [], routers, nowMs).map(({ kind }) => kind);
    const nobody = new Lsdb({ kind: 'as' });
    expect(kinds(nobody, 0)).toEqual(['originate']);
    expect(border.yields).toBe(true);
    expect(kinds(saidBy(7), 1)).toEqual(['flush']);
    expect(border.yields).toBe(true);
    expect(kinds(nobody, 2)).toEqual(['originate']);
  });

  test('of translators of an NSSA that all translate, one says it (RFC 3101 3.2)', () => {
    const always = { ...nssa, defaultRoute: false, translatorRole: 'always' } as const;
    const translated = (external: Lsdb) => {
      const border = { ...state(external, []), ...view(area(0), always), isBorderRouter: true };
      const lsdb = { ...border, lsdbOfArea: () => nssaLsdb({}) };
      const routers = [path(7, 0, 10), path(5, 1, 10)];
      return new Border()
        .update(lsdb, [route('2001:db8::5/128', 1, 10)], routers, 0)
        .filter(({ lsType }) => lsType === LsType.AsExternal);
    };
    expect(translated(new Lsdb({ kind: 'as' }))).toHaveLength(1);
    expect(translated(saidBy(7))).toEqual([]);
    expect(translated(saidBy(2))).toHaveLength(1);
  });
});
