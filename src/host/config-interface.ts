/**
 * Configuration of interfaces and areas, for both roles.
 * @module
 */
import type { z } from 'zod';
import { INTERFACE_DEFAULTS } from '../instance/config.ts';
import { areaId, flag, integer, list, mapping, oneOf, text } from './config-field.ts';
import { routerNeighborDiscoverySchema } from './config-neighbor-discovery.ts';

/** Names of Linux interfaces have at most this many characters. */
const INTERFACE_NAME = /^[^\s/]{1,15}$/;

export const interfaceSchema = mapping({
  name: text('the name of an interface, 1..15 characters')
    .regex(INTERFACE_NAME, { error: 'the name of an interface, 1..15 characters' })
    .describe('Interface of this machine. It need not exist yet.'),
  area: areaId().describe('Area ID of the link.'),
  type: oneOf('broadcast', 'pointToPoint', 'loopback')
    .default(INTERFACE_DEFAULTS.type)
    .describe('`loopback` announces its addresses as /128 and speaks to nobody.'),
  passive: flag()
    .default(INTERFACE_DEFAULTS.passive)
    .describe('Announces the prefixes of the link and speaks to nobody on it.'),
  cost: integer(1, 65_535)
    .default(INTERFACE_DEFAULTS.cost)
    .describe('Interface output cost. It does not move with load.'),
  priority: integer(0, 255)
    .optional()
    .describe(
      'Router Priority; 0 never becomes designated router. 1 for a router, 0 for a server.',
    ),
  helloIntervalS: integer(1, 65_535)
    .default(INTERFACE_DEFAULTS.helloIntervalS)
    .describe('HelloInterval, the same for all routers on the link.'),
  deadIntervalS: integer(1, 65_535)
    .default(INTERFACE_DEFAULTS.routerDeadIntervalS)
    .describe('RouterDeadInterval, the same for all routers on the link; above `helloIntervalS`.'),
  retransmitIntervalS: integer(1, 65_535)
    .default(INTERFACE_DEFAULTS.rxmtIntervalS)
    .describe('RxmtInterval: what is not acknowledged is sent again after it.'),
  transmitDelayS: integer(1, 3_600)
    .default(INTERFACE_DEFAULTS.infTransDelayS)
    .describe('InfTransDelay, added to the age of LSAs sent.'),
  instanceId: integer(0, 255)
    .default(INTERFACE_DEFAULTS.instanceId)
    .describe('Instance ID; routers with another one on the link are not heard.'),
  mtuIgnore: flag()
    .default(INTERFACE_DEFAULTS.mtuIgnore)
    .describe('Forms adjacencies in spite of different MTUs.'),
  neighborDiscovery: routerNeighborDiscoverySchema
    .optional()
    .describe('On a router: hears servers that advertise by Neighbor Discovery on this link.'),
}).refine((value) => value.deadIntervalS > value.helloIntervalS, {
  error: 'more than helloIntervalS',
  path: ['deadIntervalS'],
});

export const areaSchema = mapping({
  id: areaId().describe('Area ID.'),
  type: oneOf('normal', 'stub', 'nssa')
    .default('normal')
    .describe('`stub` and `nssa` take no AS-External-LSAs.'),
});

export const interfacesSchema = list(interfaceSchema, 1).superRefine((interfaces, context) => {
  const seen = new Set<string>();
  for (const [i, { name }] of interfaces.entries()) {
    if (seen.has(name)) {
      const message = 'a name that no other interface here has';
      context.addIssue({ code: 'custom', message, path: [i, 'name'], input: name });
    }
    seen.add(name);
  }
});

export type InterfaceSettings = z.output<typeof interfaceSchema>;
export type AreaSettings = z.output<typeof areaSchema>;
