import { describe, expect, test } from '@jest/globals';
import type { AreaConfig } from '../../src/instance/config.ts';
import { ExternalFlag } from '../../src/lsa/as-external-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { type ExternalRoute, externalsOf } from '../../src/router/external.ts';
import { type Address, parseAddress } from '../../src/wire/address.ts';
import { PrefixOption, parsePrefix } from '../../src/wire/prefix.ts';

const NORMAL: AreaConfig = { areaId: 0, type: 'normal' };
const STUB: AreaConfig = { areaId: 1, type: 'stub' };
const NSSA: AreaConfig = { areaId: 2, type: 'nssa' };
const OURS = parseAddress('2001:db8::1');

const route: ExternalRoute = { prefix: parsePrefix('2001:db8:e::/48'), metric: 20, metricType: 2 };

const said = (areas: readonly AreaConfig[], more: Partial<ExternalRoute> = {}, own?: Address) =>
  externalsOf({ areas, addressIn: () => own }, [{ ...route, ...more }]);

describe('routes from outside (RFC 2328 12.4.4, RFC 3101 2.4)', () => {
  test('a router in a normal area says them once for the whole autonomous system', () => {
    const [one, ...more] = said([NORMAL], { tag: 7 });
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      scope: { kind: 'as' },
      lsType: LsType.AsExternal,
      body: { flags: ExternalFlag.E, metric: 20, externalRouteTag: 7 },
    });
  });

  test('a router in a stub area alone says nothing', () => {
    expect(said([STUB])).toEqual([]);
  });

  test('within an NSSA alone, the P-bit asks a border router to translate to our address', () => {
    const [one] = said([NSSA], { metricType: 1 }, OURS);
    expect(one).toMatchObject({
      scope: { kind: 'area', areaId: 2 },
      lsType: LsType.Nssa,
      body: { flags: 0, forwardingAddress: OURS, prefix: { prefixOptions: PrefixOption.P } },
    });
  });

  test('without an address to forward to there is nothing to translate, and the P-bit is clear', () => {
    expect(said([NSSA])[0]?.body).toMatchObject({ prefix: { prefixOptions: 0 } });
  });

  test('a border router that says it outside itself clears the P-bit in the NSSA', () => {
    const both = said([NORMAL, NSSA], {}, OURS);
    expect(both.map((one) => one.lsType)).toEqual([LsType.AsExternal, LsType.Nssa]);
    expect(both[1]?.body).toMatchObject({ prefix: { prefixOptions: 0 } });
  });
});
