/**
 * Configuration of advertising by Neighbor Discovery: `neighborDiscovery` of a server's service and
 * of a router's interface. Defaults and their reasons stand in `src/neighbor-discovery/*-config.ts`.
 * @module
 */
import * as z from 'zod';
import { ADVERTISER_DEFAULTS } from '../neighbor-discovery/advertiser-config.ts';
import { NEIGHBOR_CACHE_DEFAULTS } from '../neighbor-discovery/cache-config.ts';
import { parseLinkLayerAddress } from '../neighbor-discovery/link-layer-address.ts';
import {
  decimal,
  flag,
  httpUrl,
  integer,
  list,
  mapping,
  oneOf,
  prefix,
  text,
  unicastAddress,
} from './config-field.ts';

const LINK_LAYER_ADDRESS = 'a link-layer address such as 02:00:5e:10:00:01';

const linkLayerAddress = () =>
  z
    .string({ error: LINK_LAYER_ADDRESS })
    .refine(
      (value) => {
        try {
          return parseLinkLayerAddress(value).length > 0;
        } catch {
          return false;
        }
      },
      { error: LINK_LAYER_ADDRESS },
    )
    .meta({ allowed: LINK_LAYER_ADDRESS });

/** How a server advertises one service on its links. */
export const advertiserSchema = mapping({
  interfaces: list(text('the name of an interface'), 1)
    .optional()
    .describe(
      'On which of the interfaces above it advertises; on all that carry packets by default.',
    ),
  address: oneOf('loopback', 'link', 'none')
    .default('loopback')
    .describe(
      'Where the service address is put while the daemon runs: the loopback interface, the link ' +
        '(the answers of the kernel itself are then filtered by nftables), or nowhere: you do it.',
    ),
  activate: oneOf('immediate', 'solicited')
    .default(ADVERTISER_DEFAULTS.activate)
    .describe('Advertise when the service can serve, or wait until a router asks.'),
  cycleMs: integer(100, 10_000)
    .default(ADVERTISER_DEFAULTS.cycleMs)
    .describe('In which every server has one turn with routers that keep one address.'),
  minTurnMs: integer(5, 10_000).default(ADVERTISER_DEFAULTS.minTurnMs).describe('Shortest turn.'),
  takeoverMs: integer(5, 10_000)
    .default(ADVERTISER_DEFAULTS.takeoverMs)
    .describe('How long the next server but one waits for the next one.'),
  refreshMs: integer(10, 65_535)
    .default(ADVERTISER_DEFAULTS.refreshMs)
    .describe('Between advertisements within a turn; peers take over after missing two.'),
  aloneRefreshMs: integer(1_000, 3_600_000)
    .default(ADVERTISER_DEFAULTS.aloneRefreshMs)
    .describe('Between advertisements of a server without peers.'),
  burst: integer(1, 10)
    .default(ADVERTISER_DEFAULTS.burst)
    .describe('Advertisements at the start of a turn.'),
  jitterMs: integer(0, 10_000)
    .default(ADVERTISER_DEFAULTS.jitterMs)
    .describe('The first turn comes after a random part of it.'),
  spacing: oneOf('turns', 'rfc4861')
    .default(ADVERTISER_DEFAULTS.spacing)
    .describe('`rfc4861`: never two advertisements within a second (RFC 4861 7.2.6).'),
  unsolicitedOverride: oneOf('set', 'clear')
    .default(ADVERTISER_DEFAULTS.unsolicitedOverride)
    .describe('`clear` is RFC 4861 7.2.7 for anycast; routers then keep the entry they have.'),
  answerOrder: oneOf('holderFirst', 'random')
    .default(ADVERTISER_DEFAULTS.answerOrder)
    .describe('Who answers solicitations first; `random` is RFC 4861 7.2.7.'),
  allowSources: list(prefix())
    .default([])
    .describe('Other servers speak from these addresses; all are heard by default.'),
  allowLinkLayerAddresses: list(linkLayerAddress())
    .default([])
    .describe('Link-layer addresses that other servers may name; all by default.'),
  idleS: integer(20, 86_400)
    .optional()
    .describe('Without a query for this long the server stands by; never by default.'),
});

const reportSchema = mapping({
  service: unicastAddress().describe('The anycast address.'),
  server: unicastAddress().describe('Address that the server advertises from: its link-local one.'),
  url: httpUrl().describe('Where its report is: of a Tidecast server, or ORCA in JSON.'),
  everyMs: integer(100, 3_600_000).default(1000).describe('Time between two questions.'),
  expiryMs: integer(100, 86_400_000)
    .default(10_000)
    .describe('What was read counts no more when nothing comes for so long.'),
  queriesPerSecondPerWeight: decimal(1e-6, 1e9)
    .default(10)
    .describe('What one unit of weight stands for, when a report has no weight.'),
});

/** How a router takes in what servers of one link advertise. */
export const routerNeighborDiscoverySchema = mapping({
  services: list(unicastAddress(), 1)
    .optional()
    .describe('Service addresses to look for on the link; those of `services` below by default.'),
  mode: oneOf('single', 'multiple')
    .default(NEIGHBOR_CACHE_DEFAULTS.mode)
    .describe('Keep one server per service, the one that advertised last, or spread over all.'),
  delivery: oneOf('weighted', 'hash', 'leastLoad', 'roundRobin')
    .default('weighted')
    .describe(
      'With `multiple`: flows by advertised weights or equally, all to the least utilized, or every ' +
        'datagram to the next server, which needs `by: buckets` of the service.',
    ),
  acceptIncomplete: flag()
    .default(NEIGHBOR_CACHE_DEFAULTS.acceptIncomplete)
    .describe('Take an unsolicited advertisement while no answer has come yet.'),
  allowSources: list(prefix()).default([]).describe('Servers speak from these; all by default.'),
  allowLinkLayerAddresses: list(linkLayerAddress())
    .default([])
    .describe('Link-layer addresses servers may name; all by default.'),
  advertisementsPerSecond: integer(1, 10_000)
    .default(NEIGHBOR_CACHE_DEFAULTS.advertisementsPerSecond)
    .describe('Heard from one source in the long run.'),
  reports: list(reportSchema)
    .default([])
    .describe('Servers to ask for their load over HTTP; goes before what they advertise.'),
  maxAddresses: integer(1, 1_024)
    .default(NEIGHBOR_CACHE_DEFAULTS.maxAddresses)
    .describe('Servers kept per service.'),
  silentAfterMs: integer(500, 600_000)
    .default(NEIGHBOR_CACHE_DEFAULTS.silentAfterMs)
    .describe('A server silent for this long is probed.'),
  retransTimerMs: integer(50, 60_000)
    .default(NEIGHBOR_CACHE_DEFAULTS.retransTimerMs)
    .describe('RetransTimer: between probes, of which three may go unanswered.'),
});

export type AdvertiserSettings = z.output<typeof advertiserSchema>;
export type RouterNeighborDiscoverySettings = z.output<typeof routerNeighborDiscoverySchema>;
