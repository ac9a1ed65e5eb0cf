/**
 * The prefixes that LSAs announce (RFC 5340 A.4.5, A.4.7, A.4.8, A.4.10), read from the octets as
 * `topology.ts` does.
 * @module
 */
import { ExternalFlag } from '../lsa/as-external-lsa.ts';
import { LS_INFINITY } from '../lsa/constants.ts';
import { LSA_HEADER_OCTETS } from '../lsa/header.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import type { Address } from '../wire/address.ts';
import { PrefixOption, prefixAddressOctets } from '../wire/prefix.ts';
import type { Announcement } from './advertisements.ts';
import type { PrefixTable } from './key-table.ts';
import { PATH_TYPES } from './route.ts';

const BODY = LSA_HEADER_OCTETS;
const PREFIX_HEAD_OCTETS = 4;
/** Before the prefixes of an Intra-Area-Prefix-LSA (RFC 5340 A.4.10). */
const INTRA_AREA_HEAD_OCTETS = 12;
/** What an LSA of one prefix has at least: a metric and the head of the prefix. */
const ONE_PREFIX_OCTETS = BODY + 4 + PREFIX_HEAD_OCTETS;
const INTRA_AREA = PATH_TYPES.indexOf('intra-area');
const INTER_AREA = PATH_TYPES.indexOf('inter-area');
const EXTERNAL_1 = PATH_TYPES.indexOf('external-1');
const EXTERNAL_2 = PATH_TYPES.indexOf('external-2');

/** The metric of the LSAs that begin with an octet and 24 bits of it. */
const metricOf = (lsa: Lsa): number => lsa.s32(BODY) & 0xffffff;

/** The LS types that announce prefixes, as bits below the number of their originator. */
const TYPE_BITS = 2;

/**
 * The number of all that one originator says in LSAs of one type.
 * @param originator - a number of it, in the area or, of AS-External-LSAs, beyond.
 */
export function announcementsOf(lsType: number, originator: number): number {
  switch (lsType) {
    case LsType.IntraAreaPrefix:
      return (originator << TYPE_BITS) | 1;
    case LsType.InterAreaPrefix:
      return (originator << TYPE_BITS) | 2;
    case LsType.Nssa:
      return (originator << TYPE_BITS) | 3;
    default:
      return originator << TYPE_BITS;
  }
}

/** Finds the vertices that LSAs name. */
export interface VertexFinder {
  router(routerId: number, area: number): number;
  network(designatedRouter: number, interfaceId: number): number;
  boundaryRouter(routerId: number): number;
  /** @param area - the only area that may lead there, or -1 for any. */
  forwardingAddress(address: Address, area: number): number;
}

/** Where an external route enters, and at what metric. */
interface ExternalEntry {
  readonly flags: number;
  readonly metric: number;
  readonly prefixOptions: number;
  readonly prefixLength: number;
  readonly forwardingAddress: Address | undefined;
}

/** Reads LSAs into one list that is used again and again. */
export class AnnouncementReader {
  readonly #prefixes: PrefixTable;
  readonly #vertices: VertexFinder;
  readonly #takesNssaDefault: (area: number, isTranslated: boolean) => boolean;
  /** What the last LSA said; valid up to `count`. */
  readonly said: Announcement[] = [];
  count = 0;

  /**
   * @param takesNssaDefault - whether we use a default route of an NSSA-LSA, which is to be
   *   translated or not.
   */
  constructor(
    prefixes: PrefixTable,
    vertices: VertexFinder,
    takesNssaDefault: (area: number, isTranslated: boolean) => boolean,
  ) {
    this.#prefixes = prefixes;
    this.#vertices = vertices;
    this.#takesNssaDefault = takesNssaDefault;
  }

  /** Reads an LSA of any type that announces prefixes. */
  read(lsa: Lsa, area: number): void {
    switch (lsa.header.lsType) {
      case LsType.IntraAreaPrefix:
        this.#readIntraArea(lsa, area);
        return;
      case LsType.InterAreaPrefix:
        this.#readInterArea(lsa, area);
        return;
      case LsType.Nssa:
        this.#readNssa(lsa, area);
        return;
      default:
        this.#readExternal(lsa);
    }
  }

  /** Reads an Intra-Area-Prefix-LSA. */
  #readIntraArea(lsa: Lsa, area: number): void {
    this.count = 0;
    const end = lsa.header.length;
    if (end < BODY + INTRA_AREA_HEAD_OCTETS) return;
    const prefixCount = lsa.u16(BODY);
    const type = lsa.u16(BODY + 2);
    const linkStateId = lsa.s32(BODY + 4);
    const router = this.#vertices.router(lsa.s32(BODY + 8), area);
    // 4.8.1: a router or a transit network; the Link State ID that refers to a router is 0.
    let vertex: number;
    if (type === LsType.Router) vertex = router;
    else if (type === LsType.Network) vertex = this.#vertices.network(router, linkStateId);
    else return;
    let at = BODY + INTRA_AREA_HEAD_OCTETS;
    for (let i = 0; i < prefixCount; i++) {
      if (at + PREFIX_HEAD_OCTETS > end) return;
      const prefixLength = lsa.u8(at);
      const from = at + PREFIX_HEAD_OCTETS;
      const next = from + prefixAddressOctets(prefixLength);
      if (prefixLength > 128 || next > end) return;
      // 4.8.1: prefixes with the NU-bit are left out; those with the LA-bit are not.
      if ((lsa.u8(at + 1) & PrefixOption.NU) === 0) {
        const prefix = this.#prefixes.intern(lsa, from, prefixLength);
        this.#say(prefix, vertex, INTRA_AREA, lsa.u16(at + 2), 0);
      }
      at = next;
    }
  }

  /** Reads an Inter-Area-Prefix-LSA. */
  #readInterArea(lsa: Lsa, area: number): void {
    this.count = 0;
    const { length, advertisingRouter } = lsa.header;
    if (length < ONE_PREFIX_OCTETS) return;
    const metric = metricOf(lsa);
    const at = BODY + 4;
    const prefixLength = lsa.u8(at);
    // 16.2 (1): LSInfinity means unreachable. 4.8.3: the NU-bit.
    if (metric === LS_INFINITY || (lsa.u8(at + 1) & PrefixOption.NU) !== 0) return;
    const from = at + PREFIX_HEAD_OCTETS;
    if (prefixLength > 128 || from + prefixAddressOctets(prefixLength) > length) return;
    const prefix = this.#prefixes.intern(lsa, from, prefixLength);
    this.#say(prefix, this.#vertices.router(advertisingRouter, area), INTER_AREA, metric, 0);
  }

  /** Reads an AS-External-LSA. */
  #readExternal(lsa: Lsa): void {
    this.count = 0;
    const entry = externalEntry(lsa);
    if (entry === undefined) return;
    const { forwardingAddress } = entry;
    const vertex =
      forwardingAddress === undefined
        ? this.#vertices.boundaryRouter(lsa.header.advertisingRouter)
        : this.#vertices.forwardingAddress(forwardingAddress, -1);
    this.#sayExternal(lsa, entry, vertex);
  }

  /** Reads an NSSA-LSA, whose paths stay within its area (RFC 3101 2.5). */
  #readNssa(lsa: Lsa, area: number): void {
    this.count = 0;
    const entry = externalEntry(lsa);
    if (entry === undefined) return;
    const { forwardingAddress, prefixOptions, prefixLength } = entry;
    const isTranslated = (prefixOptions & PrefixOption.P) !== 0;
    if (prefixLength === 0 && !this.#takesNssaDefault(area, isTranslated)) return;
    const vertex =
      forwardingAddress === undefined
        ? this.#vertices.router(lsa.header.advertisingRouter, area)
        : this.#vertices.forwardingAddress(forwardingAddress, area);
    this.#sayExternal(lsa, entry, vertex);
  }

  #sayExternal(lsa: Lsa, entry: ExternalEntry, vertex: number): void {
    const { flags, metric, prefixLength } = entry;
    const prefix = this.#prefixes.intern(lsa, BODY + 4 + PREFIX_HEAD_OCTETS, prefixLength);
    if (flags & ExternalFlag.E) this.#say(prefix, vertex, EXTERNAL_2, 0, metric);
    else this.#say(prefix, vertex, EXTERNAL_1, metric, 0);
  }

  #say(prefix: number, vertex: number, rank: number, metric: number, type2Metric: number): void {
    const at = this.count++;
    const said = this.said[at];
    if (said === undefined) this.said.push({ prefix, vertex, rank, metric, type2Metric });
    else {
      said.prefix = prefix;
      said.vertex = vertex;
      said.rank = rank;
      said.metric = metric;
      said.type2Metric = type2Metric;
    }
  }
}

/** `undefined` when the route is not to be used at all. */
function externalEntry(lsa: Lsa): ExternalEntry | undefined {
  if (lsa.header.length < ONE_PREFIX_OCTETS) return undefined;
  const flags = lsa.u8(BODY);
  const metric = metricOf(lsa);
  const at = BODY + 4;
  const prefixLength = lsa.u8(at);
  const prefixOptions = lsa.u8(at + 1);
  // 16.4 (1): LSInfinity means unreachable. 4.8.5: the NU-bit.
  if (metric === LS_INFINITY || (prefixOptions & PrefixOption.NU) !== 0) return undefined;
  const next = at + PREFIX_HEAD_OCTETS + prefixAddressOctets(prefixLength);
  const hasAddress = (flags & ExternalFlag.F) !== 0;
  if (prefixLength > 128 || next + (hasAddress ? 16 : 0) > lsa.header.length) return undefined;
  const forwardingAddress = hasAddress ? lsa.address(next) : undefined;
  return { flags, metric, prefixOptions, prefixLength, forwardingAddress };
}
