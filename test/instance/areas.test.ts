import { describe, expect, test } from '@jest/globals';
import type { AreaConfig } from '../../src/instance/config.ts';
import type { AsExternalLsa } from '../../src/lsa/as-external-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { RouterFlag } from '../../src/lsa/router-lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { BACKBONE, id, Network, type Node, prefix } from './network.ts';

const external = (kind: AsExternalLsa['kind']): AsExternalLsa => ({
  kind,
  flags: 0,
  metric: 20,
  prefix: prefix('2001:db8:e::/48'),
  referencedLsType: 0,
});

const AS: LsdbScope = { kind: 'as' };
const AREA_1: LsdbScope = { kind: 'area', areaId: 1 };

/** Area 1 of a kind, a border router, the backbone with a boundary router: three in a row. */
function row(area: Partial<AreaConfig> = {}) {
  const network = new Network();
  const [inside, backbone] = [network.link('inside'), network.link('backbone')];
  const areas: AreaConfig[] = [
    { areaId: 0, type: 'normal' },
    { areaId: 1, type: 'normal', ...area },
  ];
  const attached = { type: 'pointToPoint' } as const;
  const internal = network.node(
    '10.0.0.1',
    [inside],
    { ...attached, areaId: 1 },
    { areas: [areas[1]!] },
  );
  const attachments = [1, 0].map((areaId) => ({ ...attached, areaId }));
  const border = network.node('10.0.0.2', [inside, backbone], attachments, { areas });
  const boundary = network.node('10.0.0.3', [backbone], attached);
  internal.up();
  border.up(1);
  border.up(2);
  boundary.up();
  network.run(3000);
  const body = external('AsExternal');
  boundary.handle({
    kind: 'originate',
    scope: AS,
    lsType: LsType.AsExternal,
    linkStateId: 1,
    body,
  });
  network.run(8000);
  return { network, internal, border, boundary };
}

const flags = (at: Node, of: Node, scope: LsdbScope): number | undefined => {
  const body = at.lsa(LsType.Router, 0, of.routerId, scope)?.body;
  return body?.kind === 'Router' ? body.flags : undefined;
};

describe('areas (RFC 2328 3, RFC 3101)', () => {
  test('AS-External-LSAs are flooded into a normal area through the border router', () => {
    const { internal, border, boundary } = row();
    expect(internal.stateOf(border)).toBe('Full');
    expect(internal.lsa(LsType.AsExternal, 1, boundary.routerId, AS)).toBeDefined();
  });

  test('the LSAs of one area are not flooded into another', () => {
    const { internal, border, boundary } = row();
    expect(internal.lsa(LsType.Router, 0, boundary.routerId, AREA_1)).toBeUndefined();
    expect(boundary.lsa(LsType.Router, 0, internal.routerId)).toBeUndefined();
    expect(border.lsa(LsType.Router, 0, internal.routerId, AREA_1)).toBeDefined();
  });

  test.each(['stub', 'nssa'] as const)('no LSA of AS scope enters a %s', (type) => {
    const { internal, border, boundary } = row({ type });
    expect(internal.stateOf(border)).toBe('Full');
    expect(border.lsa(LsType.AsExternal, 1, boundary.routerId, AS)).toBeDefined();
    expect([...internal.lsdb(AS).entries()]).toEqual([]);
  });

  test('a router in a stub area drops an AS-External-LSA that a neighbor floods (RFC 5340 4.5.1 step 2)', () => {
    const { network, internal, border } = row({ type: 'stub' });
    const identity = {
      lsType: LsType.AsExternal,
      linkStateId: 5,
      advertisingRouter: id('10.9.9.9'),
    };
    const lsas = [Lsa.originate(identity, 1, external('AsExternal'))];
    network.inject(
      border,
      { kind: 'LinkStateUpdate', routerId: border.routerId, areaId: 1, instanceId: 0, lsas },
      internal.address(),
    );
    network.run(10);
    expect(internal.instance.drops.get('LsaScope')).toBe(1);
  });

  test('an NSSA-LSA is flooded within the NSSA alone', () => {
    const { network, internal, border, boundary } = row({ type: 'nssa' });
    const body = external('Nssa');
    internal.handle({
      kind: 'originate',
      scope: AREA_1,
      lsType: LsType.Nssa,
      linkStateId: 1,
      body,
    });
    network.run(8000);
    expect(border.lsa(LsType.Nssa, 1, internal.routerId, AREA_1)).toBeDefined();
    expect([...boundary.lsdb().ofType(LsType.Nssa)]).toEqual([]);
  });

  test('two routers that do not agree on the type of the area form no adjacency, and count why', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node(
      '10.0.0.1',
      [link],
      { areaId: 1 },
      { areas: [{ areaId: 1, type: 'stub' }] },
    );
    const b = network.node(
      '10.0.0.2',
      [link],
      { areaId: 1 },
      { areas: [{ areaId: 1, type: 'nssa' }] },
    );
    a.up();
    b.up();
    network.run(6000);
    expect(a.instance.neighbors()).toEqual([]);
    expect(a.instance.drops.get('OptionsMismatch')).toBeGreaterThanOrEqual(5);
    expect(b.instance.drops.get('OptionsMismatch')).toBeGreaterThanOrEqual(5);
  });
});

describe('the bits of the Router-LSA', () => {
  test('B is set by a router with an interface up in two areas, the backbone among them (RFC 3509)', () => {
    const { network, internal, border, boundary } = row();
    expect(flags(internal, border, AREA_1)! & RouterFlag.B).toBe(RouterFlag.B);
    expect(flags(boundary, border, BACKBONE)! & RouterFlag.B).toBe(RouterFlag.B);
    expect(flags(boundary, boundary, BACKBONE)! & RouterFlag.B).toBe(0);
    border.down(2);
    network.run(8000);
    expect(flags(internal, border, AREA_1)! & RouterFlag.B).toBe(0);
  });

  test('E comes with the first route from outside and goes with the last', () => {
    const { network, border, boundary } = row();
    expect(flags(border, boundary, BACKBONE)).toBe(RouterFlag.E);
    boundary.handle({ kind: 'flush', scope: AS, lsType: LsType.AsExternal, linkStateId: 1 });
    network.run(8000);
    expect(flags(border, boundary, BACKBONE)).toBe(0);
  });

  test('a border router of an NSSA sets E in the NSSA and in the backbone, translating or not (RFC 3101 3.1)', () => {
    const { internal, border, boundary } = row({ type: 'nssa' });
    expect(flags(internal, border, AREA_1)! & RouterFlag.E).toBe(RouterFlag.E);
    expect(flags(boundary, border, BACKBONE)! & RouterFlag.E).toBe(RouterFlag.E);
    const stub = row({ type: 'stub' });
    expect(flags(stub.internal, stub.border, AREA_1)! & RouterFlag.E).toBe(0);
    expect(flags(stub.boundary, stub.border, BACKBONE)! & RouterFlag.E).toBe(0);
  });

  test('a border router that always translates sets Nt in the NSSA alone (RFC 3101)', () => {
    const { internal, border, boundary } = row({ type: 'nssa', translatorRole: 'always' });
    expect(flags(internal, border, AREA_1)! & RouterFlag.Nt).toBe(RouterFlag.Nt);
    expect(flags(boundary, border, BACKBONE)! & RouterFlag.Nt).toBe(0);
  });
});

describe('what a caller may originate', () => {
  test('an LSA type goes only into a database of its flooding scope', () => {
    const { boundary } = row();
    const body = external('AsExternal');
    expect(() =>
      boundary.handle({
        kind: 'originate',
        scope: BACKBONE,
        lsType: LsType.AsExternal,
        linkStateId: 1,
        body,
      }),
    ).toThrow(RangeError);
  });

  test('an area or link that is not there is refused', () => {
    const { boundary } = row();
    const scope: LsdbScope = { kind: 'area', areaId: 77 };
    const lsType = LsType.RouterInformation;
    const body = { kind: 'RouterInformation' as const, tlvs: [] };
    expect(() =>
      boundary.handle({ kind: 'originate', scope, lsType, linkStateId: 1, body }),
    ).toThrow(RangeError);
  });
});
