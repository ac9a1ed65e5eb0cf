/**
 * All interfaces of a daemon, kept attached to its driver: raw sockets for OSPF, and UDP ones for
 * BFD where that is configured.
 * @module
 */
import type { InterfaceConfig } from '../instance/config.ts';
import type { BfdDatagramInput } from '../instance/input.ts';
import type { Address } from '../wire/address.ts';
import { BfdSockets } from './bfd-sockets.ts';
import {
  type AttachmentDriver,
  type AttachmentOptions,
  InterfaceAttachment,
  type InterfaceChange,
} from './interface-attachment.ts';
import { type InterfaceSnapshot, InterfaceWatch } from './interface-watch.ts';
import { RawLink } from './link-raw.ts';

export interface AttachmentsOptions {
  readonly interfaces: readonly InterfaceConfig[];
  readonly driver: Omit<AttachmentDriver, 'input'> & {
    input(make: (nowMs: number) => InterfaceChange | BfdDatagramInput): void;
  };
  readonly say: AttachmentOptions['say'];
}

export class Attachments {
  readonly #options: AttachmentsOptions;
  readonly #watch: InterfaceWatch;
  readonly #byName = new Map<string, InterfaceAttachment>();
  readonly #bfd = new Map<number, BfdSockets>();

  constructor(options: AttachmentsOptions) {
    this.#options = options;
    const { driver, say } = options;
    for (const config of options.interfaces) {
      const { interfaceId, name, type, passive } = config;
      const attachment = new InterfaceAttachment({
        interfaceId,
        name,
        carriesPackets: !passive && type !== 'loopback',
        openLink: (snapshot, linkLocalAddress) => this.#open(config, snapshot, linkLocalAddress),
        driver,
        say,
      });
      this.#byName.set(name, attachment);
    }
    this.#watch = new InterfaceWatch(
      [...this.#byName.keys()],
      (snapshot) => this.#byName.get(snapshot.name)?.follow(snapshot),
      (error) => say('warn', `interfaces of this machine cannot be read: ${error.message}`),
    );
  }

  /** Sends a BFD packet; lost when the interface has just gone. */
  sendBfd(interfaceId: number, destination: Address, octets: Uint8Array): void {
    this.#bfd.get(interfaceId)?.send(destination, octets);
  }

  close(): void {
    this.#watch.close();
    for (const attachment of this.#byName.values()) attachment.close();
  }

  #open(config: InterfaceConfig, snapshot: InterfaceSnapshot, linkLocalAddress: Address): RawLink {
    const { interfaceId } = config;
    const { name, ifIndex, mtu } = snapshot;
    const link = new RawLink({
      interfaceId,
      name,
      ifIndex,
      mtu,
      linkLocalAddress,
      onClose: () => this.#closeBfd(interfaceId),
    });
    if (!config.bfd) return link;
    try {
      this.#openBfd(interfaceId, { interfaceName: name, ifIndex, linkLocalAddress });
    } catch (error) {
      link.close();
      throw error;
    }
    return link;
  }

  #openBfd(interfaceId: number, where: ConstructorParameters<typeof BfdSockets>[0]): void {
    const sockets = new BfdSockets(where, ({ source, hopLimit, octets }) => {
      this.#options.driver.input((nowMs) => ({
        kind: 'bfdDatagram',
        nowMs,
        interfaceId,
        source,
        hopLimit,
        octets,
      }));
    });
    this.#bfd.set(interfaceId, sockets);
  }

  #closeBfd(interfaceId: number): void {
    this.#bfd.get(interfaceId)?.close();
    this.#bfd.delete(interfaceId);
  }
}
