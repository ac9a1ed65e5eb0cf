/**
 * A farm for spreading: a client, a router, and servers on one switch, each an NSD that says which
 * one it is (CHAOS TXT `id.server`, RFC 4892) at the farm's anycast address.
 */
import { type ChildProcess, execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { LabNode } from './node.ts';
import { type Daemon, pause, until } from './process.ts';

export const ANYCAST = '2001:db8:53::53';

export interface FarmServer {
  readonly node: LabNode;
  readonly name: string;
  /** Its link-local address on the router's link. */
  readonly linkLocal: string;
  readonly linkLayerAddress: string;
  readonly nsd: Daemon;
}

export interface DnsFarm {
  readonly client: LabNode;
  readonly router: LabNode;
  readonly servers: readonly FarmServer[];
}

/**
 * Builds it; the router's link to the servers is `east`, without routes to the service yet.
 * @param addresses - of the services, all of them on every server.
 */
export async function dnsFarm(
  lab: Lab,
  count: number,
  addresses: readonly string[] = [ANYCAST],
): Promise<DnsFarm> {
  const client = await lab.node('client');
  const router = await lab.node('router');
  await lab.link([client, 'eth0'], [router, 'west']);
  const nodes: LabNode[] = [];
  for (let i = 1; i <= count; i++) nodes.push(await lab.node(`s${i}`));
  await lab.bridge('switch', [
    [router, 'east'],
    ...nodes.map((node): [LabNode, string] => [node, 'eth0']),
  ]);
  await client.ip('address add 2001:db8:c::2/64 dev eth0 nodad');
  // Many clients on one: every address of a prefix is its own.
  await client.run('sysctl', '-qw', 'net.ipv6.ip_nonlocal_bind=1');
  await client.ip('-6 route add local 2001:db8:c:1::/64 dev lo');
  await client.ip('-6 route add default via 2001:db8:c::1');
  await router.ip('address add 2001:db8:c::1/64 dev west nodad');
  await router.ip('-6 route add 2001:db8:c:1::/64 via 2001:db8:c::2');
  await router.ip('address add fe80::ff/64 dev east nodad');
  const servers = await Promise.all(nodes.map((node, i) => server(node, i + 1, addresses)));
  return { client, router, servers };
}

async function server(
  node: LabNode,
  number: number,
  addresses: readonly string[],
): Promise<FarmServer> {
  const name = `s${number}`;
  const linkLocal = `fe80::${number}`;
  await node.ip(`address add ${linkLocal}/64 dev eth0 nodad`);
  for (const address of addresses) await node.ip(`address add ${address}/128 dev lo nodad`);
  await node.ip('-6 route add default via fe80::ff dev eth0');
  const { address } = (
    JSON.parse(await node.ip('-json link show dev eth0')) as { address: string }[]
  )[0]!;
  const nsd = await startNsd(node, name, addresses);
  return { node, name, linkLocal, linkLayerAddress: address, nsd };
}

/** Starts an NSD that serves `example.test` and its own name at the anycast addresses. */
export async function startNsd(
  node: LabNode,
  name: string,
  addresses: readonly string[] = [ANYCAST],
): Promise<Daemon> {
  const at = (file: string): string => join(node.directory, file);
  writeFileSync(
    at('example.test.zone'),
    `$ORIGIN example.test.\n@ 60 IN SOA ns.example.test. host.example.test. 1 60 60 60 60\n` +
      `@ 60 IN NS ns\nns 60 IN AAAA ${ANYCAST}\nwww 60 IN AAAA 2001:db8:80::80\n`,
  );
  writeFileSync(
    at('nsd.conf'),
    `server:
${addresses.map((address) => `  ip-address: ${address}`).join('\n')}
  identity: "${name}"
  server-count: 1
  username: ""
  zonesdir: "${node.directory}"
  database: ""
  pidfile: "${at('nsd.pid')}"
  xfrdfile: "${at('xfrd.state')}"
  zonelistfile: "${at('zone.list')}"
  xfrdir: "${node.directory}"
  tcp-timeout: 300
  # NSD closes connections early when half of this many are open.
  tcp-count: 1000
  tcp-query-count: 0
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.test.zone
`,
  );
  const nsd = node.daemon('nsd.log', 'nsd', '-d', '-c', at('nsd.conf'));
  const bound = async () => {
    const sockets = await node.run('ss', '-uln');
    return addresses.every((address) => sockets.includes(`[${address}]:53`));
  };
  await until(`${name}: nsd listens`, bound, 10_000, 50);
  return nsd;
}

/** CHAOS TXT id.server, whose answer's last octets are the server's name. */
const ASK = `
const query = Buffer.from('0000000000010000000000000269640673657276657200' + '00100003', 'hex');
const named = (answer) => {
  const at = answer.length - answer[answer.length - 3] - 1;
  const text = /s[0-9]+$/.exec(answer.toString('latin1'));
  return text ? text[0] : '?' + at;
};
`;

/**
 * Asks once in each of many flows which server it reaches.
 * @param tries - how often, a second apart, until the flow counts as not answered.
 * @param first - number of the first flow; equal numbers are equal flows.
 * @returns the server of every flow that was answered, by source address and port.
 */
export async function askFlows(
  client: LabNode,
  flows: number,
  tries = 3,
  first = 0,
  service = ANYCAST,
): Promise<Map<string, string>> {
  const script = `${ASK}
const { createSocket } = require('node:dgram');
const answers = [];
let next = 0;
const one = () => new Promise((resolve) => {
  const index = ${first} + next++;
  const address = '2001:db8:c:1::' + (1 + Math.floor(index / 1000)).toString(16);
  const port = 10000 + (index % 1000) * 7;
  const socket = createSocket('udp6');
  let asked = 0;
  let timer;
  const ask = () => {
    if (asked++ === ${tries}) return finish();
    socket.send(query, 53, '${service}');
    timer = setTimeout(ask, 1000);
  };
  const finish = () => { clearTimeout(timer); socket.close(); resolve(); };
  socket.on('error', finish);
  socket.on('message', (answer) => { answers.push([address + ' ' + port, named(answer)]); finish(); });
  socket.bind(port, address, ask);
});
const worker = async () => { while (next < ${flows}) await one(); };
Promise.all(Array.from({ length: 32 }, worker)).then(() => console.log(JSON.stringify(answers)));`;
  return new Map(
    JSON.parse(await client.run(process.execPath, '-e', script)) as [string, string][],
  );
}

/** Lets some flows, by number, ask again and again: heavy clients. */
export function askHeavily(
  client: LabNode,
  flows: readonly number[],
  times: number,
): Promise<string> {
  const script = `${ASK}
const { createSocket } = require('node:dgram');
const one = (index) => new Promise((resolve) => {
  const socket = createSocket('udp6');
  let left = ${times};
  const ask = () => { if (left-- > 0) socket.send(query, 53, '${ANYCAST}'); else { socket.close(); resolve(); } };
  socket.on('message', ask);
  socket.bind(10000 + (index % 1000) * 7, '2001:db8:c:1::' + (1 + Math.floor(index / 1000)).toString(16), ask);
});
Promise.all(${JSON.stringify(flows)}.map(one));`;
  return client.run(process.execPath, '-e', script);
}

let probed = 100_000;

/** Which servers new flows reach; flows seen before would stick to theirs. */
export async function serversOfNewFlows(client: LabNode, service = ANYCAST): Promise<Set<string>> {
  probed += 48;
  return new Set((await askFlows(client, 48, 1, probed, service)).values());
}

/** Flows per server over all flows. */
export function sharesOf(flows: ReadonlyMap<string, string>): Map<string, number> {
  const shares = new Map<string, number>();
  for (const name of flows.values()) shares.set(name, (shares.get(name) ?? 0) + 1 / flows.size);
  return new Map([...shares].sort());
}

/** What a steady load met. */
export interface LoadResult {
  readonly sent: number;
  readonly completed: number;
  readonly lost: number;
}

/** Runs `ip` beside us; what it prints comes at its end. */
function started(words: readonly string[]): { child: ChildProcess; output: Promise<string> } {
  let child: ChildProcess | undefined;
  const output = new Promise<string>((resolve, reject) => {
    child = execFile('ip', words, (error, text) => (error ? reject(error) : resolve(text)));
  });
  return { child: child!, output };
}

/** Answers may be outstanding for so long when a load is stopped; a query that waits longer is lost. */
const OUTSTANDING_MS = 50;

let loads = 0;

/** A steady load of queries while something happens. */
export class SteadyLoad {
  readonly #output: Promise<string>;
  readonly #queriesPerSecond: number;
  readonly #child: ChildProcess;

  /** @param seconds - how long at most, see {@link stop}. */
  constructor(client: LabNode, queriesPerSecond: number, seconds: number, service = ANYCAST) {
    this.#queriesPerSecond = queriesPerSecond;
    // Each of its own: written by one, it would be empty for a moment for another that reads it.
    const file = join(client.directory, `queries-${loads++}.txt`);
    writeFileSync(file, 'www.example.test AAAA\n');
    const words = [
      ...['-s', service, '-a', '2001:db8:c:1::ffff', '-d', file, '-c', '200', '-T', '1'],
      ...['-Q', `${queriesPerSecond}`, '-l', `${seconds}`, '-t', '1', '-q', '5000'],
    ];
    const { child, output } = started(['netns', 'exec', client.namespace, 'dnsperf', ...words]);
    this.#child = child;
    this.#output = output;
  }

  /**
   * Ends the load before its time: a second later, so that what is unanswered by now has become
   * lost.
   * @throws {Error} when more queries are without an answer then than can be on their way.
   */
  async stop(): Promise<LoadResult> {
    await pause(1100);
    this.#child.kill('SIGINT');
    const result = await this.result();
    const interrupted = result.sent - result.completed - result.lost;
    if (interrupted > (this.#queriesPerSecond * OUTSTANDING_MS) / 1000) {
      throw new Error(`${interrupted} queries were without an answer at the end`);
    }
    return result;
  }

  /** Waits for the end of the load. */
  async result(): Promise<LoadResult> {
    const text = await this.#output;
    const figure = (name: string): number =>
      Number(new RegExp(`Queries ${name}:\\s+(\\d+)`).exec(text)?.[1] ?? Number.NaN);
    return { sent: figure('sent'), completed: figure('completed'), lost: figure('lost') };
  }
}

/** A long-lived TCP connection. */
export interface Connection {
  /** Its source address and port. */
  readonly address: string;
  readonly port: number;
  readonly server: string;
  /** Whether the server ever changed, or the connection broke. */
  readonly broken: boolean;
}

/** What long-lived TCP connections met. */
export interface ConnectionsResult {
  readonly connections: readonly Connection[];
}

/** TCP connections that stay open, each of which asks every 100 ms who is there. */
export class LiveConnections {
  readonly #child: ChildProcess;
  readonly #output: Promise<string>;

  constructor(client: LabNode, count: number, service = ANYCAST) {
    const script = `${ASK}
const { connect } = require('node:net');
const framed = Buffer.concat([Buffer.from([0, query.length]), query]);
const open = (i) => new Promise((resolve) => {
  const address = '2001:db8:c:1::' + (100 + i);
  const socket = connect({ host: '${service}', port: 53, localAddress: address });
  let port = 0;
  let server = '';
  let broken = false;
  let ended = false;
  const timer = setInterval(() => socket.write(framed), 100);
  const finish = () => {
    if (ended) return;
    clearInterval(timer); ended = true; socket.destroy(); resolve({ address, port, server, broken });
  };
  socket.on('connect', () => { port = socket.localPort; });
  socket.on('data', (answer) => { const name = named(answer); if (server && server !== name) broken = true; server = name; });
  for (const event of ['error', 'close']) socket.on(event, () => { if (!ended) broken = true; finish(); });
  process.on('SIGINT', finish);
});
process.setMaxListeners(0);
Promise.all(Array.from({ length: ${count} }, (_, i) => open(i))).then((connections) => {
  process.stdout.write(JSON.stringify({ connections }), () => process.exit());
});`;
    const words = ['netns', 'exec', client.namespace, process.execPath, '-e', script];
    const { child, output } = started(words);
    this.#child = child;
    this.#output = output;
  }

  /** Closes those that are still open. */
  async close(): Promise<ConnectionsResult> {
    this.#child.kill('SIGINT');
    return JSON.parse(await this.#output) as ConnectionsResult;
  }
}

/** Keeps TCP connections open for some seconds. */
export async function keepConnections(
  client: LabNode,
  count: number,
  seconds: number,
): Promise<ConnectionsResult> {
  const live = new LiveConnections(client, count);
  await settle(seconds);
  return live.close();
}

/** A moment for neighbor entries and idle timers. */
export const settle = (seconds: number): Promise<void> => pause(seconds * 1000);
