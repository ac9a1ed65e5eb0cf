import { describe, expect, it } from '@jest/globals';
import { NeighborWatch } from '../../src/interface/neighbor-watch.ts';
import { DatabaseView } from '../../src/lsdb/database-view.ts';
import { Lsdb } from '../../src/lsdb/lsdb.ts';
import type { Attachment } from '../../src/neighbor/attachment.ts';
import { Neighbor } from '../../src/neighbor/neighbor.ts';
import { parseAddress } from '../../src/wire/address.ts';

const DEAD_MS = 4000;
const RXMT_MS = 5000;

/** A link on which an adjacency is wanted with the designated router alone. */
function linkWith(designatedRouter: number) {
  const watch = new NeighborWatch();
  const neighbors = new Map<number, Neighbor>();
  const databases = new DatabaseView(
    new Lsdb({ kind: 'link', interfaceId: 1 }),
    new Lsdb({ kind: 'area', areaId: 0 }),
    undefined,
  );
  const attachment: Attachment = {
    packetHeader: { routerId: 99, areaId: 0, instanceId: 0 },
    options: 0,
    mtu: 1500,
    mtuIgnore: false,
    maxPacketOctets: 1460,
    rxmtIntervalMs: RXMT_MS,
    routerDeadIntervalMs: DEAD_MS,
    databases,
    adjacencyWanted: (routerId) => routerId === designatedRouter,
    drawSequenceNumber: () => 1,
    sendTo: () => {},
    sendLsas: () => {},
    neighborChanged: (routerId) => watch.note(neighbors.get(routerId)!),
    illegalTransition: () => {},
  };
  const hear = (routerId: number, nowMs: number): Neighbor => {
    let neighbor = neighbors.get(routerId);
    if (neighbor === undefined) {
      neighbor = new Neighbor(attachment, routerId, parseAddress(`fe80::${routerId}`));
      neighbors.set(routerId, neighbor);
      watch.note(neighbor);
    }
    neighbor.handle('HelloReceived', nowMs);
    neighbor.handle('TwoWayReceived', nowMs);
    return neighbor;
  };
  return { watch, neighbors, hear };
}

describe('of the neighbors on a link', () => {
  it('those in 2-Way need nothing but a look at their inactivity timers', () => {
    const { watch, hear } = linkWith(1);
    for (const routerId of [2, 3, 4]) hear(routerId, 100 * routerId);
    expect([...watch.busy()]).toEqual([]);
    expect(watch.deadlineMs()).toBe(200 + DEAD_MS);
  });

  it('one that becomes adjacent is looked at after every input, with all its deadlines', () => {
    const { watch, hear } = linkWith(1);
    hear(2, 0);
    const designated = hear(1, 100);
    expect(designated.state).toBe('ExStart');
    expect([...watch.busy()]).toEqual([designated]);
    expect(watch.deadlineMs()).toBeLessThanOrEqual(designated.deadlineMs());
    designated.handle('OneWayReceived', 200);
    expect([...watch.busy()]).toEqual([]);
  });

  it('the timers that Hellos have put off are looked at once, when the first may be due', () => {
    const { watch, neighbors, hear } = linkWith(1);
    for (const routerId of [2, 3]) hear(routerId, 0);
    hear(2, 3000);
    hear(3, 3500);
    expect(watch.deadlineMs()).toBe(DEAD_MS);
    watch.renew(neighbors.values(), DEAD_MS);
    expect(watch.deadlineMs()).toBe(3000 + DEAD_MS);
  });

  it('one that is dead is looked at until it is forgotten', () => {
    const { watch, hear } = linkWith(1);
    const neighbor = hear(2, 0);
    neighbor.handle('InactivityTimer', DEAD_MS);
    expect([...watch.busy()]).toEqual([neighbor]);
    watch.forget(2);
    expect([...watch.busy()]).toEqual([]);
  });
});
