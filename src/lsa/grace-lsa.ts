/**
 * Grace-LSA: a router about to restart asks its neighbors on the link to keep their adjacencies
 * (RFC 5187 2, RFC 3623 A). Its TLVs are kept as they came; unknown ones are stepped over.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { record, u8, u32 } from '../wire/record.ts';
import { decodeTlvs, type Tlv, walkTlvs } from './tlv.ts';

/** TLV types of a Grace-LSA (RFC 3623 A). */
const GraceTlv = { GracePeriod: 1, RestartReason: 2 } as const;

/** Restart reasons by their numbers (RFC 3623 A). */
export const RESTART_REASONS = [
  'unknown',
  'software restart',
  'software reload or upgrade',
  'switch to redundant control processor',
] as const;

const GracePeriod = record('GracePeriod', { gracePeriodS: u32 });
const RestartReason = record('RestartReason', { restartReason: u8 });

export interface GraceLsa {
  readonly kind: 'Grace';
  /** How long the neighbors should wait, seconds. */
  readonly gracePeriodS: number;
  /** Index into {@link RESTART_REASONS}. */
  readonly restartReason: number;
  /** All TLVs in their order, the two above among them. */
  readonly tlvs: readonly Tlv[];
}

/** @throws {DecodeError} as `decodeTlvs` does, `Value` without the two required TLVs. */
export function decodeGraceLsa(view: DataView, at: number, end: number): GraceLsa {
  const tlvs = decodeTlvs(view, at, end);
  let gracePeriodS: number | undefined;
  let restartReason: number | undefined;
  walkTlvs(view, at, end, (type, from, length) => {
    if (type === GraceTlv.GracePeriod) {
      gracePeriodS ??= GracePeriod.decode(view, from, from + length).gracePeriodS;
    } else if (type === GraceTlv.RestartReason) {
      restartReason ??= RestartReason.decode(view, from, from + length).restartReason;
    }
  });
  if (gracePeriodS === undefined || restartReason === undefined) {
    throw new DecodeError('Value', at, 'Grace-LSA needs a grace period and a reason');
  }
  return { kind: 'Grace', gracePeriodS, restartReason, tlvs };
}

/** The Grace-LSA that says it. @throws {RangeError} when a field cannot hold its value. */
export function graceLsa(gracePeriodS: number, restartReason: number): GraceLsa {
  const period = new Uint8Array(GracePeriod.span);
  GracePeriod.encode({ gracePeriodS }, new DataView(period.buffer), 0);
  const reason = new Uint8Array(RestartReason.span);
  RestartReason.encode({ restartReason }, new DataView(reason.buffer), 0);
  const tlvs = [
    { type: GraceTlv.GracePeriod, value: period },
    { type: GraceTlv.RestartReason, value: reason },
  ];
  return { kind: 'Grace', gracePeriodS, restartReason, tlvs };
}
