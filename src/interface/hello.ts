/**
 * Receiving a Hello (RFC 2328 10.5, RFC 5340 4.2.2.1): parameters held to ours, the neighbor kept
 * up, and what that means for the designated router.
 * @module
 */
import { Option } from '../lsa/options.ts';
import type { Hello } from '../packet/packet.ts';
import type { Address } from '../wire/address.ts';
import type { Interface } from './interface.ts';

/** Why a Hello was not taken. */
export type HelloDropReason =
  | 'HelloIntervalMismatch'
  | 'RouterDeadIntervalMismatch'
  | 'OptionsMismatch'
  | 'NeighborTooMany';

/** The most neighbors on a link: a Hello that names them all must fit a packet of IPv6. */
const NEIGHBORS_MAX = 4096;

/** The bits on which both must agree: the type of the area (RFC 2328 10.5, RFC 3101 2.1). */
const AREA_TYPE_BITS = Option.E | Option.N;

function mismatch(on: Interface, hello: Hello): HelloDropReason | undefined {
  if (hello.helloIntervalS !== on.config.helloIntervalS) return 'HelloIntervalMismatch';
  if (hello.routerDeadIntervalS !== on.config.routerDeadIntervalS) {
    return 'RouterDeadIntervalMismatch';
  }
  return (hello.options ^ on.options) & AREA_TYPE_BITS ? 'OptionsMismatch' : undefined;
}

/** What a neighbor said that others depend on. */
interface Declared {
  readonly priority: number;
  readonly designatedRouter: number;
  readonly backupDesignatedRouter: number;
}

/**
 * Takes a Hello from a router on the link.
 * @returns why it was dropped, or whether the neighbor's Interface ID is another than before.
 */
export function receiveHello(
  on: Interface,
  hello: Hello,
  source: Address,
  nowMs: number,
): HelloDropReason | 'taken' | 'interfaceIdChanged' {
  const reason = mismatch(on, hello);
  if (reason !== undefined) return reason;
  if (!on.neighbors.has(hello.routerId) && on.neighbors.size >= NEIGHBORS_MAX) {
    return 'NeighborTooMany';
  }
  const neighbor = on.neighborOf(hello.routerId, source);
  const { priority, designatedRouter, backupDesignatedRouter } = neighbor;
  const before: Declared = { priority, designatedRouter, backupDesignatedRouter };
  const interfaceIdChanged = neighbor.interfaceId !== hello.interfaceId;
  const hearsUs = hello.neighbors.includes(on.packetHeader.routerId);
  // It has just come, or come back after a restart that we had not noticed.
  const isNew = neighbor.state === 'Down' || (!hearsUs && neighbor.isAtLeast('TwoWay'));
  const { address } = neighbor;
  neighbor.moveTo(source);
  on.forgetStranger(address, hello.routerId);
  neighbor.interfaceId = hello.interfaceId;
  neighbor.priority = hello.routerPriority;
  neighbor.options = hello.options;
  neighbor.designatedRouter = hello.designatedRouter;
  neighbor.backupDesignatedRouter = hello.backupDesignatedRouter;
  neighbor.handle('HelloReceived', nowMs);
  if (isNew) on.helloOutOfTurn(nowMs);
  if (hearsUs) {
    neighbor.handle('TwoWayReceived', nowMs);
    if (on.config.type === 'broadcast') examineDeclarations(on, hello, before);
  } else {
    neighbor.handle('OneWayReceived', nowMs);
  }
  return interfaceIdChanged ? 'interfaceIdChanged' : 'taken';
}

/** RFC 2328 10.5, the last four steps. */
function examineDeclarations(on: Interface, hello: Hello, before: Declared): void {
  const { routerId } = hello;
  if (hello.routerPriority !== before.priority) on.scheduleNeighborChange();
  const isDesignated = hello.designatedRouter === routerId;
  const isBackup = hello.backupDesignatedRouter === routerId;
  if (isDesignated && hello.backupDesignatedRouter === 0 && on.state === 'Waiting') {
    on.scheduleBackupSeen();
  } else if (isDesignated !== (before.designatedRouter === routerId)) {
    on.scheduleNeighborChange();
  }
  if (isBackup && on.state === 'Waiting') on.scheduleBackupSeen();
  else if (isBackup !== (before.backupDesignatedRouter === routerId)) on.scheduleNeighborChange();
}
