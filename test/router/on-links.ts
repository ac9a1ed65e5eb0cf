/** A router that lives on simulated links. */
import type { Router, RouterInput, RouterOutput } from '../../src/router/router.ts';
import type { Segment } from '../../src/sim/segment.ts';
import type { Inhabitant, World } from '../../src/sim/world.ts';
import type { Address } from '../../src/wire/address.ts';
import type { AddressPrefix } from '../../src/wire/prefix.ts';

/** One interface of a router. */
export interface Attachment {
  readonly interfaceId: number;
  readonly segment: Segment;
  readonly linkLocalAddress: Address;
  readonly prefix: AddressPrefix;
}

/**
 * Gives a router a life on its links, all of which are up.
 * @param hear - takes each output, transmissions among them.
 */
export function liveOnLinks(
  world: World,
  router: Router,
  attachments: readonly Attachment[],
  hear: (output: RouterOutput) => void = () => {},
): Inhabitant<RouterInput> {
  const life = world.inhabit(
    router,
    (nowMs): RouterInput => ({ kind: 'deadline', nowMs }),
    (output) => {
      hear(output);
      if (output.kind !== 'transmit') return;
      const at = attachments.find(({ interfaceId }) => interfaceId === output.interfaceId);
      at?.segment.send(at.linkLocalAddress, output.destination, output.octets);
    },
  );
  for (const { interfaceId, segment, linkLocalAddress, prefix } of attachments) {
    segment.attach({
      address: linkLocalAddress,
      receive: (datagram) =>
        life.input((nowMs) => ({ kind: 'datagram', nowMs, interfaceId, ...datagram })),
    });
    const up = { kind: 'interface', up: true, mtu: 1500 } as const;
    const is = { ...up, interfaceId, linkLocalAddress, prefixes: [prefix] };
    life.input((nowMs) => ({ ...is, nowMs }));
  }
  return life;
}
