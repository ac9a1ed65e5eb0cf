/**
 * What `tidecast replay` finds, as its JSON shows it.
 * @module
 */
import type { Difference } from './database-diff.ts';
import type { ShownRoute } from './listener-routes.ts';
import type { Json } from './lsa-json.ts';

/** What a replay shows. */
export interface Replay {
  readonly file: string;
  /** Until when datagrams were heard, ISO 8601. */
  readonly at: string;
  readonly instanceId: number;
  readonly datagrams: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly routers: readonly Json[];
  readonly database: readonly { readonly scope: string; readonly lsas: readonly Json[] }[];
  readonly routes?: readonly ShownRoute[];
  readonly differences?: readonly Difference[];
}
