/**
 * A lab of network namespaces: nodes, veth pairs and switches, with any mix of FRR, BIRD and
 * Tidecast on them, torn down whatever happens.
 */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Capture } from './capture.ts';
import { LabNode } from './node.ts';
import { type Daemon, run } from './process.ts';

/** An end of a link: a node and the name its interface gets there. */
export type LinkEnd = readonly [node: LabNode, interfaceName: string];

/** Namespaces begin with it; they also name the process, so that two runs do not meet. */
const { TIDECAST_LAB_PREFIX: PREFIX = 'tcl' } = process.env;

/** Output as text, and what it complains of not shown. */
const QUIET: ExecFileSyncOptionsWithStringEncoding = {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
};

const SYSCTLS = [
  // Link-local addresses are usable at once.
  ['net.ipv6.conf.all.accept_dad', '0'],
  ['net.ipv6.conf.default.accept_dad', '0'],
  ['net.ipv6.conf.all.forwarding', '1'],
  ['net.ipv6.fib_multipath_hash_policy', '1'],
] as const;

export class Lab {
  readonly name: string;
  /** Holds configurations, logs and captures while the lab lives. */
  readonly directory: string;
  readonly nodes: LabNode[] = [];
  readonly captures: Capture[] = [];
  readonly #daemons: Daemon[] = [];
  readonly #captures: boolean;
  /** Of this lab alone: one of the same process that could not be torn down is not met. */
  readonly #token: string;
  #count = 0;

  /** @param captures - whether every link is recorded. */
  constructor(name: string, captures = true) {
    this.name = name;
    this.#captures = captures;
    removeLeftovers();
    this.directory = mkdtempSync(join(tmpdir(), `${PREFIX}-${name}-`));
    this.#token = this.directory.slice(-6);
    chmodSync(this.directory, 0o755);
    process.on('exit', this.#killAll);
  }

  /**
   * Adds a node: a network namespace with its loopback up, forwarding IPv6.
   * @param within - see {@link LabNode}.
   */
  async node(name: string, within: readonly string[] = []): Promise<LabNode> {
    const namespace = `${PREFIX}-${process.pid}-${this.#token}-${++this.#count}-${name}`;
    await run('ip', 'netns', 'add', namespace);
    const directory = join(this.directory, name);
    mkdirSync(directory);
    const keep = (daemon: Daemon) => this.#daemons.push(daemon);
    const node = new LabNode(name, namespace, directory, keep, within);
    this.nodes.push(node);
    await Promise.all([
      node.run('sysctl', '-qw', ...SYSCTLS.map(([key, value]) => `${key}=${value}`)),
      node.ip('link set lo up'),
    ]);
    return node;
  }

  /** Joins two nodes by a veth pair. */
  async link(a: LinkEnd, b: LinkEnd): Promise<void> {
    await this.#veth(a, b);
    if (this.#captures) this.captures.push(await Capture.start(this, a[0], a[1]));
  }

  /** Joins any number of nodes by a switch; gives the switch's node (its bridge is `br0`). */
  async bridge(name: string, ends: readonly LinkEnd[]): Promise<LabNode> {
    const node = await this.node(name);
    await node.ip('link add br0 type bridge mcast_snooping 0');
    await Promise.all(
      ends.map(async (end, i) => {
        await this.#veth(end, [node, `port${i}`]);
        await node.ip(`link set port${i} master br0`);
      }),
    );
    await node.ip('link set br0 up');
    if (this.#captures) this.captures.push(await Capture.start(this, node, 'br0'));
    return node;
  }

  async #veth([a, aName]: LinkEnd, [b, bName]: LinkEnd): Promise<void> {
    const peer = ['peer', 'name', bName, 'netns', b.namespace];
    await run('ip', 'link', 'add', aName, 'netns', a.namespace, 'type', 'veth', ...peer);
    await Promise.all([a.ip(`link set ${aName} up`), b.ip(`link set ${bName} up`)]);
  }

  /** Ends every process and removes every namespace; the directory stays until {@link discard}. */
  async close(): Promise<void> {
    await Promise.allSettled(this.captures.map((capture) => capture.stop()));
    await Promise.allSettled(this.#daemons.map((daemon) => daemon.stop('SIGKILL', 1000)));
    await Promise.allSettled(this.nodes.map(({ namespace }) => removeNamespace(namespace)));
    process.off('exit', this.#killAll);
  }

  discard(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The last resort, when jest itself is ended in the middle of a scenario. */
  readonly #killAll = (): void => {
    for (const { child } of this.#daemons) child.kill('SIGKILL');
    for (const { namespace } of this.nodes) {
      try {
        execFileSync('ip', ['netns', 'delete', namespace], { stdio: 'ignore' });
      } catch {
        // It was gone already.
      }
    }
  };
}

/** Ends what still runs inside and deletes the namespace. */
async function removeNamespace(namespace: string): Promise<void> {
  const pids = (await run('ip', 'netns', 'pids', namespace)).split(/\s+/).filter(Boolean);
  for (const pid of pids) killIfThere(Number(pid));
  await run('ip', 'netns', 'delete', namespace);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Removes namespaces of runs whose process is gone. */
function removeLeftovers(): void {
  let names: string[] = [];
  try {
    names = readdirSync('/run/netns');
  } catch {
    return; // there has never been a namespace
  }
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || alive(Number(pid))) continue;
    try {
      const pids = execFileSync('ip', ['netns', 'pids', name], QUIET);
      for (const left of pids.split(/\s+/).filter(Boolean)) killIfThere(Number(left));
      execFileSync('ip', ['netns', 'delete', name], QUIET);
    } catch (error) {
      // A lab beside this one may have removed it meanwhile.
      if (existsSync(join('/run/netns', name))) throw error;
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
