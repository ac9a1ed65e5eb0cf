/**
 * Configuration of interfaces and areas, for both roles.
 * @module
 */
import type * as z from 'zod';
import { INTERFACE_DEFAULTS } from '../instance/config.ts';
import { authenticationSchema } from './config-authentication.ts';
import { areaId, flag, globalPrefix, integer, list, mapping, oneOf, text } from './config-field.ts';
import { routerNeighborDiscoverySchema } from './config-neighbor-discovery.ts';

const bfdSchema = mapping({
  transmitIntervalMs: integer(10, 60_000)
    .default(300)
    .describe('DesiredMinTxInterval: how often we would like to send.'),
  receiveIntervalMs: integer(10, 60_000)
    .default(300)
    .describe('RequiredMinRxInterval: how often we can take packets.'),
  multiplier: integer(1, 255)
    .default(3)
    .describe('Packets missed in a row before the other side counts as dead.'),
});

const recordSchema = mapping({
  file: text('a path that begins with /')
    .startsWith('/', { error: 'a path that begins with /' })
    .describe('Capture file (pcap). What was there and what is full is kept as `FILE.1`.'),
  maxOctets: integer(100_000, 1e12)
    .default(16_777_216)
    .describe('Size at which a new file is begun; the two files together take twice as much.'),
});

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
  // Of the other instances, those of other address families, none is spoken (RFC 5838 2.1).
  instanceId: integer(0, 31)
    .default(INTERFACE_DEFAULTS.instanceId)
    .describe('Instance ID; routers with another one on the link are not heard.'),
  mtuIgnore: flag()
    .default(INTERFACE_DEFAULTS.mtuIgnore)
    .describe('Forms adjacencies in spite of different MTUs.'),
  localAddressBit: flag()
    .default(true)
    .describe(
      'Of a loopback: marks its addresses as the RFC says. `false` where an FRR border router ' +
        'stands between areas, which makes other FRRs ignore such addresses.',
    ),
  bfd: bfdSchema.optional().describe('Watches neighbors with BFD (RFC 5881); off by default.'),
  authentication: authenticationSchema
    .optional()
    .describe('Authentication trailer (RFC 7166); none by default.'),
  neighborDiscovery: routerNeighborDiscoverySchema
    .optional()
    .describe('On a router: hears servers that advertise by Neighbor Discovery on this link.'),
  record: recordSchema
    .optional()
    .describe('Records the OSPF packets of the link, both ways; off by default.'),
})
  .refine((value) => value.deadIntervalS > value.helloIntervalS, {
    error: 'more than helloIntervalS',
    path: ['deadIntervalS'],
  })
  .refine(({ record, type, passive }) => !record || (type !== 'loopback' && !passive), {
    error: 'nothing here on an interface that speaks to nobody',
    path: ['record'],
  });

const rangeSchema = mapping({
  prefix: globalPrefix().describe('Prefixes of the area inside of it are said as this one.'),
  advertise: flag().default(true).describe('`false`: they are not said at all.'),
  cost: integer(0, 0xff_ff_ff)
    .optional()
    .describe('The cost said; that of the farthest prefix inside by default.'),
});

export const areaSchema = mapping({
  id: areaId().describe('Area ID.'),
  type: oneOf('normal', 'stub', 'nssa')
    .default('normal')
    .describe('`stub` and `nssa` take no AS-External-LSAs.'),
  noSummaries: flag()
    .default(false)
    .describe('Totally stubby: a border router sends in a default route and no other summaries.'),
  defaultCost: integer(1, 0xff_ff_ff)
    .default(1)
    .describe('Cost of the default route that a border router sends into a stub area or NSSA.'),
  defaultRoute: flag()
    .default(true)
    .describe('Of an NSSA: a border router sends in a default route (RFC 3101 2.4).'),
  translator: oneOf('candidate', 'always')
    .default('candidate')
    .describe('Of an NSSA: translates Type 7 as elected, or always (RFC 3101).'),
  ranges: list(rangeSchema)
    .default([])
    .describe(
      'What a border router says outside of the prefixes inside, those of Type 7 in an NSSA too.',
    ),
});

export const interfacesSchema = list(interfaceSchema, 1).superRefine((interfaces, context) => {
  const names = new Set<string>();
  const files = new Set<string>();
  for (const [i, { name, record }] of interfaces.entries()) {
    if (names.has(name)) {
      const message = 'a name that no other interface here has';
      context.addIssue({ code: 'custom', message, path: [i, 'name'], input: name });
    }
    names.add(name);
    if (!record) continue;
    if (files.has(record.file)) {
      const message = 'a file that no other interface here records to';
      const path = [i, 'record', 'file'];
      context.addIssue({ code: 'custom', message, path, input: record.file });
    }
    files.add(record.file);
  }
});

export type InterfaceSettings = z.output<typeof interfaceSchema>;
export type AreaSettings = z.output<typeof areaSchema>;
