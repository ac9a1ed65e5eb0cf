/**
 * Packets to the anycast address, counted by a named nftables counter: queries per second of any
 * service over UDP. Costs one `nft` process per look (2 to 20 ms) and needs CAP_NET_ADMIN. It
 * lies for TCP, where a query takes several packets, and counts queries that are never answered.
 * @module
 */
import { CounterRate, type LoadReading, type LoadSignal, reading } from './load-signal.ts';
import { runCommand } from './signal-command.ts';

export interface CounterSource {
  /** Family, table and name, as in `nft list counter inet tidecast dns`. */
  readonly family: string;
  readonly table: string;
  readonly counter: string;
  readonly timeoutMs: number;
}

/** Packets in the answer of `nft --json list counter`. */
export function parseCounter(json: string): number {
  const { nftables = [] } = JSON.parse(json) as {
    nftables?: { counter?: { packets?: number } }[];
  };
  const packets = nftables.find(({ counter }) => counter !== undefined)?.counter?.packets;
  if (packets === undefined) throw new Error('no counter in the answer of nft');
  return packets;
}

export class CounterSignal implements LoadSignal {
  readonly name: string;
  readonly #command: readonly string[];
  readonly #timeoutMs: number;
  readonly #rate = new CounterRate();

  constructor({ family, table, counter, timeoutMs }: CounterSource) {
    this.#command = ['nft', '--json', 'list', 'counter', family, table, counter];
    this.#timeoutMs = timeoutMs;
    this.name = `counter ${family} ${table} ${counter}`;
  }

  async look(nowMs: number): Promise<LoadReading> {
    const { status, output, message } = await runCommand({
      command: this.#command,
      timeoutMs: this.#timeoutMs,
    });
    if (status !== 0) throw new Error(`nft: ${message}`);
    return reading({ queriesPerSecond: this.#rate.add(nowMs, parseCounter(output)) });
  }
}
