/**
 * A server's advertising on this machine: the service address, the link, the advertiser and its
 * clock, in one object with the life of the service.
 * @module
 */
import { NeighborAdvertiser } from '../neighbor-discovery/advertiser.ts';
import type { AdvertiserOptions } from '../neighbor-discovery/advertiser-config.ts';
import type {
  AdvertiserEvent,
  AdvertiserInput,
  AdvertiserOutput,
  OwnLoad,
} from '../neighbor-discovery/advertiser-io.ts';
import { solicitedNodeAddress } from '../neighbor-discovery/constants.ts';
import type { LinkLayerAddress } from '../neighbor-discovery/link-layer-address.ts';
import type { Prng } from '../prng.ts';
import type { Address } from '../wire/address.ts';
import type { AnycastAddress } from './anycast-address.ts';
import type { Clock } from './clock.ts';
import { Icmpv6Driver } from './icmpv6-driver.ts';
import type { Link } from './link.ts';

export interface HostedAdvertiserOptions {
  /** The service's anycast address. */
  readonly target: Address;
  readonly link: Link;
  readonly linkLayerAddress: LinkLayerAddress;
  /** Whether this host forwards IPv6 packets. */
  readonly router: boolean;
  readonly prng: Prng;
  readonly advertiser?: Partial<AdvertiserOptions>;
  /** The address to add and remove; left out when someone else looks after it. */
  readonly address?: AnycastAddress;
  readonly clock?: Clock;
  readonly onEvent?: (event: AdvertiserEvent) => void;
  readonly onSendError?: (error: unknown) => void;
}

export class HostedAdvertiser {
  readonly advertiser: NeighborAdvertiser;
  readonly #driver: Icmpv6Driver<AdvertiserInput, AdvertiserOutput>;
  readonly #address: AnycastAddress | undefined;

  /** @throws {RangeError} when an option is out of range; Error when the address cannot be added. */
  constructor(options: HostedAdvertiserOptions) {
    const { target, link, linkLayerAddress, router, onEvent, onSendError } = options;
    this.advertiser = new NeighborAdvertiser(
      { target, source: link.linkLocalAddress, linkLayerAddress, router },
      options.advertiser ?? {},
      options.prng,
    );
    this.#address = options.address;
    this.#address?.add();
    this.#driver = new Icmpv6Driver(this.advertiser, link, [solicitedNodeAddress(target)], {
      ...(options.clock && { clock: options.clock }),
      ...(onSendError && { onSendError }),
      onOutput: ({ event }) => onEvent?.(event),
    });
  }

  /** Says whether the service process can serve; when not, advertising stops in this very tick. */
  serving(serving: boolean): void {
    this.#driver.input((nowMs) => ({ kind: 'service', nowMs, serving }));
  }

  load(load: OwnLoad): void {
    this.#driver.input((nowMs) => ({ kind: 'load', nowMs, ...load }));
  }

  /** Queries served since the last call. */
  queries(count: number): void {
    this.#driver.input((nowMs) => ({ kind: 'queries', nowMs, count }));
  }

  interfaceUp(up: boolean): void {
    this.#driver.input((nowMs) => ({ kind: 'interface', nowMs, up }));
  }

  /** Tells the peers, then ends; the address goes if it was we who added it. */
  stop(): void {
    this.#driver.input((nowMs) => ({ kind: 'stop', nowMs }));
    this.abandon();
    this.#address?.remove();
  }

  /** Ends without a word, as a crash does. */
  abandon(): void {
    this.#driver.close();
  }
}
