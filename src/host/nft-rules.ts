/**
 * The words for nftables: one table of the netdev family, an egress chain per interface that leads
 * to a chain per service, and the service's map from bucket to link-layer address.
 * @module
 */
import { isIPv4 } from 'node:net';
import * as z from 'zod';

/** A service that is spread by buckets. */
export interface ExactService {
  /** The anycast address in canonical text, IPv6 or IPv4. */
  readonly address: string;
  /** The interface to the servers. */
  readonly interfaceName: string;
  /** Seed of the flow hash; the same on all routers. */
  readonly seed: number;
  /** Link-layer address of every bucket's next hop, `02:00:00:00:00:01`; at least one. */
  readonly buckets: readonly string[];
  /** Whether packets are counted per bucket, too; for bounding load. */
  readonly bucketLoad?: boolean;
  /** Every datagram takes the next bucket, whatever its flow; connections keep theirs. */
  readonly inTurn?: boolean;
}

/** How address families differ in nftables. */
export const FAMILIES = {
  ip6: { type: 'ipv6_addr', set: 'shares6', map: 'services6', length: 128 },
  ip: { type: 'ipv4_addr', set: 'shares4', map: 'services4', length: 32 },
} as const;
type Family = keyof typeof FAMILIES;

/** Pairs of next hop and service that are counted at most. */
const MAX_SHARES = 65_535;

export const familyOf = (address: string): Family => (isIPv4(address) ? 'ip' : 'ip6');
/** The name of a service's chain and map. */
export const nameOf = (address: string): string => `s_${address.replaceAll(/[:.]/g, '_')}`;

/** A set of counters, as `nft -j` lists it. */
export const SetListing = z.object({
  set: z.object({
    name: z.string(),
    elem: z
      .array(
        z.object({
          elem: z.object({
            val: z.object({ concat: z.tuple([z.string(), z.string()]) }),
            counter: z.object({ packets: z.number(), bytes: z.number() }),
          }),
        }),
      )
      .optional(),
  }),
});
/** Counters by bucket, as `nft -j` lists them. */
export const LoadListing = z.object({
  set: z.object({
    name: z.string(),
    elem: z
      .array(
        z.object({
          elem: z.object({
            val: z.number(),
            counter: z.object({ packets: z.number(), bytes: z.number() }),
          }),
        }),
      )
      .optional(),
  }),
});
/** A map, as `nft -j` lists it. */
export const MapListing = z.object({
  map: z.object({
    name: z.string(),
    elem: z.array(z.tuple([z.union([z.number(), z.string()]), z.unknown()])).optional(),
  }),
});

/** The name of a service's counters by bucket. */
export const loadNameOf = (address: string): string => `load_${nameOf(address)}`;

/** Our table, and what all services share: which chain an address has, and the counters. */
export function tableRules(table: string): string[] {
  return [
    `add table ${table}`,
    ...Object.values(FAMILIES).flatMap(({ type, set, map }) => [
      `add map ${table} ${map} { type ${type} : verdict; }`,
      `add set ${table} ${set} { type ${type} . ether_addr; flags dynamic; ` +
        `size ${MAX_SHARES}; counter; }`,
    ]),
  ];
}

/** What leaves by an interface goes to the chain of its service. */
export function egressRules(table: string, interfaceName: string): string[] {
  const chain = `${table} egress_${interfaceName}`;
  return [
    `add chain ${chain} ` +
      `{ type filter hook egress device "${interfaceName}" priority 0; policy accept; }`,
    `flush chain ${chain}`,
    `add rule ${chain} ip6 daddr vmap @${FAMILIES.ip6.map}`,
    `add rule ${chain} ip daddr vmap @${FAMILIES.ip.map}`,
  ];
}

/** A service that is only counted. */
export function countRules(table: string, address: string): string[] {
  const family = familyOf(address);
  const { set, map } = FAMILIES[family];
  const name = nameOf(address);
  return [
    `add chain ${table} ${name}`,
    `flush chain ${table} ${name}`,
    `add rule ${table} ${name} update @${set} { ${family} daddr . ether daddr }`,
    `add element ${table} ${map} { ${address} : goto ${name} }`,
  ];
}

/** Everything of a service, whatever was there before. */
export function serviceRules(table: string, service: ExactService): string[] {
  const { address, seed, buckets } = service;
  const family = familyOf(address);
  const { set, map } = FAMILIES[family];
  const name = nameOf(address);
  const load = loadNameOf(address);
  const elements = buckets.map((linkLayerAddress, i) => `${i} : ${linkLayerAddress}`).join(', ');
  const hash = `jhash ${family} saddr . th sport mod ${buckets.length} seed ${seed}`;
  const counted = service.bucketLoad ? `update @${load} { meta mark } ` : '';
  const place = (protocols: string, bucket: string): string =>
    `add rule ${table} ${name} meta l4proto ${protocols} meta mark set ${bucket} ${counted}` +
    `ether daddr set meta mark map @${name}`;
  return [
    `add map ${table} ${name} { type mark : ether_addr; }`,
    `flush map ${table} ${name}`,
    `add element ${table} ${name} { ${elements} }`,
    `add set ${table} ${load} { type mark; flags dynamic; size ${MAX_SHARES}; counter; }`,
    `add chain ${table} ${name}`,
    `flush chain ${table} ${name}`,
    ...(service.inTurn
      ? [place('udp', `numgen inc mod ${buckets.length}`), place('tcp', hash)]
      : [place('{ tcp, udp }', hash)]),
    `add rule ${table} ${name} update @${set} { ${family} daddr . ether daddr }`,
    `add element ${table} ${map} { ${address} : goto ${name} }`,
  ];
}

/** The buckets that change hands; nothing when none does. */
export function changeRules(table: string, known: ExactService, wanted: ExactService): string[] {
  const changed = [...wanted.buckets.keys()].filter((i) => known.buckets[i] !== wanted.buckets[i]);
  if (changed.length === 0) return [];
  const map = `${table} ${nameOf(wanted.address)}`;
  const elements = changed.map((i) => `${i} : ${wanted.buckets[i]}`).join(', ');
  return [`delete element ${map} { ${changed.join(', ')} }`, `add element ${map} { ${elements} }`];
}
