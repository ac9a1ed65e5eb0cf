/**
 * Hears the captured links and builds the databases that the routers on them have: decodes,
 * verifies, validates and compares LSAs with the functions of the receive path, but speaks to
 * nobody, so that adjacencies, acknowledgments and MinLSArrival (RFC 2328 13 step 5a) are the
 * others' affair. A listener that was there from the beginning knows what they know.
 * @module
 */
import { DecodeError } from '../errors.ts';
import type { CapturedDatagram } from '../host/pcap-datagrams.ts';
import { MAX_AGE_S } from '../lsa/constants.ts';
import { floodingScopeOf } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { compareInstances } from '../lsa/newer.ts';
import { Option } from '../lsa/options.ts';
import { lsaFault, unreadOf } from '../lsa/validate.ts';
import { ageS, Lsdb, type LsdbEntry, type LsdbScope, scopeKey } from '../lsdb/lsdb.ts';
import { decodePacket, decodeVerifiedPacket } from '../packet/decode.ts';
import type { AuthenticationKey, Digest } from '../packet/key.ts';
import type { Packet, PacketHeader } from '../packet/packet.ts';
import { decodeTrailer, trailerDigest } from '../packet/trailer.ts';
import { isLinkLocal } from '../wire/address.ts';

/** A router heard on a link. */
export interface HeardRouter {
  readonly link: number;
  readonly routerId: number;
  readonly areaId: number;
  /** Its Interface ID on the link, from its Hellos. */
  readonly interfaceId: number;
  /** Whether the area takes LSAs of AS scope, from the E-bit of its Hellos (RFC 5340 A.2). */
  readonly takesExternal: boolean;
}

/** An LSA of the databases, with its age at the time last heard. */
export interface HeardLsa {
  readonly scope: LsdbScope;
  readonly lsa: Lsa;
  readonly ageS: number;
}

export interface ListenerConfig {
  /** The instance listened to, 0..255; packets of others are passed over. */
  readonly instanceId: number;
  readonly keys: readonly AuthenticationKey[];
  readonly digest: Digest;
}

/** Passive databases of one instance; the scope of a link has the link's number as interface. */
export class CaptureListener {
  readonly #config: ListenerConfig;
  readonly #databases = new Map<string, Lsdb>();
  readonly #routers = new Map<string, HeardRouter>();
  /** Datagrams and LSAs that were not used, by reason. */
  readonly drops = new Map<string, number>();
  readonly #instanceIds = new Set<number>();
  #nowMs = 0;

  constructor(config: ListenerConfig) {
    this.#config = config;
  }

  /**
   * Takes a datagram in. Never throws on what it holds.
   * @param link - the number of the link it was on.
   */
  hear(datagram: CapturedDatagram, link: number): void {
    this.#nowMs = Math.max(this.#nowMs, datagram.frame.atMs);
    const packet = this.#receive(datagram);
    if (packet === undefined) return;
    this.#instanceIds.add(packet.instanceId);
    if (packet.instanceId !== this.#config.instanceId) return;
    if (packet.kind === 'Hello') {
      const { routerId, areaId, interfaceId } = packet;
      const takesExternal = (packet.options & Option.E) !== 0;
      const router = { link, routerId, areaId, interfaceId, takesExternal };
      this.#routers.set(`${link} ${routerId}`, router);
    } else if (packet.kind === 'LinkStateUpdate') {
      for (const lsa of packet.lsas) this.#receiveLsa(lsa, packet, link);
    }
  }

  /** @throws {RangeError} when all packets were of other instances. */
  mustHaveHeard(): void {
    const { instanceId } = this.#config;
    if (this.#instanceIds.size === 0 || this.#instanceIds.has(instanceId)) return;
    const others = [...this.#instanceIds].sort((a, b) => a - b).join(', ');
    throw new RangeError(`no packet of Instance ID ${instanceId}; there are ${others}`);
  }

  /** Every router that said a Hello. */
  routers(): HeardRouter[] {
    return [...this.#routers.values()];
  }

  /** Every LSA that is not of age MaxAge `nowMs`; by default when the last datagram came. */
  *lsas(nowMs = this.#nowMs): Generator<HeardLsa> {
    for (const { scope, entry } of this.#entries()) {
      const age = ageS(entry, nowMs);
      if (age < MAX_AGE_S) yield { scope, lsa: entry.lsa, ageS: age };
    }
  }

  *#entries(): Generator<{ scope: LsdbScope; entry: LsdbEntry }> {
    for (const lsdb of this.#databases.values()) {
      for (const entry of lsdb.entries()) yield { scope: lsdb.scope, entry };
    }
  }

  #receive(datagram: CapturedDatagram): Packet | undefined {
    const { octets, source, destination } = datagram;
    if (!isLinkLocal(source)) return this.#drop('SourceNotLinkLocal');
    try {
      const trailer = decodeTrailer(octets);
      if (trailer === undefined) {
        const packet = decodeVerifiedPacket(octets, source, destination);
        return packet ?? this.#drop('PacketChecksum');
      }
      const { keys, digest } = this.#config;
      const key = keys.find((k) => k.securityAssociationId === trailer.securityAssociationId);
      // Without keys, a listener takes authenticated packets at their word.
      if (key !== undefined) {
        const expected = trailerDigest(octets, trailer.at, source, key, digest);
        if (Buffer.compare(expected, trailer.authenticationData) !== 0) {
          return this.#drop('AuthenticationDigest');
        }
      }
      return decodePacket(octets);
    } catch (error) {
      if (error instanceof DecodeError) return this.#drop(error.code);
      throw error;
    }
  }

  #receiveLsa(came: Lsa, { routerId, areaId }: PacketHeader, link: number): void {
    const { header } = came;
    // RFC 2328 13 (1) to (3)
    const fault = lsaFault(came);
    const lsa = fault === undefined ? came : unreadOf(came, fault);
    if (fault !== undefined) this.#drop(lsa === undefined ? fault : 'LsaUnread');
    if (lsa === undefined) return;
    const lsdb = this.#databaseOf(header.lsType, areaId, link);
    const held = lsdb.get(header);
    if (held !== undefined) {
      const heldHeader = { ...held.lsa.header, ageS: ageS(held, this.#nowMs) };
      // Once flushed, an LSA may begin anew with the first sequence number: its originator says so.
      const isAnew =
        heldHeader.ageS >= MAX_AGE_S &&
        header.ageS < MAX_AGE_S &&
        header.advertisingRouter === routerId;
      // (5)
      if (!isAnew && compareInstances(header, heldHeader) <= 0) return;
    }
    lsdb.install(lsa, this.#nowMs, true);
  }

  #databaseOf(lsType: number, areaId: number, link: number): Lsdb {
    const kind = floodingScopeOf(lsType) ?? 'link'; // a reserved scope is a fault by now
    const scope: LsdbScope =
      kind === 'area' ? { kind, areaId } : kind === 'as' ? { kind } : { kind, interfaceId: link };
    const key = scopeKey(scope);
    const known = this.#databases.get(key);
    if (known !== undefined) return known;
    const lsdb = new Lsdb(scope);
    this.#databases.set(key, lsdb);
    return lsdb;
  }

  #drop(reason: string): undefined {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
  }
}
