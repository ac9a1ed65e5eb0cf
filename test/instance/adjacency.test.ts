import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { contentsOf, Network, prefix } from './network.ts';

describe('two routers on a broadcast link (RFC 2328 9, 10)', () => {
  test('reach Full right after the Wait Timer, elect the higher Router ID, and agree', () => {
    const network = new Network();
    const link = network.link();
    const a = network.node('10.0.0.1', [link]);
    const b = network.node('10.0.0.2', [link]);
    a.up(1, [prefix('2001:db8:1::/64')]);
    b.up(1, [prefix('2001:db8:1::/64')]);
    network.run(10_000);
    expect(a.stateOf(b)).toBe('Full');
    expect(b.stateOf(a)).toBe('Full');
    expect(b.instance.interfaces()[0]?.state).toBe('DR');
    expect(a.instance.interfaces()[0]?.state).toBe('Backup');
    expect(a.fullAtMs(b)).toBeLessThan(4100);
    expect(contentsOf(a.lsdb())).toEqual(contentsOf(b.lsdb()));
    expect([...a.lsdb().entries()].map((entry) => entry.lsa.header.lsType).sort()).toEqual([
      LsType.Router,
      LsType.Router,
      LsType.Network,
      LsType.IntraAreaPrefix,
    ]);
    expect([...a.instance.illegalTransitions.keys()]).toEqual([]);
    expect(Object.fromEntries(a.instance.drops)).toEqual({});
  });
});
