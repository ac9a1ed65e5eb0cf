/**
 * Keeps one configured interface attached to a machine: opens its link when the interface can
 * carry one, closes it when it cannot, and tells the machine of every change. What is missing is
 * said once in clear words; then it waits and recovers.
 * @module
 */
import { type Address, formatAddress, sameAddress } from '../wire/address.ts';
import type { AddressPrefix } from '../wire/prefix.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import type { InterfaceSnapshot } from './interface-watch.ts';
import type { Link } from './link.ts';

/** What the machine is told; see `InterfaceInput` of the instance. */
export interface InterfaceChange {
  readonly kind: 'interface';
  readonly nowMs: number;
  readonly interfaceId: number;
  readonly up: boolean;
  readonly linkLocalAddress?: Address;
  readonly mtu?: number;
  readonly prefixes?: readonly AddressPrefix[];
  readonly addresses?: readonly Address[];
}

/** The driver, as far as it is needed here. */
export interface AttachmentDriver {
  attach(link: Link): void;
  detach(interfaceId: number): void;
  input(make: (nowMs: number) => InterfaceChange): void;
}

/** A link whose MTU follows the interface. */
type OpenLink = Link & { mtu: number };

export interface AttachmentOptions {
  readonly interfaceId: number;
  readonly name: string;
  /** A loopback or passive interface is announced and carries no packets. */
  readonly carriesPackets: boolean;
  /** Opens the link; throws where the machine refuses. */
  readonly openLink: (snapshot: InterfaceSnapshot, linkLocalAddress: Address) => OpenLink;
  readonly driver: AttachmentDriver;
  readonly say: (level: 'info' | 'warn', message: string) => void;
  /** Time between attempts to open a link that was refused; 1000 by default. */
  readonly retryMs?: number;
  /** The system's by default. */
  readonly clock?: Clock;
}

/** Why an interface is not in use. */
type Obstacle = 'missing' | 'down' | 'linkLocal' | 'refused';

export class InterfaceAttachment {
  readonly #options: AttachmentOptions;
  #snapshot: InterfaceSnapshot | undefined;
  #link: OpenLink | undefined;
  #up = false;
  #said = '';
  #retry: Timer | undefined;

  constructor(options: AttachmentOptions) {
    this.#options = options;
  }

  /** Whether the machine has been told that the interface is up. */
  get up(): boolean {
    return this.#up;
  }

  /** Takes over what the interface is now. */
  follow(snapshot: InterfaceSnapshot): void {
    const changedIndex = this.#snapshot && this.#snapshot.ifIndex !== snapshot.ifIndex;
    this.#snapshot = snapshot;
    this.#retry?.cancel();
    const { linkLocalAddress } = snapshot;
    const moved =
      this.#link !== undefined &&
      (changedIndex ||
        linkLocalAddress === undefined ||
        !sameAddress(this.#link.linkLocalAddress, linkLocalAddress));
    if (moved) this.#down();
    const obstacle = this.#obstacle(snapshot);
    if (obstacle) {
      this.#down();
      this.#sayOnce('warn', obstacle);
      return;
    }
    if (this.#options.carriesPackets && !this.#link && !this.#open(snapshot)) return;
    if (this.#link) this.#link.mtu = snapshot.mtu;
    this.#raise(snapshot);
  }

  close(): void {
    this.#retry?.cancel();
    this.#options.driver.detach(this.#options.interfaceId);
    this.#link = undefined;
  }

  #obstacle(snapshot: InterfaceSnapshot): string | undefined {
    const { name, carriesPackets } = this.#options;
    if (snapshot.ifIndex === 0) return message(name, 'missing');
    if (!snapshot.up) return message(name, 'down');
    if (carriesPackets && !snapshot.linkLocalAddress) {
      return message(name, 'linkLocal', snapshot.linkLocalState);
    }
    return undefined;
  }

  /** @returns whether the link is open now. */
  #open(snapshot: InterfaceSnapshot): boolean {
    const { name, interfaceId, driver, retryMs = 1000, clock = systemClock } = this.#options;
    try {
      this.#link = this.#options.openLink(snapshot, snapshot.linkLocalAddress!);
      driver.attach(this.#link); // joins groups, for which the interface may be gone by now
    } catch (error) {
      if (this.#link) driver.detach(interfaceId);
      this.#link = undefined;
      this.#sayOnce('warn', message(name, 'refused', describe(error)));
      this.#retry = clock.wakeAt(clock.nowMs() + retryMs, () => {
        if (this.#snapshot) this.follow(this.#snapshot);
      });
      return false;
    }
    return true;
  }

  #raise({ mtu, prefixes, addresses, linkLocalAddress }: InterfaceSnapshot): void {
    const { driver, interfaceId, name } = this.#options;
    this.#up = true;
    const address = linkLocalAddress ? formatAddress(linkLocalAddress) : 'no link-local address';
    this.#sayOnce('info', `interface ${name}: up, ${address}, MTU ${mtu}`);
    driver.input((nowMs) => ({
      kind: 'interface',
      nowMs,
      interfaceId,
      up: true,
      mtu,
      prefixes,
      addresses,
      ...(linkLocalAddress && { linkLocalAddress }),
    }));
  }

  #down(): void {
    const { driver, interfaceId } = this.#options;
    if (this.#up) {
      this.#up = false;
      driver.input((nowMs) => ({ kind: 'interface', nowMs, interfaceId, up: false }));
    }
    if (this.#link) driver.detach(interfaceId);
    this.#link = undefined;
  }

  #sayOnce(level: 'info' | 'warn', text: string): void {
    if (this.#said === text) return;
    this.#said = text;
    this.#options.say(level, text);
  }
}

const LINK_LOCAL_WORDS: Readonly<Record<string, string>> = {
  none: 'has no link-local address; is IPv6 disabled on it?',
  tentative: 'has a link-local address that is still tentative (duplicate address detection)',
  duplicate: 'has a link-local address that another node uses (duplicate address detection failed)',
};

function message(name: string, obstacle: Obstacle, detail = ''): string {
  switch (obstacle) {
    case 'missing':
      return `interface ${name}: there is no such interface; waiting for it`;
    case 'down':
      return `interface ${name}: is down or has no carrier; waiting for it`;
    case 'linkLocal':
      return `interface ${name}: ${LINK_LOCAL_WORDS[detail] ?? detail}; waiting`;
    case 'refused':
      return `interface ${name}: ${detail}; trying again`;
  }
}

/** The error in words that say what to do about it. */
function describe(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === 'EPERM' || code === 'EACCES') {
    return 'no privilege for raw sockets: the process needs CAP_NET_RAW (see docs/operating.md)';
  }
  return error instanceof Error ? error.message : String(error);
}
