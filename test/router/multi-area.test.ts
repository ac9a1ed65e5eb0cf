import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AreaConfig, InterfaceConfig } from '../../src/instance/config.ts';
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { Prng } from '../../src/prng.ts';
import type { ExternalRoute } from '../../src/router/external.ts';
import { Router } from '../../src/router/router.ts';
import { PERFECT, Segment } from '../../src/sim/segment.ts';
import { World } from '../../src/sim/world.ts';
import { formatAddress, parseAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { liveOnLinks } from './on-links.ts';

/**
 * The network of the capture `e-multiarea-frr`, with our routers in the place of all seven: the
 * backbone is a LAN of r1 to r4, behind which lie area 1, NSSA 2 and stub area 3, each on a
 * point-to-point link to r5, r6 and r7. r1, r5 and r6 bring in routes from outside.
 */
const world = new World();
const prng = new Prng(7);
const segments = new Map<string, Segment>();

const segment = (name: string): Segment => {
  const known = segments.get(name) ?? new Segment(world, prng.fork(), PERFECT);
  segments.set(name, known);
  return known;
};

const AREAS: Readonly<Record<string, AreaConfig>> = {
  bb: { areaId: 0, type: 'normal' },
  a1: { areaId: 1, type: 'normal' },
  // FRR sends no default route in unless it is told to.
  a2: { areaId: 2, type: 'nssa', defaultRoute: false },
  a3: { areaId: 3, type: 'stub' },
};

interface Attached {
  readonly link: string;
  readonly address: string;
  readonly prefix: string;
}

const outside = (n: number, metric: number, metricType: 1 | 2): ExternalRoute[] =>
  [`2001:db8:e${n}::/48`, `2001:db8:e${n}:1::/64`].map((text) => ({
    prefix: parsePrefix(text),
    metric,
    metricType,
  }));

/** The addresses are those of the capture, so that next hops can be compared. */
const TOPOLOGY: Readonly<Record<string, { at: Attached[]; external?: ExternalRoute[] }>> = {
  r1: {
    at: [{ link: 'bb', address: 'fe80::ff:fe01:1', prefix: '2001:db8::/64' }],
    external: outside(1, 101, 2),
  },
  r2: {
    at: [
      { link: 'bb', address: 'fe80::ff:fe01:2', prefix: '2001:db8::/64' },
      { link: 'a1', address: 'fe80::ff:fe02:1', prefix: '2001:db8:0:1::/64' },
    ],
  },
  r3: {
    at: [
      { link: 'bb', address: 'fe80::ff:fe01:3', prefix: '2001:db8::/64' },
      { link: 'a2', address: 'fe80::ff:fe03:1', prefix: '2001:db8:0:2::/64' },
    ],
  },
  r4: {
    at: [
      { link: 'bb', address: 'fe80::ff:fe01:4', prefix: '2001:db8::/64' },
      { link: 'a3', address: 'fe80::ff:fe04:1', prefix: '2001:db8:0:3::/64' },
    ],
  },
  r5: {
    at: [{ link: 'a1', address: 'fe80::ff:fe02:2', prefix: '2001:db8:0:1::/64' }],
    external: outside(5, 105, 1),
  },
  r6: {
    at: [{ link: 'a2', address: 'fe80::ff:fe03:2', prefix: '2001:db8:0:2::/64' }],
    external: outside(6, 106, 2),
  },
  r7: { at: [{ link: 'a3', address: 'fe80::ff:fe04:2', prefix: '2001:db8:0:3::/64' }] },
};

const routers = new Map<string, Router>();
const LOOPBACK = 9;

function start(name: string): void {
  const n = Number(name.slice(1));
  const { at, external = [] } = TOPOLOGY[name]!;
  const first = AREAS[at[0]!.link]!.areaId;
  const interfaces: InterfaceConfig[] = at.map(({ link }, index) => ({
    ...INTERFACE_DEFAULTS,
    interfaceId: index + 1,
    name: link,
    areaId: AREAS[link]!.areaId,
    type: link === 'bb' ? 'broadcast' : 'pointToPoint',
    priority: 10 - n,
    helloIntervalS: 2,
    routerDeadIntervalS: 8,
  }));
  interfaces.push({
    ...INTERFACE_DEFAULTS,
    interfaceId: LOOPBACK,
    name: 'lo',
    areaId: first,
    type: 'loopback',
  });
  const router = new Router(
    {
      instance: {
        routerId: parseDottedQuad(`10.255.0.${n}`),
        areas: at.map(({ link }) => AREAS[link]!),
        interfaces,
        forwards: true,
      },
      externalRoutes: external,
    },
    prng.fork(),
  );
  routers.set(name, router);
  const life = liveOnLinks(
    world,
    router,
    at.map(({ link, address, prefix }, index) => ({
      interfaceId: index + 1,
      segment: segment(link),
      linkLocalAddress: parseAddress(address),
      prefix: parsePrefix(prefix),
    })),
  );
  const prefixes = [parsePrefix(`2001:db8:ff::${n}/128`)];
  life.input((nowMs) => ({ kind: 'interface', nowMs, interfaceId: LOOPBACK, up: true, prefixes }));
}

interface FrrRoute {
  readonly pathType: string;
  readonly nextHops: readonly { readonly nextHop: string }[];
}

const PATH_TYPE: Readonly<Record<string, string>> = {
  IA: 'intra-area',
  IE: 'inter-area',
  E1: 'external-1',
  E2: 'external-2',
};

/**
 * FRR names the neighbor as next hop to the prefix of a point-to-point link that it is on itself,
 * and names none on r3 to what r6 brings in, where it leaves the forwarding address unused.
 */
const frrDiffers = (name: string, key: string): boolean =>
  TOPOLOGY[name]!.at.some(({ prefix }) => prefix === key) ||
  (name === 'r3' && key.startsWith('2001:db8:e6:'));

const told = (name: string, key: string, pathType: string, hops: readonly string[]): string =>
  `${key} ${pathType} ${frrDiffers(name, key) ? '' : hops.join(' ')}`.trim();

/** What FRR printed on that router: prefix, path type, next hop. */
function printed(name: string): string[] {
  const file = `test/fixtures/frr-bird/e-multiarea-frr.truth/${name}/ospf6-route.json`;
  const { routes } = JSON.parse(readFileSync(file, 'utf8')) as {
    routes: Record<string, FrrRoute | FrrRoute[]>;
  };
  return Object.entries(routes)
    .flatMap(([prefix, found]) =>
      [found].flat().map(({ pathType, nextHops }) => {
        const hops = nextHops.map((hop) => hop.nextHop).filter((hop) => hop !== '::');
        return told(name, prefix, PATH_TYPE[pathType] ?? pathType, hops);
      }),
    )
    .sort();
}

/** What ours computed, told in the same way; what we bring in ourselves FRR does not list. */
function computed(name: string): string[] {
  const own = (TOPOLOGY[name]!.external ?? []).map((route) => route.prefix);
  return [...routers.get(name)!.routes()]
    .filter((route) => !own.some((prefix) => route.key === keyOf(prefix)))
    .map(({ key, pathType, nextHops }) => {
      const hops = nextHops.flatMap(({ address }) => (address ? [formatAddress(address)] : []));
      return told(name, key, pathType, hops);
    })
    .sort();
}

const keyOf = (prefix: ExternalRoute['prefix']): string =>
  `${formatAddress(prefix.address)}/${prefix.prefixLength}`;

beforeAll(() => {
  for (const name of Object.keys(TOPOLOGY)) start(name);
  world.run(60_000);
});

describe('seven routers in four areas, as FRR computed them in the same network', () => {
  test.each(Object.keys(TOPOLOGY))('%s has the routes that FRR printed', (name) => {
    expect(computed(name)).toEqual(printed(name));
  });
});
