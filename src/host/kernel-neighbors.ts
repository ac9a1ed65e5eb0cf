/**
 * The kernel's neighbor entries, followed live through `ip monitor`, and solicited when a next hop
 * has none.
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { IpBatch } from './ip-batch.ts';
import { NeighborJudge, readNeighborLine, type UsableChange } from './neighbor-judge.ts';

export interface KernelNeighborsConfig {
  /** Another network namespace than our own; soliciting works in our own alone. */
  readonly networkNamespace?: string;
  readonly onChange: (change: UsableChange) => void;
  readonly onError: (error: Error) => void;
}

/** Discard (RFC 863): a datagram there asks for nothing but the link-layer address. */
const DISCARD_PORT = 9;
const RESTART_MS = 1000;
/** The kernel's three solicitations, RetransTimer apart, are over by then (RFC 4861 7.2.2, 10). */
const SOLICIT_AGAIN_MS = 3000;
/** States in which an entry is believed in and can be doubted; permanent ones are others'. */
const DOUBTED = new Set(['REACHABLE', 'STALE', 'DELAY']);

export class KernelNeighbors {
  readonly #config: KernelNeighborsConfig;
  readonly #judge = new NeighborJudge();
  #monitor: ChildProcessWithoutNullStreams | undefined;
  #solicitor: Socket | undefined;
  #restart: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(config: KernelNeighborsConfig) {
    this.#config = config;
  }

  /** Begins to follow; resolves when the present entries are known. */
  async open(): Promise<void> {
    this.#follow();
    await this.#readAll();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#restart);
    clearTimeout(this.#again);
    this.#monitor?.kill();
    this.#solicitor?.close();
  }

  /**
   * Watches a next hop, and solicits it for as long as it is not usable: nothing else is sent to it.
   * @returns whether it is usable now; changes are told by `onChange`.
   */
  watch(interfaceName: string, address: string): boolean {
    const usable = this.#judge.watch(interfaceName, address);
    if (!usable) this.#resolve(interfaceName, address);
    return usable;
  }

  /**
   * Watches next hops that an earlier run used: they are usable until resolution fails, which is put
   * to the test at once (RFC 4861 7.3.3: one that died meanwhile fails within 3 s).
   */
  async adopt(nextHops: readonly { interfaceName: string; address: string }[]): Promise<void> {
    const probes: string[] = [];
    for (const { interfaceName, address } of nextHops) {
      this.#judge.watch(interfaceName, address, true);
      const state = this.#judge.stateOf(interfaceName, address);
      if (state === undefined) this.#solicit(interfaceName, address);
      else if (DOUBTED.has(state)) {
        probes.push(`neigh change ${address} dev ${interfaceName} nud probe`);
      }
    }
    if (probes.length === 0) return;
    const ip = new IpBatch(this.#config.networkNamespace);
    try {
      // An entry that went meanwhile is refused, and resolved when it is needed.
      await ip.run(probes);
    } finally {
      ip.close();
    }
  }

  /** The link-local addresses that are known at a link-layer address. */
  neighborsAt(linkLayerAddress: string): { interfaceName: string; address: string }[] {
    return this.#judge.neighborsAt(linkLayerAddress);
  }

  unwatch(interfaceName: string, address: string): void {
    this.#judge.unwatch(interfaceName, address);
  }

  linkLayerAddressOf(interfaceName: string, address: string): string | undefined {
    return this.#judge.linkLayerAddressOf(interfaceName, address);
  }

  async #readAll(): Promise<void> {
    const ip = new IpBatch(this.#config.networkNamespace);
    try {
      const entries = (await ip.show(['neigh', 'show'])) as {
        dst: string;
        dev: string;
        lladdr?: string;
        state?: string[];
      }[];
      for (const { dst, dev, lladdr, state } of entries) {
        this.#learn({
          interfaceName: dev,
          address: dst,
          linkLayerAddress: lladdr,
          state: state?.[0],
        });
      }
    } finally {
      ip.close();
    }
  }

  #follow(): void {
    const { networkNamespace: name, onError } = this.#config;
    const namespace = name === undefined ? [] : ['-n', name];
    const monitor = spawn('ip', [...namespace, '-o', 'monitor', 'neigh']);
    this.#monitor = monitor;
    let held = '';
    monitor.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${held}${text}`.split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) {
        const entry = readNeighborLine(line);
        if (entry !== undefined) this.#learn(entry);
      }
    });
    monitor.stderr.resume();
    monitor.on('error', (cause) => onError(new Error('ip monitor cannot be run', { cause })));
    monitor.on('close', () => {
      if (this.#closed) return;
      onError(new Error('ip monitor ended; it is started again'));
      // What was missed meanwhile is read as a whole.
      this.#restart = setTimeout(() => this.open().catch(onError), RESTART_MS);
    });
  }

  #learn(entry: Parameters<NeighborJudge['learn']>[0]): void {
    const change = this.#judge.learn(entry);
    if (change === undefined) return;
    this.#config.onChange(change);
    if (!change.usable) this.#resolve(change.interfaceName, change.address);
  }

  /** Solicits a next hop now, and again until it is usable or not watched any more. */
  #resolve(interfaceName: string, address: string): void {
    if (this.#closed) return;
    this.#solicit(interfaceName, address);
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      for (const one of this.#judge.unusable()) this.#resolve(one.interfaceName, one.address);
    }, SOLICIT_AGAIN_MS).unref();
  }

  /** Makes the kernel resolve the address: it does so for whatever is sent. */
  #solicit(interfaceName: string, address: string): void {
    this.#solicitor ??= createSocket('udp6')
      .on('error', () => {})
      .unref();
    const zone = address.startsWith('fe80:') ? `%${interfaceName}` : '';
    this.#solicitor.send('', DISCARD_PORT, `${address}${zone}`, () => {});
  }
}
