/**
 * Configuration of routes from outside that a router brings in (RFC 2328 12.4.4, RFC 3101 2.3).
 * @module
 */
import type * as z from 'zod';
import type { ExternalRoute } from '../router/external.ts';
import { globalAddress, globalPrefix, integer, list, mapping } from './config-field.ts';

const externalRouteSchema = mapping({
  prefix: globalPrefix().describe('The destination; `::/0` for a default route.'),
  metric: integer(0, 0xff_ff_fe).default(20).describe('Metric of the destination.'),
  metricType: integer(1, 2)
    .default(2)
    .describe('1: added to the path to this router; 2: larger than any path within.'),
  tag: integer(0, 0xffff_ffff).optional().describe('For the operator’s own use.'),
  forwardingAddress: globalAddress()
    .optional()
    .describe('Where packets go instead of to this router: an address on a link others reach.'),
});

export const externalRoutesSchema = list(externalRouteSchema);

/** What the router role takes. */
export function externalRoutesOf(
  settings: z.output<typeof externalRoutesSchema>,
): readonly ExternalRoute[] {
  return settings.map(({ metricType, tag, forwardingAddress, ...route }) => ({
    ...route,
    metricType: metricType === 1 ? 1 : 2,
    ...(tag !== undefined && { tag }),
    ...(forwardingAddress && { forwardingAddress }),
  }));
}
