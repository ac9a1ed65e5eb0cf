/**
 * Asks the kernel to be run soon. A daemon sleeps, and what wakes it is a matter of a millisecond of
 * work; on a busy machine it would wait for others to use up their time slices first. Linux 6.12 and
 * later let a thread ask for a short slice of its own (sched(7), sched_setattr(2)): it is then chosen
 * sooner, and has no more of the processor for it. No privilege is needed, and older kernels take no
 * notice.
 * @module
 */
import { LITTLE_ENDIAN, libc } from './libc.ts';

/** Octets of a `struct sched_attr` in its first version. */
const ATTRIBUTES_OCTETS = 48;
const POLICY_AT = 4;
const RUNTIME_AT = 24;
const SCHED_OTHER = 0;
/** The least that the kernel takes. */
const SLICE_NS = 100_000n;

/** @returns whether the kernel took it; without effect under a policy that an operator has chosen. */
export function wakeSoon(): boolean {
  if (process.platform !== 'linux') return false;
  const attributes = new Uint8Array(ATTRIBUTES_OCTETS);
  const view = new DataView(attributes.buffer);
  const { schedGetAttributes, schedSetAttributes } = libc();
  if (schedGetAttributes(attributes, ATTRIBUTES_OCTETS) !== 0) return false;
  if (view.getUint32(POLICY_AT, LITTLE_ENDIAN) !== SCHED_OTHER) return false;
  view.setBigUint64(RUNTIME_AT, SLICE_NS, LITTLE_ENDIAN);
  return schedSetAttributes(attributes) === 0;
}
