import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { ManualClock } from '../../src/host/clock.ts';
import {
  advertiserSchema,
  routerNeighborDiscoverySchema,
} from '../../src/host/config-neighbor-discovery.ts';
import type { Link } from '../../src/host/link.ts';
import { MemorySegment } from '../../src/host/link-memory.ts';
import { openLog } from '../../src/host/log.ts';
import { NeighborDiscoveryRouter } from '../../src/host/neighbor-discovery-router.ts';
import { NeighborDiscoveryServer } from '../../src/host/neighbor-discovery-server.ts';
import { ALL_NODES } from '../../src/neighbor-discovery/constants.ts';
import { Prng } from '../../src/prng.ts';
import { parseAddress } from '../../src/wire/address.ts';

const SERVICE = '2001:db8:5::53';
const KEY = `${SERVICE}/128`;
const log = openLog('silent');

/** A link in memory on which everyone hears all nodes, and everything has hop limit 255. */
class TestLink {
  readonly clock = new ManualClock(1_000);
  readonly #segment = new MemorySegment((work) => {
    this.clock.wakeAt(this.clock.nowMs() + 0.1, work);
  });
  readonly changes: string[] = [];
  /** What the router wrote to its log. */
  readonly lines: { readonly level: number; readonly msg: string }[] = [];
  readonly router: NeighborDiscoveryRouter;
  #interfaceId = 0;

  constructor(settings: Record<string, unknown> = {}, canTakeTurns?: (key: string) => boolean) {
    this.router = new NeighborDiscoveryRouter({
      interfaces: [
        {
          interfaceId: 1,
          name: 'eth0',
          services: [parseAddress(SERVICE)],
          settings: routerNeighborDiscoverySchema.parse(settings),
        },
      ],
      prng: new Prng(1),
      log: pino({ level: 'debug' }, { write: (line) => void this.lines.push(JSON.parse(line)) }),
      clock: this.clock,
      ...(canTakeTurns && { canTakeTurns }),
      onChange: (key) => this.changes.push(key),
    });
    this.router.open('eth0', () => this.link('fe80::ff'), Uint8Array.of(2, 0, 0, 0, 0, 0xff));
  }

  link(linkLocal: string): Link {
    const linkLocalAddress = parseAddress(linkLocal);
    const interfaceId = ++this.#interfaceId;
    const link = this.#segment.open({ interfaceId, name: 'eth0', linkLocalAddress });
    link.join(ALL_NODES);
    return {
      ...link,
      interfaceId,
      name: 'eth0',
      mtu: 1500,
      linkLocalAddress,
      send: (destination, octets) => link.send(destination, octets),
      join: (group) => link.join(group),
      leave: (group) => link.leave(group),
      close: () => link.close(),
      listen: (onDatagram) => link.listen((datagram) => onDatagram({ ...datagram, hopLimit: 255 })),
    };
  }

  server(index: number, settings: Record<string, unknown> = {}, onSolicited = () => undefined) {
    const server = new NeighborDiscoveryServer({
      services: [
        {
          name: 'dns',
          address: parseAddress(SERVICE),
          active: true,
          settings: advertiserSchema.parse({ address: 'none', ...settings }),
        },
      ],
      interfaces: ['eth0'],
      prng: new Prng(100 + index),
      log,
      clock: this.clock,
      onSolicited,
    });
    server.activate('dns');
    server.open('eth0', () => this.link(`fe80::${index}`), Uint8Array.of(2, 0, 0, 0, 0, index));
    return server;
  }

  get servers(): string[] {
    return this.router
      .nextHops(KEY)
      .map(({ address }) => address)
      .sort();
  }
}

describe('servers and a router of this machine, by Neighbor Discovery', () => {
  test('servers that can serve become next hops, by their weights', () => {
    const link = new TestLink();
    const [first, second] = [link.server(1), link.server(2)];
    first.advertise('dns', { weight: 3 });
    second.advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    const nextHops = link.router.nextHops(KEY);
    const weight = Object.fromEntries(nextHops.map((hop) => [hop.address, hop.weight]));
    expect(weight['fe80::1']! / weight['fe80::2']!).toBeCloseTo(3);
    expect(nextHops.every(({ interfaceName }) => interfaceName === 'eth0')).toBe(true);
    expect(link.changes).toContain(KEY);
  });

  test('the router ends: what it said last stays, for the next run to take over', () => {
    const link = new TestLink();
    link.server(1).advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    link.changes.length = 0;
    link.router.end();
    expect(link.changes).toEqual([]);
    expect(link.servers).toEqual(['fe80::1']);
  });

  test('what an earlier run left is not replaced until all servers had time to answer', () => {
    const link = new TestLink();
    link.router.goOnWith([KEY]);
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: 1 });
    link.clock.advance(1_900);
    expect(link.servers).toEqual(['fe80::1', 'fe80::2']);
    expect(link.changes).toEqual([]);
    link.clock.advance(200);
    expect(link.changes).toEqual([KEY]);
    // From now on every change is told when it comes.
    link.server(3).advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    expect(link.changes.length).toBeGreaterThan(1);
  });

  test('what an earlier run left and nobody advertises any more is not touched here', () => {
    const link = new TestLink();
    link.router.goOnWith([KEY, '2001:db8::1/128']);
    link.clock.advance(5_000);
    expect(link.changes).toEqual([]);
  });

  test('a service that cannot serve is out at once, and comes back', () => {
    const link = new TestLink();
    const [first, second] = [link.server(1), link.server(2)];
    for (const server of [first, second]) server.advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    first.withdraw('dns');
    link.clock.advance(1);
    expect(link.servers).toEqual(['fe80::2']);
    first.advertise('dns', { weight: 1 });
    link.clock.advance(2_000);
    expect(link.servers).toEqual(['fe80::1', 'fe80::2']);
  });

  test('one that drains gets nothing new, however often the router probes it', () => {
    const link = new TestLink();
    const [first, second] = [link.server(1), link.server(2)];
    for (const server of [first, second]) server.advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    first.advertise('dns', { weight: 1, state: 'draining' });
    link.clock.advance(1);
    expect(link.servers).toEqual(['fe80::2']);
    link.clock.advance(60_000);
    expect(link.servers).toEqual(['fe80::2']);
    // The last resort, when all others are gone.
    second.withdraw('dns');
    link.clock.advance(5_000);
    expect(link.servers).toEqual(['fe80::1']);
  });

  test('one that is not needed stands by, and tells when a router asks for it', () => {
    const link = new TestLink();
    let solicited = 0;
    const server = link.server(1, {}, () => void solicited++);
    server.advertise('dns', { weight: 1 });
    link.clock.advance(1_000);
    server.standBy('dns');
    expect(server.summaries()[0]!.state).toBe('Standby');
    link.clock.advance(1_000); // the router has nobody left, and asks
    expect(solicited).toBe(1);
    expect(server.summaries()[0]!.state).toBe('Holding');
    expect(link.servers).toEqual(['fe80::1']);
  });

  test('the other way of advertising: nothing more is said, and routers are told', () => {
    const link = new TestLink();
    const server = link.server(1);
    server.advertise('dns', { weight: 1 });
    link.clock.advance(1_000);
    server.deactivate('dns');
    link.clock.advance(1);
    expect(link.servers).toEqual([]);
    expect(server.summaries()).toEqual([]);
    server.activate('dns');
    link.clock.advance(1_000);
    expect(link.servers).toEqual(['fe80::1']);
  });

  test('while OSPFv3 has a route this way is not used, and is ready when it goes', () => {
    const link = new TestLink();
    link.server(1).advertise('dns', { weight: 1 });
    link.clock.advance(1_000);
    link.router.ospfRoute(KEY, true);
    expect(link.servers).toEqual([]);
    link.router.ospfRoute(KEY, false);
    expect(link.servers).toEqual(['fe80::1']);
  });

  test('one heard of in both ways for longer than a change-over takes is named', () => {
    const link = new TestLink();
    link.server(1).advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    link.router.ospfRoute(KEY, true);
    link.clock.advance(9_000);
    expect(link.router.heardBothWays(KEY)).toBe(false);
    link.clock.advance(1_000);
    expect(link.router.heardBothWays(KEY)).toBe(true);
    link.router.ospfRoute(KEY, false);
    expect(link.router.heardBothWays(KEY)).toBe(false);
  });

  test('rule 17: load that another protocol brought changes the weights', () => {
    const link = new TestLink();
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: 1 });
    link.clock.advance(1_900);
    expect(link.servers).toHaveLength(2);
    link.router.load(parseAddress(SERVICE), parseAddress('fe80::2'), { weight: 9 });
    link.clock.advance(2_000); // advertisements go on, and do not undo it
    const nextHops = link.router.nextHops(KEY);
    const total = nextHops.reduce((sum, { weight }) => sum + weight, 0);
    expect(nextHops.find(({ address }) => address === 'fe80::2')!.weight / total).toBeCloseTo(0.9);
  });

  test('servers of a service are those that advertise it', () => {
    const link = new TestLink();
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: 1 });
    link.clock.advance(1_900);
    const servers = link.router.serversOf(parseAddress(SERVICE));
    expect([...servers].sort()).toEqual(['fe80::1', 'fe80::2']);
    expect(link.router.serversOf(parseAddress('2001:db8::1'))).toEqual([]);
  });

  test('rule 17: load that was asked for over HTTP goes before what is advertised', async () => {
    let asked = 0;
    const http = createServer((_request, response) => {
      asked++;
      const named_metrics = { weight: 9 };
      const report = { application_utilization: 0.5, rps_fractional: 100, named_metrics };
      response.end(JSON.stringify(report));
    });
    await new Promise<void>((resolve) => void http.listen(0, '::1', resolve));
    const { port } = http.address() as AddressInfo;
    const report = {
      service: SERVICE,
      server: 'fe80::2',
      url: `http://[::1]:${port}/`,
      everyMs: 100,
    };
    const link = new TestLink({ reports: [report] });
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: 1 });
    link.clock.advance(1_900);
    link.router.poll();
    try {
      while (asked < 2) {
        link.clock.advance(100);
        await new Promise((resolve) => void setTimeout(resolve, 5));
      }
      const nextHops = link.router.nextHops(KEY);
      const total = nextHops.reduce((sum, { weight }) => sum + weight, 0);
      const share = nextHops.find(({ address }) => address === 'fe80::2')!.weight / total;
      expect(share).toBeCloseTo(0.9);
    } finally {
      link.router.end();
      await new Promise((resolve) => void http.close(resolve));
    }
  });

  test('what is shown: per interface the entries, discards and refusals', () => {
    const link = new TestLink({ allowSources: ['fe80::1/128'] });
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: 1 });
    link.clock.advance(2_000);
    const [summary] = link.router.summaries();
    expect(summary).toMatchObject({ interface: 'eth0', mode: 'multiple' });
    expect(summary!.entries[0]!.addresses.map(({ source }) => source)).toEqual(['fe80::1']);
    expect(summary!.refusals).toEqual([
      expect.objectContaining({ source: 'fe80::2', lastReason: 'sourceNotAllowed' }),
    ]);
    expect(link.router.advertisements('eth0').length).toBeGreaterThan(2);
  });

  test('roundRobin: every datagram to the next server, where the kernel can do that', () => {
    const link = new TestLink({}, (key) => key === KEY);
    for (const index of [1, 2, 3]) link.server(index).advertise('dns', { weight: index });
    link.clock.advance(3_000);
    expect(link.router.service(KEY)).toMatchObject({ inTurn: false });
    link.router.reconfigure('eth0', { delivery: 'hash' });
    link.changes.length = 0;
    link.router.reconfigure('eth0', { delivery: 'roundRobin' });
    expect(link.changes).toContain(KEY); // shares are the same, the way is another
    const service = link.router.service(KEY)!;
    expect(service.inTurn).toBe(true);
    const owners = [0, 1, 2, 3].map((bucket) => service.ownerOf(bucket));
    expect(owners).toEqual(['1 fe80::1', '1 fe80::2', '1 fe80::3', '1 fe80::1']);
  });

  test('roundRobin is refused while running where flows are what the kernel spreads', () => {
    const link = new TestLink({ delivery: 'hash' });
    link.server(1).advertise('dns', { weight: 1 });
    link.clock.advance(3_000);
    expect(() => link.router.reconfigure('eth0', { delivery: 'roundRobin' })).toThrow(
      /2001:db8:5::53 is not spread `by: buckets`/,
    );
    expect(link.router.summaries()[0]!.entries[0]!.addresses[0]!.share).toBe(1);
  });

  test('who comes and who goes is in the log; in single mode whose turn it is, is for debugging', () => {
    const link = new TestLink({ mode: 'single' });
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: 1 });
    link.clock.advance(10_000);
    const turns = link.lines.filter(({ msg }) => msg === 'server current');
    expect(turns.length).toBeGreaterThan(5);
    expect(new Set(turns.map(({ level }) => level))).toEqual(new Set([20]));
    const several = new TestLink();
    several.server(1).advertise('dns', { weight: 1 });
    several.clock.advance(3_000);
    const added = several.lines.filter(({ msg }) => msg === 'server added');
    expect(added.map(({ level }) => level)).toEqual([30]);
  });

  test('mode and delivery change while running; an interface not known is an error', () => {
    const link = new TestLink();
    for (const index of [1, 2]) link.server(index).advertise('dns', { weight: index });
    link.clock.advance(3_000);
    link.router.reconfigure('eth0', { mode: 'single' });
    expect(link.servers).toHaveLength(1);
    link.router.reconfigure('eth0', { mode: 'multiple', delivery: 'hash' });
    const weights = link.router.nextHops(KEY).map(({ weight }) => weight);
    expect(weights).toEqual([1.5, 1.5]);
    expect(() => link.router.reconfigure('eth9', { mode: 'single' })).toThrow(RangeError);
  });
});
