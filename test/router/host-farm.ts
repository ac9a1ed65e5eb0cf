/** A router and hosts of one service on one link, in virtual time. */
import { INTERFACE_DEFAULTS } from '../../src/instance/config.ts';
import { Prng } from '../../src/prng.ts';
import {
  Router,
  type RouterConfig,
  type RouterInput,
  type RouterOutput,
} from '../../src/router/router.ts';
import { PERFECT, Segment, type SegmentFaults } from '../../src/sim/segment.ts';
import { type Inhabitant, World } from '../../src/sim/world.ts';
import type { Route } from '../../src/spf/route.ts';
import type { Run } from '../../src/spf/route-table.ts';
import { parseAddress, parseDottedQuad } from '../../src/wire/address.ts';
import { parsePrefix } from '../../src/wire/prefix.ts';
import { liveOnLinks } from './on-links.ts';

/** Of the hosts, as a route's key. */
export const SERVICE = '2001:db8:53::53/128';
/** The router's interface to the hosts. */
export const FARM = 1;
/** The hosts' interface that has the service's address. */
export const LOOPBACK = 2;

/** Keys of the next hops to the two hosts. */
export const HOSTS = [`${FARM} fe80::1`, `${FARM} fe80::2`] as const;

/** A router and two hosts of one service on one link, all adjacent. */
export function farm(
  calculation: NonNullable<RouterConfig['calculation']> = {},
  faults: SegmentFaults = PERFECT,
) {
  const world = new World();
  const segment = new Segment(world, new Prng(1), faults);
  const said: RouterOutput[] = [];
  const start = (n: number, hosts: boolean): Inhabitant<RouterInput> => {
    const common = { ...INTERFACE_DEFAULTS, areaId: 0, helloIntervalS: 1, routerDeadIntervalS: 4 };
    const router = new Router(
      {
        instance: {
          routerId: parseDottedQuad(`10.0.0.${n}`),
          areas: [{ areaId: 0, type: 'normal' }],
          interfaces: [
            { ...common, interfaceId: FARM, name: 'farm', priority: hosts ? 0 : 10 },
            { ...common, interfaceId: LOOPBACK, name: 'lo', type: 'loopback' },
          ],
          forwards: !hosts,
        },
        calculation,
      },
      new Prng(n),
    );
    const life = liveOnLinks(
      world,
      router,
      [
        {
          interfaceId: FARM,
          segment,
          linkLocalAddress: parseAddress(`fe80::${n}`),
          prefix: parsePrefix('2001:db8::/64'),
        },
      ],
      (output) => {
        if (!hosts) said.push(output);
      },
    );
    if (hosts) {
      const prefixes = [parsePrefix(SERVICE)];
      life.input((nowMs) => {
        return { kind: 'interface', up: true, interfaceId: LOOPBACK, nowMs, prefixes };
      });
    }
    return life;
  };
  let router = start(9, false);
  const hosts = [start(1, true), start(2, true)];
  /** Kills the router without a word, and starts it again with what it finds in forwarding. */
  const restart = (found: readonly string[]): Inhabitant<RouterInput> => {
    router.halt();
    said.length = 0;
    router = start(9, false);
    const services = new Map([[SERVICE, found.map((key) => [key])]]);
    router.input((nowMs) => ({ kind: 'adopted', nowMs, services }));
    return router;
  };
  world.run(60_000);
  const before = said.length;
  /** What the router says from the loss on: buckets that moved, runs of SPF. */
  const since = (): string[] =>
    said.slice(before).flatMap((output) => {
      if (output.kind === 'run') return [`${output.run.kind} run`];
      if (output.kind !== 'spread') return [];
      return [`${output.change.cause}: ${output.change.shares.map(({ key }) => key).join()}`];
    });
  /** The runs of the router's calculation from the loss on. */
  const runsSince = (): Run[] =>
    said.slice(before).flatMap((output) => (output.kind === 'run' ? [output.run] : []));
  const routes = (): Route[] =>
    said.flatMap((output) => (output.kind === 'route' ? [output.route] : []));
  return { world, router, hosts, restart, said, since, runsSince, routes };
}
