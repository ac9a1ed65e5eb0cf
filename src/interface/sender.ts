/**
 * Everything that leaves an interface: packets made into octets, sealed where keys are configured
 * (RFC 7166), sent from the link-local address; LSAs and delayed acknowledgments collected first.
 * @module
 */
import type { LsaHeader } from '../lsa/header.ts';
import type { LsdbEntry } from '../lsdb/lsdb.ts';
import { Authentication } from '../packet/authentication.ts';
import { LinkStateUpdateHead } from '../packet/body.ts';
import { encodePacket } from '../packet/encode.ts';
import { PACKET_HEADER_OCTETS } from '../packet/header.ts';
import type { Packet, PacketHeader } from '../packet/packet.ts';
import { type Address, ALL_SPF_ROUTERS } from '../wire/address.ts';
import { AcknowledgmentQueue } from './acknowledgment-queue.ts';
import type { InterfaceConfig } from './config.ts';
import type { Surroundings } from './surroundings.ts';
import { UpdateQueue } from './update-queue.ts';

/** The least MTU of an IPv6 link, assumed until the host says more (RFC 8200 5). */
const LEAST_MTU = 1280;
const IPV6_HEADER_OCTETS = 40;

export class Sender {
  linkLocalAddress: Address | undefined;
  mtu = LEAST_MTU;
  readonly packetHeader: PacketHeader;
  readonly acknowledgments: AcknowledgmentQueue;
  readonly updates = new UpdateQueue();
  /** Makes and verifies authentication trailers, where keys are configured. */
  readonly authentication: Authentication | undefined;
  readonly #config: InterfaceConfig;
  readonly #surroundings: Surroundings;

  constructor(config: InterfaceConfig, surroundings: Surroundings) {
    this.#config = config;
    this.#surroundings = surroundings;
    const { areaId, instanceId } = config;
    this.packetHeader = { routerId: surroundings.routerId, areaId, instanceId };
    this.acknowledgments = new AcknowledgmentQueue(1000 * config.rxmtIntervalS);
    this.authentication = config.authentication && new Authentication(config.authentication);
  }

  /** What an OSPF packet may have, so that IPv6 need not cut it. */
  get maxPacketOctets(): number {
    const trailer = this.authentication?.trailerOctets(this.#surroundings.nowMs) ?? 0;
    return this.mtu - IPV6_HEADER_OCTETS - trailer;
  }

  deadlineMs(): number {
    return Math.min(this.updates.deadlineMs(), this.acknowledgments.deadlineMs);
  }

  send(destination: Address, packet: Packet): void {
    const source = this.linkLocalAddress;
    if (source === undefined) return;
    const plain = encodePacket(packet, source, destination);
    const { authentication } = this;
    const octets = authentication?.seal(plain, source, this.#surroundings.nowMs);
    // No key may send at this time: silence is better than a packet that nobody believes.
    if (authentication !== undefined && octets === undefined) return;
    this.#surroundings.transmit(this.#config.interfaceId, destination, octets ?? plain);
  }

  /** Sends to one neighbor. */
  sendTo(address: Address, packet: Packet): void {
    this.send(this.#destinationFor(address), packet);
  }

  /** Lets LSAs go to one neighbor when the input has been handled. */
  sendLsas(address: Address, entries: readonly LsdbEntry[]): void {
    for (const entry of entries) this.updates.add(this.#destinationFor(address), entry);
  }

  /** Acknowledges to one neighbor at once (RFC 2328 13.5). */
  acknowledgeTo(address: Address, headers: readonly LsaHeader[]): void {
    if (headers.length > 0) this.#acknowledge(this.#destinationFor(address), headers);
  }

  /** Lets go what may go now. @param floodingDestination - of delayed acknowledgments (13.5). */
  flush(nowMs: number, floodingDestination: Address): void {
    const room = this.maxPacketOctets - PACKET_HEADER_OCTETS - LinkStateUpdateHead.span;
    this.updates.flush(nowMs, room, this.#config.infTransDelayS, (destination, lsas) => {
      this.send(destination, { kind: 'LinkStateUpdate', ...this.packetHeader, lsas });
    });
    const headers = this.acknowledgments.takeDue(nowMs);
    if (headers.length > 0) this.#acknowledge(floodingDestination, headers);
  }

  clear(): void {
    this.updates.clear();
    this.acknowledgments.clear();
  }

  /** RFC 2328 8.1: on point-to-point links everything goes to AllSPFRouters. */
  #destinationFor(address: Address): Address {
    return this.#config.type === 'pointToPoint' ? ALL_SPF_ROUTERS : address;
  }

  #acknowledge(destination: Address, headers: readonly LsaHeader[]): void {
    for (const lsaHeaders of this.acknowledgments.packed(headers, this.maxPacketOctets)) {
      const packet = { kind: 'LinkStateAcknowledgment' as const, ...this.packetHeader, lsaHeaders };
      this.send(destination, packet);
    }
  }
}
