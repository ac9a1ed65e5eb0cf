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
const INTRA_AREA = PATH_TYPES.indexOf('intra-area');
const INTER_AREA = PATH_TYPES.indexOf('inter-area');
const EXTERNAL_1 = PATH_TYPES.indexOf('external-1');
const EXTERNAL_2 = PATH_TYPES.indexOf('external-2');

const u16 = (octets: Uint8Array, at: number): number => (octets[at]! << 8) | octets[at + 1]!;
const u24 = (octets: Uint8Array, at: number): number =>
  (octets[at]! << 16) | (octets[at + 1]! << 8) | octets[at + 2]!;
const u32 = (octets: Uint8Array, at: number): number =>
  ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>> 0;

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
  /** What the last LSA said; valid up to `count`. */
  readonly said: Announcement[] = [];
  count = 0;

  constructor(prefixes: PrefixTable, vertices: VertexFinder) {
    this.#prefixes = prefixes;
    this.#vertices = vertices;
  }

  /** Reads an Intra-Area-Prefix-LSA. */
  readIntraArea({ octets }: Lsa, area: number): void {
    this.count = 0;
    const prefixCount = u16(octets, BODY);
    const type = u16(octets, BODY + 2);
    const linkStateId = u32(octets, BODY + 4);
    const router = this.#vertices.router(u32(octets, BODY + 8), area);
    // 4.8.1: a router or a transit network; the Link State ID that refers to a router is 0.
    let vertex: number;
    if (type === LsType.Router) vertex = router;
    else if (type === LsType.Network) vertex = this.#vertices.network(router, linkStateId);
    else return;
    let at = BODY + 12;
    for (let i = 0; i < prefixCount; i++) {
      if (at + PREFIX_HEAD_OCTETS > octets.length) return;
      const prefixLength = octets[at]!;
      const from = at + PREFIX_HEAD_OCTETS;
      const next = from + prefixAddressOctets(prefixLength);
      if (prefixLength > 128 || next > octets.length) return;
      // 4.8.1: prefixes with the NU-bit are left out; those with the LA-bit are not.
      if ((octets[at + 1]! & PrefixOption.NU) === 0) {
        const prefix = this.#prefixes.intern(octets, from, prefixLength);
        this.#say(prefix, vertex, INTRA_AREA, u16(octets, at + 2), 0);
      }
      at = next;
    }
  }

  /** Reads an Inter-Area-Prefix-LSA. */
  readInterArea({ octets, header }: Lsa, area: number): void {
    this.count = 0;
    const metric = u24(octets, BODY + 1);
    const at = BODY + 4;
    const prefixLength = octets[at]!;
    // 16.2 (1): LSInfinity means unreachable. 4.8.3: the NU-bit.
    if (metric === LS_INFINITY || (octets[at + 1]! & PrefixOption.NU) !== 0) return;
    const from = at + PREFIX_HEAD_OCTETS;
    if (prefixLength > 128 || from + prefixAddressOctets(prefixLength) > octets.length) return;
    const prefix = this.#prefixes.intern(octets, from, prefixLength);
    this.#say(prefix, this.#vertices.router(header.advertisingRouter, area), INTER_AREA, metric, 0);
  }

  /** Reads an AS-External-LSA. */
  readExternal(lsa: Lsa): void {
    this.count = 0;
    const entry = externalEntry(lsa.octets);
    if (entry === undefined) return;
    const { forwardingAddress } = entry;
    const vertex =
      forwardingAddress === undefined
        ? this.#vertices.boundaryRouter(lsa.header.advertisingRouter)
        : this.#vertices.forwardingAddress(forwardingAddress, -1);
    this.#sayExternal(lsa, entry, vertex);
  }

  /**
   * Reads an NSSA-LSA, whose paths stay within its area (RFC 3101 2.5).
   * @param borderRouter - whether we are an area border router.
   */
  readNssa(lsa: Lsa, area: number, borderRouter: boolean): void {
    this.count = 0;
    const entry = externalEntry(lsa.octets);
    if (entry === undefined) return;
    const { forwardingAddress, prefixOptions, prefixLength } = entry;
    // RFC 3101 2.5 (3): a border router does not take a default that is not to be translated.
    if (borderRouter && prefixLength === 0 && (prefixOptions & PrefixOption.P) === 0) return;
    const vertex =
      forwardingAddress === undefined
        ? this.#vertices.router(lsa.header.advertisingRouter, area)
        : this.#vertices.forwardingAddress(forwardingAddress, area);
    this.#sayExternal(lsa, entry, vertex);
  }

  #sayExternal({ octets }: Lsa, entry: ExternalEntry, vertex: number): void {
    const { flags, metric, prefixLength } = entry;
    const prefix = this.#prefixes.intern(octets, BODY + 4 + PREFIX_HEAD_OCTETS, prefixLength);
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
function externalEntry(octets: Uint8Array): ExternalEntry | undefined {
  const flags = octets[BODY]!;
  const metric = u24(octets, BODY + 1);
  const at = BODY + 4;
  const prefixLength = octets[at]!;
  const prefixOptions = octets[at + 1]!;
  // 16.4 (1): LSInfinity means unreachable. 4.8.5: the NU-bit.
  if (metric === LS_INFINITY || (prefixOptions & PrefixOption.NU) !== 0) return undefined;
  const next = at + PREFIX_HEAD_OCTETS + prefixAddressOctets(prefixLength);
  const hasAddress = (flags & ExternalFlag.F) !== 0;
  if (prefixLength > 128 || next + (hasAddress ? 16 : 0) > octets.length) return undefined;
  const forwardingAddress = hasAddress ? octets.slice(next, next + 16) : undefined;
  return { flags, metric, prefixOptions, prefixLength, forwardingAddress };
}
