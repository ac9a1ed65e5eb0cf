/**
 * The configuration of a daemon: one YAML document, one role.
 * @module
 */
import { z } from 'zod';
import { formatAddress } from '../wire/address.ts';
import { externalRoutesSchema } from './config-external.ts';
import { integer, list, mapping, oneOf, routerId, text } from './config-field.ts';
import { areaSchema, interfacesSchema } from './config-interface.ts';
import { servicesSchema } from './config-service.ts';
import { POLICIES, routerServiceSchema } from './config-spread.ts';
import { LOG_LEVELS } from './log.ts';

const controlSchema = mapping({
  host: text().default('::1').describe('Address to listen on.'),
  port: integer(1, 65_535).describe('TCP port.'),
  token: text('a token of 16 characters or more')
    .min(16, { error: 'a token of 16 characters or more' })
    .describe('Callers send it as `Authorization: Bearer TOKEN`.'),
});

/** The keys that both roles have. */
const COMMON = {
  routerId: routerId().describe('Router ID, unique within the autonomous system.'),
  interfaces: interfacesSchema.describe('The interfaces to use.'),
  areas: list(areaSchema)
    .default([])
    .describe('Areas that are not `normal`; the others need not be named.'),
  minLsIntervalMs: integer(1000, 60_000)
    .default(5000)
    .describe('MinLSInterval: least time between two originations of one LSA.'),
  minLsArrivalMs: integer(0, 60_000)
    .default(1000)
    .describe('MinLSArrival: least time between two received instances of one LSA.'),
  hostname: text('printable ASCII without spaces, 1..255 characters')
    .regex(/^[!-~]{1,255}$/, { error: 'printable ASCII without spaces, 1..255 characters' })
    .optional()
    .describe('A name for people, told to all routers (RFC 5642).'),
  stubRouterOnStartS: integer(0, 86_400)
    .default(0)
    .describe('Carries nothing for others for so long after the start (RFC 6987).'),
  stubRouterMethod: oneOf('maxLinkMetric', 'rBit')
    .default('maxLinkMetric')
    .describe(
      'How a stub router keeps traffic of others away: links of the largest metric (RFC 6987), ' +
        'which stay the last resort, or the R-bit clear (RFC 5340 2.7), which lets nothing through.',
    ),
  logLevel: oneOf(...LOG_LEVELS)
    .default('info')
    .describe('What is logged to stderr, as JSON lines.'),
  socket: text('a path that begins with /')
    .startsWith('/', { error: 'a path that begins with /' })
    .optional()
    .describe(
      'Unix socket of the control API; that of `--socket` by default. Of several documents in a ' +
        'file, all but one need their own.',
    ),
  control: controlSchema
    .optional()
    .describe('Opens the control API and `/metrics` on TCP, beside the Unix socket.'),
} as const;

const routerSchema = mapping({
  role: z.literal('router', { error: 'server | router' }).describe('The role of this node.'),
  ...COMMON,
  routeTable: oneOf('kernel', 'none')
    .default('kernel')
    .describe('Where routes go: the kernel, or nowhere (for observation).'),
  multipathHash: oneOf('leave', 'ports')
    .default('leave')
    .describe(
      '`ports` sets fib_multipath_hash_policy to 1 for all routes of this machine, so that each ' +
        'flow of a client is placed by itself; `leave` only tells what it is.',
    ),
  onStop: oneOf('clear', 'keep')
    .default('clear')
    .describe('What becomes of our routes when the daemon ends; the next run adopts kept ones.'),
  spread: oneOf(...POLICIES)
    .default('weighted')
    .describe('How queries are spread over the next hops of a service.'),
  externalRoutes: externalRoutesSchema
    .default([])
    .describe('Destinations outside that are reached through this router, as it tells others.'),
  services: list(routerServiceSchema)
    .default([])
    .describe('Services that are spread in a way of their own; the others need not be named.'),
}).superRefine(({ interfaces, services }, context) => {
  const byBuckets = new Set(
    services.filter(({ by }) => by === 'buckets').map(({ address }) => formatAddress(address)),
  );
  for (const [i, { neighborDiscovery }] of interfaces.entries()) {
    if (neighborDiscovery?.delivery !== 'roundRobin') continue;
    const others = neighborDiscovery.services
      .map(formatAddress)
      .filter((one) => !byBuckets.has(one));
    if (others.length === 0) continue;
    const message = `weighted | hash | leastLoad, or \`by: buckets\` for ${others.join(', ')}`;
    const path = ['interfaces', i, 'neighborDiscovery', 'delivery'];
    context.addIssue({ code: 'custom', message, path, input: neighborDiscovery.delivery });
  }
});

const serverSchema = mapping({
  role: z.literal('server', { error: 'server | router' }).describe('The role of this node.'),
  ...COMMON,
  services: servicesSchema.default([]).describe('The anycast services that this server offers.'),
}).superRefine(({ interfaces }, context) => {
  for (const [i, { neighborDiscovery }] of interfaces.entries()) {
    if (!neighborDiscovery) continue;
    const message = 'nothing here on a server; `advertise` of a service says how it advertises';
    const path = ['interfaces', i, 'neighborDiscovery'];
    context.addIssue({ code: 'custom', message, path, input: neighborDiscovery });
  }
});

/** A document of a configuration file. */
export const configSchema = z.discriminatedUnion('role', [serverSchema, routerSchema], {
  error: 'server | router',
});

export type Config = z.output<typeof configSchema>;
export type RouterSettings = z.output<typeof routerSchema>;
export type ServerSettings = z.output<typeof serverSchema>;
