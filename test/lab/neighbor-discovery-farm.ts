/**
 * A farm for the lab: a client, a router with the plain Linux kernel, and servers on one switch.
 * Each server runs NSD on the service's anycast address and advertises by Neighbor Discovery.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AnycastAddress } from '../../src/host/anycast-address.ts';
import { HostedAdvertiser } from '../../src/host/icmpv6-advertiser.ts';
import { Icmpv6Link } from '../../src/host/icmpv6-link.ts';
import type { AdvertiserOptions } from '../../src/neighbor-discovery/advertiser-config.ts';
import type { AdvertiserEvent } from '../../src/neighbor-discovery/advertiser-io.ts';
import { parseLinkLayerAddress } from '../../src/neighbor-discovery/link-layer-address.ts';
import { Prng } from '../../src/prng.ts';
import { type Address, parseAddress } from '../../src/wire/address.ts';
import type { Lab } from './harness/lab.ts';
import type { LabNode } from './harness/node.ts';
import { type Daemon, pause, until } from './harness/process.ts';
import { insideNamespace } from './inside-namespace.ts';

export const SERVICE = '2001:db8:5::53';
const ROUTER = '2001:db8:5::1';

/** A query and who answered it, null for nobody. */
export type Answer = readonly [atMs: number, server: string | null];

interface IpLink {
  readonly ifindex: number;
  readonly address: string;
}

/** An interface opened for Neighbor Discovery in a node's namespace. */
export async function openLink(node: LabNode, mark = false): Promise<[Icmpv6Link, Uint8Array]> {
  const [link] = JSON.parse(await node.ip('-json link show dev eth0')) as IpLink[];
  const usable = await until('a link-local address', () => node.linkLocal('eth0'));
  const linkLocalAddress = parseAddress(usable);
  const options = {
    interfaceId: link!.ifindex,
    name: 'eth0',
    ifIndex: link!.ifindex,
    mtu: 1500,
    linkLocalAddress,
    mark,
  };
  const opened = insideNamespace(node.namespace, () => new Icmpv6Link(options));
  return [opened, parseLinkLayerAddress(link!.address)];
}

export class LabServer {
  readonly node: LabNode;
  readonly index: number;
  readonly events: (AdvertiserEvent & { atMs: number })[] = [];
  hosted!: HostedAdvertiser;
  address!: AnycastAddress;
  linkLayerAddress!: string;
  #nsd: Daemon | undefined;

  constructor(node: LabNode, index: number) {
    this.node = node;
    this.index = index;
  }

  /** Adds the address, starts NSD and says that it serves. */
  async start(
    options: Partial<AdvertiserOptions> = {},
    placement: 'loopback' | 'link' = 'loopback',
  ): Promise<void> {
    const [link, linkLayerAddress] = await openLink(this.node, placement === 'link');
    this.linkLayerAddress = Buffer.from(linkLayerAddress).toString('hex').replace(/..\B/g, '$&:');
    this.address = new AnycastAddress({
      address: parseAddress(SERVICE),
      placement,
      interfaceName: 'eth0',
      commandPrefix: ['ip', 'netns', 'exec', this.node.namespace],
    });
    this.hosted = new HostedAdvertiser({
      target: parseAddress(SERVICE),
      link,
      linkLayerAddress,
      router: false,
      prng: new Prng(this.index),
      advertiser: options,
      address: this.address,
      onEvent: (event) => this.events.push({ atMs: Date.now(), ...event }),
    });
    await this.startNsd();
  }

  get name(): string {
    return `server${this.index}`;
  }

  /** Stops and continues NSD's processes, which answer nothing meanwhile. */
  signalNsd(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const words = ['netns', 'pids', this.node.namespace];
    const pids = execFileSync('ip', words, { encoding: 'utf8' }).split('\n').filter(Boolean);
    for (const pid of pids) {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8');
      if (name.startsWith('nsd')) process.kill(Number(pid), signal);
    }
  }

  stopNsd(): Promise<void> {
    return this.#nsd!.stop('SIGKILL');
  }

  /** Starts NSD on the service address, which has to be there. */
  async startNsd(): Promise<void> {
    const directory = join(this.node.directory, 'nsd');
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'nsd.conf');
    writeFileSync(
      file,
      `server:
  ip-address: ${SERVICE}
  identity: "${this.name}"
  username: ""
  zonesdir: "${directory}"
  database: ""
  rrl-ratelimit: 0
  pidfile: "${directory}/nsd.pid"
  xfrdfile: "${directory}/xfrd.state"
  zonelistfile: "${directory}/zone.list"
  xfrdir: "${directory}"
remote-control:
  control-enable: no
`,
    );
    this.#nsd = this.node.daemon('nsd.log', 'nsd', '-d', '-c', file);
    await until(`${this.name}: nsd answers`, async () => {
      const [from] = [`@${SERVICE}`];
      const words = [from!, '+short', '+time=1', '+tries=1', 'CH', 'TXT', 'id.server'];
      return (await this.node.run('dig', ...words)).includes(this.name);
    });
  }
}

export class LabFarm {
  readonly lab: Lab;
  readonly client: LabNode;
  readonly router: LabNode;
  readonly servers: readonly LabServer[];

  private constructor(lab: Lab, client: LabNode, router: LabNode, servers: readonly LabServer[]) {
    this.lab = lab;
    this.client = client;
    this.router = router;
    this.servers = servers;
  }

  static async build(lab: Lab, count: number): Promise<LabFarm> {
    const [client, router] = [await lab.node('client'), await lab.node('router')];
    const servers: LabServer[] = [];
    for (let index = 1; index <= count; index++) {
      servers.push(new LabServer(await lab.node(`s${index}`), index));
    }
    await lab.link([client, 'eth0'], [router, 'eth1']);
    const nodes = [router, ...servers.map(({ node }) => node)];
    await lab.bridge(
      'sw',
      nodes.map((node) => [node, 'eth0'] as const),
    );
    await client.ip('address add 2001:db8:c::2/64 dev eth0 nodad');
    await client.ip('-6 route add default via 2001:db8:c::1');
    await router.ip('address add 2001:db8:c::1/64 dev eth1 nodad');
    await router.ip(`address add ${ROUTER}/64 dev eth0 nodad`);
    for (const { node, index } of servers) {
      await node.run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=0');
      await node.ip(`address add 2001:db8:5::1${index}/64 dev eth0 nodad`);
      await node.ip(`-6 route replace default via ${ROUTER}`);
    }
    return new LabFarm(lab, client, router, servers);
  }

  /** The router's entry for the service: its link-layer address and state. */
  async entry(): Promise<{ lladdr: string | undefined; state: string }> {
    const text = await this.router.ip(`-json -6 neigh show ${SERVICE} dev eth0`);
    const [entry] = text.trim() ? (JSON.parse(text) as { lladdr?: string; state: string[] }[]) : [];
    return { lladdr: entry?.lladdr, state: entry?.state[0] ?? 'none' };
  }

  /** Puts the router's entry into a state by hand. */
  async setEntry(state: string, lladdr: string): Promise<void> {
    await this.router.ip(`-6 neigh flush to ${SERVICE} dev eth0`).catch(() => '');
    if (state === 'none') return;
    await this.router.ip(
      `-6 neigh replace ${SERVICE} lladdr ${lladdr} dev eth0 nud ${state.toLowerCase()}`,
    );
  }

  /** Asks the service at a steady rate; resolves with all answers at the end. */
  ask(durationMs: number, perSecond: number, flows?: 'flows'): Promise<Answer[]> {
    const client = resolve('test/lab/neighbor-discovery-client.mjs');
    const words = [SERVICE, String(durationMs), String(perSecond), ...(flows ? [flows] : [])];
    return new Promise((done, fail) => {
      const child = spawn(
        'ip',
        ['netns', 'exec', this.client.namespace, process.execPath, client, ...words],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      child.on('error', fail);
      child.on('close', () => done(JSON.parse(text) as Answer[]));
    });
  }

  close(): void {
    for (const server of this.servers) server.hosted?.abandon();
  }
}

/** Share of the answered queries that each server answered. */
export function sharesOf(answers: readonly Answer[]): Record<string, number> {
  const shares: Record<string, number> = {};
  const answered = answers.filter(([, server]) => server !== null);
  for (const [, server] of answered) {
    shares[server!] = (shares[server!] ?? 0) + 1 / answered.length;
  }
  return shares;
}

/** Longest time without an answer, milliseconds. */
export function longestGapMs(answers: readonly Answer[]): number {
  let [gapMs, lastMs] = [0, answers[0]?.[0] ?? 0];
  for (const [atMs, server] of answers) {
    if (server === null) continue;
    gapMs = Math.max(gapMs, atMs - lastMs);
    lastMs = atMs;
  }
  return Math.max(gapMs, (answers.at(-1)?.[0] ?? lastMs) - lastMs);
}

export const serviceAddress: Address = parseAddress(SERVICE);
export { pause };
