/**
 * The recordings that a configuration asks for. Each lasts as long as the daemon: it goes on when
 * the link of its interface is opened again.
 * @module
 */
import type { InterfaceSettings } from './config-interface.ts';
import type { Link } from './link.ts';
import { withRecording } from './link-pcap.ts';
import { BoundedRecording } from './pcap-rotation.ts';
import type { Recording } from './pcap-writer.ts';

export class LinkRecordings {
  readonly #byInterfaceName = new Map<string, Recording>();

  /** Opens the files; one that cannot be written is told, and its link works without it. */
  constructor(
    interfaces: readonly Pick<InterfaceSettings, 'name' | 'record'>[],
    say: (level: 'info' | 'warn', message: string) => void,
  ) {
    for (const { name, record } of interfaces) {
      if (!record) continue;
      const { file, maxOctets } = record;
      say('info', `interface ${name}: recorded to ${file}`);
      const recording = new BoundedRecording(file, maxOctets, (error) =>
        say('warn', `interface ${name}: no longer recorded: ${error.message}`),
      );
      this.#byInterfaceName.set(name, recording);
    }
  }

  /** The link, recorded where that is configured. */
  around(link: Link): Link {
    const recording = this.#byInterfaceName.get(link.name);
    return recording ? withRecording(link, recording) : link;
  }

  /** Resolves when all is on disk. */
  async close(): Promise<void> {
    await Promise.all([...this.#byInterfaceName.values()].map((one) => one.close()));
  }
}
