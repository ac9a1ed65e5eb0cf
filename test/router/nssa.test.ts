import { describe, expect, test } from '@jest/globals';
import type { AreaConfig } from '../../src/instance/config.ts';
import { ExternalFlag } from '../../src/lsa/as-external-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { RouterFlag } from '../../src/lsa/router-lsa.ts';
import { translates, translationsOf } from '../../src/router/nssa.ts';
import type { RouterPath } from '../../src/spf/router-paths.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { PrefixOption, parsePrefix } from '../../src/wire/prefix.ts';
import { area, nssa, nssaLsdb, path } from './border-parts.ts';

describe('translating NSSA-LSAs (RFC 3101 3)', () => {
  /** A border router of the NSSA that is reached over it and over the backbone. */
  const inBoth = (routerId: number, more = 0): RouterPath[] => [
    path(routerId, 1, 10, RouterFlag.B | RouterFlag.E | more),
    path(routerId, 0, 10, RouterFlag.B | RouterFlag.E),
  ];
  const areas = [area(0), nssa];

  test('the border router with the highest Router ID translates, unless another always does', () => {
    const [lower, higher, always] = [inBoth(2), inBoth(4), inBoth(2, RouterFlag.Nt)];
    expect(translates(nssa, areas, 3, lower)).toBe(true);
    expect(translates(nssa, areas, 3, [...lower, ...higher])).toBe(false);
    expect(translates(nssa, areas, 3, always)).toBe(false);
    const resolute: AreaConfig = { ...nssa, translatorRole: 'always' };
    expect(translates(resolute, areas, 3, [...higher, ...always])).toBe(true);
    expect(translates(area(1), areas, 3, [])).toBe(false);
  });

  test('only those count that are reached over the NSSA and over areas that take Type 5 (3.1)', () => {
    const [within, without] = inBoth(4) as [RouterPath, RouterPath];
    expect(translates(nssa, areas, 3, [without])).toBe(true);
    expect(translates(nssa, areas, 3, [within])).toBe(true);
    const otherNssa = { ...nssa, areaId: 2 };
    const overNssas = [within, path(4, 2, 10, RouterFlag.B | RouterFlag.E)];
    expect(translates(nssa, [...areas, otherNssa], 3, overNssas)).toBe(true);
  });

  test('prefix, metric type, metric, forwarding address and tag are kept; the P-bit goes', () => {
    const lsdb = nssaLsdb({ flags: ExternalFlag.E, externalRouteTag: 77 });
    const [translated] = translationsOf(nssa, lsdb, 3);
    expect(translated).toMatchObject({
      scope: { kind: 'as' },
      lsType: LsType.AsExternal,
      body: {
        kind: 'AsExternal',
        flags: ExternalFlag.E,
        metric: 20,
        externalRouteTag: 77,
        forwardingAddress: parseAddress('2001:db8::5'),
        prefix: { prefixOptions: 0, prefixLength: 48 },
      },
    });
  });

  test('without the P-bit, without forwarding address, or by ourselves, none is translated', () => {
    const prefix = parsePrefix('2001:db8:e::/48');
    const lsdb = nssaLsdb({ prefix }, { by: 3 });
    expect(translationsOf(nssa, lsdb, 3)).toEqual([]);
    const unspecified = nssaLsdb({ forwardingAddress: parseAddress('::') });
    expect(translationsOf(nssa, unspecified, 3)).toEqual([]);
  });

  test('of several for one prefix the best is translated', () => {
    const lsdb = nssaLsdb(
      { metric: 30, by: 5 },
      { metric: 10, by: 6 },
      { flags: ExternalFlag.E, metric: 1, by: 7 },
    );
    const all = translationsOf(nssa, lsdb, 3);
    expect(all).toHaveLength(1);
    expect(all[0]?.body).toMatchObject({ metric: 10, flags: 0 });
  });

  test('a range is said once with the farthest metric, and hidden when it is not to be advertised', () => {
    const prefixes = ['2001:db8:e:1::/64', '2001:db8:e:2::/64'].map((text) =>
      parsePrefix(text, PrefixOption.P),
    );
    const lsdb = nssaLsdb(
      { prefix: prefixes[0]!, flags: ExternalFlag.E, metric: 5 },
      { prefix: prefixes[1]!, flags: ExternalFlag.E, metric: 9 },
    );
    const ranges = [{ prefix: parsePrefix('2001:db8:e::/48'), advertise: true }];
    const [one, ...more] = translationsOf({ ...nssa, ranges }, lsdb, 3);
    expect(more).toEqual([]);
    expect(one).toMatchObject({ subject: '2001:db8:e::/48', body: { metric: 10 } });
    const hidden = [{ ...ranges[0]!, advertise: false }];
    expect(translationsOf({ ...nssa, ranges: hidden }, lsdb, 3)).toEqual([]);
  });

  test('of ranges inside each other the most specific counts, in whatever order they stand', () => {
    const lsdb = nssaLsdb({ prefix: parsePrefix('2001:db8:e:1::/64', PrefixOption.P) });
    const wide = { prefix: parsePrefix('2001:db8:e::/48'), advertise: true };
    const narrow = { prefix: parsePrefix('2001:db8:e:1::/60'), advertise: false };
    expect(translationsOf({ ...nssa, ranges: [wide, narrow] }, lsdb, 3)).toEqual([]);
    expect(translationsOf({ ...nssa, ranges: [narrow, wide] }, lsdb, 3)).toEqual([]);
  });
});
