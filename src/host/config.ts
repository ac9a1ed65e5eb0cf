/**
 * The configuration of a daemon: one YAML document, one role.
 * @module
 */
import * as z from 'zod';
import { routerSchema } from './config-router.ts';
import { serverSchema } from './config-server.ts';

/** A document of a configuration file. */
export const configSchema = z.discriminatedUnion('role', [serverSchema, routerSchema], {
  error: ({ input }) =>
    typeof input === 'object' && input !== null && !Array.isArray(input)
      ? 'server | router'
      : 'a mapping with role: server | router',
});

export type Config = z.output<typeof configSchema>;
export type RouterSettings = z.output<typeof routerSchema>;
export type ServerSettings = z.output<typeof serverSchema>;
