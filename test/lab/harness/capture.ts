/** What went over one link, recorded by tcpdump and judged by tshark. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { LabNode } from './node.ts';
import { type Daemon, run, until } from './process.ts';

/** OSPF, Neighbor Discovery and BFD. */
const FILTER = 'ip6 proto 89 or icmp6 or udp port 3784';
/** Octets of a pcap file header: tcpdump listens when it has written that. */
const PCAP_HEADER_OCTETS = 24;

export class Capture {
  readonly file: string;
  readonly #tcpdump: Daemon;

  private constructor(file: string, tcpdump: Daemon) {
    this.file = file;
    this.#tcpdump = tcpdump;
  }

  static async start(
    lab: Lab,
    node: LabNode,
    interfaceName: string,
    filter = FILTER,
  ): Promise<Capture> {
    const file = join(lab.directory, `${node.name}-${interfaceName}.pcap`);
    // A buffer of 8 MiB: what a busy machine lets wait in it is not lost.
    const buffered = ['-U', '--immediate-mode', '-B', '8192'];
    const words = ['-i', interfaceName, ...buffered, '-Z', 'root', '-w', file, filter];
    const tcpdump = node.daemon(`tcpdump-${interfaceName}.log`, 'tcpdump', ...words);
    const listens = () => existsSync(file) && statSync(file).size >= PCAP_HEADER_OCTETS;
    await until(`tcpdump listens on ${node.name} ${interfaceName}`, listens, 10_000, 20);
    return new Capture(file, tcpdump);
  }

  /** Whether nothing was recorded: what is judged then proves nothing. */
  get isEmpty(): boolean {
    return statSync(this.file).size <= PCAP_HEADER_OCTETS;
  }

  stop(): Promise<void> {
    return this.#tcpdump.stop('SIGINT', 2000);
  }

  /**
   * What tshark finds wrong, one line per frame; empty when all is well. Frames of every sender
   * count, ours among them.
   * @param filter - a display filter that narrows it, such as `ipv6.src == fe80::1`.
   */
  async malformed(filter = ''): Promise<string[]> {
    const wrong =
      '(_ws.malformed || _ws.expert.group == "Malformed" || (ospf && _ws.expert.group == "Checksum"))';
    const display = filter ? `${wrong} && (${filter})` : wrong;
    const text = await tshark(this.file, display, ['frame.number', 'ipv6.src', '_ws.col.Info']);
    return text.map((fields) => fields.join(' '));
  }

  /** Fields of the frames that a display filter lets through. */
  fields(filter: string, ...names: string[]): Promise<string[][]> {
    return tshark(this.file, filter, names);
  }
}

async function tshark(file: string, filter: string, names: readonly string[]): Promise<string[][]> {
  const fields = names.flatMap((name) => ['-e', name]);
  const text = await run('tshark', '-r', file, '-Y', filter, '-T', 'fields', ...fields);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}
