import { describe, expect, test } from '@jest/globals';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import type { LsdbScope } from '../../src/lsdb/lsdb.ts';
import { Calculation } from '../../src/spf/calculation.ts';

const AREA: LsdbScope = { kind: 'area', areaId: 0 };
const AS: LsdbScope = { kind: 'as' };
const OWN = 1;
const OTHER = 2;

/** An LSA of a type with nothing behind its header but some octets. */
const lsaOf = (lsType: number, octets: number, advertisingRouter: number): Lsa =>
  Lsa.originate({ lsType, linkStateId: 0, advertisingRouter }, 1, {
    kind: 'Unknown',
    octets: new Uint8Array(octets),
  });

describe('An LSA too short for its type, which no instance installs (RFC 2328 13)', () => {
  test.each([
    ['Router', LsType.Router, AREA],
    ['Network', LsType.Network, AREA],
    ['Intra-Area-Prefix', LsType.IntraAreaPrefix, AREA],
    ['Inter-Area-Prefix', LsType.InterAreaPrefix, AREA],
    ['NSSA', LsType.Nssa, AREA],
    ['AS-External', LsType.AsExternal, AS],
  ])('%s: says nothing, and what lies behind it in memory is not read', (_, lsType, scope) => {
    for (const octets of [0, 1, 3, 7]) {
      const calculation = new Calculation(OWN);
      const own = { kind: 'Router', flags: 0, options: 0x13, links: [] } as const;
      const identity = { lsType: LsType.Router, linkStateId: 0, advertisingRouter: OWN };
      const short = lsaOf(lsType, octets, OTHER);
      // What another router says, full of links and prefixes, lies right behind.
      Lsa.originate({ ...identity, advertisingRouter: OTHER }, 1, {
        kind: 'Unknown',
        octets: new Uint8Array(200).fill(0x11),
      });
      calculation.load([
        { scope: AREA, lsa: Lsa.originate(identity, 1, own) },
        { scope, lsa: short },
      ]);
      calculation.runFull();
      expect(calculation.routes.size).toBe(0);
      expect([...calculation.tree.nearestFirst()]).toHaveLength(1);
    }
  });
});
