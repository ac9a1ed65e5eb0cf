/**
 * Follows the interfaces that Neighbor Discovery runs on, and opens and closes their ICMPv6 links
 * as they come and go.
 * @module
 */
import {
  type LinkLayerAddress,
  parseLinkLayerAddress,
} from '../neighbor-discovery/link-layer-address.ts';
import { formatAddress } from '../wire/address.ts';
import { Icmpv6Link } from './icmpv6-link.ts';
import { type InterfaceSnapshot, InterfaceWatch } from './interface-watch.ts';
import type { Link } from './link.ts';

/** @throws {SystemCallError} EPERM without CAP_NET_RAW, and the like. */
export type OpenLink = () => Link;

export interface NeighborDiscoveryLinkOptions {
  readonly names: readonly string[];
  /** Whether what is sent carries the mark for packet filters. */
  readonly mark: boolean;
  /** The interface is usable; every call of `openLink` gives a socket of its own, to be closed. */
  readonly onUp: (name: string, openLink: OpenLink, linkLayerAddress: LinkLayerAddress) => void;
  readonly onDown: (name: string) => void;
  readonly say: (level: 'info' | 'warn', message: string) => void;
}

const RETRY_MS = 1000;

export class NeighborDiscoveryLinks {
  readonly #options: NeighborDiscoveryLinkOptions;
  readonly #watch: InterfaceWatch;
  /** What each open link was opened with. */
  readonly #open = new Map<string, string>();
  /** Why a link could not be opened, as it was said. */
  readonly #said = new Map<string, string>();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: NeighborDiscoveryLinkOptions) {
    this.#options = options;
    this.#watch = new InterfaceWatch(
      options.names,
      (snapshot) => this.#follow(snapshot),
      (error) => options.say('warn', `interfaces of this machine cannot be read: ${error.message}`),
    );
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#watch.close();
    for (const name of this.#open.keys()) this.#options.onDown(name);
    this.#open.clear();
  }

  /** Said once in the same words, and tried again. */
  #refused(name: string, why: string): void {
    if (this.#said.get(name) !== why) {
      this.#options.say('warn', `interface ${name}: no ICMPv6 socket: ${why}; trying again`);
    }
    this.#said.set(name, why);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#watch.repeat();
    }, RETRY_MS);
  }

  #follow(snapshot: InterfaceSnapshot): void {
    const { name, ifIndex, up, mtu, linkLocalAddress, linkLayerAddress } = snapshot;
    const usable = ifIndex !== 0 && up && linkLocalAddress !== undefined && linkLayerAddress !== '';
    const wanted = usable
      ? `${ifIndex} ${formatAddress(linkLocalAddress)} ${linkLayerAddress}`
      : undefined;
    if (wanted === this.#open.get(name)) return;
    if (this.#open.delete(name)) {
      this.#options.onDown(name);
      this.#options.say('info', `interface ${name}: Neighbor Discovery stopped`);
    }
    if (!usable || wanted === undefined) return;
    const { mark, say, onUp } = this.#options;
    const link = { interfaceId: ifIndex, name, ifIndex, mtu, linkLocalAddress, mark };
    try {
      onUp(name, () => new Icmpv6Link(link), parseLinkLayerAddress(linkLayerAddress));
    } catch (error) {
      this.#options.onDown(name); // with what was opened until then
      this.#refused(name, String(error));
      return;
    }
    this.#said.delete(name);
    this.#open.set(name, wanted);
    say('info', `interface ${name}: Neighbor Discovery runs`);
  }
}
