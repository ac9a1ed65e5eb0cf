/**
 * What another server's advertisement means to those who take turns with it (rule 6).
 * @module
 */
import { OptionType } from './constants.ts';
import type { LinkLayerAddress } from './link-layer-address.ts';
import { loadOf } from './load-option.ts';
import type { NeighborAdvertisement } from './message.ts';
import { linkLayerAddressOf } from './option.ts';

export interface PeerWord {
  /** It takes the turn or goes on with it, takes part from now on, or takes part no more. */
  readonly says: 'turn' | 'joining' | 'leaving' | 'standby' | 'draining';
  readonly linkLayerAddress: LinkLayerAddress | undefined;
  /** 1 when it does not say. */
  readonly weight: number;
  /** How much longer its turn lasts; undefined when it does not say. */
  readonly turnMs: number | undefined;
  /** Longest silence to expect within it, 0 when it does not say. */
  readonly refreshMs: number;
}

/** @returns undefined for an answer to a router, which is no word to us. */
export function peerWordOf(
  message: NeighborAdvertisement,
  addressOctets: number,
): PeerWord | undefined {
  if (message.solicited) return undefined;
  const { options } = message;
  const load = loadOf(options);
  const state = load?.state ?? 'up';
  return {
    says: state === 'up' || state === 'congested' ? 'turn' : state,
    linkLayerAddress: linkLayerAddressOf(options, OptionType.TargetLinkLayerAddress, addressOctets),
    weight: load?.weight ?? 1,
    turnMs: load?.turnMs,
    refreshMs: load?.refreshMs ?? 0,
  };
}
