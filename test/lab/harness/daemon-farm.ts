/**
 * A DNS farm that is run by daemons as users run them: servers that advertise by OSPFv3 or by
 * Neighbor Discovery, and a router that spreads three services over them: by groups, by buckets, and
 * by groups with timers for connections. What is asked of it is the same in both modes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { nameOf } from '../../../src/host/nft-rules.ts';
import { ANYCAST, type DnsFarm, dnsFarm, type FarmServer, serversOfNewFlows } from './dns-farm.ts';
import type { Lab } from './lab.ts';
import { run, until } from './process.ts';
import type { TidecastNode } from './tidecast.ts';

/** How flows are kept: each service of the farm is spread in its own way. */
export const SERVICES = {
  groups: ANYCAST,
  buckets: '2001:db8:53::54',
  connections: '2001:db8:53::55',
} as const;
export type Way = keyof typeof SERVICES;
/** The ways of services whose queries are datagrams. */
export const DATAGRAM_WAYS = ['groups', 'buckets'] as const;
const ADDRESSES = Object.values(SERVICES);
const WAYS = Object.keys(SERVICES) as Way[];

/** The router's `services`. @param more - keys of every service, as YAML on one line. */
export const routerServices = (more: (way: Way) => string = () => ''): string => `services:
  - { address: '${SERVICES.groups}', by: groups${more('groups')} }
  - { address: '${SERVICES.buckets}', by: buckets${more('buckets')} }
  - { address: '${SERVICES.connections}', traffic: connections${more('connections')} }
`;

/** A server's `services`. @param more - keys of every service, as lines indented by four. */
export const serverServices = (weight: number, more: (address: string) => string): string =>
  `services:
${WAYS.map(
  (way) => `  - name: ${way}
    address: ${SERVICES[way]}
    weight: ${weight}
${more(SERVICES[way])}`,
).join('')}`;

/** Looks at a service every 300 ms; two in a row decide. */
export const liveness = (address: string): string => `    liveness:
      - { dns: { server: '${address}', name: www.example.test }, everyMs: 300, timeoutMs: 300 }
`;

/** How a farm is configured; the two modes differ in nothing else. */
export interface FarmConfig {
  /** By server; those that start with the farm. */
  readonly weights: readonly number[];
  router(): string;
  /** @param looks - whether the server looks after its services. */
  server(number: number, weight: number, looks: boolean): string;
}

export class DaemonFarm {
  readonly farm: DnsFarm;
  readonly config: FarmConfig;
  readonly daemons: TidecastNode[] = [];
  router!: TidecastNode;
  /** What of the router's log is of earlier runs. */
  #logBefore = 0;

  private constructor(farm: DnsFarm, config: FarmConfig) {
    this.farm = farm;
    this.config = config;
  }

  /** A farm whose router spreads over all servers; the third looks after its services. */
  static async build(lab: Lab, config: FarmConfig): Promise<DaemonFarm> {
    const { weights } = config;
    const made = new DaemonFarm(await dnsFarm(lab, weights.length, ADDRESSES), config);
    await made.startRouter();
    await Promise.all(
      weights.map((weight, i) => made.startServer(i + 1, config.server(i + 1, weight, i === 2))),
    );
    await until('every server is in the kernel as wanted', () => made.balanced(weights), 30_000);
    return made;
  }

  async startRouter(config = this.config.router()): Promise<void> {
    this.router = await this.farm.router.tidecast(config);
  }

  async stopRouter(signal: NodeJS.Signals): Promise<void> {
    await this.router.stop(signal);
    this.#logBefore = this.router.log().length;
  }

  /** The router's log since it was last stopped. */
  routerLog(): string {
    return this.router.log().slice(this.#logBefore);
  }

  async startServer(number: number, config: string): Promise<void> {
    this.daemons[number - 1] = await this.server(number).node.tidecast(config);
  }

  server(number: number): FarmServer {
    return this.farm.servers[number - 1]!;
  }

  daemon(number: number): TidecastNode {
    return this.daemons[number - 1]!;
  }

  /** Drains all services of a server, or takes that back. */
  async command(number: number, verb: 'drain' | 'undrain'): Promise<void> {
    await Promise.all(WAYS.map((way) => this.daemon(number).verb(verb, way)));
  }

  /** Whether new flows of both ways reach these servers and no others. */
  async reaches(...numbers: number[]): Promise<boolean> {
    const reached = await Promise.all(
      DATAGRAM_WAYS.map((way) => serversOfNewFlows(this.farm.client, SERVICES[way])),
    );
    return reached.every((names) => {
      return names.size === numbers.length && numbers.every((n) => names.has(`s${n}`));
    });
  }

  /** Buckets that the kernel has for each server, by number; none for those that are out. */
  async bucketsInKernel(way: Way): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (const owner of await this.ownersInKernel(way)) {
      const at = this.farm.servers.findIndex(({ linkLocal, linkLayerAddress }) => {
        return owner === linkLocal || owner === linkLayerAddress;
      });
      counts.set(at + 1, (counts.get(at + 1) ?? 0) + 1);
    }
    return counts;
  }

  /** The owner of every bucket in the kernel: link-local address, or link-layer address by buckets. */
  async ownersInKernel(way: Way): Promise<readonly string[]> {
    const { router } = this.farm;
    const address = SERVICES[way];
    if (way === 'buckets') {
      const words = ['-j', 'list', 'map', 'netdev', 'tidecast', nameOf(address)];
      const listed = JSON.parse(await router.run('nft', ...words)) as {
        nftables: { map?: { elem?: [number, string][] } }[];
      };
      const owners: string[] = [];
      for (const [bucket, owner] of listed.nftables.find(({ map }) => map)?.map?.elem ?? []) {
        owners[bucket] = owner;
      }
      return owners;
    }
    const [route] = JSON.parse(await router.ip(`-json -6 route show ${address}`)) as {
      nhid: number;
    }[];
    if (route === undefined) return [];
    type Bucket = { bucket: { nhid: number } };
    const words = `-json nexthop bucket show id ${route.nhid}`;
    const buckets = JSON.parse(await router.ip(words)) as Bucket[];
    const hops = JSON.parse(await router.ip('-json nexthop show')) as {
      id: number;
      gateway?: string;
    }[];
    const gateways = new Map(hops.map(({ id, gateway }) => [id, gateway]));
    return buckets.map(({ bucket }) => gateways.get(bucket.nhid) ?? '');
  }

  /** Whether a server has any bucket in the kernel, in each way. */
  async inKernel(way: Way, number: number): Promise<boolean> {
    if (way === 'buckets') return ((await this.bucketsInKernel(way)).get(number) ?? 0) > 0;
    return (await this.farm.router.gateways(SERVICES[way])).includes(this.server(number).linkLocal);
  }

  /**
   * Whether the kernel has buckets as these weights want it, by server, 0 for none; what still is to
   * fall idle has then moved.
   */
  async balanced(
    weights: readonly number[],
    ways: readonly Way[] = DATAGRAM_WAYS,
  ): Promise<boolean> {
    const sum = weights.reduce((a, b) => a + b, 0);
    for (const way of ways) {
      const counts = await this.bucketsInKernel(way);
      const wrong = weights.some((weight, i) => {
        return Math.abs((counts.get(i + 1) ?? 0) - (1024 * weight) / sum) > 2;
      });
      if (wrong) return false;
    }
    return true;
  }

  /** Tells the router a server's load by another protocol (`reports` of the service). */
  reportLoad(way: Way, load: { readonly weight: number }): void {
    const report = {
      application_utilization: 0.1,
      rps_fractional: 100,
      named_metrics: { weight: load.weight },
    };
    writeFileSync(join(this.farm.router.directory, `${way}.json`), JSON.stringify(report));
  }

  /** The url that {@link reportLoad} answers at, once {@link serveReports} was called. */
  static reportUrl(way: Way): string {
    return `http://[::1]:8080/${way}.json`;
  }

  /** Answers for a server that says its load over HTTP: 404 until it has said something. */
  async serveReports(): Promise<void> {
    const { router } = this.farm;
    await router.ip('link set lo up');
    const script = `require('node:http').createServer((request, response) => {
  try { response.end(require('node:fs').readFileSync('${router.directory}' + request.url)); }
  catch { response.statusCode = 404; response.end(); }
}).listen(8080, '::1');`;
    router.daemon('reports.log', process.execPath, '-e', script);
  }

  /** Tells the router a server's load at its own interface (`/v1/load`, Neighbor Discovery). */
  async tellLoad(way: Way, number: number, load: Readonly<Record<string, number>>): Promise<void> {
    const server = this.server(number).linkLocal;
    const said = await run(
      ...(['curl', '-s', '--unix-socket', this.#socket] as const),
      ...['http://localhost/v1/load', '-H', 'content-type: application/json'],
      ...['-d', JSON.stringify({ service: SERVICES[way], server, ...load })],
    );
    expect(JSON.parse(said)).toEqual({ done: true });
  }

  /** A figure of the router's metrics: the first whose name and labels begin so. */
  async figure(name: string): Promise<number> {
    const url = 'http://localhost/metrics';
    const metrics = await run('curl', '-s', '--unix-socket', this.#socket, url);
    const line = metrics.split('\n').find((one) => one.startsWith(name));
    return Number(line?.split(' ').at(-1));
  }

  get #socket(): string {
    return join(this.farm.router.directory, 'tidecast.sock');
  }
}
