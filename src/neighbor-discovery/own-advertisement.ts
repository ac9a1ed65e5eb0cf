/**
 * What an advertising server says: its advertisement with addresses for routers and peers, or a
 * notice that only peers understand.
 * @module
 */
import type { AdvertiserIdentity } from './advertiser-config.ts';
import { OptionType } from './constants.ts';
import { type AdvertisedLoad, loadOption } from './load-option.ts';
import type { NeighborAdvertisement } from './message.ts';

/** An advertisement that routers act on: link-layer address and load (rules 1, 16 and 21). */
export function ownAdvertisement(
  identity: AdvertiserIdentity,
  flags: { readonly solicited: boolean; readonly override: boolean },
  load: AdvertisedLoad,
): NeighborAdvertisement {
  const address = { type: OptionType.TargetLinkLayerAddress, value: identity.linkLayerAddress };
  return { ...ownNotice(identity, load), ...flags, options: [address, loadOption(load)] };
}

/**
 * A word to the peers alone. Without a link-layer address and with Override clear, a router that
 * hears it changes nothing in its entry (RFC 4861 7.2.5).
 */
export function ownNotice(
  identity: AdvertiserIdentity,
  load: AdvertisedLoad,
): NeighborAdvertisement {
  return {
    kind: 'NeighborAdvertisement',
    router: identity.router,
    solicited: false,
    override: false,
    target: identity.target,
    options: [loadOption(load)],
  };
}
