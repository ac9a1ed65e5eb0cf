/**
 * The service's anycast address on this host: added without duplicate address detection, because
 * several hosts have it by intent, and removed again when it was we who added it, in this run or in
 * one before: the metric of its connected route is our mark, since addresses have no other.
 *
 * On the loopback interface (the default) the kernel takes packets for it but does not answer
 * solicitations, so advertising is ours alone. On the link's interface the kernel answers every
 * solicitation at once with Override set, whatever the service's state; there a packet filter keeps
 * its advertisements back and lets ours pass (`icmpv6-link.ts` marks them).
 * @module
 */
import { execFileSync } from 'node:child_process';
import { type Address, formatAddress } from '../wire/address.ts';
import { ADVERTISEMENT_MARK } from './icmpv6-link.ts';
import { ROUTE_PROTOCOL } from './route-table-kernel.ts';

/** Metric of the connected route of an address that we added; the kernel's own is 256. */
export const OUR_METRIC = ROUTE_PROTOCOL;
/** Names of our tables of the ip6 family begin so; here one per address. */
export const TABLE_PREFIX = 'tidecast-';

export interface AnycastAddressOptions {
  readonly address: Address;
  /** `loopback` or the name of the interface on the service's link. */
  readonly placement: 'loopback' | 'link';
  /** Name of the link's interface. */
  readonly interfaceName: string;
  /** Put before every command, such as `['ip', 'netns', 'exec', 'n1']`; for tests. */
  readonly commandPrefix?: readonly string[];
}

interface AddressInfo {
  readonly local?: string;
  readonly prefixlen: number;
  readonly metric?: number;
}

export class AnycastAddress {
  readonly #options: AnycastAddressOptions;
  readonly #device: string;
  readonly #text: string;
  #added = false;
  #silencing = false;

  constructor(options: AnycastAddressOptions) {
    this.#options = options;
    this.#device = options.placement === 'loopback' ? 'lo' : options.interfaceName;
    this.#text = formatAddress(options.address);
  }

  /** Whether the device has the address now, added by whomever. */
  get present(): boolean {
    return this.#found() !== undefined;
  }

  /**
   * Adds it where it is missing; may be called again, since an interface that was down comes back
   * without it. What an earlier run of ours added is taken over, and what anybody else did is left
   * as it is.
   * @throws Error with the command's own words when the kernel refuses; nothing is left behind then.
   */
  add(): void {
    if (this.#options.placement === 'link') this.#silenceKernel();
    try {
      const found = this.#found();
      if (found === undefined) {
        const words = ['dev', this.#device, 'nodad', 'metric', `${OUR_METRIC}`];
        this.#run('ip', ['-6', 'address', 'add', `${this.#text}/128`, ...words]);
      }
      this.#added = found === undefined || found.metric === OUR_METRIC;
    } catch (error) {
      this.#letKernelSpeak();
      throw error;
    }
  }

  #found(): AddressInfo | undefined {
    const shown = this.#run('ip', ['-6', '-json', 'address', 'show', 'dev', this.#device]);
    const links = JSON.parse(shown) as { addr_info?: readonly AddressInfo[] }[];
    const found = links.flatMap((link) => link.addr_info ?? []);
    return found.find(({ local, prefixlen }) => local === this.#text && prefixlen === 128);
  }

  /**
   * Removes what {@link add} added; harmless otherwise.
   * @throws Error with the command's own words when the kernel refuses; all was tried then.
   */
  remove(): void {
    try {
      if (this.#added && this.#isThere()) {
        this.#run('ip', ['-6', 'address', 'delete', `${this.#text}/128`, 'dev', this.#device]);
      }
    } finally {
      this.#added = false;
      this.#letKernelSpeak();
    }
  }

  #isThere(): boolean {
    try {
      return this.present;
    } catch {
      return false; // its interface has gone, and it went along
    }
  }

  #letKernelSpeak(): void {
    if (!this.#silencing) return;
    this.#silencing = false;
    try {
      this.#run('nft', ['delete', 'table', 'ip6', this.#table]);
    } catch {
      // It is harmless without the address; `tidecast cleanup` finds it.
    }
  }

  /** One table per address, so that services come and go without each other's knowledge. */
  get #table(): string {
    return `${TABLE_PREFIX}${Buffer.from(this.#options.address).toString('hex')}`;
  }

  #silenceKernel(): void {
    const target = `0x${Buffer.from(this.#options.address).toString('hex')}`;
    // Type 136; the target follows 8 octets of ICMPv6 header (RFC 4861 4.4).
    const match = `icmpv6 type nd-neighbor-advert @th,64,128 ${target}`;
    const rules = [
      `add table ip6 ${this.#table}`,
      `flush table ip6 ${this.#table}`,
      `add chain ip6 ${this.#table} output { type filter hook output priority 0; }`,
      `add rule ip6 ${this.#table} output ${match} meta mark != ${ADVERTISEMENT_MARK} drop`,
    ];
    this.#run('nft', [rules.join('; ')]);
    this.#silencing = true;
  }

  #run(command: string, args: readonly string[]): string {
    const [first, ...rest] = [...(this.#options.commandPrefix ?? []), command, ...args];
    try {
      return execFileSync(first!, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      const { stderr = '' } = error as { stderr?: string };
      throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`, { cause: error });
    }
  }
}
