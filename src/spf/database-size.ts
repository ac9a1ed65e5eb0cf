/**
 * How much will be made of a database, judged by the headers of its LSAs, so that room is made once:
 * to make an array and to give it back takes longer than to fill it.
 * @module
 */
import { LSA_HEADER_OCTETS } from '../lsa/header.ts';
import { LsType } from '../lsa/ls-type.ts';
import type { Lsa } from '../lsa/lsa.ts';
import { RouterLink } from '../lsa/router-lsa.ts';

/** Before the prefixes of an Intra-Area-Prefix-LSA (RFC 5340 A.4.10). */
const PREFIX_LSA_HEAD_OCTETS = 12;
/** What a prefix takes in an LSA, between a /64 and a /128 with their metrics, for a guess. */
const TYPICAL_PREFIX_OCTETS = 16;

export interface DatabaseSize {
  readonly vertices: number;
  readonly edges: number;
  readonly prefixLsas: number;
  readonly prefixes: number;
}

export function databaseSize(lsas: readonly { readonly lsa: Lsa }[]): DatabaseSize {
  let vertices = 0;
  let linkOctets = 0;
  let prefixLsas = 0;
  let prefixOctets = 0;
  for (const { lsa } of lsas) {
    const { lsType, length } = lsa.header;
    if (lsType === LsType.Router || lsType === LsType.Network) {
      vertices++;
      linkOctets += length - LSA_HEADER_OCTETS;
    } else if (lsType !== LsType.Link) {
      prefixLsas++;
      prefixOctets += length - LSA_HEADER_OCTETS - PREFIX_LSA_HEAD_OCTETS;
    }
  }
  return {
    vertices,
    edges: Math.ceil(linkOctets / RouterLink.span),
    prefixLsas,
    prefixes: Math.ceil(Math.max(0, prefixOctets) / TYPICAL_PREFIX_OCTETS),
  };
}
