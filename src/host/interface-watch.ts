/**
 * Follows the interfaces of this machine: `ip monitor` says that something changed, `ip -json
 * address` what is now. A change is told within milliseconds.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type Address, formatAddress, parseAddress } from '../wire/address.ts';
import { type AddressPrefix, formatPrefix, maskedAddress } from '../wire/prefix.ts';

/** What an interface is at one moment. */
export interface InterfaceSnapshot {
  readonly name: string;
  /** The kernel's number; 0 when there is no such interface. */
  readonly ifIndex: number;
  /** Up by decision and by carrier. */
  readonly up: boolean;
  readonly mtu: number;
  readonly linkLayerAddress: string;
  /** One that is neither tentative nor a duplicate; undefined while there is none. */
  readonly linkLocalAddress: Address | undefined;
  /** Why there is no usable link-local address, where the kernel knows one. */
  readonly linkLocalState: 'none' | 'tentative' | 'duplicate' | 'usable';
  /** Global prefixes, masked; an interface's /128s included. */
  readonly prefixes: readonly AddressPrefix[];
  /** Global addresses that are neither tentative nor duplicates. */
  readonly addresses: readonly Address[];
}

interface IpAddressInfo {
  readonly family: string;
  readonly local?: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly tentative?: boolean;
  readonly dadfailed?: boolean;
}

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly addr_info?: readonly IpAddressInfo[];
}

/**
 * What `ip -json address show` says of an interface.
 * @param before - what it was: of several link-local addresses the one in use is kept, since
 *   neighbors know us by it, and the kernel names the newest first.
 */
export function snapshotOf(
  name: string,
  links: readonly IpLink[],
  before?: InterfaceSnapshot,
): InterfaceSnapshot {
  const link = links.find(({ ifname }) => ifname === name);
  const inet6 = (link?.addr_info ?? []).filter(({ family }) => family === 'inet6');
  const linkLocals = inet6.filter(({ scope }) => scope === 'link');
  const usables = linkLocals.flatMap(({ local, tentative, dadfailed }) =>
    local === undefined || tentative || dadfailed ? [] : [local],
  );
  const used = before?.linkLocalAddress && formatAddress(before.linkLocalAddress);
  const usable = usables.find((one) => one === used) ?? usables[0];
  return {
    name,
    ifIndex: link?.ifindex ?? 0,
    up: ['UP', 'LOWER_UP'].every((flag) => link?.flags.includes(flag)),
    mtu: link?.mtu ?? 0,
    linkLayerAddress: link?.address ?? '',
    linkLocalAddress: usable === undefined ? undefined : parseAddress(usable),
    linkLocalState: stateOf(linkLocals, usable),
    prefixes: prefixesOf(inet6),
    addresses: inet6
      .filter(({ scope, tentative, dadfailed }) => scope === 'global' && !tentative && !dadfailed)
      .flatMap(({ local }) => (local === undefined ? [] : [parseAddress(local)])),
  };
}

function stateOf(
  linkLocals: readonly IpAddressInfo[],
  usable: string | undefined,
): InterfaceSnapshot['linkLocalState'] {
  if (usable !== undefined) return 'usable';
  if (linkLocals.length === 0) return 'none';
  return linkLocals.some(({ dadfailed }) => dadfailed) ? 'duplicate' : 'tentative';
}

function prefixesOf(inet6: readonly IpAddressInfo[]): AddressPrefix[] {
  const prefixes = new Map<string, AddressPrefix>();
  for (const { local, prefixlen, scope } of inet6) {
    if (scope !== 'global' || local === undefined) continue;
    const address = maskedAddress(parseAddress(local), prefixlen);
    const prefix = { prefixLength: prefixlen, prefixOptions: 0, address };
    prefixes.set(formatPrefix(prefix), prefix);
  }
  return [...prefixes.values()];
}

/** After `ip monitor` ends unasked, it is started again this much later. */
const RESTART_MS = 1000;
const READ_AT_MOST_OCTETS = 64 << 20;

/** Tells of each interface named, once at the start and then on every change. */
export class InterfaceWatch {
  readonly #names: readonly string[];
  readonly #onChange: (snapshot: InterfaceSnapshot) => void;
  readonly #onError: (error: Error) => void;
  readonly #told = new Map<string, string>();
  readonly #last = new Map<string, InterfaceSnapshot>();
  #monitor: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #reading = false;
  #again = false;
  #closed = false;
  /** What went wrong last; undefined since all is well again. */
  #failure: string | undefined;

  /** @param onError - `ip` cannot be run or understood; said once, and the watch goes on trying. */
  constructor(
    names: readonly string[],
    onChange: (snapshot: InterfaceSnapshot) => void,
    onError: (error: Error) => void,
  ) {
    this.#names = names;
    this.#onChange = onChange;
    this.#onError = onError;
    this.#start();
  }

  /** Tells of every interface anew, changed or not. */
  repeat(): void {
    this.#told.clear();
    this.#read();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#restart);
    this.#monitor?.kill();
  }

  #start(): void {
    this.#read();
    const monitor = spawn('ip', ['monitor', 'link', 'address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#monitor = monitor;
    monitor.stdout.on('data', () => this.#read());
    monitor.on('error', (error) => this.#fail(error));
    monitor.on('close', () => {
      if (this.#closed) return;
      this.#restart = setTimeout(() => this.#start(), RESTART_MS);
    });
    // What changed before the monitor listened is seen because this reads after it has started.
    monitor.on('spawn', () => setTimeout(() => this.#read(), 20).unref());
  }

  #read(): void {
    if (this.#closed) return;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    const options = { maxBuffer: READ_AT_MOST_OCTETS };
    execFile('ip', ['-json', 'address', 'show'], options, (error, stdout) => {
      this.#reading = false;
      if (this.#closed) return;
      if (error) this.#fail(error);
      else this.#tell(stdout);
      if (!this.#again) return;
      this.#again = false;
      this.#read();
    });
  }

  #fail(error: Error): void {
    if (this.#failure === error.message) return;
    this.#failure = error.message;
    this.#onError(error);
  }

  #tell(stdout: string): void {
    let links: IpLink[];
    try {
      links = JSON.parse(stdout) as IpLink[];
    } catch (cause) {
      this.#fail(new Error('`ip -json address show` gave no JSON', { cause }));
      return;
    }
    this.#failure = undefined;
    for (const name of this.#names) {
      const snapshot = snapshotOf(name, links, this.#last.get(name));
      this.#last.set(name, snapshot);
      const text = JSON.stringify(snapshot);
      if (this.#told.get(name) === text) continue;
      this.#told.set(name, text);
      this.#onChange(snapshot);
    }
  }
}
