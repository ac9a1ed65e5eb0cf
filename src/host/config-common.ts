/**
 * Configuration that both roles have.
 * @module
 */
import { integer, list, mapping, oneOf, routerId, text } from './config-field.ts';
import { areaSchema, interfacesSchema } from './config-interface.ts';
import { LOG_LEVELS } from './log.ts';

const controlSchema = mapping({
  host: text().default('::1').describe('Address to listen on.'),
  port: integer(1, 65_535).describe('TCP port.'),
  token: text('a token of 16 characters or more')
    .min(16, { error: 'a token of 16 characters or more' })
    .describe('Callers send it as `Authorization: Bearer TOKEN`.'),
});

/** The keys that both roles have. */
export const COMMON_KEYS = {
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
