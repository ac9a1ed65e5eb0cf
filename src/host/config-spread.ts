/**
 * Configuration of how a router spreads single services: `services` in a router's file. What is not
 * said there follows the router's `spread`.
 * @module
 */
import type * as z from 'zod';
import { DEFAULT_REFILL_ERROR_RATIO } from '../anycast/bucket-table.ts';
import type { ServiceSpreadConfig } from '../anycast/service-spread.ts';
import { formatPrefix } from '../wire/prefix.ts';
import {
  decimal,
  httpUrl,
  integer,
  list,
  mapping,
  oneOf,
  oneOfNumbers,
  routerId,
  unicastAddress,
} from './config-field.ts';
import { CONNECTION_TIMERS, DATAGRAM_TIMERS } from './route-table.ts';

/** Policies by name; functions are for programs that embed the router. */
export const POLICIES = ['weighted', 'inverse', 'equal', 'least', 'failover'] as const;

const BUCKET_COUNTS = [64, 128, 256, 512, 1024, 2048, 4096] as const;

const reportSchema = mapping({
  server: routerId().describe('Router ID of the server.'),
  url: httpUrl().describe('Where its report is: of a Tidecast server, or ORCA in JSON.'),
  everyMs: integer(100, 3_600_000).default(1000).describe('Time between two questions.'),
  expiryMs: integer(100, 86_400_000)
    .default(10_000)
    .describe('What was read is forgotten when nothing comes for so long.'),
});

/** Keys that mean nothing in the other way: taken in silence, they would be relied on. */
const KEYS_OF_ONE_WAY = [
  { key: 'boundedLoad', needs: 'buckets', given: (one) => one.boundedLoad !== undefined },
  { key: 'flowSeed', needs: 'buckets', given: (one) => one.flowSeed !== 0 },
  { key: 'traffic', needs: 'groups', given: (one) => one.traffic === 'connections' },
  { key: 'idleTimerS', needs: 'groups', given: (one) => one.idleTimerS !== undefined },
  { key: 'unbalancedTimerS', needs: 'groups', given: (one) => one.unbalancedTimerS !== undefined },
] as const satisfies readonly {
  key: string;
  needs: 'groups' | 'buckets';
  given: (service: WayKeys) => boolean;
}[];

interface WayKeys {
  readonly boundedLoad?: number | undefined;
  readonly flowSeed: number;
  readonly traffic: string;
  readonly idleTimerS?: number | undefined;
  readonly unbalancedTimerS?: number | undefined;
}

export const routerServiceSchema = mapping({
  address: unicastAddress().describe('The anycast address.'),
  spread: oneOf(...POLICIES)
    .optional()
    .describe('The policy of this service; that of the router by default.'),
  by: oneOf('groups', 'buckets')
    .default('groups')
    .describe(
      '`groups`: resilient nexthop groups, which move no flow needlessly; `buckets`: nftables on ' +
        'the link to the servers, by which several routers place every flow alike.',
    ),
  traffic: oneOf('datagrams', 'connections')
    .default('datagrams')
    .describe(
      'With `by: groups`: sets the two timers below; DNS falls idle in a moment, connections do not.',
    ),
  idleTimerS: integer(0, 86_400)
    .optional()
    .describe('A bucket silent for so long may move; 1 for datagrams, 120 for connections.'),
  unbalancedTimerS: integer(0, 86_400)
    .optional()
    .describe('Busy buckets move when shares are off for so long, 0 never; 2 and 0 by default.'),
  buckets: oneOfNumbers(...BUCKET_COUNTS)
    .default(1024)
    .describe('Buckets of the service.'),
  flowSeed: integer(0, 0xffff_ffff)
    .default(0)
    .describe('Seed of the flow hash with `by: buckets`; the same on all routers.'),
  boundedLoad: decimal(0.01, 10)
    .optional()
    .describe(
      'With `by: buckets`: no next hop keeps more than 1 + this of its wanted share of the packets; ' +
        'buckets of busy clients move. Routers then no longer place every flow alike.',
    ),
  refillError: decimal(0, 1)
    .default(DEFAULT_REFILL_ERROR_RATIO)
    .describe('Shares are put right when one is off by more than this part of itself.'),
  reports: list(reportSchema)
    .default([])
    .describe('Servers to ask for their load over HTTP, instead of hearing it in LSAs.'),
  queriesPerSecondPerWeight: decimal(1e-6, 1e9)
    .default(10)
    .describe('What one unit of weight stands for, when a report has no weight.'),
}).superRefine((service, context) => {
  for (const { key, needs, given } of KEYS_OF_ONE_WAY) {
    if (service.by === needs || !given(service)) continue;
    const message = `only with \`by: ${needs}\``;
    context.addIssue({ code: 'custom', message, path: [key], input: service[key] });
  }
});
export type RouterServiceSettings = z.output<typeof routerServiceSchema>;

/** How the kernel spreads one service. */
export interface KernelService {
  readonly by: 'groups' | 'buckets';
  readonly bucketCount: number;
  readonly idleTimerS: number;
  readonly unbalancedTimerS: number;
  readonly flowSeed: number;
  /** Whether packets are counted per bucket, so that load can be bounded. */
  readonly bounded: boolean;
}

export const DEFAULT_KERNEL_SERVICE: KernelService = {
  by: 'groups',
  bucketCount: 1024,
  flowSeed: 0,
  bounded: false,
  ...DATAGRAM_TIMERS,
};

/** The key of a service's route. */
export const serviceKey = ({ address }: RouterServiceSettings): string =>
  formatPrefix({ address, prefixLength: 128 });

/** What the core's spread of a service is made with. */
export function spreadConfigOf(service: RouterServiceSettings): ServiceSpreadConfig {
  return {
    bucketCount: service.buckets,
    refillErrorRatio: service.refillError,
    placement: service.by === 'buckets' ? 'agreed' : 'resilient',
    ...(service.spread === undefined ? {} : { policy: service.spread }),
    ...(service.boundedLoad === undefined ? {} : { boundedLoadEpsilon: service.boundedLoad }),
  };
}

export function kernelServiceOf(service: RouterServiceSettings): KernelService {
  const timers = service.traffic === 'datagrams' ? DATAGRAM_TIMERS : CONNECTION_TIMERS;
  return {
    by: service.by,
    bucketCount: service.buckets,
    idleTimerS: service.idleTimerS ?? timers.idleTimerS,
    unbalancedTimerS: service.unbalancedTimerS ?? timers.unbalancedTimerS,
    flowSeed: service.flowSeed,
    bounded: service.boundedLoad !== undefined,
  };
}
