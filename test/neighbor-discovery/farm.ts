/**
 * A link in virtual time with advertising servers and a router that keeps one link-layer address
 * per neighbour, as RFC 4861 7.2.5 has it for unsolicited advertisements.
 */

import { NeighborAdvertiser } from '../../src/neighbor-discovery/advertiser.ts';
import type { AdvertiserOptions } from '../../src/neighbor-discovery/advertiser-config.ts';
import type {
  AdvertiserEvent,
  AdvertiserInput,
} from '../../src/neighbor-discovery/advertiser-io.ts';
import { ALL_NODES, solicitedNodeAddress } from '../../src/neighbor-discovery/constants.ts';
import { formatLinkLayerAddress } from '../../src/neighbor-discovery/link-layer-address.ts';
import { loadOption } from '../../src/neighbor-discovery/load-option.ts';
import {
  decodeMessage,
  encodeMessage,
  type NeighborAdvertisement,
} from '../../src/neighbor-discovery/message.ts';
import { linkLayerAddressOf } from '../../src/neighbor-discovery/option.ts';
import { Prng } from '../../src/prng.ts';
import { Segment } from '../../src/sim/segment.ts';
import { type Inhabitant, World } from '../../src/sim/world.ts';
import { type Address, parseAddress, sameAddress } from '../../src/wire/address.ts';

export const SERVICE = parseAddress('2001:db8:5::53');
export const ROUTER = parseAddress('fe80::ff');

const LOAD = {
  state: 'up',
  weight: 1,
  utilizationRatio: 0,
  capacityQueriesPerSecond: 0,
} as const;

export const macOf = (index: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, index);

/** An advertisement as it was heard on the link. */
export interface Heard {
  readonly atMs: number;
  readonly source: Address;
  readonly destination: Address;
  readonly message: NeighborAdvertisement;
  /** `…:01`, or undefined for a notice. */
  readonly linkLayerAddress: string | undefined;
}

export class Server {
  readonly advertiser: NeighborAdvertiser;
  readonly events: (AdvertiserEvent & { atMs: number })[] = [];
  readonly source: Address;
  readonly mac: string;
  readonly #life: Inhabitant<AdvertiserInput>;

  constructor(farm: Farm, index: number, options: Partial<AdvertiserOptions>, router: boolean) {
    this.source = parseAddress(`fe80::${index.toString(16)}`);
    this.mac = formatLinkLayerAddress(macOf(index));
    this.advertiser = new NeighborAdvertiser(
      {
        target: SERVICE,
        source: this.source,
        linkLayerAddress: macOf(index),
        router,
      },
      options,
      new Prng(index),
    );
    this.#life = farm.world.inhabit(
      this.advertiser,
      (nowMs) => ({ kind: 'deadline', nowMs }) as AdvertiserInput,
      (output) => {
        if (output.kind === 'event') this.events.push({ atMs: farm.world.nowMs, ...output.event });
        else farm.segment.send(output.source, output.destination, output.octets);
      },
    );
    farm.segment.attach({
      address: this.source,
      receive: ({ source, destination, octets }) =>
        this.input({ kind: 'datagram', source, destination, octets, hopLimit: 255 }),
    });
  }

  input(input: DistributiveOmit<AdvertiserInput, 'nowMs'>): void {
    this.#life.input((nowMs) => ({ ...input, nowMs }) as AdvertiserInput);
  }

  start(weight = 1): void {
    this.input({ kind: 'load', weight });
    this.input({ kind: 'service', serving: true });
  }

  /** Ends without a word, as by kill -9. */
  kill(): void {
    this.#life.halt();
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export class Farm {
  readonly world = new World();
  readonly segment = new Segment(this.world, new Prng(7));
  readonly heard: Heard[] = [];
  /** The one link-layer address that the router holds, and since when. */
  entry: { mac: string; sinceMs: number } | undefined;
  readonly #heldMs = new Map<string, number>();

  constructor() {
    this.segment.attach({ address: ROUTER, receive: (datagram) => this.#receive(datagram) });
  }

  server(index: number, options: Partial<AdvertiserOptions> = {}, router = false): Server {
    return new Server(this, index, options, router);
  }

  run(forMs: number): void {
    this.world.run(this.world.nowMs + forMs);
  }

  /** The router asks: by multicast, or one server alone. */
  solicit(server?: Server, source: Address = ROUTER): void {
    const destination = server?.source ?? solicitedNodeAddress(SERVICE);
    const message = { kind: 'NeighborSolicitation', target: SERVICE, options: [] } as const;
    this.segment.send(source, destination, encodeMessage(message, source, destination));
  }

  /** A server of another make advertises, with a link-layer address and, if told, a turn. */
  foreignAdvertisement(index: number, turn?: { turnMs: number; refreshMs: number }): void {
    const source = parseAddress(`fe80::${index.toString(16)}`);
    const message: NeighborAdvertisement = {
      kind: 'NeighborAdvertisement',
      router: false,
      solicited: false,
      override: true,
      target: SERVICE,
      options: [
        { type: 2, value: macOf(index) },
        ...(turn ? [loadOption({ ...LOAD, ...turn })] : []),
      ],
    };
    this.segment.send(source, ALL_NODES, encodeMessage(message, source, ALL_NODES));
  }

  /** Shares of the time since the last call in which the router's entry was each server's. */
  shares(): Map<string, number> {
    this.#hold(undefined);
    const total = [...this.#heldMs.values()].reduce((sum, ms) => sum + ms, 0);
    const shares = new Map([...this.#heldMs].map(([mac, ms]) => [mac, ms / total]));
    this.#heldMs.clear();
    return shares;
  }

  /** Advertisements that move entries, in a window of time. */
  advertisementsOf(server: Server, sinceMs = 0): Heard[] {
    return this.heard.filter(
      ({ atMs, source, message }) =>
        atMs >= sinceMs && message.override && sameAddress(source, server.source),
    );
  }

  #hold(mac: string | undefined): void {
    const nowMs = this.world.nowMs;
    if (this.entry) {
      const heldMs = this.#heldMs.get(this.entry.mac) ?? 0;
      this.#heldMs.set(this.entry.mac, heldMs + nowMs - this.entry.sinceMs);
      this.entry.sinceMs = nowMs;
    }
    if (mac !== undefined) this.entry = { mac, sinceMs: nowMs };
  }

  #receive(datagram: { source: Address; destination: Address; octets: Uint8Array }): void {
    const message = decodeMessage({ ...datagram, hopLimit: 255 });
    if (typeof message === 'string') throw new Error(message);
    if (message.kind !== 'NeighborAdvertisement') return;
    const address = linkLayerAddressOf(message.options, 2);
    const linkLayerAddress = address && formatLinkLayerAddress(address);
    const { source, destination } = datagram;
    this.heard.push({ atMs: this.world.nowMs, source, destination, message, linkLayerAddress });
    const moves = message.override || (!this.entry && sameAddress(destination, ALL_NODES));
    if (linkLayerAddress && (moves || !this.entry)) this.#hold(linkLayerAddress);
  }
}
