/**
 * Receiving datagrams (RFC 2328 8.2, RFC 5340 4.2.2): what is not for us, or not sound, is dropped
 * and counted; the rest goes to whom it concerns.
 * @module
 */
import { DecodeError } from '../errors.ts';
import { receiveHello } from '../interface/hello.ts';
import type { Interface } from '../interface/interface.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import type { Neighbor } from '../neighbor/neighbor.ts';
import { decodePacket, decodeVerifiedPacket } from '../packet/decode.ts';
import { decodePacketHead } from '../packet/header.ts';
import type { LinkStateAcknowledgment, Packet, PacketHeader } from '../packet/packet.ts';
import { decodeTrailer } from '../packet/trailer.ts';
import {
  type Address,
  ALL_D_ROUTERS,
  ALL_SPF_ROUTERS,
  formatDottedQuad,
  isLinkLocal,
  isMulticast,
  sameAddress,
} from '../wire/address.ts';
import { viewOf } from '../wire/view.ts';
import { helloText, isAuthenticated, mtuText, trailerText } from './drop-text.ts';
import type { DatagramInput } from './input.ts';
import type { LinkStateUpdates } from './link-state-update.ts';
import type { DropReason } from './output.ts';
import type { InstanceState } from './state.ts';

/** Why something was dropped, and in words what was found. */
type Drop = readonly [reason: DropReason, detail: string];

/** Takes one datagram in; never throws on what the network sent. */
export function receiveDatagram(
  state: InstanceState,
  updates: LinkStateUpdates,
  input: DatagramInput,
): void {
  const drop = tryReceive(state, updates, input);
  if (drop !== undefined) state.outbox.drop(input.interfaceId, input.source, ...drop);
}

function tryReceive(
  state: InstanceState,
  updates: LinkStateUpdates,
  input: DatagramInput,
): Drop | undefined {
  const on = state.interfaces.get(input.interfaceId);
  if (on === undefined || !on.speaks) return ['InterfaceUnknown', 'interface is not in use'];
  const unwanted = examineAddresses(on, input);
  if (unwanted !== undefined) return unwanted;
  try {
    // The one catch for faults of the peer's octets.
    const packet = decodeIntact(on, input);
    if ('drop' in packet) return packet.drop;
    const drop =
      examineHeader(state, on, packet, input.source) ?? dispatch(state, updates, on, packet, input);
    on.forgetStranger(input.source, packet.routerId);
    return drop;
  } catch (error) {
    if (error instanceof DecodeError) return [error.code, error.message];
    throw error;
  }
}

/** The IPv6 header (RFC 5340 4.2.2). */
function examineAddresses(on: Interface, input: DatagramInput): Drop | undefined {
  const { source, destination } = input;
  const own = on.out.linkLocalAddress;
  if (own !== undefined && sameAddress(source, own)) return ['OwnDatagram', 'our own copy'];
  if (!isLinkLocal(source)) return ['SourceNotLinkLocal', 'source is not link-local'];
  if (!isMulticast(destination)) {
    const ours = own === undefined ? on.addresses : [own, ...on.addresses];
    if (ours.some((address) => sameAddress(destination, address))) return undefined;
    return ['DestinationForeign', 'destination is not ours'];
  }
  if (sameAddress(destination, ALL_SPF_ROUTERS)) return undefined;
  if (sameAddress(destination, ALL_D_ROUTERS) && on.listensToDesignated) return undefined;
  return ['DestinationForeign', 'not in this group'];
}

/** Reads a packet whose authentication trailer (RFC 7166 4.6), or else checksum, is right. */
function decodeIntact(on: Interface, input: DatagramInput): Packet | { readonly drop: Drop } {
  const { nowMs, octets, source, destination } = input;
  const { authentication } = on.out;
  if (authentication !== undefined) {
    // What is no OSPFv3 packet at all has no trailer, and another instance counts for itself.
    const other = ofOtherInstance(on, decodePacketHead(viewOf(octets)));
    if (other !== undefined) return { drop: other };
    const fault = authentication.verify(octets, source, nowMs);
    if (fault !== undefined) return { drop: [fault, trailerText(octets)] };
    if (decodeTrailer(octets) !== undefined) return decodePacket(octets);
  }
  const packet = decodeVerifiedPacket(octets, source, destination);
  if (packet !== undefined) return packet;
  if (isAuthenticated(octets)) {
    const found = `${trailerText(octets)}, and no key is configured here`;
    return { drop: ['AuthenticationUnexpected', found] };
  }
  return { drop: ['PacketChecksum', 'packet checksum'] };
}

/** The OSPF header (RFC 5340 4.2.2). */
function examineHeader(
  state: InstanceState,
  on: Interface,
  packet: Packet,
  source: Address,
): Drop | undefined {
  const other = ofOtherInstance(on, packet);
  if (other !== undefined) return other;
  const { areaId } = on.packetHeader;
  if (packet.areaId !== areaId) {
    const found = formatDottedQuad(packet.areaId);
    return ['AreaMismatch', `area ${found}, ours is ${formatDottedQuad(areaId)}`];
  }
  if (packet.routerId === 0) return ['RouterIdZero', 'Router ID 0.0.0.0'];
  if (packet.routerId === state.routerId) {
    state.routerIdTaken({ interfaceId: on.config.interfaceId, source });
    return ['DuplicateRouterId', `another router says it is ${formatDottedQuad(packet.routerId)}`];
  }
  return undefined;
}

function ofOtherInstance(on: Interface, { instanceId }: PacketHeader): Drop | undefined {
  const ours = on.packetHeader.instanceId;
  if (instanceId === ours) return undefined;
  return ['InstanceIdMismatch', `Instance ID ${instanceId}, ours is ${ours}`];
}

function dispatch(
  state: InstanceState,
  updates: LinkStateUpdates,
  on: Interface,
  packet: Packet,
  { nowMs, source }: DatagramInput,
): Drop | undefined {
  if (packet.kind === 'Hello') {
    const taken = receiveHello(on, packet, source, nowMs);
    if (taken === 'interfaceIdChanged') state.changed(on.config.interfaceId);
    if (taken === 'taken' || taken === 'interfaceIdChanged') return undefined;
    return [taken, helloText(on, packet, taken)];
  }
  const from = on.neighbors.get(packet.routerId);
  const who = `${packet.kind} of ${formatDottedQuad(packet.routerId)}`;
  if (from === undefined) return ['NeighborUnknown', who];
  const reason = deliver(state, updates, on, from, packet);
  if (reason === undefined) return undefined;
  const found = reason === 'MtuMismatch' ? mtuText(on, packet) : '';
  return [reason, `${who} in state ${from.state}${found}`];
}

function deliver(
  state: InstanceState,
  updates: LinkStateUpdates,
  on: Interface,
  from: Neighbor,
  packet: Exclude<Packet, { kind: 'Hello' }>,
): DropReason | undefined {
  switch (packet.kind) {
    case 'DatabaseDescription':
      return from.receiveDatabaseDescription(packet, state.nowMs);
    case 'LinkStateRequest':
      return from.receiveLinkStateRequest(packet, state.nowMs);
    case 'LinkStateUpdate':
      return updates.receive(packet, { on, from });
    case 'LinkStateAcknowledgment':
      return receiveAcknowledgment(state, from, packet);
  }
}

/** RFC 2328 13.7. */
function receiveAcknowledgment(
  state: InstanceState,
  from: Neighbor,
  packet: LinkStateAcknowledgment,
): DropReason | undefined {
  if (!from.isAtLeast('Exchange')) return 'NeighborState';
  for (const header of packet.lsaHeaders) {
    const taken = from.receiveAcknowledgment(header, state.nowMs);
    if (taken && header.ageS >= MAX_AGE_S) state.sweepMaxAge = true;
  }
  return undefined;
}
