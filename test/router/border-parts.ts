/** Areas, routes and paths of a border router for tests of what it says. */
import type { AreaConfig } from '../../src/instance/config.ts';
import type { AsExternalLsa } from '../../src/lsa/as-external-lsa.ts';
import { LsType } from '../../src/lsa/ls-type.ts';
import { Lsa } from '../../src/lsa/lsa.ts';
import { RouterFlag } from '../../src/lsa/router-lsa.ts';
import { Lsdb } from '../../src/lsdb/lsdb.ts';
import type { BorderView } from '../../src/router/inter-area.ts';
import type { Route } from '../../src/spf/route.ts';
import type { RouterPath } from '../../src/spf/router-paths.ts';
import { parseAddress } from '../../src/wire/address.ts';
import { PrefixOption, parsePrefix } from '../../src/wire/prefix.ts';

export const area = (areaId: number, more: Partial<AreaConfig> = {}): AreaConfig => ({
  areaId,
  type: 'normal',
  ...more,
});

/** Interface n is in area n - 1. */
export const view = (...areas: AreaConfig[]): BorderView => ({
  areas,
  areaOfInterface: (interfaceId) => interfaceId - 1,
});

export const route = (
  text: string,
  areaId: number,
  distance: number,
  pathType: Route['pathType'] = 'intra-area',
  interfaceId = areaId + 1,
): Route => ({
  key: text,
  prefix: parsePrefix(text),
  pathType,
  distance,
  areaId,
  nextHops: [{ interfaceId, address: parseAddress('fe80::1'), originators: [9] }],
  candidates: [],
});

export const path = (
  routerId: number,
  areaId: number,
  distance: number,
  flags: number = RouterFlag.E,
): RouterPath => ({
  routerId,
  areaId,
  pathType: 'intra-area',
  distance,
  flags,
  options: 0x13,
  nextHops: [{ interfaceId: areaId + 1, address: parseAddress('fe80::1') }],
});

export const nssa = area(1, { type: 'nssa' });

export function nssaLsdb(...bodies: (Partial<AsExternalLsa> & { by?: number })[]): Lsdb {
  const lsdb = new Lsdb({ kind: 'area', areaId: 1 });
  bodies.forEach(({ by = 5, ...more }, at) => {
    const body: AsExternalLsa = {
      kind: 'Nssa',
      flags: 0,
      metric: 20,
      prefix: parsePrefix('2001:db8:e::/48', PrefixOption.P),
      referencedLsType: 0,
      forwardingAddress: parseAddress('2001:db8::5'),
      ...more,
    };
    const identity = { lsType: LsType.Nssa, linkStateId: at, advertisingRouter: by };
    lsdb.install(Lsa.originate(identity, 1, body), 0);
  });
  return lsdb;
}
