/**
 * From an advertisement to the kernel (needs root): a server's changed weight arrives as octets at a
 * router, and the kernel's nexthop group has it. Everything between is the production path: decode,
 * flood, database, spread, route table. The servers live in virtual time, the router's work and the
 * kernel's in real time.
 */

import { DEFAULT_KERNEL_SERVICE } from '../src/host/config-spread.ts';
import { RouteInstaller } from '../src/host/route-installer.ts';
import { KernelRouteTable } from '../src/host/route-table-kernel.ts';
import { INTERFACE_DEFAULTS, type InstanceConfig } from '../src/instance/config.ts';
import type { InstanceInput } from '../src/instance/input.ts';
import { Instance } from '../src/instance/instance.ts';
import type { InstanceOutput } from '../src/instance/output.ts';
import { LsType } from '../src/lsa/ls-type.ts';
import {
  LOAD_INSTANCE,
  serviceLinkStateId,
  serviceLoadBody,
  servicePrefixBody,
} from '../src/lsa/service-origination.ts';
import { Prng } from '../src/prng.ts';
import { Router, type RouterInput, type RouterOutput } from '../src/router/router.ts';
import { Segment } from '../src/sim/segment.ts';
import { type Inhabitant, World } from '../src/sim/world.ts';
import { type Address, parseAddress } from '../src/wire/address.ts';
import { atMost, type Bench, type BenchContext, type BenchRow, summarize } from './harness.ts';
import { run, withNamespace } from './parts-kernel.ts';

const SERVICE = parseAddress('2001:db8:53::53');
const SERVERS = 16;
const AREA = { kind: 'area', areaId: 0 } as const;
/** More than MinLSInterval, in virtual time. */
const PAUSE_MS = 6000;
const WARM_UP = 64;

const configOf = (routerId: number, priority: number): InstanceConfig => ({
  routerId,
  areas: [{ areaId: 0, type: 'normal' }],
  forwards: priority > 0,
  interfaces: [
    {
      ...INTERFACE_DEFAULTS,
      interfaceId: 1,
      name: 'east',
      areaId: 0,
      type: 'broadcast',
      priority,
      helloIntervalS: 1,
      routerDeadIntervalS: 4,
    },
  ],
});

/** The farm in virtual time; what its router says reaches the kernel. */
class Farm {
  readonly world = new World();
  readonly #segment = new Segment(this.world, new Prng(1));
  readonly #servers: Inhabitant<InstanceInput>[] = [];
  readonly #installer: RouteInstaller;
  /** When the datagram came that last changed the spread; undefined when none did since asked. */
  changedFrom: number | undefined;

  constructor(table: KernelRouteTable) {
    this.#installer = new RouteInstaller({
      table,
      interfaceName: () => 'east',
      kernelService: () => DEFAULT_KERNEL_SERVICE,
      onFailure: (message) => {
        throw new Error(message);
      },
    });
    let from = 0;
    const router = this.world.inhabit<RouterInput, RouterOutput>(
      new Router({ instance: configOf(0xffff, 10), spread: { refillErrorRatio: 0 } }, new Prng(2)),
      (nowMs) => ({ kind: 'deadline', nowMs }),
      (output) => {
        if (output.kind === 'transmit') this.#send(parseAddress('fe80::ff'), output);
        else if (output.kind === 'route') this.#installer.route(output.route.key, output.route);
        else if (output.kind === 'spread') {
          this.#installer.spread(output.service, output.change.shares);
          this.changedFrom ??= from;
        }
      },
    );
    for (let i = 0; i < SERVERS; i++) this.#server(i);
    // Last on the link: what other servers do with the same datagram is over by then.
    this.#join(parseAddress('fe80::ff'), (make) => {
      from = performance.now();
      router.input(make);
    });
  }

  #server(index: number): void {
    const routerId = 1 + index;
    const address = parseAddress(`fe80::${routerId.toString(16)}`);
    const life = this.world.inhabit<InstanceInput, InstanceOutput>(
      new Instance(configOf(routerId, 0), new Prng(10 + index)),
      (nowMs) => ({ kind: 'deadline', nowMs }),
      (output) => {
        if (output.kind === 'transmit') this.#send(address, output);
      },
    );
    this.#servers.push(life);
    this.#join(address, (make) => life.input(make));
    life.input((nowMs) => ({
      kind: 'originate',
      nowMs,
      scope: AREA,
      lsType: LsType.IntraAreaPrefix,
      linkStateId: serviceLinkStateId(0),
      body: servicePrefixBody(routerId, SERVICE, 10),
    }));
    this.advertise(index, 100);
  }

  #send(source: Address, output: { readonly destination: Address; readonly octets: Uint8Array }) {
    this.#segment.send(source, output.destination, output.octets);
  }

  #join(address: Address, input: (make: (nowMs: number) => InstanceInput) => void): void {
    this.#segment.attach({
      address,
      receive: ({ source, destination, octets }) =>
        input((nowMs) => ({
          kind: 'datagram',
          nowMs,
          interfaceId: 1,
          source,
          destination,
          octets,
        })),
    });
    const linkLocalAddress = address;
    input((nowMs) => ({
      kind: 'interface',
      nowMs,
      interfaceId: 1,
      up: true,
      linkLocalAddress,
      mtu: 1500,
      prefixes: [],
    }));
  }

  /** Lets a server say another weight. */
  advertise(index: number, weight: number): void {
    const load = {
      address: SERVICE,
      state: 'up' as const,
      weight,
      rampWindowS: 0,
      capacityQueriesPerSecond: 1000,
      offeredQueriesPerSecond: 0,
      utilizationRatio: 0,
      errorRatio: 0,
    };
    this.#servers[index]?.input((nowMs) => ({
      kind: 'originate',
      nowMs,
      scope: AREA,
      lsType: LsType.RouterInformation,
      linkStateId: LOAD_INSTANCE,
      body: serviceLoadBody([load]),
    }));
  }

  settled(): Promise<void> {
    return this.#installer.settled();
  }

  /** Milliseconds from the advertisement's octets to the kernel. */
  async change(index: number, weight: number): Promise<number> {
    this.changedFrom = undefined;
    this.advertise(index, weight);
    const untilMs = this.world.nowMs + PAUSE_MS;
    while (this.changedFrom === undefined) {
      if (this.world.nowMs > untilMs) throw new Error('the change never reached the spread');
      this.world.run(this.world.nowMs + 0.1);
    }
    await this.settled();
    const tookMs = performance.now() - this.changedFrom;
    this.world.run(untilMs);
    await this.settled();
    return tookMs;
  }
}

async function measure(name: string, context: BenchContext): Promise<BenchRow[]> {
  const table = new KernelRouteTable({ networkNamespace: name });
  await table.adopt();
  const farm = new Farm(table);
  farm.world.run(30_000);
  await farm.settled();
  const { stdout } = await run('ip', ['-n', name, '-6', 'route', 'show', 'protocol', '177']);
  const nextHops = stdout.match(/via fe80::/g)?.length ?? 0;
  if (nextHops !== SERVERS) throw new Error(`${nextHops} of ${SERVERS} servers are in the kernel`);
  const changes = context.quick ? 50 : 300;
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + changes; i++) {
    times.push(await farm.change(i % SERVERS, i % (2 * SERVERS) < SERVERS ? 50 : 100));
  }
  times.splice(0, WARM_UP);
  await table.clear();
  table.close();
  const { median, spread, p99 } = summarize(times);
  const row = { bench: 'advertisement', unit: 'ms' };
  const frr = { name: 'FRR 8.4: 10.6 ms on two cores like these, not in this run', value: 10.6 };
  return [
    atMost(
      { ...row, case: 'weight in an LS Update → kernel has it', ours: median, spread },
      2,
      frr,
    ),
    atMost({ ...row, case: 'the same, 99th percentile', ours: p99 }, null),
  ];
}

export const bench: Bench = {
  name: 'advertisement',
  about: 'from the octets of a changed advertisement to the kernel’s nexthop group',
  async run(context) {
    if (process.getuid?.() === 0) return withNamespace((name) => measure(name, context));
    context.say('advertisement: needs root for a network namespace; nothing measured');
    return [];
  },
};
