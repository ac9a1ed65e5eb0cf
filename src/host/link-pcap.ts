/**
 * Records what passes through any link, both ways, as a capture file.
 * @module
 */
import { type Clock, systemClock } from './clock.ts';
import type { Link } from './link.ts';
import type { Recording } from './pcap-writer.ts';

/** Medium that does not tell the hop limit: shown as OSPF sends it (RFC 5340 A.1). */
const HOP_LIMIT = 1;

/** Wraps a link so that every datagram is recorded; closing the link leaves the recording open. */
export function withRecording(link: Link, recording: Recording, clock: Clock = systemClock): Link {
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
    send: (destination, octets) => {
      link.send(destination, octets); // what it refuses was not on the link
      const source = link.linkLocalAddress;
      recording.add({ atMs: clock.nowMs(), source, destination, hopLimit: HOP_LIMIT, octets });
    },
    listen: (onDatagram) =>
      link.listen((datagram) => {
        const { source, destination, octets, hopLimit = HOP_LIMIT } = datagram;
        recording.add({ atMs: clock.nowMs(), source, destination, hopLimit, octets });
        onDatagram(datagram);
      }),
    join: (group) => link.join(group),
    leave: (group) => link.leave(group),
    close: () => link.close(),
  };
}
