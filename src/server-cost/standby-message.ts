/**
 * What a server says as it stands by: that it does, and what it could do.
 * @module
 */
import type { Advertisement } from './advertisement.ts';
import type { ControllerOutput } from './controller-messages.ts';

/**
 * @param said - what was advertised last; undefined for nothing.
 * @param configuredWeight - said where no other is known, 1..255.
 */
export function standbyMessage(
  said: Advertisement | undefined,
  configuredWeight: number,
  reason: string,
): ControllerOutput {
  return {
    kind: 'standBy',
    weight: said?.weight ?? configuredWeight,
    load: {
      state: 'standby',
      capacityQueriesPerSecond: said?.load.capacityQueriesPerSecond ?? 0,
      offeredQueriesPerSecond: 0,
      utilizationRatio: 0,
      errorRatio: 0,
      rampWindowS: 0,
    },
    reason,
  };
}
