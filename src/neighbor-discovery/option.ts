/**
 * Options of Neighbor Discovery messages: type, length in units of 8 octets, value (RFC 4861 4.6).
 * @module
 */
import type { LinkLayerAddress } from './link-layer-address.ts';

/** One option; unknown types are kept as they came. */
export interface NeighborDiscoveryOption {
  /** 0..255. */
  readonly type: number;
  /** All octets behind type and length, padding included: 8 n - 2 of them, n = 1..255. */
  readonly value: Uint8Array;
}

const UNIT_OCTETS = 8;
const HEAD_OCTETS = 2;

/** What is wrong with a list of options, if anything is. */
export type OptionFault = 'optionLengthZero' | 'optionOverrun';

/** Reads options from `at` to the end, or tells which rule the octets break. */
export function decodeOptions(
  octets: Uint8Array,
  at: number,
): readonly NeighborDiscoveryOption[] | OptionFault {
  const options: NeighborDiscoveryOption[] = [];
  let next = at;
  while (next < octets.length) {
    if (next + HEAD_OCTETS > octets.length) return 'optionOverrun';
    const lengthOctets = octets[next + 1]! * UNIT_OCTETS;
    // Judged before it is used: a zero length would read this option for ever.
    if (lengthOctets === 0) return 'optionLengthZero';
    if (next + lengthOctets > octets.length) return 'optionOverrun';
    options.push({
      type: octets[next]!,
      // A copy, also of a Buffer, whose own slice is none: the receive buffer is used again.
      value: new Uint8Array(octets.subarray(next + HEAD_OCTETS, next + lengthOctets)),
    });
    next += lengthOctets;
  }
  return options;
}

/** Octets an option takes, padded to whole units. */
const optionOctets = (option: NeighborDiscoveryOption): number =>
  Math.ceil((option.value.length + HEAD_OCTETS) / UNIT_OCTETS) * UNIT_OCTETS;

export const optionsOctets = (options: readonly NeighborDiscoveryOption[]): number =>
  options.reduce((sum, option) => sum + optionOctets(option), 0);

/**
 * Writes the options and returns the offset behind them.
 * @throws {RangeError} when a value is longer than 2038 octets.
 */
export function encodeOptions(
  options: readonly NeighborDiscoveryOption[],
  octets: Uint8Array,
  at: number,
): number {
  let next = at;
  for (const option of options) {
    const length = optionOctets(option);
    if (length > 255 * UNIT_OCTETS) {
      throw new RangeError(`NeighborDiscoveryOption.value cannot be ${option.value.length} octets`);
    }
    octets.fill(0, next, next + length);
    octets[next] = option.type;
    octets[next + 1] = length / UNIT_OCTETS;
    octets.set(option.value, next + HEAD_OCTETS);
    next += length;
  }
  return next;
}

/**
 * The link-layer address inside the first option of this type.
 * @param lengthOctets - how long the link's addresses are; what follows is padding.
 */
export function linkLayerAddressOf(
  options: readonly NeighborDiscoveryOption[],
  type: number,
  lengthOctets = 6,
): LinkLayerAddress | undefined {
  const option = options.find((candidate) => candidate.type === type);
  if (!option || option.value.length < lengthOctets) return undefined;
  return option.value.slice(0, lengthOctets);
}
