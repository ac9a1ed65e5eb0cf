/**
 * Counts what comes in for a service's address, whatever the service is: a counter of nftables in a
 * table of its own. Local traffic (probes) and ICMPv6 are left out.
 * @module
 */
import { execFile } from 'node:child_process';
import * as z from 'zod';
import { type Address, formatAddress } from '../wire/address.ts';
import { TABLE_PREFIX } from './anycast-address.ts';

export interface QueryCounterOptions {
  readonly address: Address;
  /** Between two looks, milliseconds. */
  readonly everyMs: number;
  /** Packets since the look before; 0 when there were none. */
  readonly onCount: (count: number) => void;
  /** The counter cannot be made or read; then nobody is told of any query. */
  readonly onError: (error: Error) => void;
  /** Put before every command, such as `['ip', 'netns', 'exec', 'n1']`; for tests. */
  readonly commandPrefix?: readonly string[];
}

const Listing = z.object({
  nftables: z.array(z.object({ counter: z.object({ packets: z.number() }).optional() })),
});

export class QueryCounter {
  readonly #options: QueryCounterOptions;
  readonly #table: string;
  readonly #timer: NodeJS.Timeout;
  /** Commands are carried out one after the other. */
  #last: Promise<unknown>;
  #counted = 0;

  constructor(options: QueryCounterOptions) {
    this.#options = options;
    this.#table = `${TABLE_PREFIX}q-${Buffer.from(options.address).toString('hex')}`;
    const text = formatAddress(options.address);
    const rules = [
      `add table ip6 ${this.#table}`,
      `delete table ip6 ${this.#table}`,
      `add table ip6 ${this.#table}`,
      `add counter ip6 ${this.#table} queries`,
      `add chain ip6 ${this.#table} input { type filter hook input priority 0; }`,
      `add rule ip6 ${this.#table} input iifname != "lo" ip6 daddr ${text} meta l4proto != icmpv6 ` +
        'counter name queries',
    ];
    this.#last = this.#nft([rules.join('; ')]).catch(options.onError);
    this.#timer = setInterval(() => this.#look(), options.everyMs);
  }

  /** Stops counting and takes the table away. */
  close(): void {
    clearInterval(this.#timer);
    this.#last = this.#last
      .then(() => this.#nft(['delete', 'table', 'ip6', this.#table]))
      .catch(() => undefined); // it was never made
  }

  #look(): void {
    const { onCount, onError } = this.#options;
    this.#last = this.#last
      .then(() => this.#nft(['-j', 'list', 'counter', 'ip6', this.#table, 'queries']))
      .then((shown) => {
        const { nftables } = Listing.parse(JSON.parse(shown));
        const packets = nftables.find(({ counter }) => counter)?.counter?.packets ?? 0;
        onCount(packets - this.#counted);
        this.#counted = packets;
      })
      .catch(onError);
  }

  #nft(args: readonly string[]): Promise<string> {
    const [first, ...rest] = [...(this.#options.commandPrefix ?? []), 'nft', ...args];
    return new Promise((resolve, reject) => {
      execFile(first!, rest, (error, stdout, stderr) => {
        if (error) reject(new Error(stderr.trim() || error.message, { cause: error }));
        else resolve(stdout);
      });
    });
  }
}
