/**
 * To whom a solicitation is answered, and when (RFC 4861 7.2.4 and 7.2.7).
 * @module
 */
import type { Prng } from '../prng.ts';
import { type Address, sameAddress, UNSPECIFIED } from '../wire/address.ts';
import type { AdvertiserOptions } from './advertiser-config.ts';
import { ALL_NODES } from './constants.ts';

export interface Solicitation {
  readonly source: Address;
  readonly multicast: boolean;
}

/** Where the answer goes, and whether it is one to a solicitation; to nobody's it is not. */
export function receiverOf({ source }: Solicitation): {
  readonly destination: Address;
  readonly solicited: boolean;
} {
  const unspecified = sameAddress(source, UNSPECIFIED);
  return { destination: unspecified ? ALL_NODES : source, solicited: !unspecified }; // 7.2.4
}

/** How long the answer waits, milliseconds. @param holding - whether the turn is ours. */
export function answerDelayMs(
  { multicast }: Solicitation,
  holding: boolean,
  options: AdvertiserOptions,
  prng: Prng,
): number {
  const { answerOrder, anycastDelayMs, delayUnicastAnswers } = options;
  if (!multicast && !delayUnicastAnswers) return 0;
  if (answerOrder === 'holderFirst' && holding) return 0;
  return prng.between(0, anycastDelayMs); // 7.2.7
}
