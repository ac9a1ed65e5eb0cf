/** Our router with several link-layer addresses per entry, spreading by the kernel (rule 15). */
import { expect } from '@jest/globals';
import { DEFAULT_BUCKET_COUNT } from '../../src/anycast/bucket-table.ts';
import { routerNeighborDiscoverySchema } from '../../src/host/config-neighbor-discovery.ts';
import { Icmpv6Link } from '../../src/host/icmpv6-link.ts';
import { openLog } from '../../src/host/log.ts';
import {
  NeighborDiscoveryRouter,
  type NeighborDiscoverySummary,
} from '../../src/host/neighbor-discovery-router.ts';
import { DATAGRAM_TIMERS } from '../../src/host/route-table.ts';
import { KernelRouteTable } from '../../src/host/route-table-kernel.ts';
import { ALL_NODES } from '../../src/neighbor-discovery/constants.ts';
import { parseLinkLayerAddress } from '../../src/neighbor-discovery/link-layer-address.ts';
import { encodeMessage } from '../../src/neighbor-discovery/message.ts';
import { Prng } from '../../src/prng.ts';
import { parseAddress } from '../../src/wire/address.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { until } from './harness/process.ts';
import { scenario } from './harness/scenario.ts';
import { insideNamespace } from './inside-namespace.ts';
import {
  LabFarm,
  longestGapMs,
  openLink,
  pause,
  SERVICE,
  serviceAddress,
  sharesOf,
} from './neighbor-discovery-farm.ts';

const KEY = `${SERVICE}/128`;

interface IpLink {
  readonly ifindex: number;
  readonly address: string;
}

/** The farm's router with our cache in it; what the cache says goes into the kernel. */
class LabRouter {
  readonly farm: LabFarm;
  readonly router: NeighborDiscoveryRouter;
  readonly table: KernelRouteTable;
  /** Milliseconds from the cache's word to the kernel's, of each change. */
  readonly changesMs: number[] = [];
  readonly #pending = new Set<Promise<unknown>>();

  private constructor(farm: LabFarm, settings: Record<string, unknown>) {
    this.farm = farm;
    this.table = new KernelRouteTable({ networkNamespace: farm.router.namespace });
    this.router = new NeighborDiscoveryRouter({
      interfaces: [
        {
          interfaceId: 1,
          name: 'eth0',
          services: [parseAddress(SERVICE)],
          settings: routerNeighborDiscoverySchema.parse(settings),
        },
      ],
      prng: new Prng(99),
      log: openLog('silent'),
      onChange: (prefix) => {
        const beganMs = performance.now();
        const nextHops = this.router.nextHops(prefix);
        const set = { nextHops, bucketCount: DEFAULT_BUCKET_COUNT, ...DATAGRAM_TIMERS };
        const applied = this.table.apply([{ prefix, set }]).then(() => {
          this.changesMs.push(performance.now() - beganMs);
          this.#pending.delete(applied);
        });
        this.#pending.add(applied);
      },
    });
  }

  static async build(
    lab: Lab,
    servers: number,
    settings: Record<string, unknown> = {},
  ): Promise<LabRouter> {
    const farm = await LabFarm.build(lab, servers);
    const built = new LabRouter(farm, settings);
    await built.table.adopt();
    const { router } = farm;
    const [link] = JSON.parse(await router.ip('-json link show dev eth0')) as IpLink[];
    const linkLocal = await until('a link-local address', () => router.linkLocal('eth0'));
    const options = {
      interfaceId: 1,
      name: 'eth0',
      ifIndex: link!.ifindex,
      mtu: 1500,
      linkLocalAddress: parseAddress(linkLocal),
    };
    const open = () => insideNamespace(router.namespace, () => new Icmpv6Link(options));
    built.router.open('eth0', open, parseLinkLayerAddress(link!.address));
    return built;
  }

  /** Starts the servers, each with a weight, and waits until the kernel has them all. */
  async serve(weights: readonly number[]): Promise<void> {
    await Promise.all(this.farm.servers.map((server) => server.start()));
    for (const [index, { hosted }] of this.farm.servers.entries()) {
      hosted.load({ weight: weights[index]! });
      hosted.serving(true);
    }
    await until('all servers in the route', async () => {
      return (await this.weights()).length === weights.length;
    });
    await until('their weights too', async () => {
      const total = (await this.weights()).reduce((sum, weight) => sum + weight, 0);
      const wanted = weights.map((weight) => weight / weights.reduce((a, b) => a + b));
      const held = (await this.weights()).map((weight) => weight / total).sort();
      return wanted.sort().every((share, i) => Math.abs(share - held[i]!) < 0.02);
    });
  }

  /** Weights of the kernel's next hops. */
  async weights(): Promise<number[]> {
    return (await this.farm.router.kernelNextHops(SERVICE)).map(({ weight }) => weight);
  }

  async close(): Promise<void> {
    this.farm.close();
    this.router.end();
    await Promise.all(this.#pending);
    await this.table.clear();
    this.table.close();
  }
}

const lostOf = (answers: readonly (readonly [number, string | null])[]): number =>
  answers.filter(([, server]) => server === null).length;

scenario(
  'rule 15: 20,000 flows are shared by weight within 5 %',
  async (lab) => {
    const router = await LabRouter.build(lab, 3);
    try {
      const weights = [2, 1, 1];
      await router.serve(weights);
      const answers = await router.farm.ask(10_000, 2_000, 'flows');
      const shares = sharesOf(answers);
      console.log(
        `multiple: ${JSON.stringify(shares)}, ${lostOf(answers)} of ${answers.length} lost`,
      );
      for (const [index, weight] of weights.entries()) {
        expect(Math.abs(shares[`server${index + 1}`]! / (weight / 4) - 1)).toBeLessThan(0.05);
      }
    } finally {
      await router.close();
    }
  },
  { timeoutS: 60 },
);

scenario('a service ends, another is killed: the kernel sends there no more', async (lab) => {
  const router = await LabRouter.build(lab, 3, { silentAfterMs: 1_000, retransTimerMs: 200 });
  try {
    await router.serve([1, 1, 1]);
    const [ending, killed, staying] = router.farm.servers;
    const asked = router.farm.ask(8_000, 500);
    await pause(1_500);
    ending!.hosted.serving(false);
    await pause(20); // queries that were on their way
    await ending!.stopNsd();
    await pause(1_500);
    const killedAtMs = Date.now();
    killed!.hosted.abandon();
    await killed!.stopNsd();
    await until('one next hop left', async () => (await router.weights()).length <= 1, 5_000, 20);
    const noticedMs = Date.now() - killedAtMs;
    const answers = await asked;
    const before = answers.filter(([atMs]) => atMs < killedAtMs - 5);
    const after = answers.filter(([atMs]) => atMs > killedAtMs + noticedMs + 50);
    console.log(
      `end: ${lostOf(before)} of ${before.length} lost; kill: out of the kernel after ` +
        `${noticedMs} ms, ${lostOf(answers) - lostOf(before)} lost, gap ${longestGapMs(answers)} ms`,
    );
    expect(lostOf(before)).toBe(0);
    expect(lostOf(after)).toBe(0);
    expect(noticedMs).toBeLessThan(2_500); // 1 s of silence, three probes, and turns of a second
    expect(new Set(after.map(([, server]) => server))).toEqual(new Set([staying!.name]));
  } finally {
    await router.close();
  }
});

scenario('mode and delivery change under load without one query lost', async (lab) => {
  const router = await LabRouter.build(lab, 2);
  try {
    await router.serve([3, 1]);
    const asked = router.farm.ask(6_000, 500, 'flows');
    for (const mode of ['single', 'multiple', 'single', 'multiple'] as const) {
      await pause(1_000);
      router.router.reconfigure('eth0', { mode });
      await until(`mode ${mode}`, async () => {
        return (await router.weights()).length === (mode === 'single' ? 1 : 2);
      });
    }
    const answers = await asked;
    console.log(`switching: ${lostOf(answers)} of ${answers.length} lost`);
    expect(lostOf(answers)).toBe(0);
  } finally {
    await router.close();
  }
});

scenario('a stranger that advertises the service gets nothing, and is named', async (lab) => {
  const farmSize = 2;
  const probe = await LabRouter.build(lab, farmSize, {
    allowSources: ['fe80::/16'],
    allowLinkLayerAddresses: ['02:00:00:00:00:01'],
  });
  try {
    const [server, stranger] = probe.farm.servers;
    await server!.node.ip('link set eth0 address 02:00:00:00:00:01');
    await Promise.all([server!.start(), stranger!.start()]);
    for (const { hosted } of [server!, stranger!]) hosted.serving(true);
    await until('the server in the route', async () => (await probe.weights()).length === 1);
    const answers = await probe.farm.ask(2_000, 200, 'flows');
    expect(new Set(answers.map(([, name]) => name))).toEqual(new Set([server!.name]));
    const [summary] = probe.router.summaries();
    expect(summary!.drops).toHaveProperty('linkLayerAddressNotAllowed');
    expect(summary!.refusals.map(({ source }) => source)).toEqual([
      await stranger!.node.linkLocal('eth0'),
    ]);
  } finally {
    await probe.close();
  }
});

/** Advertises the service 2,000 times in 2 s, each time with another link-layer address if told. */
async function flood(node: LabNode, changing: boolean): Promise<void> {
  const [link, linkLayerAddress] = await openLink(node);
  const flags = { router: false, solicited: false, override: true };
  for (let i = 0; i < 2_000; i++) {
    const value = Uint8Array.from(linkLayerAddress);
    if (changing) value.set([0xff, i >> 8, i & 0xff], 3);
    const message = { kind: 'NeighborAdvertisement', ...flags, target: serviceAddress } as const;
    const options = [{ type: 2, value }];
    link.send(ALL_NODES, encodeMessage({ ...message, options }, link.linkLocalAddress, ALL_NODES));
    if (i % 10 === 9) await pause(10);
  }
  link.close();
}

scenario(
  'floods of a stranger and of a server gone mad are bounded, counted, and cost no query',
  async (lab) => {
    const macs = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    const router = await LabRouter.build(lab, 3, {
      allowLinkLayerAddresses: macs,
      advertisementsPerSecond: 20,
    });
    try {
      const [first, second, stranger] = router.farm.servers;
      await Promise.all(
        [first!, second!].map(async (one, i) => {
          await one.node.ip(`link set eth0 address ${macs[i]}`);
          await one.start();
          one.hosted.serving(true);
        }),
      );
      await until('both servers in the route', async () => (await router.weights()).length === 2);
      const asked = router.farm.ask(8_000, 200, 'flows');
      const changesBefore = router.changesMs.length;
      await flood(stranger!.node, true);
      await flood(first!.node, false);
      const answers = await asked;
      const [{ drops, refusals, entries }] = router.router.summaries() as [
        NeighborDiscoverySummary,
      ];
      const { linkLayerAddressNotAllowed, rateLimited } = drops;
      console.log(
        `floods: ${linkLayerAddressNotAllowed} not allowed, ${rateLimited} over the rate, ` +
          `${lostOf(answers)} of ${answers.length} queries lost, ` +
          `${router.changesMs.length - changesBefore} changes of the kernel`,
      );
      expect(linkLayerAddressNotAllowed).toBe(2_000);
      expect(rateLimited).toBeGreaterThan(1_700); // a burst of 100, then 20 a second
      const source = await stranger!.node.linkLocal('eth0');
      expect(refusals).toContainEqual(expect.objectContaining({ source, count: 2_000 }));
      expect(entries[0]!.addresses).toHaveLength(2);
      expect(router.changesMs.length).toBe(changesBefore);
      expect(lostOf(answers)).toBe(0);
    } finally {
      await router.close();
    }
  },
);

scenario(
  'fifty changes reach the kernel one by one, and how long each takes is printed',
  async (lab) => {
    const router = await LabRouter.build(lab, 2);
    try {
      await router.serve([1, 1]);
      const { hosted } = router.farm.servers[1]!;
      router.changesMs.length = 0;
      for (let round = 0; round < 25; round++) {
        for (const serving of [false, true]) {
          hosted.serving(serving);
          await until(
            `${serving}`,
            async () => {
              return router.router.nextHops(KEY).length === (serving ? 2 : 1);
            },
            5_000,
            5,
          );
          await pause(20);
        }
      }
      const sorted = [...router.changesMs].sort((a, b) => a - b);
      const at = (part: number): string =>
        sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(2);
      console.log(`kernel changed: ${at(0)} / ${at(0.5)} / ${at(1)} ms of ${sorted.length}`);
      expect(sorted.length).toBeGreaterThanOrEqual(50);
    } finally {
      await router.close();
    }
  },
);
