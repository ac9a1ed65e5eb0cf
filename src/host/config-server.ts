/**
 * Configuration of a server.
 * @module
 */
import * as z from 'zod';
import { COMMON_KEYS } from './config-common.ts';
import { flag, mapping } from './config-field.ts';
import { servicesSchema } from './config-service.ts';

/** A document with `role: server`. */
export const serverSchema = mapping({
  role: z.literal('server', { error: 'server | router' }).describe('The role of this node.'),
  ...COMMON_KEYS,
  promptsSpf: flag()
    .default(true)
    .describe(
      'Lets routers that do not spread by weights run SPF ten to fifteen seconds after a service was ' +
        'announced or its cost changed, if nothing else did: FRR 8.4 needs it.',
    ),
  services: servicesSchema.default([]).describe('The anycast services that this server offers.'),
}).superRefine(({ interfaces }, context) => {
  for (const [i, { neighborDiscovery }] of interfaces.entries()) {
    if (!neighborDiscovery) continue;
    const message = 'nothing here on a server; `advertise` of a service says how it advertises';
    const path = ['interfaces', i, 'neighborDiscovery'];
    context.addIssue({ code: 'custom', message, path, input: neighborDiscovery });
  }
});
