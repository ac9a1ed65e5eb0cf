/**
 * What an advertising server says: advertisements with its addresses, for routers and peers, and
 * notices that only peers understand.
 * @module
 */
import type { Address } from '../wire/address.ts';
import type { AdvertiserIdentity } from './advertiser-config.ts';
import type { AdvertiserOutput, OwnLoad } from './advertiser-io.ts';
import { ALL_NODES, OptionType } from './constants.ts';
import { type AdvertisedLoad, type AdvertisedState, loadOption } from './load-option.ts';
import type { NeighborAdvertisement } from './message.ts';
import type { Outbox } from './outbox.ts';
import type { TurnRing } from './turn-ring.ts';

/** What is said of the turn that is ours now. */
export interface OwnTurn {
  readonly nowMs: number;
  /** Longest silence within it. */
  readonly refreshMs: number;
}

export class OwnVoice {
  readonly #identity: AdvertiserIdentity;
  readonly #ring: TurnRing;
  readonly #outbox: Outbox<AdvertiserOutput>;
  #load = { utilizationRatio: 0, capacityQueriesPerSecond: 0 };
  /** What routers hear with our address; standing by is told by a notice. */
  #state: AdvertisedState = 'up';

  constructor(identity: AdvertiserIdentity, ring: TurnRing, outbox: Outbox<AdvertiserOutput>) {
    this.#identity = identity;
    this.#ring = ring;
    this.#outbox = outbox;
  }

  setLoad(load: OwnLoad): void {
    this.#load = {
      utilizationRatio: load.utilizationRatio ?? this.#load.utilizationRatio,
      capacityQueriesPerSecond:
        load.capacityQueriesPerSecond ?? this.#load.capacityQueriesPerSecond,
    };
    const { state } = load;
    this.#state = state === 'congested' || state === 'draining' ? state : 'up';
  }

  /** Rules 1 and 4: an unsolicited advertisement to all nodes. */
  advertise(override: boolean, turn: OwnTurn): void {
    this.#advertisement({ solicited: false, override }, ALL_NODES, turn);
    this.#outbox.put({ kind: 'event', event: { name: 'advertised', override } });
  }

  /** @param turn - undefined while another server has the turn. */
  answer(destination: Address, solicited: boolean, turn: OwnTurn | undefined): void {
    this.#advertisement({ solicited, override: false }, destination, turn); // 7.2.7
    this.#outbox.put({ kind: 'event', event: { name: 'answered', destination } });
  }

  /**
   * A word to the peers alone. Without a link-layer address and with Override clear, a router that
   * hears it changes nothing in its entry (RFC 4861 7.2.5).
   */
  notice(state: AdvertisedState): void {
    const flags = { solicited: false, override: false };
    this.#transmit({ ...this.#base(flags), options: [this.#option(state, undefined)] }, ALL_NODES);
    this.#outbox.put({ kind: 'event', event: { name: 'noticed', state } });
  }

  #advertisement(
    flags: { readonly solicited: boolean; readonly override: boolean },
    destination: Address,
    turn: OwnTurn | undefined,
  ): void {
    const { linkLayerAddress } = this.#identity;
    const address = { type: OptionType.TargetLinkLayerAddress, value: linkLayerAddress };
    const options = [address, this.#option(this.#state, turn)];
    this.#transmit({ ...this.#base(flags), options }, destination);
  }

  #base(flags: { readonly solicited: boolean; readonly override: boolean }) {
    const { router, target } = this.#identity;
    return { kind: 'NeighborAdvertisement', router, target, ...flags } as const;
  }

  /** Rules 16 and 21: load information in the advertisement. */
  #option(state: AdvertisedState, turn: OwnTurn | undefined) {
    const { weight, alone, turnEndsAtMs } = this.#ring;
    const { utilizationRatio, capacityQueriesPerSecond } = this.#load;
    const load: AdvertisedLoad = {
      state,
      weight,
      utilizationRatio,
      capacityQueriesPerSecond,
      turnMs: turn
        ? alone
          ? this.#ring.turnMs(weight)
          : Math.max(0, turnEndsAtMs - turn.nowMs)
        : 0,
      refreshMs: turn && !alone ? turn.refreshMs : 0,
    };
    return loadOption(load);
  }

  #transmit(message: NeighborAdvertisement, destination: Address): void {
    this.#outbox.transmit(message, this.#identity.source, destination);
  }
}
