/**
 * Reads what other routers print of their routes: FRR's `show ipv6 ospf6 route json` and `… detail`,
 * BIRD's `show route all`, and the kernel's `ip -6 -json route`.
 * @module
 */
import type { PathType } from '../spf/route.ts';

/** A route as printed; what was not printed is absent. */
export interface PrintedRoute {
  readonly prefix: string;
  readonly pathType?: PathType;
  readonly distance?: number;
  readonly type2Metric?: number;
  /** Addresses; `::` where the prefix is on the link or the router's own. */
  readonly nextHops?: readonly string[];
}

/** Reads routes in any of the forms known; `undefined` when it is none of them. */
export function readPrintedRoutes(text: string): PrintedRoute[] | undefined {
  if (/^\s*\{/.test(text) && text.includes('"routes"')) return readFrrJson(text);
  if (/^\s*\[/.test(text)) return readKernel(text);
  if (/^Destination: /m.test(text)) return readFrrDetail(text);
  if (/^Table /m.test(text)) return readBird(text);
  return undefined;
}

const DIRECT = '::';
const FRR_PATHS: Readonly<Record<string, PathType>> = {
  IA: 'intra-area',
  IE: 'inter-area',
  E1: 'external-1',
  E2: 'external-2',
  'Intra-Area': 'intra-area',
  'Inter-Area': 'inter-area',
  'External-1': 'external-1',
  'External-2': 'external-2',
};
const pathOf = (name: string | undefined): { pathType?: PathType } => {
  const pathType = FRR_PATHS[name ?? ''];
  return pathType === undefined ? {} : { pathType };
};

interface FrrRoute {
  readonly isBestRoute: boolean;
  readonly pathType: string;
  readonly nextHops: readonly { readonly nextHop: string }[];
}

function readFrrJson(text: string): PrintedRoute[] {
  // Of a prefix with several paths it prints the last alone, which may not be the best: then all
  // that is known is that there is a route.
  const { routes } = JSON.parse(text) as { routes: Readonly<Record<string, FrrRoute>> };
  return Object.entries(routes).map(([prefix, { isBestRoute, pathType, nextHops }]) =>
    isBestRoute
      ? { prefix, ...pathOf(pathType), nextHops: nextHops.map(({ nextHop }) => nextHop) }
      : { prefix },
  );
}

function readFrrDetail(text: string): PrintedRoute[] {
  const found: PrintedRoute[] = [];
  for (const block of text.split(/^(?=Destination: )/m)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const prefix = field('Destination');
    // Of several for one destination, B marks the best.
    if (prefix === undefined || !field('Lock')?.includes('Flags: B')) continue;
    const path = pathOf(field('Path Type'));
    const [, first = '', second = ''] = /^(\d+) \((\d+)\)/.exec(field('Metric') ?? '') ?? [];
    const hops = block.slice(block.indexOf('Nexthop:')).matchAll(/^ {2}(\S+) \S+/gm);
    found.push({
      prefix,
      ...path,
      distance: Number(first),
      ...(path.pathType === 'external-2' && { type2Metric: Number(second) }),
      nextHops: [...hops].map(([, hop = '']) => hop),
    });
  }
  return found;
}

const BIRD_PATHS: Readonly<Record<string, PathType>> = {
  I: 'intra-area',
  IA: 'inter-area',
  E1: 'external-1',
  E2: 'external-2',
};

function readBird(text: string): PrintedRoute[] {
  const found: (PrintedRoute & { nextHops: string[] })[] = [];
  let hops: string[] | undefined;
  for (const line of text.split('\n')) {
    const row = /^(\S+) +unicast \[\S+ \S+\] \* (I|IA|E1|E2) \((\d+)\/(\d+)(?:\/(\d+))?\)/.exec(
      line,
    );
    if (row) {
      const [, prefix = '', path = '', , distance = '', type2Metric] = row;
      hops = [];
      found.push({
        prefix,
        ...(BIRD_PATHS[path] && { pathType: BIRD_PATHS[path] }),
        distance: Number(distance),
        ...(type2Metric !== undefined && { type2Metric: Number(type2Metric) }),
        nextHops: hops,
      });
      continue;
    }
    if (/^\S/.test(line)) hops = undefined; // a route of another protocol
    const hop = /^\t(?:via (\S+) on|dev) \S+/.exec(line);
    if (hop) hops?.push(hop[1] ?? DIRECT);
  }
  return found;
}

interface KernelRoute {
  readonly dst: string;
  readonly protocol: string;
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway?: string }[];
}
const ROUTING_PROTOCOLS = new Set(['ospf', 'bird', 'zebra']);

function readKernel(text: string): PrintedRoute[] {
  return (JSON.parse(text) as readonly KernelRoute[])
    .filter(({ protocol }) => ROUTING_PROTOCOLS.has(protocol))
    .map(({ dst, gateway, nexthops }) => ({
      prefix: dst.includes('/') ? dst : dst === 'default' ? '::/0' : `${dst}/128`,
      nextHops: (nexthops ?? [{ ...(gateway && { gateway }) }]).map((hop) => hop.gateway ?? DIRECT),
    }));
}
