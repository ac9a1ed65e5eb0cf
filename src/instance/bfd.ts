/**
 * A BFD session for every neighbor that we are or become adjacent with, on interfaces that are
 * configured so (RFC 5881 3, RFC 5882 10.2): hosts on a link need none with each other. A session that goes down takes the neighbor with
 * it; one that never came up, or is ended on purpose, takes nobody.
 * @module
 */
import { DecodeError } from '../errors.ts';
import type { Interface } from '../interface/interface.ts';
import { type BfdPacket, type BfdState, decodeBfdPacket } from '../neighbor/bfd-packet.ts';
import { type BfdConfig, BfdSession } from '../neighbor/bfd-session.ts';
import { type Address, sameAddress } from '../wire/address.ts';
import type { BfdDatagramInput } from './input.ts';
import type { InstanceState } from './state.ts';

/** GTSM: whatever crossed a router has less (RFC 5881 5). */
const HOP_LIMIT = 255;

interface Watched {
  readonly on: Interface;
  readonly routerId: number;
  readonly address: Address;
  readonly session: BfdSession;
}

export class BfdSessions {
  readonly #state: InstanceState;
  /** By our discriminator. */
  readonly #watched = new Map<number, Watched>();
  /** The same by the neighbor's Router ID, for each interface. */
  readonly #byNeighbor = new Map<Interface, Map<number, Watched>>();

  constructor(state: InstanceState) {
    this.#state = state;
  }

  deadlineMs(): number {
    let deadline = Number.POSITIVE_INFINITY;
    for (const { session } of this.#watched.values()) {
      deadline = Math.min(deadline, session.deadlineMs());
    }
    return deadline;
  }

  /** The session state with a neighbor, or `undefined` when there is no session. */
  stateOf(on: Interface, routerId: number): BfdState | undefined {
    return this.#find(on, routerId)?.session.state;
  }

  /** Takes a control packet (RFC 5880 6.8.6). */
  receive({ interfaceId, source, hopLimit, octets, nowMs }: BfdDatagramInput): void {
    const drop = (reason: 'BfdHopLimit' | 'BfdPacket' | 'BfdSession', detail: string): void => {
      this.#state.outbox.drop(interfaceId, source, reason, detail);
    };
    if (hopLimit !== HOP_LIMIT) {
      drop('BfdHopLimit', `hop limit ${hopLimit}`);
      return;
    }
    let packet: BfdPacket;
    try {
      packet = decodeBfdPacket(octets);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      drop('BfdPacket', error.message);
      return;
    }
    const watched = this.#demultiplex(packet, interfaceId, source);
    if (watched === undefined) drop('BfdSession', 'no session');
    else watched.session.receive(packet, nowMs);
  }

  /**
   * Ends and begins sessions as neighbors go, come and change their addresses, and carries out what
   * has fallen due.
   */
  wake(): void {
    const { nowMs } = this.#state;
    for (const [discriminator, { on, routerId, address, session }] of this.#watched) {
      const neighbor = on.neighbors.get(routerId);
      if (neighbor?.isAtLeast('ExStart') && sameAddress(neighbor.address, address)) {
        if (nowMs >= session.deadlineMs()) session.wake(nowMs);
      } else {
        this.#watched.delete(discriminator);
        this.#byNeighbor.get(on)?.delete(routerId);
        // To a dead neighbor no word; from one that is no longer adjacent we part.
        if (neighbor !== undefined) session.close(nowMs);
      }
    }
    for (const on of this.#state.interfaces.values()) {
      const { bfd } = on.config;
      if (bfd === undefined) continue;
      for (const neighbor of on.neighbors.values()) {
        const { routerId, address } = neighbor;
        if (!neighbor.isAtLeast('ExStart') || this.#find(on, routerId)) continue;
        this.#begin(on, routerId, address, bfd);
      }
    }
  }

  #begin(on: Interface, routerId: number, address: Address, config: BfdConfig): void {
    const { prng, outbox, nowMs } = this.#state;
    const { interfaceId } = on.config;
    let discriminator = 0;
    while (discriminator === 0 || this.#watched.has(discriminator)) discriminator = prng.u32();
    const session = new BfdSession(
      config,
      discriminator,
      prng,
      {
        send: (octets) => {
          outbox.put({ kind: 'transmitBfd', interfaceId, destination: address, octets });
        },
        changed: (from, to, diagnostic) => {
          outbox.event({ name: 'bfdState', interfaceId, neighbor: routerId, from, to, diagnostic });
          // RFC 5882 4.2: the other side's AdminDown says nothing about the path.
          if (from === 'Up' && session.remoteState !== 'AdminDown') {
            on.neighbors.get(routerId)?.handle('LLDown', this.#state.nowMs);
          }
        },
      },
      nowMs,
    );
    const watched = { on, routerId, address, session };
    this.#watched.set(discriminator, watched);
    const onLink = this.#byNeighbor.get(on);
    if (onLink === undefined) this.#byNeighbor.set(on, new Map([[routerId, watched]]));
    else onLink.set(routerId, watched);
  }

  #find(on: Interface, routerId: number): Watched | undefined {
    return this.#byNeighbor.get(on)?.get(routerId);
  }

  /** RFC 5880 6.3: by our discriminator once the other side knows it, before that by its address. */
  #demultiplex(packet: BfdPacket, interfaceId: number, source: Address): Watched | undefined {
    if (packet.yourDiscriminator !== 0) return this.#watched.get(packet.yourDiscriminator);
    for (const watched of this.#watched.values()) {
      const { on, address } = watched;
      if (on.config.interfaceId === interfaceId && sameAddress(address, source)) return watched;
    }
    return undefined;
  }
}
