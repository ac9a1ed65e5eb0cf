/**
 * Configuration of a router.
 * @module
 */
import * as z from 'zod';
import { formatAddress } from '../wire/address.ts';
import { CALCULATION_KEYS } from './config-calculation.ts';
import { COMMON_KEYS } from './config-common.ts';
import { externalRoutesSchema } from './config-external.ts';
import { list, mapping, oneOf } from './config-field.ts';
import { POLICIES, routerServiceSchema } from './config-spread.ts';

/** A document with `role: router`. */
export const routerSchema = mapping({
  role: z.literal('router', { error: 'server | router' }).describe('The role of this node.'),
  ...COMMON_KEYS,
  routeTable: oneOf('kernel', 'none')
    .default('kernel')
    .describe('Where routes go: the kernel, or nowhere (for observation).'),
  ...CALCULATION_KEYS,
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
    if (neighborDiscovery === undefined) continue;
    const wanted = neighborDiscovery.services ?? services.map(({ address }) => address);
    if (wanted.length === 0) {
      const message = 'a list of at least 1, here or as `services` of the router';
      const path = ['interfaces', i, 'neighborDiscovery', 'services'];
      context.addIssue({ code: 'custom', message, path, input: undefined });
    }
    if (neighborDiscovery.delivery !== 'roundRobin') continue;
    const others = wanted.map(formatAddress).filter((one) => !byBuckets.has(one));
    if (others.length === 0) continue;
    const message = `weighted | hash | leastLoad, or \`by: buckets\` for ${others.join(', ')}`;
    const path = ['interfaces', i, 'neighborDiscovery', 'delivery'];
    context.addIssue({ code: 'custom', message, path, input: neighborDiscovery.delivery });
  }
});
