/**
 * Faults on any link: what is sent through it is lost, late or sent twice, as drawn from a seeded
 * generator. For demonstrations and tests on real media; the simulator has its own segments.
 * @module
 */
import type { Prng } from '../prng.ts';
import type { Address } from '../wire/address.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import type { Link } from './link.ts';

/** What happens to datagrams on their way out. */
export interface LinkFaults {
  /** Share lost, 0..1. */
  readonly lossRatio?: number;
  /** Share sent twice, 0..1. */
  readonly duplicateRatio?: number;
  /** Least delay, milliseconds. */
  readonly delayMs?: number;
  /** Added to the delay uniformly, 0..jitterMs; above the spacing of datagrams it reorders them. */
  readonly jitterMs?: number;
}

/**
 * Wraps a link so that it suffers faults.
 * @throws {RangeError} when a ratio is outside 0..1 or a time is negative.
 */
export function withFaults(
  link: Link,
  faults: LinkFaults,
  prng: Prng,
  clock: Clock = systemClock,
): Link {
  const { lossRatio = 0, duplicateRatio = 0, delayMs = 0, jitterMs = 0 } = faults;
  for (const [name, ratio] of Object.entries({ lossRatio, duplicateRatio })) {
    if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`${name} cannot be ${ratio}`);
  }
  for (const [name, ms] of Object.entries({ delayMs, jitterMs })) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} cannot be ${ms}`);
    }
  }
  const late = new Set<Timer>();
  const send = (destination: Address, octets: Uint8Array): void => {
    if (prng.unit() < lossRatio) return;
    const copies = prng.unit() < duplicateRatio ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const waitMs = delayMs + prng.unit() * jitterMs;
      if (waitMs === 0) {
        link.send(destination, octets);
        continue;
      }
      const timer = clock.wakeAt(clock.nowMs() + waitMs, () => {
        late.delete(timer);
        link.send(destination, octets);
      });
      late.add(timer);
    }
  };
  return {
    interfaceId: link.interfaceId,
    name: link.name,
    // Read anew each time: both follow the interface on a real link.
    get mtu() {
      return link.mtu;
    },
    get linkLocalAddress() {
      return link.linkLocalAddress;
    },
    send,
    listen: (onDatagram) => link.listen(onDatagram),
    join: (group) => link.join(group),
    leave: (group) => link.leave(group),
    close: () => {
      for (const timer of late) timer.cancel();
      late.clear();
      link.close();
    },
  };
}
