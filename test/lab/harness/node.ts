/** One node of the lab: a network namespace and what runs in it. */
import { join } from 'node:path';
import { type BirdRouter, startBird } from './bird.ts';
import { type FrrConfig, type FrrRouter, startFrr } from './frr.ts';
import { Daemon, run } from './process.ts';
import { startTidecast, type TidecastNode } from './tidecast.ts';

/** One next hop as `ip -json -6 route` tells it. */
export interface KernelNextHop {
  readonly gateway: string | undefined;
  readonly dev: string;
  readonly weight: number;
}

interface IpNextHop {
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly dev: string;
  readonly weight?: number;
}

interface IpRoute extends IpNextHop {
  readonly dst: string;
  readonly metric?: number;
  readonly protocol?: string;
  readonly nexthops?: readonly IpNextHop[];
}

export class LabNode {
  readonly name: string;
  readonly namespace: string;
  readonly directory: string;
  readonly #keep: (daemon: Daemon) => void;
  readonly #within: readonly string[];

  /** @param within - a command that every process that stays is started by, such as `chrt`. */
  constructor(
    name: string,
    namespace: string,
    directory: string,
    keep: (daemon: Daemon) => void,
    within: readonly string[] = [],
  ) {
    this.name = name;
    this.namespace = namespace;
    this.directory = directory;
    this.#keep = keep;
    this.#within = within;
  }

  /** Runs a command in the namespace to its end. */
  run(command: string, ...args: string[]): Promise<string> {
    return run('ip', 'netns', 'exec', this.namespace, command, ...args);
  }

  /** Runs `ip` in the namespace; the words as one string. */
  ip(words: string): Promise<string> {
    return run('ip', '-n', this.namespace, ...words.trim().split(/\s+/));
  }

  /** Starts a process in the namespace; it ends with the lab at the latest. */
  daemon(log: string, command: string, ...args: string[]): Daemon {
    const file = join(this.directory, log);
    const words = ['netns', 'exec', this.namespace, ...this.#within, command, ...args];
    const daemon = new Daemon(file, 'ip', ...words);
    this.#keep(daemon);
    return daemon;
  }

  /** The kernel's next hops for a destination, sorted; empty when it has no such route. */
  async kernelNextHops(destination: string): Promise<KernelNextHop[]> {
    const routes = await this.kernelRoutes(destination);
    return routes
      .flatMap((route) => route.nexthops ?? [route])
      .map(({ gateway, via, dev, weight = 1 }) => ({ gateway: gateway ?? via?.host, dev, weight }))
      .sort((a, b) => `${a.gateway}${a.dev}`.localeCompare(`${b.gateway}${b.dev}`));
  }

  /** The kernel's gateways for a destination, sorted. */
  async gateways(destination: string): Promise<string[]> {
    return (await this.kernelNextHops(destination)).map(({ gateway, dev }) => gateway ?? dev);
  }

  async kernelRoutes(destination: string): Promise<IpRoute[]> {
    const text = await this.ip(`-json -6 route show ${destination}`);
    return text.trim() === '' ? [] : (JSON.parse(text) as IpRoute[]);
  }

  /** The usable link-local address of an interface. */
  async linkLocal(interfaceName: string): Promise<string> {
    const text = await this.ip(`-json -6 address show dev ${interfaceName} scope link`);
    const [link] = JSON.parse(text) as { addr_info?: { local?: string }[] }[];
    // Addresses of other scopes are there too, as empty objects.
    const address = link?.addr_info?.find(({ local }) => local !== undefined)?.local;
    if (address === undefined) throw new Error(`${this.name}: no link-local on ${interfaceName}`);
    return address;
  }

  frr(config: FrrConfig): Promise<FrrRouter> {
    return startFrr(this, config);
  }

  bird(config: string): Promise<BirdRouter> {
    return startBird(this, config);
  }

  tidecast(config: string, wrapper: readonly string[] = []): Promise<TidecastNode> {
    return startTidecast(this, config, wrapper);
  }
}
